//! Values in files of their own, as Kubernetes mounts secrets.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use connect_api::config::Millis;
use connect_api::{Error, Result, async_trait};

use super::paths::{AllowedPaths, aside, read};
use super::{ConfigProvider, Provided};

connect_api::config! {
    /// Params of [`DirectoryConfigProvider`].
    #[derive(Clone, Default)]
    pub struct DirectoryConfigProviderConfig {
        /// Directories that may be read, with all that is below them; everything when empty.
        #[serde(rename = "allowed.paths", default)]
        pub allowed_paths: Vec<PathBuf>,
        /// How often a running connector's files are read again, in milliseconds; only at its start when absent.
        #[serde(rename = "reload.interval.ms")]
        pub reload_interval: Option<Millis>,
    }
}

/// `${directory:/path/to/directory:file}`: the whole text of a file in a directory. Links are followed as far as they
/// stay within what is allowed.
#[derive(Debug, Clone)]
pub struct DirectoryConfigProvider {
    allowed: AllowedPaths,
    reload: Option<Duration>,
}

impl DirectoryConfigProvider {
    /// Makes one.
    ///
    /// # Errors
    /// A config error when an allowed path is not absolute, or is not there.
    pub fn new(config: &DirectoryConfigProviderConfig) -> Result<Self> {
        let allowed = AllowedPaths::new(&config.allowed_paths)?;
        Ok(Self { allowed, reload: config.reload_interval.map(Millis::duration) })
    }
}

#[async_trait]
impl ConfigProvider for DirectoryConfigProvider {
    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<Provided> {
        if path.trim().is_empty() {
            return Ok(Provided::default());
        }
        let (allowed, path, keys) = (self.allowed.clone(), PathBuf::from(path), keys.clone());
        let provided = Provided::new(aside(move || files(&allowed, &path, keys)).await?);
        Ok(match self.reload {
            Some(reload) => provided.with_ttl(reload),
            None => provided,
        })
    }
}

fn files(allowed: &AllowedPaths, path: &Path, keys: BTreeSet<String>) -> Result<Vec<(String, String)>> {
    let directory = allowed.check(path)?;
    if !directory.is_dir() {
        return Err(Error::config(format!("{} is no directory", path.display())));
    }
    let mut values = Vec::new();
    for key in keys {
        let file = directory.join(&key);
        // A key is the name of a file in the directory: it leads nowhere else.
        let mut parts = Path::new(&key).components();
        let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(name)), None) if name == &*key);
        if is_name && file.is_file() {
            let text = read(&allowed.check(&file)?)?;
            values.push((key, text));
        }
    }
    Ok(values)
}
