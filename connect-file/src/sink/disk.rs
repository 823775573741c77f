//! What is asked of a disk file, so that tests can have a disk that is full.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

/// Makes of an opened file what stands for it.
pub(super) type OpenDisk = Arc<dyn Fn(File) -> Box<dyn Disk> + Send + Sync>;

/// A file that is appended to.
pub(super) trait Disk: fmt::Debug + Send {
    /// Its length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Appends all, or fails having appended some.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts it.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
    /// Reads exactly so many bytes from a position.
    fn read_at(&mut self, position: u64, bytes: &mut [u8]) -> io::Result<()>;
    /// Forces what was appended to the disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Takes the file's lock, if nobody else has it.
    fn try_lock(&self) -> Result<(), TryLockError>;
    /// Gives the lock back.
    fn unlock(&self) -> io::Result<()>;
}

impl Disk for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Opened with O_APPEND, so the position that reading moves does not matter.
        self.write_all(bytes)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn read_at(&mut self, position: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(position))?;
        self.read_exact(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        Self::try_lock(self)
    }

    fn unlock(&self) -> io::Result<()> {
        Self::unlock(self)
    }
}

impl Disk for Box<dyn Disk> {
    fn len(&self) -> io::Result<u64> {
        (**self).len()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).append(bytes)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        (**self).truncate(len)
    }

    fn read_at(&mut self, position: u64, bytes: &mut [u8]) -> io::Result<()> {
        (**self).read_at(position, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        (**self).sync()
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        (**self).try_lock()
    }

    fn unlock(&self) -> io::Result<()> {
        (**self).unlock()
    }
}
