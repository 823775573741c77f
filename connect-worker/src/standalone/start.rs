//! Bringing a worker and its connectors up.

use std::fs;
use std::sync::Arc;

use connect_kafka::{EmbeddedBroker, EmbeddedOptions};
use connect_runtime::herder::StandaloneHerder;
use connect_runtime::providers::Providers;
use connect_runtime::rest::RestServer;
use connect_runtime::{Worker, WorkerConfig};
use tracing::{info, warn};

use crate::exit::Exit;
use crate::levels::Levels;
use crate::plugins;
use crate::rest;
use crate::settings::Settings;
use crate::validate::Checked;

/// A worker with its connectors.
pub(crate) struct Started {
    pub(crate) worker: Worker,
    pub(crate) herder: StandaloneHerder,
    pub(crate) rest: RestServer,
    /// The broker of this process, if it has one.
    pub(crate) broker: Option<EmbeddedBroker>,
}

/// Starts what was found in the files; nothing is wrong with them as far as could be checked.
///
/// # Errors
/// The exit status, and why.
pub(crate) async fn start(checked: Checked, levels: Levels) -> Result<Started, (Exit, String)> {
    let Checked { settings, connectors, warnings, providers, resolved, .. } = checked;
    let hide = |message: String| resolved.as_ref().map_or(message.clone(), |resolved| resolved.hide(&message));
    for warning in warnings {
        warn!("{warning}");
    }
    let Some(mut settings) = settings else { return Err((Exit::Startup, "the worker has no settings".into())) };
    let directory = settings.broker_dir().display().to_string();
    let began = tokio::time::Instant::now();
    let startup = |message: String| (Exit::Startup, hide(message));
    // First, because it says what the worker is called; and what cannot be reached need not start.
    let listeners = rest::listen(&settings).await.map_err(startup)?;
    if settings.worker.worker_id == WorkerConfig::default().worker_id {
        settings.worker.worker_id = listeners.worker_id().to_owned();
    }
    let interface = settings.rest.clone();
    let (worker, broker) = up(settings, providers).await.map_err(startup)?;
    match &broker {
        Some(_) => info!(broker.dir = %hide(directory), "worker started on its embedded broker"),
        None => info!("worker started on a Kafka cluster"),
    }
    let herder = StandaloneHerder::open(worker.clone()).await.map_err(|error| startup(format!("{error:?}")))?;
    let rest = rest::serve(interface, Arc::new(herder.clone()), levels, listeners).map_err(startup)?;
    let started = Started { worker, herder, rest, broker };
    for file in connectors {
        let path = file.path.display().to_string();
        // What can be seen in a configuration was checked; what is wrong now is between it and the worker.
        let created = started.herder.create_from_file(file.config, file.initial_state).await;
        let name = created.map_err(|error| (Exit::Connector, format!("{path}: {error}")))?.name;
        let state = started.worker.status(&name).map_or_else(|_| String::new(), |status| status.state.to_string());
        info!(connector = %name, state, elapsed = ?began.elapsed(), "connector started");
    }
    // Those that were created otherwise, in earlier lives of this worker.
    started.herder.start().await;
    info!(connectors = started.worker.connectors().len(), elapsed = ?began.elapsed(), "worker ready");
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
