//! The REST interface of a worker.

use std::error::Error as _;
use std::io;
use std::sync::Arc;

use connect_runtime::herder::Herder;
use connect_runtime::rest::{Rest, RestListeners, RestServer};
use tracing::{info, warn};

use crate::levels::Levels;
use crate::settings::Settings;

/// Listens where the worker file says. A port that it names has to be free; the default one need not be, so that several
/// workers can run side by side.
///
/// # Errors
/// Why it cannot.
pub(crate) async fn listen(settings: &Settings) -> Result<RestListeners, String> {
    match RestListeners::bind(&settings.rest).await {
        Ok(listeners) => Ok(listeners),
        Err(error) if !settings.says_listeners && is_taken(&error) => {
            let mut elsewhere = settings.rest.clone();
            elsewhere.listeners = vec!["http://127.0.0.1:0".into()];
            let listeners = RestListeners::bind(&elsewhere).await.map_err(|error| format!("{error}"))?;
            warn!(url = listeners.url(), "port 8083 is taken, so REST is on a free one; set listeners to choose");
            Ok(listeners)
        }
        Err(error) => Err(format!("{error}")),
    }
}

fn is_taken(error: &connect_api::Error) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|source| source.kind() == io::ErrorKind::AddrInUse)
}

/// Answers from now on.
///
/// # Errors
/// What is wrong with the settings: files that they name may have changed.
pub(crate) fn serve(
    settings: connect_runtime::rest::RestConfig,
    herder: Arc<dyn Herder>,
    levels: Levels,
    listeners: RestListeners,
) -> Result<RestServer, String> {
    let rest = Rest::new(herder, settings).map_err(|errors| errors.to_string())?;
    let server = rest.loggers(Arc::new(levels)).serve_at(listeners);
    info!(url = server.url(), "REST is served");
    Ok(server)
}
