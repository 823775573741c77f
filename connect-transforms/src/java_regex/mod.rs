//! Java's regular expressions, on a backtracking engine of another dialect.

mod class;
mod replace;
mod translate;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use connect_api::schemars::{Schema, SchemaGenerator};
use connect_api::serde::de::Error as _;
use connect_api::serde::{Deserialize, Deserializer, Serialize, Serializer};
use connect_api::{Error, JsonSchema, Result};
use fancy_regex::{Regex, RegexBuilder};

pub(crate) use replace::Replacement;

/// How many steps back a search may take before it counts as endless: some milliseconds.
const BACKTRACKS: usize = 100_000;

/// A regular expression in Java's syntax.
///
/// It takes bounded time: a search that would take out of proportion long is an error. What Java has and this has not is
/// refused when the expression is read: `\X`, `\G`, `\N{...}`, blocks (`\p{InGreek}`), `\p{java...}`, and canonical
/// equivalence.
#[derive(Clone)]
pub struct JavaRegex {
    source: String,
    whole: Arc<Regex>,
    anywhere: Arc<Regex>,
}

impl JavaRegex {
    /// The expression.
    ///
    /// # Errors
    /// A config error that says what is wrong with it, and where.
    pub fn new(source: impl Into<String>) -> Result<Self> {
        let source = source.into();
        let bad = |why: &dyn fmt::Display| Error::config(format!("{source:?} is no regular expression: {why}"));
        let pattern = translate::translate(&source).map_err(|why| bad(&why))?;
        let build =
            |pattern: &str| RegexBuilder::new(pattern).backtrack_limit(BACKTRACKS).build().map_err(|error| bad(&error));
        let (anywhere, whole) = (build(&pattern)?, build(&format!(r"\A(?:{pattern})\z"))?);
        Ok(Self { source, whole: Arc::new(whole), anywhere: Arc::new(anywhere) })
    }

    /// The expression as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether it matches the whole text.
    ///
    /// # Errors
    /// A data error when the search takes out of proportion long.
    pub fn matches(&self, text: &str) -> Result<bool> {
        self.whole.is_match(text).map_err(|error| self.endless(&error))
    }

    /// Whether it matches a part of the text.
    pub(crate) fn is_found_in(&self, text: &str) -> Result<bool> {
        self.anywhere.is_match(text).map_err(|error| self.endless(&error))
    }

    /// The text with the first match replaced; the text when there is none.
    pub(crate) fn replace_first(&self, text: &str, replacement: &Replacement) -> Result<String> {
        match self.anywhere.captures(text).map_err(|error| self.endless(&error))? {
            Some(captures) => replacement.apply(text, &captures),
            None => Ok(text.to_owned()),
        }
    }

    /// How many groups there are, the whole match aside.
    fn groups(&self) -> usize {
        self.anywhere.captures_len() - 1
    }

    fn group_named(&self, name: &str) -> Option<usize> {
        self.anywhere.capture_names().position(|known| known == Some(name))
    }

    fn endless(&self, error: &fancy_regex::Error) -> Error {
        Error::data(format!("the search for {:?} was given up: {error}", self.source))
    }
}

impl fmt::Debug for JavaRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.source)
    }
}

impl FromStr for JavaRegex {
    type Err = Error;

    fn from_str(source: &str) -> Result<Self> {
        Self::new(source)
    }
}

impl<'de> Deserialize<'de> for JavaRegex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for JavaRegex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl JsonSchema for JavaRegex {
    fn schema_name() -> Cow<'static, str> {
        "JavaRegex".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
