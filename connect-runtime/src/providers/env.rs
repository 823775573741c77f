//! Values in the environment of the process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use connect_api::{Error, Result, async_trait};
use connect_transforms::JavaRegex;

use super::{ConfigProvider, Provided};

connect_api::config! {
    /// Params of [`EnvVarConfigProvider`].
    #[derive(Clone, Default)]
    pub struct EnvVarConfigProviderConfig {
        /// A regular expression that the whole name of a variable has to match; all may be read when absent.
        #[serde(rename = "allowlist.pattern")]
        pub allowlist: Option<String>,
    }
}

/// `${env:NAME}`: an environment variable, as it was when the provider was made.
#[derive(Clone)]
pub struct EnvVarConfigProvider {
    values: BTreeMap<String, String>,
}

impl EnvVarConfigProvider {
    /// Makes one of the environment of this process. What is not Unicode is left out.
    ///
    /// # Errors
    /// A config error when the pattern is no regular expression.
    pub fn new(config: &EnvVarConfigProviderConfig) -> Result<Self> {
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::over(config, std::env::vars_os().filter_map(unicode))
    }

    /// Makes one of another environment.
    ///
    /// # Errors
    /// A config error when the pattern is no regular expression.
    pub fn over(
        config: &EnvVarConfigProviderConfig,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let allowed = match &config.allowlist {
            None => None,
            Some(pattern) => {
                Some(JavaRegex::new(pattern.as_str()).map_err(|error| error.context("allowlist.pattern"))?)
            }
        };
        let is_allowed = |name: &str| allowed.as_ref().is_none_or(|allowed| allowed.matches(name).unwrap_or(false));
        Ok(Self { values: environment.into_iter().filter(|(name, _)| is_allowed(name)).collect() })
    }
}

impl fmt::Debug for EnvVarConfigProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvVarConfigProvider").finish_non_exhaustive()
    }
}

#[async_trait]
impl ConfigProvider for EnvVarConfigProvider {
    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<Provided> {
        if !path.trim().is_empty() {
            let message = format!("environment variables have no path, but {path:?} was given; write ${{env:NAME}}");
            return Err(Error::config(message));
        }
        let values = keys.iter().filter_map(|key| Some((key.clone(), self.values.get(key)?.clone())));
        Ok(Provided::new(values))
    }
}
