//! The source's task.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use connect_api::{Error, Result, SourceRecord, SourceTask, Task, async_trait};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::config::JdbcSourceConfig;
use super::read::{Batch, Output};
use super::reader::Reader;
use super::rows::Limits;
use super::subject::Subject;
use crate::dialect::Session;

/// Longest wait of a poll, twice: while tables rest, and while one is read. The runtime takes a source for idle that lets
/// it wait for a second, and asks one that has nothing; only the latter tells of a reading that takes long.
const LONGEST_POLL: Duration = Duration::from_millis(400);

/// Gives the rows of some tables, or of a query.
pub struct JdbcSourceTask {
    batches: mpsc::Receiver<Batch>,
    reading: Reading,
    idle: Arc<AtomicBool>,
    linger: Duration,
}

/// Where the batches come from.
enum Reading {
    /// A task without tables waits for its connector to know them.
    NoTables,
    /// Reads while the task is polled, and rests where it is between polls. It has no task of its own, so that records
    /// are dropped by the thread that made them, as a rule, and rows need no way between threads.
    Reader(Pin<Box<dyn Future<Output = ()> + Send>>),
    Ended,
}

impl JdbcSourceTask {
    pub(super) fn new(config: &JdbcSourceConfig, session: Session, subjects: Vec<Subject>) -> Self {
        let size = |number: i32| usize::try_from(number).unwrap_or(1).max(1);
        let limits = Limits { rows: size(config.batch_max_rows), bytes: size(config.batch_max_bytes) };
        let (sender, batches) = mpsc::channel(1);
        let idle = Arc::new(AtomicBool::new(false));
        let output = Output { batches: sender, limits, isolation: config.isolation };
        let reader = Reader::new(config, session, subjects, output, Arc::clone(&idle));
        let reading = Reading::Reader(Box::pin(reader.run()));
        Self { batches, reading, idle, linger: config.poll_linger.duration() }
    }

    /// A task that has nothing to read yet.
    pub(super) fn waiting(config: &JdbcSourceConfig) -> Self {
        let (_, batches) = mpsc::channel(1);
        let idle = Arc::new(AtomicBool::new(true));
        Self { batches, reading: Reading::NoTables, idle, linger: config.poll_linger.duration() }
    }

    /// The next batch, or an empty one when tables come to `rest` first and that is to be told.
    async fn next(&mut self, rest: bool) -> Batch {
        let Self { batches, reading, idle, .. } = self;
        poll_fn(|context| {
            if let Poll::Ready(Some(batch)) = batches.poll_recv(context) {
                return Poll::Ready(batch);
            }
            if let Reading::Reader(reader) = reading
                && reader.as_mut().poll(context).is_ready()
            {
                *reading = Reading::Ended;
            }
            match batches.poll_recv(context) {
                Poll::Ready(Some(batch)) => Poll::Ready(batch),
                Poll::Ready(None) => Poll::Ready(Err(Error::fatal("the task has ended before"))),
                Poll::Pending if rest && idle.load(Ordering::Acquire) => Poll::Ready(Ok(Vec::new())),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

#[async_trait]
impl Task for JdbcSourceTask {
    async fn stop(&mut self) -> Result<()> {
        // Its connection goes with it.
        self.reading = Reading::Ended;
        Ok(())
    }
}

#[async_trait]
impl SourceTask for JdbcSourceTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        if matches!(self.reading, Reading::NoTables) {
            tokio::time::sleep(self.linger).await;
            return Ok(Vec::new());
        }
        if let Ok(batch) = timeout(self.linger.min(LONGEST_POLL), self.next(false)).await {
            return batch;
        }
        // A table is read by polls alone, so this one goes on while one is read. However often tables are due, polls end
        // when they rest, and can tell that there is nothing.
        timeout(LONGEST_POLL, self.next(true)).await.unwrap_or_else(|_| Ok(Vec::new()))
    }

    fn is_idle(&self) -> Option<bool> {
        // In this order: what was read before the reader became idle is in the queue.
        Some(self.idle.load(Ordering::Acquire) && self.batches.is_empty())
    }
}
