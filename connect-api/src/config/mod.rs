//! Config is a type: derive `Deserialize` and `JsonSchema`, and the keys, types, defaults, checks and documentation
//! all come from the one struct.
//!
//! Connect sends a config as a map of strings. [`parse`] turns each string into what the JSON Schema of the type asks
//! for, so `#[serde(rename, default, flatten, skip)]` and `#[schemars(range, length)]` mean here what they say. All
//! errors are told at once.
//!
//! ```
//! use connect_api::config::{self, Millis, Secret};
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//! use std::{collections::BTreeMap, path::PathBuf};
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Upload {
//!     /// File to append to; standard output when absent.
//!     file: Option<PathBuf>,
//!     /// Records in one request.
//!     #[serde(rename = "batch.size", default = "two_thousand")]
//!     #[schemars(range(min = 1))]
//!     batch_size: usize,
//!     /// Password of the account.
//!     #[serde(rename = "connection.password")]
//!     password: Secret<String>,
//!     /// How long a request may take.
//!     #[serde(rename = "timeout.ms", default)]
//!     timeout: Millis,
//! }
//!
//! fn two_thousand() -> usize {
//!     2000
//! }
//!
//! let props = BTreeMap::from([
//!     ("connection.password".to_owned(), "hunter2".to_owned()),
//!     ("batch.size".to_owned(), " 500 ".to_owned()),
//!     ("timeuot.ms".to_owned(), "30".to_owned()),
//! ]);
//! let parsed = config::parse::<Upload>(&props)?;
//! assert_eq!(parsed.config.batch_size, 500);
//! assert_eq!(parsed.config.password.to_string(), "[hidden]");
//! assert_eq!(parsed.warnings, [r#"unknown key "timeuot.ms" (did you mean "timeout.ms"?)"#]);
//! # Ok::<(), config::ConfigErrors>(())
//! ```

mod definition;
mod errors;
mod hint;
mod millis;
mod secret;
mod validate;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

pub use definition::{ConfigKey, ConfigType, Importance, Width, definitions};
pub use errors::{ConfigError, ConfigErrors};
pub use millis::Millis;
pub use secret::Secret;
pub use validate::{ConfigInfo, ConfigValue, validate, validation_rows};

/// A type that can be a plugin's config. Never written by hand: derive `Deserialize` and `JsonSchema`.
pub trait Config: DeserializeOwned + JsonSchema + Send + Sync + 'static {}

impl<T: DeserializeOwned + JsonSchema + Send + Sync + 'static> Config for T {}

/// A config that was understood.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Parsed<C> {
    /// The config.
    pub config: C,
    /// What an operator should hear about although it is legal: keys nobody reads, each with the key that was
    /// probably meant.
    pub warnings: Vec<String>,
}

/// Reads a config from strings.
///
/// # Errors
/// Everything that is wrong, each with its key: see [`parse_with`].
pub fn parse<C: Config>(props: &BTreeMap<String, String>) -> Result<Parsed<C>, ConfigErrors> {
    parse_with(props, &|_| false)
}

/// Reads a config from strings that hold other readers' keys too.
///
/// A key for which `known_elsewhere` holds (`name`, `tasks.max`, `transforms.*`, ...) causes no warning and does not
/// land in a flattened map. A field that is declared by the type is read all the same.
///
/// # Errors
/// Everything that is wrong: missing keys, values that are not of the key's type, are out of range or unknown. Each
/// error says what was given (never a secret) and what was possible.
pub fn parse_with<C: Config>(
    _props: &BTreeMap<String, String>,
    _known_elsewhere: &dyn Fn(&str) -> bool,
) -> Result<Parsed<C>, ConfigErrors> {
    let mut errors = ConfigErrors::new();
    errors.add("", None, "not built yet");
    Err(errors)
}
