//! The source's configuration.

use connect_api::config::{ConfigErrors, Millis};
use connect_api::{Deserialize, JsonSchema, Serialize};

connect_api::config! {
    /// Configuration of [`FileStreamSource`](crate::FileStreamSource).
    #[derive(Clone)]
    pub struct FileStreamSourceConfig {
        /// File to read; standard input when absent or empty.
        #[serde(default)]
        #[schemars(extend("x-importance" = "high"))]
        pub file: Option<String>,
        /// Topic the lines go to.
        #[schemars(length(min = 1))]
        pub topic: String,
        /// Most records that one poll gives.
        #[serde(rename = "batch.size", default = "defaults::batch_size")]
        #[schemars(range(min = 1))]
        #[schemars(extend("x-importance" = "low"))]
        pub batch_size: i32,
        /// Longest line, in bytes without its terminator. The line being read is held in memory, so this bounds
        /// the memory of the task.
        #[serde(rename = "max.line.bytes", default = "defaults::max_line_bytes")]
        #[schemars(range(min = 1))]
        pub max_line_bytes: i32,
        /// What to do about a line that is longer than `max.line.bytes`: `fail` the task, `truncate` the line, or
        /// `skip` it. The last two log a warning.
        #[serde(rename = "line.too.long", default)]
        pub line_too_long: LineTooLong,
        /// What to do about bytes that are not UTF-8: `replace` them by U+FFFD as Java does, or `fail` the task.
        #[serde(rename = "encoding.errors", default)]
        pub encoding_errors: EncodingErrors,
        /// What to do when the file has become shorter than what was read of it, or than the stored position:
        /// `restart` at its beginning, with a warning, or `fail` the task.
        #[serde(rename = "file.truncated", default)]
        pub file_truncated: FileTruncated,
        /// Whether to emit a last line that has no terminator once the file has not grown for
        /// `unterminated.line.wait.ms`. If its writer was only slow, the rest of the line becomes a record of its
        /// own.
        #[serde(rename = "emit.unterminated.line", default)]
        pub emit_unterminated_line: bool,
        /// How long the file must not have grown before a last line without terminator is emitted.
        #[serde(rename = "unterminated.line.wait.ms", default = "defaults::unterminated_line_wait")]
        pub unterminated_line_wait: Millis,
        /// How long to wait before looking again when there is nothing to read.
        #[serde(rename = "poll.interval.ms", default = "defaults::poll_interval")]
        #[schemars(range(min = 1))]
        pub poll_interval: Millis,
    }
}

/// What to do about a line longer than `max.line.bytes`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
pub enum LineTooLong {
    /// Fail the task.
    #[default]
    Fail,
    /// Emit the first `max.line.bytes` bytes of it, cut between characters.
    Truncate,
    /// Leave it out.
    Skip,
}

/// What to do about bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
pub enum EncodingErrors {
    /// Put U+FFFD in their place.
    #[default]
    Replace,
    /// Fail the task.
    Fail,
}

/// What to do when the file has become shorter than what was read of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
pub enum FileTruncated {
    /// Read it from its beginning: logs are cut like that.
    #[default]
    Restart,
    /// Fail the task.
    Fail,
}

mod defaults {
    use connect_api::config::Millis;

    pub(super) const fn batch_size() -> i32 {
        2000
    }

    pub(super) const fn max_line_bytes() -> i32 {
        1024 * 1024
    }

    pub(super) const fn unterminated_line_wait() -> Millis {
        Millis::new(1000)
    }

    pub(super) const fn poll_interval() -> Millis {
        Millis::new(100)
    }
}

impl FileStreamSourceConfig {
    /// Standard input to this topic, everything else by default.
    #[must_use]
    pub fn new(topic: impl Into<String>) -> Self {
        Self {
            file: None,
            topic: topic.into(),
            batch_size: defaults::batch_size(),
            max_line_bytes: defaults::max_line_bytes(),
            line_too_long: LineTooLong::default(),
            encoding_errors: EncodingErrors::default(),
            file_truncated: FileTruncated::default(),
            emit_unterminated_line: false,
            unterminated_line_wait: defaults::unterminated_line_wait(),
            poll_interval: defaults::poll_interval(),
        }
    }

    /// The file, if it is not standard input. As in Kafka Connect an empty name is none.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref().filter(|file| !file.is_empty())
    }

    /// What is wrong with the values alone. Strings were checked when they were parsed; a config made in code
    /// comes here unchecked.
    pub(super) fn errors(&self) -> ConfigErrors {
        let mut errors = ConfigErrors::new();
        if self.topic.is_empty() {
            errors.add("topic", Some(String::new()), "must not be empty");
        }
        for (key, value) in [("batch.size", self.batch_size), ("max.line.bytes", self.max_line_bytes)] {
            if value < 1 {
                errors.add(key, Some(value.to_string()), "must be at least 1");
            }
        }
        if self.poll_interval.get() == 0 {
            errors.add("poll.interval.ms", Some("0".into()), "must be at least 1");
        }
        errors
    }
}
