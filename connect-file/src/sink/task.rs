//! The sink's task.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connect_api::{Delivery, Error, Result, SinkRecord, SinkTask, Task, async_trait};
use tokio::time::{Instant, sleep};

use super::config::Fsync;
use super::file::{Appended, LineFile};
use super::lines::write_lines;
use crate::blocking::blocking;

/// How often a file is tried again that another task is writing to, which takes it some microseconds.
const LOCK_INTERVAL: Duration = Duration::from_millis(5);

/// After this time the lock is held by somebody who is not appending a batch.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Memory for lines that is kept from put to put.
const KEPT: usize = 4 * 1024 * 1024;

/// A stream in place of a file.
pub(super) type Stream = Arc<Mutex<dyn Write + Send>>;

/// Writes records as lines to a file, or to standard output.
pub struct FileStreamSinkTask {
    target: Target,
    fsync: Fsync,
    buffer: Arc<Vec<u8>>,
}

/// Shared with the blocking threads, where one piece of work runs at a time; a lock is for the case that a call's
/// future was dropped and its work still goes on.
#[derive(Clone)]
enum Target {
    File(Arc<Mutex<LineFile>>),
    Stream(Stream),
}

impl FileStreamSinkTask {
    pub(super) fn file(file: LineFile, fsync: Fsync) -> Self {
        Self { target: Target::File(Arc::new(Mutex::new(file))), fsync, buffer: Arc::default() }
    }

    pub(super) fn stream(stream: Stream, fsync: Fsync) -> Self {
        Self { target: Target::Stream(stream), fsync, buffer: Arc::default() }
    }

    async fn append(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            let (target, lines) = (self.target.clone(), Arc::clone(&self.buffer));
            let sync = self.fsync == Fsync::Put;
            if blocking(move || target.append(&lines, sync)).await?? == Appended::Yes {
                return Ok(());
            }
            if began.elapsed() >= LOCK_PATIENCE {
                return Err(Error::retriable(format!(
                    "the file of the sink has been locked by another program for {} s",
                    LOCK_PATIENCE.as_secs()
                )));
            }
            sleep(LOCK_INTERVAL).await;
        }
    }
}

impl Target {
    fn append(&self, lines: &[u8], sync: bool) -> Result<Appended> {
        match self {
            Self::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let appended = file.append(lines)?;
                if sync && appended == Appended::Yes {
                    file.sync()?;
                }
                Ok(appended)
            }
            Self::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                let written = stream.write_all(lines).and_then(|()| if sync { stream.flush() } else { Ok(()) });
                written.map(|()| Appended::Yes).map_err(stream_error)
            }
        }
    }

    fn sync(&self) -> Result<()> {
        match self {
            Self::File(file) => file.lock().unwrap_or_else(PoisonError::into_inner).sync(),
            Self::Stream(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).flush().map_err(stream_error),
        }
    }
}

/// What was written of a batch cannot be taken back, so it is not tried again within the task.
fn stream_error(error: std::io::Error) -> Error {
    Error::fatal(format!("cannot write to standard output: {error}")).with_source(error)
}

impl Task for FileStreamSinkTask {}

#[async_trait]
impl SinkTask for FileStreamSinkTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        match Arc::get_mut(&mut self.buffer) {
            Some(buffer) => {
                buffer.clear();
                buffer.shrink_to(KEPT);
                write_lines(buffer, records);
            }
            // Only while a dropped call is still at work.
            None => {
                let mut buffer = Vec::new();
                write_lines(&mut buffer, records);
                self.buffer = Arc::new(buffer);
            }
        }
        self.append().await?;
        Ok(match self.fsync {
            Fsync::Commit => Delivery::Buffered,
            Fsync::Put => Delivery::Durable,
        })
    }

    async fn flush(&mut self) -> Result<()> {
        let target = self.target.clone();
        blocking(move || target.sync()).await?
    }
}
