//! `FileStreamSource`: lines of a file into a topic.

mod config;
mod file;
mod offset;
mod records;
mod splitter;
mod stdin;
mod tail;
mod task;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{Error, ExactlyOnce, OffsetMap, Result, SourceConnector, SourceTaskContext, async_trait};
use tokio::sync::Mutex;

pub use config::{EncodingErrors, FileStreamSourceConfig, FileTruncated, LineTooLong};
pub use task::FileStreamSourceTask;

use crate::blocking::blocking;
use stdin::{Stdin, StdinLines};

/// Reads lines of text, and goes on reading as the file grows.
///
/// One task reads, whatever `tasks.max` says.
#[derive(Clone)]
pub struct FileStreamSource {
    /// Of all connectors made from this one, as a process has one standard input.
    stdin: Arc<Mutex<Stdin>>,
}

impl FileStreamSource {
    /// The connector as Kafka Connect has it.
    #[must_use]
    pub fn new() -> Self {
        Self::with_stdin(std::io::stdin())
    }

    /// The connector, with another stream in place of standard input. A thread reads it from the first poll on,
    /// a block ahead of what is asked for.
    #[must_use]
    pub fn with_stdin(input: impl Read + Send + 'static) -> Self {
        Self { stdin: Arc::new(Mutex::new(Stdin::new(input))) }
    }
}

impl Default for FileStreamSource {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FileStreamSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStreamSource").finish_non_exhaustive()
    }
}

#[async_trait]
impl SourceConnector for FileStreamSource {
    const NAME: &'static str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
    const ALIASES: &'static [&'static str] = &["FileStreamSourceConnector", "FileStreamSource"];
    const VERSION: &'static str = "4.1.2"; // the release of Kafka whose behaviour it has
    type Config = FileStreamSourceConfig;
    type Split = ();
    type Task = FileStreamSourceTask;

    async fn splits(&self, _config: &Self::Config, _max_tasks: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, config: &Self::Config, (): (), context: SourceTaskContext) -> Result<Self::Task> {
        config.errors().into_result()?;
        let Some(file) = config.file() else {
            let stdin = Arc::clone(&self.stdin).try_lock_owned().map_err(|_| {
                Error::retriable("standard input is being read by another task; only one can read it at a time")
            })?;
            return Ok(FileStreamSourceTask::stdin(StdinLines::new(config, stdin)));
        };
        let stored = context.offset(&offset::partition(Some(file))).await?;
        let position = offset::position(file, stored.as_ref())?;
        let path = PathBuf::from(file);
        look_at(path.clone()).await?;
        Ok(FileStreamSourceTask::file(config, path, position))
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        let mut errors = config.errors();
        if let Some(file) = config.file()
            && let Err(error) = look_at(PathBuf::from(file)).await
        {
            errors.add("file", Some(file.to_owned()), error.to_string());
        }
        errors.into_result()
    }

    fn exactly_once(&self, config: &Self::Config) -> ExactlyOnce {
        match config.file() {
            Some(_) => ExactlyOnce::Supported,
            None => ExactlyOnce::Unsupported,
        }
    }

    async fn alter_offsets(&self, config: &Self::Config, offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
        offset::check_altered(config.file(), offsets)
    }
}

/// Fails if the file exists and cannot be read.
async fn look_at(path: PathBuf) -> Result<()> {
    blocking(move || tail::open_regular(Path::new(&path)).map(drop)).await?
}
