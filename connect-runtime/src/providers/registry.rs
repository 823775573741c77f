//! The providers of a worker, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use connect_api::Result;
use connect_api::config::{self, Config, ConfigErrors};

use super::{ConfigProvider, DirectoryConfigProvider, EnvVarConfigProvider, FileConfigProvider};

/// The config providers of a worker, by the name that stands in `${name:path:key}`.
#[derive(Clone, Default)]
pub struct Providers {
    pub(super) named: BTreeMap<String, Arc<dyn ConfigProvider>>,
}

const PACKAGE: &str = "org.apache.kafka.common.config.provider.";
const CLASSES: [&str; 3] = ["DirectoryConfigProvider", "EnvVarConfigProvider", "FileConfigProvider"];

impl Providers {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one of a host's own.
    #[must_use]
    pub fn provider(mut self, name: impl Into<String>, provider: impl ConfigProvider) -> Self {
        self.named.insert(name.into(), Arc::new(provider));
        self
    }

    /// Adds those that a worker's properties name: `config.providers=a,b`, `config.providers.a.class`, and what is under
    /// `config.providers.a.param.`. A name that is there already keeps its provider, and needs no class. With them
    /// come warnings for the operator.
    ///
    /// # Errors
    /// Everything that is wrong with them, by key.
    pub fn configure(mut self, properties: &BTreeMap<String, String>) -> Result<(Self, Vec<String>), ConfigErrors> {
        let (mut errors, mut warnings) = (ConfigErrors::new(), Vec::new());
        let names = properties.get("config.providers").map_or("", |names| names.trim());
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if self.named.contains_key(name) {
                continue;
            }
            let key = format!("config.providers.{name}.class");
            let Some(class) = properties.get(&key).map(|class| class.trim()).filter(|class| !class.is_empty()) else {
                errors.add(key, None, format!("is required for provider {name:?}; known: {}", known()));
                continue;
            };
            let prefix = format!("config.providers.{name}.param.");
            let params = crate::config::prefixed(properties, &prefix);
            let made = match class.strip_prefix(PACKAGE).unwrap_or(class) {
                "FileConfigProvider" | "File" => make(&params, |config| FileConfigProvider::new(&config)),
                "DirectoryConfigProvider" | "Directory" => {
                    make(&params, |config| DirectoryConfigProvider::new(&config))
                }
                "EnvVarConfigProvider" | "EnvVar" => make(&params, |config| EnvVarConfigProvider::new(&config)),
                _ => {
                    let message = format!("no config provider of this class; known: {}", known());
                    errors.add(key, Some(class.to_owned()), message);
                    continue;
                }
            };
            match made {
                Ok((made, unknown)) => {
                    warnings.extend(unknown.into_iter().map(|text| format!("{prefix}*: {text}")));
                    self.named.insert(name.to_owned(), made);
                }
                Err(wrong) => errors.merge(wrong.prefixed(&prefix)),
            }
        }
        errors.into_result()?;
        Ok((self, warnings))
    }
}

fn known() -> String {
    CLASSES.map(|class| format!("{PACKAGE}{class}")).join(", ")
}

type Made = Result<(Arc<dyn ConfigProvider>, Vec<String>), ConfigErrors>;

fn make<C: Config, P: ConfigProvider>(params: &BTreeMap<String, String>, new: impl Fn(C) -> Result<P>) -> Made {
    let parsed = config::parse::<C>(params)?;
    match new(parsed.config) {
        Ok(made) => Ok((Arc::new(made), parsed.warnings)),
        Err(error) => {
            let mut errors = ConfigErrors::new();
            errors.add("", None, error.to_string());
            Err(errors)
        }
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.named.keys()).finish()
    }
}
