//! Texts in which variables stand for their values again.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use connect_api::Error;
use connect_api::config::ConfigErrors;

use crate::secrets::HIDDEN;

/// A shorter value would be found in any text by chance.
const SHORTEST: usize = 4;
/// A shorter line of a value of several lines says nothing.
const SHORTEST_LINE: usize = 8;

/// The values that were put in the place of variables, and how to take them out of a text. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Hidden(Arc<Parts>);

#[derive(Clone, Default)]
struct Parts {
    /// Each form in which a value may be shown, with its variable.
    forms: BTreeMap<String, String>,
    /// The same for values that are too short to be looked for everywhere.
    short: BTreeMap<String, String>,
    /// Secrets that are written in the configuration itself; looked for as words, as people choose words for them.
    words: Vec<String>,
    /// Values as they were written, by key.
    keys: BTreeMap<String, String>,
}

impl Hidden {
    /// Hides a value behind the text of its variable.
    pub(super) fn add(&mut self, value: &str, variable: &str) {
        let parts = Arc::make_mut(&mut self.0);
        let mut add = |form: &str| {
            let forms = if form.chars().count() < SHORTEST { &mut parts.short } else { &mut parts.forms };
            if !form.is_empty() {
                forms.entry(form.to_owned()).or_insert_with(|| variable.to_owned());
            }
        };
        let trimmed = value.trim();
        let lines = trimmed.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
        for text in [value, trimmed].into_iter().chain(lines) {
            add(text);
            // As messages quote it, and as JSON does.
            let quoted = format!("{text:?}");
            add(&quoted[1..quoted.len() - 1]);
            if let Ok(json) = serde_json::to_string(text) {
                add(&json[1..json.len() - 1]);
            }
        }
    }

    /// Hides secrets that no provider gave.
    pub(crate) fn add_words(&mut self, secrets: &[&str]) {
        let known = |parts: &Parts, secret: &str| parts.forms.contains_key(secret) || parts.short.contains_key(secret);
        let new: Vec<_> =
            secrets.iter().filter(|secret| !known(&self.0, secret)).map(|secret| (*secret).to_owned()).collect();
        if !new.is_empty() {
            Arc::make_mut(&mut self.0).words.extend(new);
        }
    }

    /// Notes how a key's value is written.
    pub(super) fn add_key(&mut self, key: &str, raw: &str) {
        Arc::make_mut(&mut self.0).keys.insert(key.to_owned(), raw.to_owned());
    }

    /// Whether there is nothing to hide.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.forms.is_empty() && self.0.short.is_empty() && self.0.words.is_empty()
    }

    /// A text with variables for values.
    pub(crate) fn text(&self, text: &str) -> String {
        let text = replace(text, &self.0.forms, |_, _| true);
        if self.0.words.is_empty() { text } else { words(&text, &self.0.words, HIDDEN) }
    }

    /// The same for an error of the configuration, where short values are looked for too: as words.
    fn config_text(&self, text: &str) -> String {
        replace(&self.text(text), &self.0.short, is_word)
    }

    /// Errors that quote what was written.
    pub(crate) fn config_errors(&self, errors: ConfigErrors) -> ConfigErrors {
        if self.is_empty() {
            return errors;
        }
        let mut hidden = ConfigErrors::new();
        for error in errors {
            let value = error.value.map(|value| match self.0.keys.get(&error.key) {
                // What is hidden for being a secret stays so.
                Some(raw) if value != "[hidden]" => raw.clone(),
                _ => self.config_text(&value),
            });
            let (key, message) = (self.text(&error.key), self.config_text(&error.message));
            match error.is_passing {
                true => hidden.add_passing(key, value, message),
                false => hidden.add(key, value, message),
            }
        }
        hidden
    }

    /// An error, its causes and its records with variables for values.
    pub(crate) fn error(&self, error: Error) -> Error {
        if self.is_empty() {
            return error;
        }
        if !error.failed_records().is_empty() {
            let records = error.into_failed_records().into_iter();
            return Error::records(records.map(|(index, error)| (index, self.error(error))));
        }
        self.copy(&error)
    }

    fn copy(&self, error: &Error) -> Error {
        let mut copy = Error::new(error.kind(), self.text(&error.to_string())).with_class(error.class_name());
        if let Some(delay) = error.retry_delay() {
            copy = copy.retry_after(delay);
        }
        copy = error.details().fold(copy, |copy, (name, value)| copy.with_detail(name, self.text(value)));
        match StdError::source(error) {
            Some(source) => copy.with_source(self.cause(source)),
            None => copy,
        }
    }

    fn cause(&self, error: &(dyn StdError + 'static)) -> Box<dyn StdError + Send + Sync> {
        match error.downcast_ref::<Error>() {
            Some(error) => Box::new(self.copy(error)),
            None => Box::new(Told {
                message: self.text(&error.to_string()),
                source: error.source().map(|source| self.cause(source)),
            }),
        }
    }
}

/// Whether a find is a word of its own, by what is around it.
fn is_word(before: Option<char>, after: Option<char>) -> bool {
    [before, after].into_iter().flatten().all(|c| !c.is_alphanumeric() && c != '_')
}

/// A text with something else for secrets, where these are words of their own. Short ones are left.
pub(crate) fn words(text: &str, secrets: &[impl AsRef<str>], instead: &str) -> String {
    let long = secrets.iter().map(AsRef::as_ref).filter(|secret| secret.chars().count() >= SHORTEST);
    let forms = long.map(|secret| (secret.to_owned(), instead.to_owned())).collect();
    replace(text, &forms, is_word)
}

/// Replaces the earliest find, the longest of those, and goes on after it.
fn replace(text: &str, forms: &BTreeMap<String, String>, fits: impl Fn(Option<char>, Option<char>) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    loop {
        let found = forms.iter().filter_map(|(form, variable)| {
            let finds = rest.match_indices(form.as_str()).map(|(at, _)| at);
            let at = finds.into_iter().find(|at| {
                let before = rest[..*at].chars().next_back().or(before);
                fits(before, rest[at + form.len()..].chars().next())
            })?;
            Some((at, std::cmp::Reverse(form.len()), variable))
        });
        let Some((at, length, variable)) = found.min() else {
            out.push_str(rest);
            return out;
        };
        out.push_str(&rest[..at]);
        out.push_str(variable);
        before = variable.chars().next_back();
        rest = &rest[at + length.0..];
    }
}

/// A cause of which only its text is left.
#[derive(Debug)]
struct Told {
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Told {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hidden").field("keys", &self.0.keys.keys()).finish_non_exhaustive()
    }
}
