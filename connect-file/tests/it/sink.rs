//! The sink on real files.

use std::fs;
use std::path::{Path, PathBuf};

use connect_api::{Delivery, ErrorKind, Result, Schema, SinkConnector, SinkTask, Struct, Type, Value};
use connect_file::{FileStreamSink, FileStreamSinkConfig, FileStreamSinkTask, Fsync};
use connect_runtime::testing::sink_context;
use tempfile::TempDir;

use crate::records::records;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.txt");
    (folder, path)
}

fn config(path: &Path) -> FileStreamSinkConfig {
    FileStreamSinkConfig { file: Some(path.to_str().unwrap().to_owned()), ..FileStreamSinkConfig::default() }
}

async fn task(path: &Path) -> Result<FileStreamSinkTask> {
    FileStreamSink::new().task(&config(path), sink_context("lines")).await
}

#[tokio::test]
async fn values_are_written_as_java_writes_them() {
    let (_folder, path) = folder();
    let mut task = task(&path).await.unwrap();
    let schema = Schema::structure().field("a", Schema::required(Type::Int32)).build().unwrap();
    let structure = Struct::builder(&schema).set("a", 1i32).build().unwrap();
    let values = vec![
        Value::from("zażółć"),
        Value::Null,
        Value::from(1.0e10),
        Value::from(structure),
        Value::from(vec![Value::from(1i64), Value::from("x")]),
        Value::from(""),
    ];
    assert_eq!(task.put(&records(values)).await.unwrap(), Delivery::Buffered);
    task.flush().await.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "zażółć\nnull\n1.0E10\nStruct{a=1}\n[1, x]\n\n");
}

#[tokio::test]
async fn a_put_can_be_durable_at_once() {
    let (_folder, path) = folder();
    let config = FileStreamSinkConfig { fsync: Fsync::Put, ..config(&path) };
    let mut task = FileStreamSink::new().task(&config, sink_context("lines")).await.unwrap();
    assert_eq!(task.put(&records(["a"])).await.unwrap(), Delivery::Durable);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
}

#[tokio::test]
async fn a_torn_last_line_is_cut_off_at_open() {
    let (_folder, path) = folder();
    for (repair, expect) in [(true, "a\nb\n"), (false, "a\ntornb\n")] {
        fs::write(&path, "a\ntorn").unwrap();
        let config = FileStreamSinkConfig { repair_torn_line: repair, ..config(&path) };
        let mut task = FileStreamSink::new().task(&config, sink_context("lines")).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), if repair { "a\n" } else { "a\ntorn" });
        let _ = task.put(&records(["b"])).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), expect);
    }
}

#[tokio::test]
async fn tasks_share_a_file_line_by_line() {
    let (_folder, path) = folder();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let path = path.clone();
            tokio::spawn(async move {
                let mut task = task(&path).await.unwrap();
                for batch in 0..25 {
                    let text = |n: usize| format!("{writer} {batch} {n} {}", "x".repeat(n * 7));
                    let _ = task.put(&records((0..20usize).map(text))).await.unwrap();
                }
                task.flush().await.unwrap();
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 4 * 25 * 20);
    for line in text.lines() {
        let parts: Vec<_> = line.split(' ').collect();
        assert!(parts.len() == 4 && parts[3].len() == parts[2].parse::<usize>().unwrap() * 7, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_locked_by_another_program_is_tried_again_later() {
    let (_folder, path) = folder();
    let mut task = task(&path).await.unwrap();
    let other = fs::File::open(&path).unwrap();
    other.lock().unwrap();
    let error = task.put(&records(["a"])).await.unwrap_err();
    assert!(error.is_retriable() && error.to_string().contains("locked by another program for 5 s"), "{error}");
    other.unlock().unwrap();
    let _ = task.put(&records(["a"])).await.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_made_anew() {
    let (folder, path) = folder();
    let mut task = task(&path).await.unwrap();
    let _ = task.put(&records(["a"])).await.unwrap();
    let moved = folder.path().join("out.txt.1");
    fs::rename(&path, &moved).unwrap();
    let _ = task.put(&records(["b"])).await.unwrap();
    task.flush().await.unwrap();
    assert_eq!((fs::read_to_string(moved).unwrap(), fs::read_to_string(path).unwrap()), ("a\n".into(), "b\n".into()));
}

#[tokio::test]
async fn a_full_disk_is_tried_again() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let mut task = task(full).await.unwrap();
    let error = task.put(&records(["a"])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retriable);
    assert!(error.to_string().starts_with("cannot write to /dev/full: "), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn what_cannot_be_written_is_told() {
    let (folder, path) = folder();
    let in_file = path.join("x");
    fs::write(&path, "").unwrap();
    let missing = folder.path().join("no/such");
    for (path, expect) in [
        (folder.path(), "it is a directory"),
        (&missing, "no does not exist; create it first"),
        (&in_file, "Not a dir"),
    ] {
        let error = task(path).await.err().unwrap();
        assert!(matches!(error.kind(), ErrorKind::Config | ErrorKind::Fatal), "{error:?}");
        assert!(error.to_string().contains(expect), "{error}");
        // A directory can be made before the task begins.
        match FileStreamSink::new().validate(&config(path)).await {
            Err(errors) => assert_eq!(errors.of("file").next().unwrap().message, error.to_string()),
            Ok(()) => assert_eq!(path, missing),
        }
    }
    let fine = folder.path().join("new.txt");
    FileStreamSink::new().validate(&config(&fine)).await.unwrap();
    assert!(!fine.exists(), "to validate must not create");
}
