//! Values in Java properties files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use connect_api::config::Millis;
use connect_api::{Error, Result, async_trait};

use super::paths::{AllowedPaths, aside, read};
use super::{ConfigProvider, Provided};
use crate::properties;

connect_api::config! {
    /// Params of [`FileConfigProvider`].
    #[derive(Clone, Default)]
    pub struct FileConfigProviderConfig {
        /// Files, and directories with all that is below them, that may be read; everything when empty.
        #[serde(rename = "allowed.paths", default)]
        pub allowed_paths: Vec<PathBuf>,
        /// How often a running connector's files are read again, in milliseconds; only at its start when absent.
        #[serde(rename = "reload.interval.ms")]
        pub reload_interval: Option<Millis>,
    }
}

/// `${file:/path/to/file.properties:key}`: a value in a Java properties file.
#[derive(Debug, Clone)]
pub struct FileConfigProvider {
    allowed: AllowedPaths,
    reload: Option<Duration>,
}

impl FileConfigProvider {
    /// Makes one.
    ///
    /// # Errors
    /// A config error when an allowed path is not absolute, or is not there.
    pub fn new(config: &FileConfigProviderConfig) -> Result<Self> {
        let allowed = AllowedPaths::new(&config.allowed_paths)?;
        Ok(Self { allowed, reload: config.reload_interval.map(Millis::duration) })
    }
}

#[async_trait]
impl ConfigProvider for FileConfigProvider {
    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<Provided> {
        if path.trim().is_empty() {
            return Ok(Provided::default());
        }
        let (allowed, path) = (self.allowed.clone(), path.to_owned());
        let text = aside(move || read(&allowed.check(Path::new(&path))?)).await?;
        let mut entries = properties::parse(&text)
            .map_err(|error| Error::config("the file is no properties file").with_source(error))?;
        let provided = Provided::new(keys.iter().filter_map(|key| entries.remove_entry(key)));
        Ok(match self.reload {
            Some(reload) => provided.with_ttl(reload),
            None => provided,
        })
    }
}
