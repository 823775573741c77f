//! A sink that is killed in the middle of writing.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use connect_api::{SinkConnector, SinkTask};
use connect_file::{FileStreamSink, FileStreamSinkConfig, FileStreamSinkTask};
use connect_runtime::testing::sink_context;

use crate::records::records;

const PATH: &str = "CONNECT_FILE_TEST_PATH";

async fn task(path: &str) -> FileStreamSinkTask {
    let config = FileStreamSinkConfig { file: Some(path.to_owned()), ..FileStreamSinkConfig::default() };
    FileStreamSink::new().task(&config, sink_context("lines")).await.unwrap()
}

/// A line says its length, so that a torn one is seen.
fn line(number: usize) -> String {
    let length = 100 + number * 7919 % 30_000;
    format!("{length} {}", "x".repeat(length))
}

/// The process that is killed: this test's own binary, told so by its environment.
async fn write_for_ever(path: &str) {
    let mut task = task(path).await;
    let batch = records((0..200).map(line));
    loop {
        let _ = task.put(&batch).await.unwrap();
    }
}

#[tokio::test]
async fn no_line_is_torn_by_a_kill() {
    if let Ok(path) = env::var(PATH) {
        write_for_ever(&path).await;
    }
    let folder = tempfile::tempdir().unwrap();
    for round in 1..=5u64 {
        let path = folder.path().join(format!("out-{round}.txt"));
        let path = path.to_str().unwrap();
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::no_line_is_torn_by_a_kill"])
            .env(PATH, path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Well into a batch, each time at another place.
        while fs::metadata(path).map_or(0, |metadata| metadata.len()) < round * 7_777_777 {
            assert!(writer.try_wait().unwrap().is_none(), "the writer ended by itself");
            thread::yield_now();
        }
        writer.kill().unwrap();
        writer.wait().unwrap();

        let mut task = task(path).await;
        let _ = task.put(&records(["4 last"])).await.unwrap();
        check(Path::new(path));
    }
}

fn check(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with("\n4 last\n"));
    for line in text.lines() {
        let (length, rest) = line.split_once(' ').unwrap();
        assert_eq!(rest.len(), length.parse::<usize>().unwrap());
    }
}
