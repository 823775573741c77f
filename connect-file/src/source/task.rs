//! The source's task.

use std::path::PathBuf;
use std::time::Duration;

use connect_api::{Result, SourceRecord, SourceTask, Task, async_trait};
use tokio::time::{Instant, sleep};

use super::config::FileStreamSourceConfig;
use super::file::{Batch, FileLines, Rest};
use super::stdin::StdinLines;
use crate::blocking::Desk;

/// Reads the lines of one file, or of standard input.
pub struct FileStreamSourceTask(Input);

enum Input {
    File(FileInput),
    Stdin(StdinLines),
}

/// A file, and what is known of its end.
struct FileInput {
    lines: Desk<FileLines, Result<Batch>>,
    poll_interval: Duration,
    /// How long an unfinished last line is waited for; `None` for ever.
    patience: Option<Duration>,
    /// What there was besides records the last time, and since when.
    rest: Rest,
    since: Instant,
}

impl FileStreamSourceTask {
    pub(super) fn file(config: &FileStreamSourceConfig, path: PathBuf, position: u64) -> Self {
        Self(Input::File(FileInput {
            lines: Desk::new(FileLines::new(config, path, position)),
            poll_interval: config.poll_interval.duration(),
            patience: config.emit_unterminated_line.then(|| config.unterminated_line_wait.duration()),
            rest: Rest::More,
            since: Instant::now(),
        }))
    }

    pub(super) const fn stdin(lines: StdinLines) -> Self {
        Self(Input::Stdin(lines))
    }
}

impl Task for FileStreamSourceTask {}

#[async_trait]
impl SourceTask for FileStreamSourceTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        match &mut self.0 {
            Input::File(file) => file.poll().await,
            Input::Stdin(lines) => lines.poll().await,
        }
    }

    fn is_idle(&self) -> Option<bool> {
        Some(match &self.0 {
            Input::File(file) => file.is_idle(),
            Input::Stdin(lines) => lines.is_idle(),
        })
    }
}

impl FileInput {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        let waited = self.patience.is_some_and(|patience| self.since.elapsed() >= patience);
        let finish = waited.then_some(self.rest);
        let batch = self.lines.run(move |lines| lines.batch(finish)).await??;
        if batch.rest != self.rest {
            self.rest = batch.rest;
            self.since = Instant::now();
        }
        if batch.records.is_empty() {
            sleep(self.poll_interval).await;
        }
        Ok(batch.records)
    }

    /// Whether all is read. A last line that will be emitted after a while is still to be read.
    fn is_idle(&self) -> bool {
        match self.rest {
            Rest::More => false,
            Rest::Unfinished { bytes, .. } => bytes == 0 || self.patience.is_none(),
        }
    }
}
