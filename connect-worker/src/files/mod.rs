//! Configuration files, and the mistakes in them.

mod connector;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use connect_api::config::{ConfigError, ConfigErrors};

pub(crate) use connector::ConnectorFile;

/// Everything that is wrong, file by file, told at once.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<(PathBuf, ConfigError)>);

impl Mistakes {
    pub(crate) fn add(&mut self, file: &Path, errors: ConfigErrors) {
        self.0.extend(errors.into_iter().map(|error| (file.to_owned(), error)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is in this file.
    pub(crate) fn has(&self, file: &Path) -> bool {
        self.0.iter().any(|(other, _)| other == file)
    }

    /// Those of a file, when there are any.
    pub(crate) fn of(&self, file: &Path) -> Option<ConfigErrors> {
        let mut errors = ConfigErrors::new();
        for (_, error) in self.0.iter().filter(|(other, _)| other == file) {
            errors.add(&error.key, error.value.clone(), &error.message);
        }
        (!errors.is_empty()).then_some(errors)
    }

    /// Forgets what is said of files in which nothing is wrong but that what they name does not answer now.
    pub(crate) fn forget_passing(&mut self) {
        let wrong: BTreeSet<PathBuf> =
            self.0.iter().filter(|(_, error)| !error.is_passing).map(|(file, _)| file.clone()).collect();
        self.0.retain(|(file, _)| wrong.contains(file));
    }

    /// Puts them in the order of the files.
    pub(crate) fn sort_by_file(&mut self, files: &[&Path]) {
        self.0.sort_by_key(|(file, _)| files.iter().position(|other| other == file));
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("error: 1 mistake")?,
            count => write!(f, "error: {count} mistakes")?,
        }
        self.0.iter().try_for_each(|(file, error)| write!(f, "\n  {}: {error}", file.display()))
    }
}

/// Reads a properties file.
///
/// # Errors
/// The one thing that is wrong with the file as a whole.
pub(crate) fn read_properties(path: &Path) -> Result<BTreeMap<String, String>, ConfigErrors> {
    parse_properties(&read(path)?)
}

fn parse_properties(text: &str) -> Result<BTreeMap<String, String>, ConfigErrors> {
    connect_runtime::properties::parse(text).map_err(|wrong| only(wrong.to_string()))
}

fn read(path: &Path) -> Result<String, ConfigErrors> {
    let bytes = fs::read(path).map_err(|error| only(format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        only(format!("line {} is not UTF-8", line + 1))
    })
}

/// An error of the whole file.
pub(crate) fn only(message: String) -> ConfigErrors {
    let mut errors = ConfigErrors::new();
    errors.add("", None, message);
    errors
}
