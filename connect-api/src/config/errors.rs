//! Everything that is wrong with a config, told at once.

use std::fmt;

/// What a secret's value is shown as, wherever a value is shown.
pub(crate) const HIDDEN: &str = "[hidden]";

/// Longest value an error line repeats; a PEM file in a log helps nobody.
const SHOWN_CHARS: usize = 120;

/// One thing that is wrong with one key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    /// The key; empty when no single key is to blame.
    pub key: String,
    /// The value that was given, `[hidden]` for a secret, `None` when none was given or it does not matter.
    pub value: Option<String>,
    /// What was wrong and what would have been right.
    pub message: String,
    /// Whether it may be right later as it is: what it names did not answer now.
    pub is_passing: bool,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value, self.key.as_str()) {
            (_, "") => f.write_str(&self.message),
            (None, key) => write!(f, "{key}: {}", self.message),
            (Some(value), key) if value == HIDDEN => write!(f, "{key}: invalid value {HIDDEN}: {}", self.message),
            (Some(value), key) => match value.char_indices().nth(SHOWN_CHARS) {
                Some((end, _)) => write!(f, "{key}: invalid value {:?}...: {}", &value[..end], self.message),
                None => write!(f, "{key}: invalid value {value:?}: {}", self.message),
            },
        }
    }
}

impl std::error::Error for ConfigError {}

/// All errors of a config, in the order they were found; a key may have several.
///
/// `Display` gives the count on the first line and one line per error after it.
///
/// ```
/// use connect_api::config::ConfigErrors;
/// let mut errors = ConfigErrors::new();
/// errors.add("topic", None, "missing, and it has no default");
/// errors.add("tasks", Some("many".into()), "expected a whole number");
/// assert_eq!(
///     errors.to_string(),
///     "2 configuration errors\n\
///      topic: missing, and it has no default\n\
///      tasks: invalid value \"many\": expected a whole number"
/// );
/// assert!(errors.into_result().is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigErrors {
    entries: Vec<ConfigError>,
}

impl ConfigErrors {
    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one error. `value` is shown to people: never pass a secret's. An empty `key` is for errors of no one key.
    pub fn add(&mut self, key: impl Into<String>, value: Option<String>, message: impl Into<String>) {
        self.push(key.into(), value, message.into(), false);
    }

    /// Adds an error that says nothing against the config: what the key names did not answer now, and may answer
    /// later. Whoever asks is told, as of any other; a worker that starts goes on in spite of it.
    pub fn add_passing(&mut self, key: impl Into<String>, value: Option<String>, message: impl Into<String>) {
        self.push(key.into(), value, message.into(), true);
    }

    fn push(&mut self, key: String, value: Option<String>, message: String, is_passing: bool) {
        self.entries.push(ConfigError { key, value, message, is_passing });
    }

    /// Whether all of them may be over later without any change; not of none.
    #[must_use]
    pub fn are_passing(&self) -> bool {
        !self.entries.is_empty() && self.entries.iter().all(|error| error.is_passing)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many errors there are, over all keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// All errors, in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.entries.iter()
    }

    /// The errors of one key.
    pub fn of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a ConfigError> {
        self.entries.iter().filter(move |error| error.key == key)
    }

    /// Appends the errors of another part of the same config.
    pub fn merge(&mut self, other: ConfigErrors) {
        self.entries.extend(other.entries);
    }

    /// Puts `prefix` before every key: a plugin that was given its own keys only reports them under their full name.
    ///
    /// An error of no one key goes to the prefix without its trailing dot.
    #[must_use]
    pub fn prefixed(mut self, prefix: &str) -> Self {
        for error in &mut self.entries {
            error.key = match error.key.as_str() {
                "" => prefix.trim_end_matches('.').to_owned(),
                key => format!("{prefix}{key}"),
            };
        }
        self
    }

    /// `Ok` when nothing is wrong.
    ///
    /// # Errors
    /// `self`, when it holds at least one error.
    pub fn into_result(self) -> Result<(), ConfigErrors> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entries.len() {
            1 => f.write_str("1 configuration error")?,
            n => write!(f, "{n} configuration errors")?,
        }
        self.entries.iter().try_for_each(|error| write!(f, "\n{error}"))
    }
}

impl std::error::Error for ConfigErrors {}

impl IntoIterator for ConfigErrors {
    type Item = ConfigError;
    type IntoIter = std::vec::IntoIter<ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a> IntoIterator for &'a ConfigErrors {
    type Item = &'a ConfigError;
    type IntoIter = std::slice::Iter<'a, ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
