//! Following a file that grows, is truncated, and is replaced by another.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use connect_api::{Error, Result};

use super::config::FileTruncated;
use super::splitter::Splitter;
use crate::error::io_error;
use crate::file_id::FileId;

/// Where the reading of a file stands.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    truncated: FileTruncated,
    open: Option<Open>,
    warned: bool,
}

#[derive(Debug)]
struct Open {
    file: File,
    id: FileId,
    /// How far it was read.
    read: u64,
    /// The name was seen to belong to another file when this one was at its end.
    replaced: bool,
}

/// What comes after the end of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Perhaps more of the same file.
    Wait,
    /// Another file has the name. Its writer may still be finishing the old one, so wait once more.
    Replaced,
    /// Another file has the name, and the old one is done with; see [`Tail::leave`].
    Leave,
    /// The file was cut; look once more.
    Again,
}

impl Tail {
    /// Begins at the position of the splitter that goes with it.
    pub(super) const fn new(path: PathBuf, truncated: FileTruncated) -> Self {
        Self { path, truncated, open: None, warned: false }
    }

    /// Reads a block behind what is buffered; 0 when there is nothing to read, or no file.
    pub(super) fn read(&mut self, splitter: &mut Splitter) -> Result<usize> {
        if self.open.is_none() {
            self.open = self.open(splitter)?;
        }
        let Some(open) = &mut self.open else { return Ok(0) };
        match read(&mut open.file, splitter.space()) {
            Ok(bytes) => {
                open.read += bytes as u64;
                splitter.filled(bytes);
                Ok(bytes)
            }
            Err(error) => {
                if error.kind() == io::ErrorKind::StaleNetworkFileHandle {
                    // This handle will never work again; a new one may. It begins at the first line not emitted.
                    self.open = None;
                }
                Err(io_error("read", &self.path, error))
            }
        }
    }

    /// Decides how to go on when `read` gave nothing and no complete line is left.
    pub(super) fn at_end(&mut self, splitter: &mut Splitter) -> Result<Next> {
        let Some(open) = &mut self.open else { return Ok(Next::Wait) };
        let size = open.file.metadata().map_err(|error| io_error("look at", &self.path, error))?.len();
        if size < open.read {
            open.cut(&self.path, size, self.truncated, splitter)?;
            return Ok(Next::Again);
        }
        let present = match fs::metadata(&self.path) {
            Ok(metadata) => FileId::of(&metadata),
            // Renamed or deleted, and nothing new yet: its writer may still have it open.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Next::Wait),
            Err(error) => return Err(io_error("look at", &self.path, error)),
        };
        if present == open.id {
            open.replaced = false;
            return Ok(Next::Wait);
        }
        let seen_before = std::mem::replace(&mut open.replaced, true);
        Ok(if seen_before { Next::Leave } else { Next::Replaced })
    }

    /// Turns to the file that has the name now, from its beginning.
    pub(super) fn leave(&mut self, splitter: &mut Splitter) {
        tracing::info!(path = %self.path.display(), "file was replaced, reading the new one");
        splitter.restart(0, None);
        self.open = None;
    }

    /// Opens the file and goes to the splitter's position; `None` if there is none.
    fn open(&mut self, splitter: &mut Splitter) -> Result<Option<Open>> {
        let Some((mut file, metadata)) = open_regular(&self.path)? else {
            if !std::mem::replace(&mut self.warned, true) {
                tracing::warn!(path = %self.path.display(), "file does not exist, waiting for it");
            }
            return Ok(None);
        };
        self.warned = false;
        let mut position = splitter.position();
        if position > metadata.len() {
            let size = metadata.len();
            shorter(&self.path, size, position, self.truncated)?;
            let path = self.path.display();
            tracing::warn!(%path, size, position, "file is shorter than its position, reading it from the beginning");
            position = 0;
        }
        let before = byte_before(&mut file, position).map_err(|error| io_error("read", &self.path, error))?;
        splitter.restart(position, before);
        Ok(Some(Open { file, id: FileId::of(&metadata), read: position, replaced: false }))
    }
}

impl Open {
    /// Goes on in a file that became shorter: where the first line not emitted begins, if only (part of) that one
    /// was cut off, as writers do to take back a failed write; else from the beginning.
    fn cut(&mut self, path: &Path, size: u64, truncated: FileTruncated, splitter: &mut Splitter) -> Result<()> {
        let (shown, position, unfinished) = (path.display(), splitter.position(), splitter.unfinished());
        let failed = |error| io_error("read", path, error);
        if position <= size {
            let before = byte_before(&mut self.file, position).map_err(failed)?;
            if matches!(before, None | Some(b'\n' | b'\r')) {
                tracing::info!(path = %shown, size, position, unfinished, "the unfinished last line of the file was cut off");
                splitter.restart(position, before);
                self.read = position;
                return Ok(());
            }
        }
        shorter(path, size, position + unfinished, truncated)?;
        tracing::warn!(path = %shown, size, position, unfinished, "file was truncated, reading it from the beginning");
        self.file.rewind().map_err(failed)?;
        splitter.restart(0, None);
        self.read = 0;
        Ok(())
    }
}

/// Fails where that is wanted of a file that has become shorter than what was `read` of it.
fn shorter(path: &Path, size: u64, read: u64, truncated: FileTruncated) -> Result<()> {
    match truncated {
        FileTruncated::Restart => Ok(()),
        FileTruncated::Fail => Err(Error::fatal(format!(
            "{} has {size} bytes and was read up to byte {read} before: it was truncated or replaced; to read it from \
             its beginning, set file.truncated=restart or forget the stored offset",
            path.display()
        ))),
    }
}

/// Opens a file that one can seek in; `None` if it does not exist.
pub(super) fn open_regular(path: &Path) -> Result<Option<(File, Metadata)>> {
    // Asked before opening too, as to open a named pipe would wait for its writer.
    let opened = fs::metadata(path).and_then(|metadata| {
        if metadata.is_file() {
            File::open(path).and_then(|f| Ok((f.metadata()?, Some(f))))
        } else {
            Ok((metadata, None))
        }
    });
    match opened {
        Ok((metadata, Some(file))) => Ok(Some((file, metadata))),
        Ok((metadata, None)) => Err(Error::config(format!(
            "cannot read {}: it is {}; \"file\" must name a regular file, or be left out to read standard input",
            path.display(),
            if metadata.is_dir() { "a directory" } else { "no regular file" },
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("open", path, error)),
    }
}

/// The byte before a position, leaving the file at the position, which is not beyond its end.
fn byte_before(file: &mut File, position: u64) -> io::Result<Option<u8>> {
    let Some(before) = position.checked_sub(1) else {
        file.rewind()?;
        return Ok(None);
    };
    let mut byte = [0];
    file.seek(SeekFrom::Start(before))?;
    file.read_exact(&mut byte)?;
    Ok(Some(byte[0]))
}

fn read(file: &mut File, space: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(space) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
