//! What a SQLite URL says.

use std::time::Duration;

use rusqlite::OpenFlags;

use super::super::endpoint::wrong;
use super::{Endpoint, Fault};
use crate::dialect::Class;

/// How long a statement waits for another writer, unless the URL says otherwise.
const BUSY: Duration = Duration::from_secs(3);

/// Pragmas that a URL may set to one of these values; a number is always one.
const PRAGMAS: [(&str, &[&str]); 8] = [
    ("journal_mode", &["delete", "truncate", "persist", "memory", "wal", "off"]),
    ("synchronous", &["off", "normal", "full", "extra"]),
    ("foreign_keys", &["on", "off", "true", "false"]),
    ("locking_mode", &["normal", "exclusive"]),
    ("temp_store", &["default", "file", "memory"]),
    ("cache_size", &[]),
    ("mmap_size", &[]),
    ("journal_size_limit", &[]),
];

/// A file and how it is opened.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// A path, a `file:` URI, or `:memory:`.
    pub(super) file: String,
    pub(super) flags: OpenFlags,
    pub(super) busy: Duration,
    /// Statements to begin with.
    pub(super) pragmas: Vec<String>,
}

impl Address {
    pub(super) fn of(endpoint: &Endpoint) -> Result<Self, Fault> {
        let config = |error: connect_api::Error| Fault::new(Class::Config, error.to_string());
        let (mut file, parameters) = endpoint.url.file().map_err(config)?;
        if file.starts_with(":resource:") {
            return Err(Fault::new(Class::Config, "databases within a jar (:resource:) are not supported"));
        }
        let mut parameters = endpoint.parameters(&parameters)?;
        let mut flags = OpenFlags::default() & !OpenFlags::SQLITE_OPEN_URI;
        if file.starts_with("file:") {
            // These belong to SQLite's own URI.
            flags |= OpenFlags::SQLITE_OPEN_URI;
            let own: Vec<_> = ["mode", "cache", "immutable", "nolock", "vfs"]
                .into_iter()
                .filter_map(|name| parameters.text(name).map(|value| format!("{name}={value}")))
                .collect();
            if !own.is_empty() {
                file = format!("{file}?{}", own.join("&"));
            }
        }
        if let Some(mode) = parameters.number("open_mode")? {
            // The only bits that are a user's to choose: read only.
            if mode & 1 != 0 {
                flags.remove(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE);
                flags |= OpenFlags::SQLITE_OPEN_READ_ONLY;
            }
        }
        let mut pragmas = Vec::new();
        for (name, values) in PRAGMAS {
            let Some(value) = parameters.text(name) else { continue };
            let lower = value.trim().to_ascii_lowercase();
            if !values.contains(&lower.as_str()) && lower.parse::<i64>().is_err() {
                let possible = [values, &["a number"]].concat().join(", ");
                return Err(wrong(name, &value, &format!("one of {possible}")));
            }
            pragmas.push(format!("PRAGMA {name}={lower}"));
        }
        let busy = parameters.number("busy_timeout")?.map_or(BUSY, Duration::from_millis);
        parameters.refuse(&["enable_load_extension"])?;
        parameters.ignore(&[
            "user",
            "password",
            "date_class",
            "date_precision",
            "date_string_format",
            "transaction_mode",
            "encoding",
            "read_uncommited",
            "recursive_triggers",
            "jdbc.explicit_readonly",
        ]);
        parameters.warn_of_rest();
        Ok(Self { file, flags, busy, pragmas })
    }
}
