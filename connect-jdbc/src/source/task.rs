//! The source's task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect_api::{Error, Result, SourceRecord, SourceTask, Task, async_trait};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::config::JdbcSourceConfig;
use super::read::{Batch, Output};
use super::reader::Reader;
use super::rows::Limits;
use super::subject::Subject;
use crate::dialect::Session;

/// Most batches that are read ahead.
const MOST_AHEAD: usize = 4;

/// Longest wait of a poll. The runtime takes a source for idle that lets it wait for a second, and asks one that has
/// nothing; only the latter tells of a reading that takes long.
const LONGEST_POLL: Duration = Duration::from_millis(500);

/// Gives the rows of some tables, or of a query.
pub struct JdbcSourceTask {
    batches: mpsc::Receiver<Batch>,
    /// Ends when the receiver is dropped, or is aborted with the task.
    reader: Option<JoinHandle<()>>,
    idle: Arc<AtomicBool>,
    linger: Duration,
    /// A task without tables waits for its connector to know them.
    waits_for_tables: bool,
}

impl JdbcSourceTask {
    pub(super) fn new(config: &JdbcSourceConfig, session: Session, subjects: Vec<Subject>) -> Self {
        let size = |number: i32| usize::try_from(number).unwrap_or(1).max(1);
        let limits = Limits { rows: size(config.batch_max_rows), bytes: size(config.batch_max_bytes) };
        let ahead = match config.max_buffer_size {
            ..=0 => MOST_AHEAD,
            records => (size(records) / limits.rows).clamp(1, MOST_AHEAD),
        };
        let (sender, batches) = mpsc::channel(ahead);
        let idle = Arc::new(AtomicBool::new(false));
        let output = Output { batches: sender, limits, isolation: config.isolation };
        let reader = Reader::new(config, session, subjects, output, Arc::clone(&idle));
        let reader = Some(tokio::spawn(reader.run()));
        Self { batches, reader, idle, linger: config.poll_linger.duration(), waits_for_tables: false }
    }

    /// A task that has nothing to read yet.
    pub(super) fn waiting(config: &JdbcSourceConfig) -> Self {
        let (_, batches) = mpsc::channel(1);
        let idle = Arc::new(AtomicBool::new(true));
        Self { batches, reader: None, idle, linger: config.poll_linger.duration(), waits_for_tables: true }
    }
}

#[async_trait]
impl Task for JdbcSourceTask {
    async fn stop(&mut self) -> Result<()> {
        self.batches.close();
        if let Some(reader) = self.reader.take() {
            reader.abort();
            // Its connection is dropped before the task is said to have stopped.
            let _ = reader.await;
        }
        Ok(())
    }
}

#[async_trait]
impl SourceTask for JdbcSourceTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if self.waits_for_tables {
            tokio::time::sleep(self.linger).await;
            return Ok(Vec::new());
        }
        match timeout(self.linger.min(LONGEST_POLL), self.batches.recv()).await {
            Ok(Some(batch)) => batch,
            Ok(None) => Err(self.ended().await),
            Err(_) => Ok(Vec::new()),
        }
    }

    fn is_idle(&self) -> Option<bool> {
        // In this order: what was read before the reader became idle is in the queue.
        Some(self.idle.load(Ordering::Acquire) && self.batches.is_empty())
    }
}

impl JdbcSourceTask {
    /// Why the reader is gone although the task goes on.
    async fn ended(&mut self) -> Error {
        let Some(reader) = self.reader.take() else { return Error::fatal("the reader of the task has ended before") };
        match reader.await {
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            _ => Error::fatal("the reader of the task has ended"),
        }
    }
}

impl Drop for JdbcSourceTask {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.abort();
        }
    }
}
