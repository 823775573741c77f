//! The sink in a worker, on a disk that fills up and gets room again.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connect_runtime::testing::TestWorker;
use connect_runtime::{SinkOptions, State};
use tokio::time::Instant;

use crate::sink::disk::Disk;
use crate::sink::{FileStreamSink, FileStreamSinkConfig};

/// A file on a disk with room for so many bytes more.
#[derive(Debug)]
struct Filling {
    file: File,
    room: Arc<AtomicUsize>,
}

impl Disk for Filling {
    fn len(&self) -> io::Result<u64> {
        Disk::len(&self.file)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let fits = bytes.len().min(self.room.load(Ordering::Relaxed));
        self.file.append(&bytes[..fits])?;
        self.room.fetch_sub(fits, Ordering::Relaxed);
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let freed = usize::try_from(Disk::len(&self.file)? - len).unwrap();
        self.file.truncate(len)?;
        self.room.fetch_add(freed, Ordering::Relaxed);
        Ok(())
    }

    fn read_at(&mut self, position: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_at(position, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        Disk::try_lock(&self.file)
    }

    fn unlock(&self) -> io::Result<()> {
        Disk::unlock(&self.file)
    }
}

fn to(path: &Path) -> FileStreamSinkConfig {
    FileStreamSinkConfig { file: Some(path.to_str().unwrap().into()), ..FileStreamSinkConfig::default() }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_told_harms_no_other_and_needs_no_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (out, beside) = (folder.path().join("out.txt"), folder.path().join("beside.txt"));
    let room = Arc::new(AtomicUsize::new(10));
    let left = Arc::clone(&room);
    let full = FileStreamSink {
        disk: Arc::new(move |file| Box::new(Filling { file, room: Arc::clone(&left) })),
        ..FileStreamSink::new()
    };
    let worker = TestWorker::start().await;
    worker.topic("t", 1).await;
    worker.start_sink(SinkOptions::new("out", ["t"]), full, to(&out)).await;
    worker.start_sink(SinkOptions::new("beside", ["t"]), FileStreamSink::new(), to(&beside)).await;
    worker.send_all("t", ["first"]).await;
    worker.drained().await;

    // Some of it would fit.
    worker.send_all("t", ["aaaa", "bbbb", "cccc"]).await;
    worker.until(|| worker.status("out").tasks[0].trouble.is_some()).await;
    worker.advance(Duration::from_secs(600)).await;
    let task = &worker.status("out").tasks[0];
    let trouble = task.trouble.as_deref().unwrap();
    let said = format!("put: cannot write to {}: {}", out.display(), io::Error::from(io::ErrorKind::StorageFull));
    assert_eq!((trouble, task.state, &task.trace), (&*said, State::Running, &None));
    assert!(task.counts.retries > 10, "{:?}", task.counts);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "first\n", "no torn line");
    assert_eq!((worker.committed("out", "t"), worker.committed("beside", "t")), (vec![1], vec![4]));
    assert_eq!(worker.status("beside").tasks[0].trouble, None);
    assert_eq!(std::fs::read_to_string(&beside).unwrap(), "first\naaaa\nbbbb\ncccc\n");

    // It stops in time, and again waits for room.
    let began = Instant::now();
    worker.worker().stop("out").await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(worker.committed("out", "t"), [1]);
    worker.worker().resume("out").await.unwrap();
    worker.until(|| worker.status("out").tasks.first().is_some_and(|task| task.trouble.is_some())).await;

    room.fetch_add(100, Ordering::Relaxed);
    worker.drained().await;
    assert_eq!(std::fs::read_to_string(&out).unwrap(), std::fs::read_to_string(&beside).unwrap());
    let task = &worker.status("out").tasks[0];
    assert_eq!((task.state, &task.trouble, task.restarts), (State::Running, &None, 0));
    assert_eq!(worker.committed("out", "t"), [4]);
}
