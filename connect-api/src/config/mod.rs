//! Config is a type: derive `Deserialize` and `JsonSchema`, and the keys, types, defaults, checks and documentation
//! all come from the one struct.
//!
//! Connect sends a config as a map of strings. [`parse`] turns each string into what the JSON Schema of the type asks
//! for, so `#[serde(rename, default, flatten, skip)]` and `#[schemars(range, length)]` mean here what they say. All
//! errors are told at once.
//!
//! What a string may be:
//!
//! | type | text |
//! |---|---|
//! | integers, floats | as Rust writes them; within the type's range and the schema's |
//! | `bool` | `true` or `false`, any case |
//! | `String`, `PathBuf`, ... | trimmed; as it is with `#[schemars(extend("x-verbatim" = true))]` |
//! | an enum of units | a variant's serde name, exactly; in any case with `#[schemars(extend("x-any-case" = true))]` |
//! | `Vec`, sets | comma separated, items trimmed; no text is an empty list |
//! | [`Millis`] | a whole number of milliseconds |
//! | [`Secret<T>`](Secret) | as `T`, and never shown |
//! | `Option<T>` | as `T`, or absent |
//! | a struct `s` | keys `s.*`; flattened: keys as they are |
//! | a map `m` | keys `m.*`; flattened: every key that nobody else declared, untrimmed |
//! | an internally tagged enum | its tag, and the keys of the variant chosen |
//! | anything else | JSON |
//!
//! Three limits. A schema's `pattern` is not checked here; check it in the type's `Deserialize`.
//! `#[serde(alias)]` is not part of a schema, so an alias is an unknown key. And a flattened `Option<struct>` that
//! lacks one of its required keys is `None`, which is serde's rule: prefer a nested one (`s.*`), where the missing key
//! is an error.
//!
//! A [`Secret`] obeys the ranges and lengths of what it holds, and its value is shown nowhere. A duration is
//! [`Millis`], whose bare `#[serde(default)]` is zero. In a crate without serde and schemars of its own, use
//! [`config!`](crate::config!) instead of the derives.
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

mod assemble;
mod blame;
mod coerce;
mod definition;
mod docs;
mod errors;
mod group;
mod hint;
mod kind;
mod millis;
mod redact;
mod resolve;
mod secret;
mod shape;
mod validate;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

pub use definition::{ConfigKey, ConfigType, Importance, Width, definitions};
pub use docs::render_docs;
pub use errors::{ConfigError, ConfigErrors};
pub use group::Group;
pub use hint::did_you_mean;
pub use millis::Millis;
pub use redact::{is_secret_key, redact};
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
    props: &BTreeMap<String, String>,
    known_elsewhere: &dyn Fn(&str) -> bool,
) -> Result<Parsed<C>, ConfigErrors> {
    let assembled = shape::Shape::of::<C>().assemble(props, known_elsewhere);
    assembled.errors.into_result()?;
    let config = blame::deserialize(assembled.json, &assembled.placed, props)?;
    Ok(Parsed { config, warnings: assembled.warnings })
}
