//! Whole batches of whole lines, or nothing.

use std::io;
use std::path::PathBuf;

use connect_api::{Error, Result};
use memchr::memrchr;

use super::disk::Disk;
use crate::error::io_error;

/// Bytes looked at at a time when searching back for the last line end.
const BACK: usize = 64 * 1024;

/// Appends batches to a file such that it always ends with a whole line.
///
/// Its caller holds the file's lock, if there are other writers.
#[derive(Debug)]
pub(super) struct Appender<D> {
    path: PathBuf,
    pub(super) disk: D,
    repair: bool,
    /// Length after what was written last; any other means that somebody else wrote.
    len: Option<u64>,
    /// What a failed write left, when it could not be taken back yet.
    undo: Option<Undo>,
    /// A sync failed: nobody knows what is on the disk.
    lost: bool,
}

/// Part of a batch that could not be written, at the end of the file.
#[derive(Debug, Clone, Copy)]
struct Undo {
    from: u64,
    to: u64,
}

impl<D: Disk> Appender<D> {
    pub(super) const fn new(path: PathBuf, disk: D, repair: bool) -> Self {
        Self { path, disk, repair, len: None, undo: None, lost: false }
    }

    /// Brings the file to the end of a whole line: takes back what a failed write left, and cuts off a line whose
    /// writer died.
    pub(super) fn prepare(&mut self) -> Result<u64> {
        let mut len = self.disk.len().map_err(|error| io_error("look at", &self.path, error))?;
        if let Some(Undo { from, to }) = self.undo {
            // If somebody has appended since, there is no taking back any more: their lines would go too.
            if to == len && from < to {
                let cut = self.disk.truncate(from);
                cut.map_err(|error| io_error("take back a failed write to", &self.path, error))?;
                len = from;
            }
            self.undo = None;
        }
        if self.len == Some(len) || !self.repair {
            return Ok(len);
        }
        let whole = whole_lines(&mut self.disk, len).map_err(|error| io_error("read the end of", &self.path, error))?;
        if whole < len {
            let (path, bytes) = (self.path.display(), len - whole);
            tracing::warn!(%path, at = whole, bytes, "cutting off a last line that was not written to its end");
            self.disk.truncate(whole).map_err(|error| io_error("cut the torn last line of", &self.path, error))?;
        }
        self.len = Some(whole);
        Ok(whole)
    }

    /// Appends lines, all of them or none.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<()> {
        self.known()?;
        let before = self.prepare()?;
        if let Err(error) = self.disk.append(lines) {
            let error = io_error("write to", &self.path, error);
            self.len = Some(before);
            self.undo = self.disk.len().ok().map(|to| Undo { from: before, to });
            // If it cannot be taken back now, the next call tries again before it writes.
            if let Err(undo) = self.prepare() {
                tracing::warn!(path = %self.path.display(), error = %undo, "part of a failed write is still there");
            }
            return Err(error);
        }
        self.len = Some(before + lines.len() as u64);
        Ok(())
    }

    /// Forces all that was appended to the disk.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.known()?;
        self.disk.sync().map_err(|error| {
            // The system may have dropped what it could not write, and a second sync would then succeed. Only
            // writing it all again helps, so the task fails and its offsets stay.
            self.lost = true;
            Error::fatal(format!(
                "cannot force lines to the disk in {}: {error}; they are written again when the task is restarted",
                self.path.display()
            ))
            .with_source(error)
        })
    }

    fn known(&self) -> Result<()> {
        if self.lost {
            return Err(Error::fatal(format!(
                "an earlier sync of {} failed, so it is not known what the disk has; restart the task",
                self.path.display()
            )));
        }
        Ok(())
    }
}

/// Length of the file up to and with its last line feed.
fn whole_lines(disk: &mut impl Disk, len: u64) -> io::Result<u64> {
    let mut end = len;
    let mut buffer = Vec::new();
    while end > 0 {
        // The last byte alone first: nearly always it is the line feed.
        let wanted = if end == len { 1 } else { BACK };
        let bytes = usize::try_from(end).unwrap_or(wanted).min(wanted);
        buffer.resize(bytes, 0);
        let start = end - bytes as u64;
        disk.read_at(start, &mut buffer)?;
        if let Some(at) = memrchr(b'\n', &buffer) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}
