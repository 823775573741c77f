//! A connector as it was made of its configuration, and made again when values in it are others.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{Error, Result};
use tokio::time::{Duration, timeout};

use super::connector::Job;
use super::linked::Linked;
use super::spawn::Environment;
use crate::config::{Build, Built, Wrong};
use crate::plugins::Instance;
use crate::providers::Resolved;
use crate::secrets::Secrets;

/// How long a connector's own check of its configuration may take.
pub(crate) const VALIDATE_WITHIN: Duration = Duration::from_secs(30);

type Properties = BTreeMap<String, String>;

/// A connector, and what it was made of.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) job: Job,
    /// The configuration as it is written; none when it was started from code.
    pub(crate) properties: Option<Arc<Properties>>,
    /// Set when config providers have a part in it.
    pub(super) values: Option<Values>,
}

/// What is made of a connector's doubts about what its configuration names, where these may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubts {
    /// Errors like all others: somebody is there to be told.
    Tell,
    /// Warnings: the configuration was taken before, and what it names may come up later than this worker.
    Warn,
}

/// The connector as its configuration makes it now, when config providers have other values than before.
pub(crate) type Renewed = Option<Box<Made>>;

/// What config providers gave.
#[derive(Clone)]
pub(super) struct Values {
    /// The configuration with the values; never to be shown.
    resolved: Arc<Properties>,
    /// What it has no values for, as it was warned of.
    missing: Arc<[String]>,
    /// When to look again; none when nothing changes by itself, or it is to be left alone.
    pub(super) look_after: Option<Duration>,
}

impl Made {
    /// From code.
    pub(crate) fn of(job: Job) -> Self {
        Self { job, properties: None, values: None }
    }

    /// The configuration with the values of config providers; never to be shown.
    pub(super) fn resolved(&self) -> &Properties {
        static NONE: Properties = Properties::new();
        match (&self.values, &self.properties) {
            (Some(values), _) => &values.resolved,
            (None, Some(properties)) => properties,
            (None, None) => &NONE,
        }
    }
}

impl Environment {
    /// Reads a configuration and has the connector check it, as far as each can be done. With it come warnings.
    ///
    /// # Errors
    /// Everything that is wrong, with no value of a config provider in it.
    pub(super) async fn make(
        &self,
        properties: Properties,
        doubts: Doubts,
    ) -> Result<(Made, Vec<String>), ConfigErrors> {
        let resolved = self.resolve(&properties).await?;
        self.make_of(Arc::new(properties), resolved, doubts).await
    }

    /// The values of a configuration, with whatever is secret in it hidden from now on.
    async fn resolve(&self, properties: &Properties) -> Result<Resolved, ConfigErrors> {
        let mut resolved = self.providers.resolve(properties).await?;
        let class = properties.get("connector.class").map(String::as_str);
        resolved.hidden.add_words(&Secrets::of(&self.plugins, class).values(properties));
        Ok(resolved)
    }

    async fn make_of(
        &self,
        properties: Arc<Properties>,
        resolved: Resolved,
        doubts: Doubts,
    ) -> Result<(Made, Vec<String>), ConfigErrors> {
        let Resolved { properties: resolved, mut warnings, ttl, has_variables, hidden } = resolved;
        let missing = warnings.clone().into();
        let built = match Build::new(&self.plugins, &self.clients, &resolved, &hidden).build() {
            Ok(built) => match check(&built.job.instance()).await {
                Err(errors) if doubts == Doubts::Warn && errors.are_passing() => {
                    warnings.extend(hidden.config_errors(errors).iter().map(ToString::to_string));
                    Ok(built)
                }
                checked => checked.map(|()| built),
            },
            Err(Wrong { mut errors, instance }) => {
                if let Some(instance) = instance
                    && let Err(more) = check(&instance).await
                {
                    errors.merge(more);
                }
                Err(errors)
            }
        };
        let Built { job, warnings: more, reload } = built.map_err(|errors| hidden.config_errors(errors))?;
        warnings.extend(more.iter().map(|warning| hidden.text(warning)));
        let look_after = ttl.filter(|_| reload);
        let values = has_variables.then(|| Values { resolved: Arc::new(resolved), missing, look_after });
        Ok((Made { job, properties: Some(properties), values }, warnings))
    }

    /// Makes a connector again if config providers have other values now than it was made with.
    ///
    /// # Errors
    /// A config error with everything that is wrong now, or that a value is gone.
    pub(super) async fn make_again(&self, made: &Made) -> Result<Renewed> {
        let (Some(values), Some(properties)) = (&made.values, &made.properties) else { return Ok(None) };
        let failed = |errors| Error::from(errors).context("values of config providers were read again");
        let resolved = self.resolve(properties).await.map_err(failed)?;
        // What had a value must not become the text of its variable.
        if let Some(gone) = resolved.warnings.iter().find(|warning| !values.missing.contains(warning)) {
            return Err(Error::config(gone.clone()).context("values of config providers were read again"));
        }
        if resolved.properties == *values.resolved {
            return Ok(None);
        }
        let (made, _) = self.make_of(Arc::clone(properties), resolved, Doubts::Warn).await.map_err(failed)?;
        Ok(Some(Box::new(made)))
    }
}

/// The connector's own check, within its deadline.
pub(crate) async fn check(instance: &Instance) -> Result<(), ConfigErrors> {
    check_within(instance, VALIDATE_WITHIN).await
}

/// The same, within another deadline.
pub(crate) async fn check_within(instance: &Instance, limit: Duration) -> Result<(), ConfigErrors> {
    // In a task of its own, so that a call that blocks its thread, or panics, leaves whoever asks alone.
    let instance = instance.clone();
    let validate = Linked::spawn(async move {
        match instance {
            Instance::Source(connector) => connector.validate().await,
            Instance::Sink(connector) => connector.validate().await,
        }
    });
    let failed = match timeout(limit, validate.end()).await {
        Ok(Ok(checked)) => return checked,
        Ok(Err(panicked)) => format!("validate: {panicked}"),
        Err(_) => format!("the connector did not finish its own check (validate) within {limit:?}"),
    };
    let mut errors = ConfigErrors::new();
    errors.add("", None, failed);
    Err(errors)
}
