//! Reading settings as Debezium does.

use connect_api::{Error, Result};

/// The value of this name, in any case.
///
/// # Errors
/// A config error that lists the names.
pub(super) fn one_of<T: Copy>(key: &str, text: &str, values: &[(&str, T)]) -> Result<T> {
    let found = values.iter().find(|(name, _)| text.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = values.iter().map(|(name, _)| *name).collect();
        Error::config(format!("{key}: {text:?} is not possible; possible: {}", names.join(", ")))
    })
}
