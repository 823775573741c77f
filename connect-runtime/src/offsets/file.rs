//! Offsets in a file.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use connect_api::{Error, OffsetMap, Result, async_trait};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tracing::warn;

use super::table::{Keep, Table};
use super::{OffsetStore, java};

/// Keeps offsets in the file of Kafka Connect's standalone workers, `offset.storage.file.filename`.
///
/// Java's workers can read what it writes and the other way round. Each store writes the whole file beside the old
/// one and puts it in its place, so that a crash leaves the one or the other; entries that are not understood are
/// kept. The file belongs to one store at a time.
#[derive(Debug)]
pub struct FileOffsetStore {
    path: Arc<Path>,
    /// What the file holds as far as stores were told. Locked for the time of a write, so writes are in order.
    table: Arc<Mutex<Table>>,
}

impl FileOffsetStore {
    /// Reads the file. Without one, or with an empty one, there are no offsets yet.
    ///
    /// Needs a tokio runtime, whose blocking threads do the reading and writing.
    ///
    /// # Errors
    /// A fatal one when the file cannot be read or is no such file, which names the place in it; a config error when
    /// the file's directory does not exist.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        blocking(move || {
            // Behind a symbolic link, the file is replaced and not the link.
            let path: Arc<Path> = fs::canonicalize(&path).unwrap_or(path).into();
            let table = read(&path)?;
            Ok(Self { path, table: Arc::new(Mutex::new(table)) })
        })
        .await
    }
}

#[async_trait]
impl OffsetStore for FileOffsetStore {
    async fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        self.table.lock().await.load(connector, partitions)
    }

    async fn store(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<()> {
        // The lock goes along with the work: dropping this future neither lets a later store overtake nor parts
        // the table from the file.
        let mut table = self.table.clone().lock_owned().await;
        let changes = table.plan(connector, offsets)?;
        if changes.is_empty() {
            return Ok(());
        }
        let path = self.path.clone();
        blocking(move || {
            let mut entries: BTreeMap<&Bytes, Option<&Bytes>> = table.entries().collect();
            entries.extend(changes.iter().map(|(key, value)| (key, value.as_ref())));
            let bytes = java::encode(entries.into_iter())
                .map_err(|java::TooLarge| Error::fatal(format!("too many offsets for {}", path.display())))?;
            replace(&path, &bytes).map_err(|error| {
                Error::retriable(format!("offsets could not be written to {}: {error}", path.display()))
                    .with_source(error)
            })?;
            for change in changes {
                table.apply(change, 0);
            }
            Ok(())
        })
        .await
    }

    async fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        self.table.lock().await.all(connector)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::fatal("work on the offset file did not end").with_source(error)),
    }
}

fn read(path: &Path) -> Result<Table> {
    let mut table = Table::new(Keep::Everything);
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Said now, rather than by the first store.
            let directory = directory(path);
            return if directory.is_dir() {
                Ok(table)
            } else {
                Err(Error::config(format!("the directory of offset file {} does not exist", path.display())))
            };
        }
        Err(error) => {
            let message = format!("offset file {} could not be read: {error}", path.display());
            return Err(Error::fatal(message).with_source(error));
        }
    };
    if bytes.is_empty() {
        return Ok(table);
    }
    let entries =
        java::decode(&bytes).map_err(|error| Error::fatal(format!("offset file {}: {error}", path.display())))?;
    for (key, value) in entries {
        match key {
            Some(key) => table.apply((key, value), 0),
            None => warn!(path = %path.display(), "ignoring an entry without a key in the offset file"),
        }
    }
    Ok(table)
}

/// Writes a file so that at every moment either the old content is there or the new one.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut temporary_name = name.to_owned();
    temporary_name.push(".tmp");
    let temporary = path.with_file_name(temporary_name);
    let written = write_durably(path, &temporary, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Frees the space of what was written in part; the next write would do it otherwise.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    // The new name is durable once the directory is. Only Unix can open one.
    if cfg!(unix) { File::open(directory(path))?.sync_all() } else { Ok(()) }
}

fn write_durably(path: &Path, temporary: &Path, content: &[u8]) -> io::Result<()> {
    // One that a crash left, or that somebody put there: `create_new` follows no link.
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(temporary)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(content)?;
    file.sync_all()
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
