//! The file of a sink: opened, locked, and followed when it is replaced.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect_api::{Error, Result};

use super::appender::Appender;
use super::disk::{Disk, OpenDisk};
use crate::error::io_error;
use crate::file_id::FileId;

/// A file that lines are appended to.
pub(super) struct LineFile {
    path: PathBuf,
    disk: OpenDisk,
    repair: bool,
    /// Whether it is a file on a disk, and not a device or a pipe, which has no length, lock or sync.
    regular: bool,
    id: FileId,
    /// Whether its file system has locks.
    locks: bool,
    appender: Appender<Box<dyn Disk>>,
}

/// Whether lines were appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Appended {
    Yes,
    /// Another writer has the file locked at this moment.
    Locked,
}

impl LineFile {
    /// Opens the file, or creates it.
    pub(super) fn open(path: &Path, repair: bool, disk: &OpenDisk) -> Result<Self> {
        check(path)?;
        check_folder(path)?;
        let file = open(path, repair)?;
        let metadata = file.metadata().map_err(|error| io_error("look at", path, error))?;
        let regular = metadata.is_file();
        let mut opened = Self {
            path: path.to_owned(),
            disk: Arc::clone(disk),
            repair,
            regular,
            id: FileId::of(&metadata),
            locks: regular,
            appender: Appender::new(path.to_owned(), disk(file), repair && regular),
        };
        // If it is locked, whoever is writing has repaired it.
        if regular {
            opened.locked(|appender| appender.prepare())?;
        }
        Ok(opened)
    }

    /// Appends whole lines, all of them or none.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<Appended> {
        if !self.regular {
            // Nothing can be taken back from a device.
            let written = self.appender.disk.append(lines);
            return written.map(|()| Appended::Yes).map_err(|error| io_error("write to", &self.path, error));
        }
        self.follow()?;
        let appended = self.locked(|appender| appender.append(lines))?;
        Ok(appended.map_or(Appended::Locked, |()| Appended::Yes))
    }

    /// Does something under the file's lock; `None` if somebody else has it.
    fn locked<T>(&mut self, work: impl FnOnce(&mut Appender<Box<dyn Disk>>) -> Result<T>) -> Result<Option<T>> {
        if !self.lock()? {
            return Ok(None);
        }
        let done = work(&mut self.appender);
        if self.locks {
            // It cannot fail on a lock that is held; and closing the file gives the lock back too.
            drop(self.appender.disk.unlock());
        }
        done.map(Some)
    }

    /// Forces all that was appended to the disk.
    pub(super) fn sync(&mut self) -> Result<()> {
        if self.regular { self.appender.sync() } else { Ok(()) }
    }

    /// Turns to the file that has the name now, when it was moved away or deleted, as by logrotate.
    fn follow(&mut self) -> Result<()> {
        match fs::metadata(&self.path) {
            Ok(metadata) if FileId::of(&metadata) == self.id => return Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error("look at", &self.path, error));
            }
            _ => {}
        }
        tracing::info!(path = %self.path.display(), "file was replaced, appending to the new one");
        // Lines that no commit has covered yet are in the old one, and perhaps the rest of a failed write.
        self.locked(|appender| appender.prepare())?;
        self.sync()?;
        *self = Self::open(&self.path, self.repair, &self.disk)?;
        Ok(())
    }

    /// Takes the lock under which lines are appended, so that several tasks can share the file.
    fn lock(&mut self) -> Result<bool> {
        if !self.locks {
            return Ok(true);
        }
        match self.appender.disk.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                self.no_locks(&error);
                Ok(true)
            }
            // Network file systems without a lock server say this, which has no kind of its own.
            Err(TryLockError::Error(error)) if cfg!(target_os = "linux") && error.raw_os_error() == Some(ENOLCK) => {
                self.no_locks(&error);
                Ok(true)
            }
            Err(TryLockError::Error(error)) => Err(io_error("lock", &self.path, error)),
        }
    }

    fn no_locks(&mut self, error: &io::Error) {
        self.locks = false;
        let path = self.path.display();
        tracing::warn!(%path, %error, "file system has no locks; only one task may write to this file");
    }
}

/// Linux's "no locks available".
const ENOLCK: i32 = 37;

/// Says what would be wrong with opening the file, without creating it. Its directory may be missing: it can be made
/// before a task begins, so Kafka Connect takes such a configuration.
pub(super) fn check(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(Error::config(format!(
            "cannot write to {}: it is a directory; \"file\" must name a file",
            path.display()
        ))),
        // To open a device or a pipe could have an effect, or wait.
        Ok(metadata) if metadata.is_file() => {
            OpenOptions::new().append(true).open(path).map(drop).map_err(|error| io_error("open", path, error))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io_error("look at", path, error)),
    }
}

/// # Errors
/// That the directory of a file is missing.
fn check_folder(path: &Path) -> Result<()> {
    let folder = parent(path);
    if path.exists() || folder.is_dir() {
        return Ok(());
    }
    Err(Error::config(format!(
        "cannot create {}: the directory {} does not exist; create it first",
        path.display(),
        folder.display()
    )))
}

/// Opens or creates the file. One that was created is made to stay: its directory is synced.
fn open(path: &Path, read: bool) -> Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).read(read);
    let said = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => Error::fatal(format!(
            "cannot open {} for {}: {error}",
            path.display(),
            if read { "writing and for reading its last line (see repair.torn.line)" } else { "writing" }
        ))
        .with_source(error),
        _ => io_error("open", path, error),
    };
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            sync_directory(parent(path)).map_err(|error| io_error("sync the directory of", path, error))?;
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match options.open(path) {
            // A link to a file that does not exist.
            Err(error) if error.kind() == io::ErrorKind::NotFound => options.create(true).open(path).map_err(said),
            other => other.map_err(said),
        },
        Err(error) => Err(said(error)),
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn sync_directory(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file, and needs no sync.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
