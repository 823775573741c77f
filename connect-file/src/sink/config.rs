//! The sink's configuration.

use connect_api::{Deserialize, JsonSchema, Serialize};

connect_api::config! {
    /// Configuration of [`FileStreamSink`](crate::FileStreamSink).
    #[derive(Clone)]
    pub struct FileStreamSinkConfig {
        /// File to append to, created when missing; standard output when absent or empty.
        #[serde(default)]
        #[schemars(extend("x-importance" = "high"))]
        pub file: Option<String>,
        /// When lines are forced to the disk: at the `commit` of offsets, or at every `put`, which costs a disk
        /// write each time and lets offsets move at once.
        #[serde(default)]
        pub fsync: Fsync,
        /// Whether to cut off a last line that has no terminator when the file is opened: a writer was killed in
        /// the middle of it, and its record comes again.
        #[serde(rename = "repair.torn.line", default = "yes")]
        pub repair_torn_line: bool,
    }
}

const fn yes() -> bool {
    true
}

/// When lines are forced to the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "lowercase")]
#[schemars(crate = "connect_api::schemars")]
pub enum Fsync {
    /// Before offsets are committed.
    #[default]
    Commit,
    /// At every put.
    Put,
}

impl Default for FileStreamSinkConfig {
    fn default() -> Self {
        Self { file: None, fsync: Fsync::default(), repair_torn_line: yes() }
    }
}

impl FileStreamSinkConfig {
    /// The file, if it is not standard output. As in Kafka Connect an empty name is none.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref().filter(|file| !file.is_empty())
    }
}
