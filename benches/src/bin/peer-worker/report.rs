//! What a task did, written to a file that appears at once and whole.

use connect_api::{Error, Result};
use connect_kafka::Clock;

/// When a task began and ended, as the Java connectors' `Report` has it.
#[derive(Debug)]
pub(crate) struct Report {
    file: String,
    began: Option<i64>,
}

impl Report {
    /// The report of a task; an empty name of the file means none.
    pub(crate) fn new(file: &str, task: usize) -> Self {
        let file = if file.is_empty() { String::new() } else { format!("{file}.{task}") };
        Self { file, began: None }
    }

    pub(crate) fn begin(&mut self) {
        self.began.get_or_insert_with(|| Clock::system().now_ms());
    }

    /// All is through: ms of the beginning, ms of the end, records, calls.
    pub(crate) fn end(&self, records: u64, calls: u64) -> Result<()> {
        let now = Clock::system().now_ms();
        write(&self.file, &format!("{} {now} {records} {calls}\n", self.began.unwrap_or(now)))
    }
}

/// Writes a file whole; nothing when its name is empty.
pub(crate) fn write(file: &str, text: &str) -> Result<()> {
    if file.is_empty() {
        return Ok(());
    }
    let unfinished = format!("{file}.unfinished");
    let written = std::fs::write(&unfinished, text).and_then(|()| std::fs::rename(&unfinished, file));
    written.map_err(|error| Error::fatal(format!("cannot write {file}")).with_source(error))
}
