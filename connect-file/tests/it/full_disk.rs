//! A sink whose disk is full: the task waits and says so, nothing is committed, and all goes on when there is space.

use std::os::unix::fs::symlink;

use connect_file::FileStreamSink;
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, State};

#[tokio::test(start_paused = true)]
async fn a_full_disk_holds_the_sink_up_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("out.txt");
    symlink("/dev/full", &file).unwrap();
    let worker = TestWorker::builder().plugins(Plugins::new().sink(FileStreamSink::new())).start().await;
    worker.send_all("t", ["a", "b"]).await;
    let path = file.to_str().unwrap();
    worker.create([("name", "out"), ("connector.class", "FileStreamSink"), ("file", path), ("topics", "t")]).await;
    worker.until(|| worker.status("out").tasks[0].counts.retries >= 3).await;
    let status = worker.status("out");
    assert_eq!(status.tasks[0].state, State::Running);
    assert_eq!(worker.committed("out", "t"), [0]);
    // There is space again; a device is opened anew only by a new task.
    std::fs::remove_file(&file).unwrap();
    worker.worker().restart_task("out", 0).await.unwrap();
    worker.drained().await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a\nb\n");
    assert_eq!(worker.committed("out", "t"), [2]);
}

#[tokio::test(start_paused = true)]
async fn mistakes_of_the_connector_do_not_hide_those_of_the_runtime() {
    let worker = TestWorker::builder().plugins(Plugins::new().sink(FileStreamSink::new())).start().await;
    let errors = worker
        .validate([("name", "out"), ("connector.class", "FileStreamSink"), ("fsync", "never"), ("tasks.max", "none")])
        .await;
    let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["tasks.max", "fsync", "topics", "topics.regex"], "{errors}");
}
