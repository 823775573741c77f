//! Whether two handles or names are one file.

use std::fs::Metadata;

/// What stays the same while a file is written to and renamed, and differs between two files that exist at one
/// time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId(Inner);

#[cfg(unix)]
type Inner = (u64, u64);

/// Where the standard library tells no file number, the time of creation has to do.
#[cfg(not(unix))]
type Inner = Option<std::time::SystemTime>;

impl FileId {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self(metadata.created().ok())
    }
}
