//! A configuration with the values of its variables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use connect_api::config::{ConfigErrors, Secret};
use connect_api::{Error, Result};
use tokio::time::{Duration, timeout};

use super::hidden::Hidden;
use super::registry::Providers;
use super::variables::{Variable, variables};
use super::{ConfigProvider, Provided};
use crate::worker::Linked;

/// How long a provider may take.
const GET_WITHIN: Duration = Duration::from_secs(30);
/// How soon a provider's values are looked at again at the earliest.
const SHORTEST_TTL: Duration = Duration::from_secs(1);

type Properties = BTreeMap<String, String>;

/// A configuration with the values of its variables. `Debug` shows keys only.
pub struct Resolved {
    pub(crate) properties: Properties,
    pub(crate) warnings: Vec<String>,
    /// When the values may be others.
    pub(crate) ttl: Option<Duration>,
    /// Whether a restart has something to read again.
    pub(crate) has_variables: bool,
    pub(crate) hidden: Hidden,
}

impl Resolved {
    /// The entries with the values; not to be shown.
    #[must_use]
    pub fn properties(&self) -> &BTreeMap<String, String> {
        &self.properties
    }

    /// What an operator should hear: one text for each variable that stayed as it is written.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// A text in which variables stand for the values again.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        self.hidden.text(text)
    }

    /// Errors in which variables stand for the values again.
    #[must_use]
    pub fn hide_errors(&self, errors: ConfigErrors) -> ConfigErrors {
        self.hidden.config_errors(errors)
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved").field("keys", &self.properties.keys()).finish_non_exhaustive()
    }
}

/// Keys whose values are taken as they are: they are shown everywhere, or say what the providers are.
fn is_literal(key: &str) -> bool {
    matches!(key, "name" | "plugin.path" | "config.providers") || key.starts_with("config.providers.")
}

impl Providers {
    /// Puts values in the place of variables.
    ///
    /// # Errors
    /// For each key whose value has a variable that its provider failed on, what it said.
    pub async fn resolve(&self, properties: &BTreeMap<String, String>) -> Result<Resolved, ConfigErrors> {
        let places = || {
            let entries = properties.iter().filter(|(key, _)| !is_literal(key));
            entries.flat_map(|(key, value)| variables(value).map(move |variable| (key, variable)))
        };
        let mut wanted: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
        for (_, variable) in places() {
            wanted.entry((variable.provider, variable.path)).or_default().insert(variable.key.to_owned());
        }
        let mut answers = BTreeMap::new();
        for ((name, path), keys) in wanted {
            if let Some(provider) = self.named.get(name) {
                answers.insert((name, path), ask(name, Arc::clone(provider), path.to_owned(), keys).await);
            }
        }
        let (mut errors, mut warnings) = (ConfigErrors::new(), Vec::new());
        for (key, variable) in places() {
            match answers.get(&(variable.provider, variable.path)) {
                None => warnings.push(self.unknown(key, &variable)),
                Some(Err(error)) => errors.add(key, None, format!("{}: {}", variable.text, told(error))),
                Some(Ok(provided)) if !provided.values.contains_key(variable.key) => {
                    let text = variable.text;
                    warnings.push(format!("{key}: {text} stays as it is: the provider has no such key"));
                }
                Some(Ok(_)) => {}
            }
        }
        errors.into_result()?;
        let mut hidden = Hidden::default();
        let mut resolved = properties.clone();
        for (key, raw) in properties.iter().filter(|(key, _)| !is_literal(key)) {
            let mut text = String::with_capacity(raw.len());
            let mut from = 0;
            for variable in variables(raw) {
                let answer = answers.get(&(variable.provider, variable.path)).and_then(|answer| answer.as_ref().ok());
                let value = answer.and_then(|answer| answer.values.get(variable.key));
                let Some(value) = value.map(Secret::expose) else { continue };
                text.push_str(&raw[from..variable.place.start]);
                text.push_str(value);
                from = variable.place.end;
                hidden.add(value, variable.text);
            }
            if from > 0 {
                text.push_str(&raw[from..]);
                hidden.add_key(key, raw);
                resolved.insert(key.clone(), text);
            }
        }
        let ttl = answers.values().filter_map(|answer| answer.as_ref().ok()?.ttl).min();
        Ok(Resolved {
            properties: resolved,
            warnings,
            ttl: ttl.map(|ttl| ttl.max(SHORTEST_TTL)),
            has_variables: !answers.is_empty(),
            hidden,
        })
    }

    fn unknown(&self, key: &str, variable: &Variable<'_>) -> String {
        let names: Vec<_> = self.named.keys().map(String::as_str).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let (text, provider) = (variable.text, variable.provider);
        format!("{key}: {text} stays as it is: no config provider named {provider:?}; there are: {names}")
    }
}

/// An error with its causes, in one line.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Asks a provider on a task of its own, so that neither a hang nor a panic of it is ours.
async fn ask(name: &str, provider: Arc<dyn ConfigProvider>, path: String, keys: BTreeSet<String>) -> Result<Provided> {
    let mut asked = Linked::spawn(async move { provider.get(&path, &keys).await });
    match timeout(GET_WITHIN, asked.done()).await {
        Ok(()) => asked.end().await.and_then(|answer| answer),
        Err(_) => Err(Error::config(format!("config provider {name:?} did not answer within {GET_WITHIN:?}"))),
    }
}
