//! Levels of logs, as `/admin/loggers` shows and changes them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use connect_api::JsonSchema;
use serde::{Deserialize, Serialize};

/// A level of a logger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl FromStr for LogLevel {
    type Err = ();

    /// Log4j's names, in any case; `FATAL` is `ERROR` and `ALL` is `TRACE`.
    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(match text.to_ascii_uppercase().as_str() {
            "OFF" => Self::Off,
            "FATAL" | "ERROR" => Self::Error,
            "WARN" => Self::Warn,
            "INFO" => Self::Info,
            "DEBUG" => Self::Debug,
            "TRACE" | "ALL" => Self::Trace,
            _ => return Err(()),
        })
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "OFF",
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
        })
    }
}

/// The level of a logger, and when it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoggerLevel {
    /// What it logs: this level and the more severe ones.
    pub level: LogLevel,
    /// When it was changed through this interface, in milliseconds since 1970; none when it was not.
    pub last_modified: Option<i64>,
}

/// Whoever decides what is logged: the program around the worker.
///
/// Loggers are named by the paths of modules, such as `connect_runtime::sink`; `root` stands for all of them.
pub trait LoggerControl: Send + Sync + 'static {
    /// All loggers that are known, `root` among them.
    fn loggers(&self) -> BTreeMap<String, LoggerLevel>;

    /// Gives a logger and those below it a level, and answers the names of those that had another one, sorted. A logger
    /// that is not known is from then on.
    fn set_level(&self, logger: &str, level: LogLevel) -> Vec<String>;
}
