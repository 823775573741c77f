//! Which files a provider may read, and reading them.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use connect_api::{Error, Result};

/// A file of secrets that is larger is a mistake.
const MOST_BYTES: u64 = 1 << 20;

/// The param `allowed.paths`: files and directories, with everything below; no list allows everything.
#[derive(Debug, Clone, Default)]
pub(super) struct AllowedPaths(Vec<PathBuf>);

impl AllowedPaths {
    /// # Errors
    /// A config error when one is not absolute, or is not there.
    pub(super) fn new(paths: &[PathBuf]) -> Result<Self> {
        let paths = paths.iter().map(|path| {
            let wrong = |why: String| Error::config(format!("allowed.paths: {} {why}", path.display()));
            if !path.is_absolute() {
                return Err(wrong("is not absolute".into()));
            }
            fs::canonicalize(path).map_err(|error| wrong(format!("cannot be found: {error}")))
        });
        Ok(Self(paths.collect::<Result<_>>()?))
    }

    /// Where the path really leads, with links and `..` followed.
    ///
    /// # Errors
    /// A config error when it leads nowhere, or out of what is allowed.
    pub(super) fn check(&self, path: &Path) -> Result<PathBuf> {
        let real = fs::canonicalize(path).map_err(|error| {
            // Whether a file is there is nobody's business where nothing may be read.
            match self.0.is_empty() || self.0.iter().any(|allowed| path.starts_with(allowed)) {
                true => unreadable(path, &error),
                false => self.refused(path, None),
            }
        })?;
        if self.0.is_empty() || self.0.iter().any(|allowed| real.starts_with(allowed)) {
            return Ok(real);
        }
        Err(self.refused(path, Some(&real)))
    }

    fn refused(&self, path: &Path, real: Option<&Path>) -> Error {
        let leads = match real {
            Some(real) if real != path => format!(" leads to {}, which", real.display()),
            _ => String::new(),
        };
        let allowed: Vec<_> = self.0.iter().map(|allowed| allowed.display().to_string()).collect();
        let allowed = allowed.join(", ");
        Error::config(format!("{}{leads} is outside of allowed.paths; allowed: {allowed}", path.display()))
    }
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::config(format!("{} cannot be read: {error}", path.display()))
}

/// The text of a regular file.
///
/// # Errors
/// A config error that names the path, and nothing of what is in it.
pub(super) fn read(path: &Path) -> Result<String> {
    // A pipe would keep us waiting.
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(unreadable(path, &"it is no file"));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unreadable(path, &format_args!("it has more than {MOST_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| unreadable(path, &"it is not UTF-8"))
}

/// Reads on a thread where that may take time.
///
/// # Errors
/// Those of `read`.
pub(super) async fn aside<T: Send + 'static>(read: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(read).await.map_err(|error| Error::fatal("reading did not end").with_source(error))?
}
