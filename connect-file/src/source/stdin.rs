//! Standard input, read on a thread of its own.

use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use connect_api::{Error, Result, SourceRecord};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::config::FileStreamSourceConfig;
use super::records::{Records, limits};
use super::splitter::{BLOCK, Splitter};
use crate::error::io_error;

/// Blocks the thread may be ahead; with them the memory is bounded.
const BLOCKS_AHEAD: usize = 2;

/// An input that is read once, whatever becomes of the tasks that read it: a read of a terminal or a pipe cannot be
/// called off, so the thread and what it has read belong to the connector, and its tasks take turns.
pub(crate) struct Stdin {
    state: State,
    /// Bytes and the unfinished line that the task before left.
    splitter: Option<Splitter>,
}

enum State {
    Unread(Box<dyn Read + Send>),
    Reading(mpsc::Receiver<io::Result<Box<[u8]>>>),
    Ended,
}

impl Stdin {
    pub(crate) fn new(input: impl Read + Send + 'static) -> Self {
        Self { state: State::Unread(Box::new(input)), splitter: None }
    }

    /// The next block, after waiting for one for at most that long; `None` if there was none.
    async fn block(&mut self, wait: Duration) -> Result<Option<Box<[u8]>>> {
        if let State::Unread(_) = self.state
            && let State::Unread(input) = std::mem::replace(&mut self.state, State::Ended)
        {
            self.state = State::Reading(start(input)?);
        }
        let State::Reading(blocks) = &mut self.state else {
            tokio::time::sleep(wait).await;
            return Ok(None);
        };
        // `recv` loses nothing when it is dropped.
        match timeout(wait, blocks.recv()).await {
            Err(_) => Ok(None),
            Ok(Some(Ok(block))) => Ok(Some(block)),
            Ok(Some(Err(error))) => Err(io_error("read", Path::new("standard input"), error)),
            Ok(None) => {
                self.state = State::Ended;
                Ok(None)
            }
        }
    }
}

/// Starts the thread. It ends with the input, with an error, or when nobody wants blocks any more.
fn start(mut input: Box<dyn Read + Send>) -> Result<mpsc::Receiver<io::Result<Box<[u8]>>>> {
    let (sender, receiver) = mpsc::channel(BLOCKS_AHEAD);
    let read = move || {
        let mut buffer = vec![0; BLOCK];
        loop {
            let block = match input.read(&mut buffer) {
                Ok(0) => return,
                Ok(bytes) => Ok(buffer[..bytes].into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = block.is_err();
            if sender.blocking_send(block).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("connect-stdin".into())
        .spawn(read)
        .map_err(|error| Error::fatal("cannot start the thread that reads standard input").with_source(error))?;
    Ok(receiver)
}

/// A task's turn at standard input.
pub(super) struct StdinLines {
    stdin: tokio::sync::OwnedMutexGuard<Stdin>,
    splitter: Splitter,
    records: Records,
    wait: Duration,
    idle: bool,
}

impl StdinLines {
    pub(super) fn new(config: &FileStreamSourceConfig, mut stdin: tokio::sync::OwnedMutexGuard<Stdin>) -> Self {
        let mut splitter = stdin.splitter.take().unwrap_or_else(|| Splitter::new(limits(config)));
        splitter.limit(limits(config));
        let wait = config.poll_interval.duration();
        Self { stdin, splitter, records: Records::new(config), wait, idle: false }
    }

    /// The next lines, at most a batch, after waiting for some for a while.
    pub(super) async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        let records = self.records.take(&mut self.splitter)?;
        if !records.is_empty() {
            return Ok(records);
        }
        let Some(block) = self.stdin.block(self.wait).await? else {
            let ended = matches!(self.stdin.state, State::Ended);
            // The end is final, so a last line without terminator is complete.
            let records = if ended { self.records.finish(&mut self.splitter)? } else { Vec::new() };
            self.idle = ended && records.is_empty();
            return Ok(records);
        };
        let mut block = &*block;
        while !block.is_empty() {
            let space = self.splitter.space();
            let bytes = block.len().min(space.len());
            space[..bytes].copy_from_slice(&block[..bytes]);
            self.splitter.filled(bytes);
            block = &block[bytes..];
        }
        self.records.take(&mut self.splitter)
    }

    pub(super) const fn is_idle(&self) -> bool {
        self.idle
    }
}

impl Drop for StdinLines {
    fn drop(&mut self) {
        // What was read and not emitted is for the next task.
        let limits = self.splitter.limits();
        self.stdin.splitter = Some(std::mem::replace(&mut self.splitter, Splitter::new(limits)));
    }
}
