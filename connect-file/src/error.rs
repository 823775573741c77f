//! What an I/O error means for a task.

use std::io;
use std::path::Path;

use connect_api::Error;

/// An error of doing `what` to a file, by whether trying again may help.
pub(crate) fn io_error(what: &str, path: &Path, error: io::Error) -> Error {
    let message = format!("cannot {what} {}: {error}", path.display());
    let kind = if may_pass(error.kind()) { Error::retriable(message) } else { Error::fatal(message) };
    kind.with_source(error)
}

/// Interruptions and time-outs pass, a network file system comes back, space is made on a full disk. All else
/// needs somebody to look.
fn may_pass(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::Interrupted
            | io::ErrorKind::WouldBlock
            | io::ErrorKind::TimedOut
            | io::ErrorKind::StaleNetworkFileHandle
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
    )
}
