//! Checking files without running anything, for `connect validate` and before every start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use connect_api::config::ConfigErrors;
use connect_kafka::EmbeddedBroker;
use connect_runtime::providers::{Providers, Resolved};
use connect_runtime::{Worker, WorkerBuilder, WorkerConfig};

use crate::exit::Exit;
use crate::files::{ConnectorFile, Mistakes, read_properties};
use crate::output::Screen;
use crate::plugins;
use crate::settings::Settings;

/// What was found in the files.
#[derive(Default)]
pub(crate) struct Checked {
    pub(crate) settings: Option<Settings>,
    /// The worker file's config providers, and its entries with their values.
    pub(crate) providers: Providers,
    pub(crate) resolved: Option<Resolved>,
    pub(crate) connectors: Vec<ConnectorFile>,
    pub(crate) mistakes: Mistakes,
    /// Legal, but perhaps not meant.
    pub(crate) warnings: Vec<String>,
}

/// `connect validate`.
pub(crate) async fn run(screen: &Screen, files: Vec<PathBuf>) -> Exit {
    let (mut workers, mut connectors) = (Vec::new(), Vec::new());
    for file in &files {
        if is_worker(file) { workers.push(file.as_path()) } else { connectors.push(file.as_path()) }
    }
    let mut checked = Checked::default();
    for worker in workers {
        checked.worker(worker).await;
    }
    checked.connectors(&connectors).await;
    for warning in &checked.warnings {
        screen.say(&format!("warning: {warning}"));
    }
    let order: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    checked.mistakes.sort_by_file(&order);
    if checked.mistakes.is_empty() {
        screen.say(&format!("{} files are valid", files.len()));
        return Exit::Done;
    }
    screen.say(&checked.mistakes.to_string());
    Exit::Usage
}

/// A properties file without the one key that every connector needs.
fn is_worker(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "properties")
        && read_properties(file)
            .is_ok_and(|entries| !["connector.class", "name"].iter().any(|k| entries.contains_key(*k)))
}

impl Checked {
    /// Checks a worker's file.
    pub(crate) async fn worker(&mut self, file: &Path) {
        let properties = match read_properties(file) {
            Ok(properties) => properties,
            Err(errors) => return self.mistakes.add(file, errors),
        };
        let resolved = match self.resolve(file, &properties).await {
            Ok(resolved) => resolved,
            Err(errors) => return self.mistakes.add(file, errors),
        };
        match Settings::parse(resolved.properties()) {
            Ok(parsed) => {
                self.warn(file, parsed.warnings);
                self.mistakes.add(file, resolved.hide_errors(converters(&parsed.config.worker).await));
                self.settings = Some(parsed.config);
            }
            Err(errors) => self.mistakes.add(file, resolved.hide_errors(errors)),
        }
        self.resolved = Some(resolved);
    }

    /// Makes the worker's config providers, and takes values of theirs into its own entries.
    async fn resolve(&mut self, file: &Path, properties: &BTreeMap<String, String>) -> Result<Resolved, ConfigErrors> {
        let (providers, warnings) = Providers::new().configure(properties)?;
        self.warn(file, warnings);
        let resolved = providers.resolve(properties).await?;
        self.warn(file, resolved.warnings().to_vec());
        self.providers = providers;
        Ok(resolved)
    }

    fn warn(&mut self, file: &Path, warnings: Vec<String>) {
        self.warnings.extend(warnings.into_iter().map(|text| format!("{}: {text}", file.display())));
    }

    /// Checks connectors' files.
    pub(crate) async fn connectors(&mut self, files: &[&Path]) {
        let mut owners: BTreeMap<String, PathBuf> = BTreeMap::new();
        let builder = self.settings.as_ref().map_or_else(|| Worker::builder(EmbeddedBroker::new()), on);
        let worker = match builder.plugins(plugins::all()).providers(self.providers.clone()).build().await {
            Ok(worker) => worker,
            // The rest of a worker's defaults is valid, and so is what its file says of clients.
            Err(error) => return self.mistakes.add(Path::new("defaults"), whole(error.to_string())),
        };
        for file in files {
            let connector = match ConnectorFile::read(file) {
                Ok(connector) => connector,
                Err(errors) => {
                    self.mistakes.add(file, errors);
                    continue;
                }
            };
            if let Some(name) = connector.name().filter(|name| !name.is_empty()) {
                if let Some(owner) = owners.get(name) {
                    let mut errors = ConfigErrors::new();
                    let message = format!("{} has a connector of this name too", owner.display());
                    errors.add("name", Some(name.to_owned()), message);
                    self.mistakes.add(file, errors);
                }
                owners.insert(name.to_owned(), file.to_path_buf());
            }
            match worker.validate(&connector.config).await {
                Ok(warnings) => self.warn(file, warnings),
                Err(errors) => self.mistakes.add(file, errors),
            }
            self.connectors.push(connector);
        }
    }
}

/// A worker that reaches nobody, and lets connectors' clients do what this one lets them do.
fn on(settings: &Settings) -> WorkerBuilder {
    let WorkerConfig { producer, consumer, admin, override_policy, override_allowlist, topic_creation, .. } =
        settings.worker.clone();
    let rest = WorkerConfig::default();
    let config =
        WorkerConfig { producer, consumer, admin, override_policy, override_allowlist, topic_creation, ..rest };
    Worker::with_clients(settings.clients()).config(config)
}

/// What is wrong with the converters that a worker's file names.
async fn converters(config: &WorkerConfig) -> ConfigErrors {
    let alone = |change: &dyn Fn(&mut WorkerConfig)| {
        let mut alone = WorkerConfig::default();
        change(&mut alone);
        Worker::builder(EmbeddedBroker::new()).plugins(plugins::all()).config(alone).build()
    };
    let tries = [
        ("key.converter", alone(&|alone| alone.key_converter.clone_from(&config.key_converter)).await),
        ("value.converter", alone(&|alone| alone.value_converter.clone_from(&config.value_converter)).await),
        ("header.converter", alone(&|alone| alone.header_converter.clone_from(&config.header_converter)).await),
    ];
    let mut errors = ConfigErrors::new();
    for (key, made) in tries {
        if let Err(error) = made {
            errors.add(key, None, error.to_string());
        }
    }
    errors
}

fn whole(message: String) -> ConfigErrors {
    let mut errors = ConfigErrors::new();
    errors.add("", None, message);
    errors
}
