//! `FileStreamSink`: records of topics into a file, one line each.

mod appender;
mod config;
mod disk;
mod file;
mod lines;
mod task;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use connect_api::config::ConfigErrors;
use connect_api::{Result, SinkConnector, SinkTaskContext, async_trait};

pub use config::{FileStreamSinkConfig, Fsync};
pub use task::FileStreamSinkTask;

use crate::blocking::blocking;
use disk::OpenDisk;
use file::LineFile;
use task::Stream;

/// Appends the value of each record to a file, as a line of text.
///
/// Several tasks may share a file: lines stay whole, and only the order among tasks is open.
#[derive(Clone)]
pub struct FileStreamSink {
    stdout: Stream,
    disk: OpenDisk,
}

impl FileStreamSink {
    /// The connector as Kafka Connect has it.
    #[must_use]
    pub fn new() -> Self {
        Self::with_stdout(std::io::stdout())
    }

    /// The connector, with another stream in place of standard output.
    #[must_use]
    pub fn with_stdout(output: impl Write + Send + 'static) -> Self {
        Self { stdout: Arc::new(Mutex::new(output)), disk: Arc::new(|file| Box::new(file)) }
    }
}

impl Default for FileStreamSink {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FileStreamSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStreamSink").finish_non_exhaustive()
    }
}

#[async_trait]
impl SinkConnector for FileStreamSink {
    const NAME: &'static str = "org.apache.kafka.connect.file.FileStreamSinkConnector";
    const ALIASES: &'static [&'static str] = &["FileStreamSinkConnector", "FileStreamSink"];
    const VERSION: &'static str = "4.1.2"; // the release of Kafka whose behaviour it has
    type Config = FileStreamSinkConfig;
    type Task = FileStreamSinkTask;

    async fn task(&self, config: &Self::Config, _context: SinkTaskContext) -> Result<Self::Task> {
        let Some(file) = config.file() else {
            return Ok(FileStreamSinkTask::stream(Arc::clone(&self.stdout), config.fsync));
        };
        let (path, repair) = (PathBuf::from(file), config.repair_torn_line);
        let disk = Arc::clone(&self.disk);
        let file = blocking(move || LineFile::open(&path, repair, &disk)).await??;
        Ok(FileStreamSinkTask::file(file, config.fsync))
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        let mut errors = ConfigErrors::new();
        if let Some(file) = config.file() {
            let path = PathBuf::from(file);
            let checked = blocking(move || file::check(Path::new(&path))).await.and_then(|checked| checked);
            if let Err(error) = checked {
                errors.add("file", Some(file.to_owned()), error.to_string());
            }
        }
        errors.into_result()
    }
}
