//! Bringing a worker and its connectors up.

use std::fs;

use connect_kafka::{EmbeddedBroker, EmbeddedOptions};
use connect_runtime::Worker;
use connect_runtime::providers::Providers;
use tracing::{info, warn};

use crate::exit::Exit;
use crate::plugins;
use crate::settings::Settings;
use crate::validate::Checked;

/// A worker with its connectors.
pub(crate) struct Started {
    pub(crate) worker: Worker,
    /// The broker of this process, if it has one.
    pub(crate) broker: Option<EmbeddedBroker>,
}

/// Starts what was found in the files; nothing is wrong with them as far as could be checked.
///
/// # Errors
/// The exit status, and why.
pub(crate) async fn start(checked: Checked) -> Result<Started, (Exit, String)> {
    let Checked { settings, connectors, warnings, providers, resolved, .. } = checked;
    let hide = |message: String| resolved.as_ref().map_or(message.clone(), |resolved| resolved.hide(&message));
    for warning in warnings {
        warn!("{warning}");
    }
    let Some(settings) = settings else { return Err((Exit::Startup, "the worker has no settings".into())) };
    let directory = settings.broker_dir().display().to_string();
    let began = tokio::time::Instant::now();
    let (worker, broker) = up(settings, providers).await.map_err(|message| (Exit::Startup, hide(message)))?;
    match &broker {
        Some(_) => info!(broker.dir = %hide(directory), "worker started on its embedded broker"),
        None => info!("worker started on a Kafka cluster"),
    }
    let started = Started { worker, broker };
    for file in connectors {
        let path = file.path.display().to_string();
        // What can be seen in a configuration was checked; what is wrong now is between it and the worker.
        let created = started.worker.create_as(file.config, file.initial_state).await;
        let name = created.map_err(|error| (Exit::Connector, format!("{path}: {error}")))?;
        let state = started.worker.status(&name).map_or_else(|_| String::new(), |status| status.state.to_string());
        info!(connector = %name, state, elapsed = ?began.elapsed(), "connector started");
    }
    Ok(started)
}

async fn up(mut settings: Settings, providers: Providers) -> Result<(Worker, Option<EmbeddedBroker>), String> {
    let (builder, broker) = match settings.kafka.take() {
        Some(clients) => (Worker::with_clients(clients), None),
        None => {
            let broker = embedded(&settings).await?;
            settings.worker.offset_storage_file = Some(settings.offset_file());
            (Worker::builder(broker.clone()), Some(broker))
        }
    };
    let builder = builder.plugins(plugins::all()).providers(providers).config(settings.worker);
    let worker = builder.build().await.map_err(|error| format!("{error:?}"))?;
    Ok((worker, broker))
}

async fn embedded(settings: &Settings) -> Result<EmbeddedBroker, String> {
    let directory = settings.log_dir();
    fs::create_dir_all(&directory)
        .map_err(|error| format!("broker.dir: {} cannot be made: {error}", settings.broker_dir().display()))?;
    let mut options = EmbeddedOptions::default();
    options.topic_defaults = settings.topic_defaults();
    let opened = tokio::task::spawn_blocking(move || EmbeddedBroker::open(directory, options));
    match opened.await {
        Ok(Ok(broker)) => Ok(broker),
        Ok(Err(error)) => Err(format!("broker.dir: {error}")),
        Err(error) => Err(format!("broker.dir: opening it did not end: {error}")),
    }
}
