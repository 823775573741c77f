//! Batches of lines from a file.

use std::path::PathBuf;

use connect_api::{Result, SourceRecord};

use super::config::FileStreamSourceConfig;
use super::records::{Records, limits};
use super::splitter::{BLOCK, Splitter};
use super::tail::{Next, Tail};

/// Below this the buffer is filled up before lines are taken, so that batches are full ones.
const LOW_WATER: usize = BLOCK / 2;

/// The blocking side of a task that reads a file.
#[derive(Debug)]
pub(super) struct FileLines {
    tail: Tail,
    splitter: Splitter,
    records: Records,
}

/// What one look at the file gave.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) records: Vec<SourceRecord>,
    pub(super) rest: Rest,
}

/// What there is besides the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Perhaps more.
    More,
    /// Nothing but the beginning of a line, of so many bytes from that position (perhaps none), or no file.
    Unfinished { position: u64, bytes: u64 },
}

impl FileLines {
    pub(super) fn new(config: &FileStreamSourceConfig, path: PathBuf, position: u64) -> Self {
        let mut splitter = Splitter::new(limits(config));
        splitter.restart(position, None);
        Self { tail: Tail::new(path, config.file_truncated), splitter, records: Records::new(config) }
    }

    /// The next lines, at most a batch, without waiting for any.
    ///
    /// With `finish` a last line that has no terminator is given too, when nothing was added to the file since the
    /// last time.
    pub(super) fn batch(&mut self, finish: Option<Rest>) -> Result<Batch> {
        let mut read = Ok(0);
        if self.splitter.buffered() < LOW_WATER {
            read = self.tail.read(&mut self.splitter);
        }
        loop {
            let records = self.records.take(&mut self.splitter)?;
            if !records.is_empty() {
                // An error of reading is not lost: the next call reads again.
                return Ok(Batch { records, rest: Rest::More });
            }
            read?;
            read = self.tail.read(&mut self.splitter);
            if !matches!(read, Ok(0)) {
                continue;
            }
            match self.tail.at_end(&mut self.splitter)? {
                Next::Again => {}
                Next::Replaced => return Ok(Batch { records, rest: Rest::More }),
                Next::Leave => {
                    // No one will write the terminator any more.
                    let records = self.records.finish(&mut self.splitter)?;
                    self.tail.leave(&mut self.splitter);
                    if !records.is_empty() {
                        return Ok(Batch { records, rest: Rest::More });
                    }
                }
                Next::Wait => {
                    let rest = self.rest();
                    let records =
                        if finish == Some(rest) { self.records.finish(&mut self.splitter)? } else { Vec::new() };
                    return Ok(Batch { records, rest: self.rest() });
                }
            }
        }
    }

    fn rest(&self) -> Rest {
        Rest::Unfinished { position: self.splitter.position(), bytes: self.splitter.unfinished() }
    }
}
