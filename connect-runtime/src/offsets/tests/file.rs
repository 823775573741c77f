use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use connect_api::{ErrorKind, OffsetMap, Value};
use futures::poll;
use tempfile::tempdir;

use super::super::{FileOffsetStore, OffsetStore, java};
use super::java::{THREE, bytes};
use super::{file, map, position};

async fn open(path: &Path) -> FileOffsetStore {
    FileOffsetStore::open(path).await.unwrap()
}

fn write(path: &Path, entries: &[(&str, Option<&str>)]) {
    let entries: Vec<_> = entries
        .iter()
        .map(|(key, value)| (Bytes::from(key.to_string()), value.map(|v| Bytes::from(v.to_string()))))
        .collect();
    let entries = entries.iter().map(|(key, value)| (key, value.as_ref())).collect::<Vec<_>>();
    fs::write(path, java::encode(entries.into_iter()).unwrap()).unwrap();
}

/// The file's entries as text.
fn content(path: &Path) -> BTreeMap<String, Option<String>> {
    let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    let entries = java::decode(&fs::read(path).unwrap()).unwrap();
    entries.into_iter().map(|(key, value)| (text(key.unwrap()), value.map(text))).collect()
}

fn expected(entries: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    entries.iter().map(|(key, value)| (key.to_string(), value.map(str::to_string))).collect()
}

#[tokio::test]
async fn no_file_and_an_empty_one_are_no_offsets() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("offsets");
    assert_eq!(open(&path).await.all("c").await.unwrap(), []);
    assert!(!path.exists(), "opening writes nothing");
    fs::write(&path, b"").unwrap();
    assert_eq!(open(&path).await.all("c").await.unwrap(), []);
}

#[tokio::test]
async fn offsets_outlive_the_store_and_nothing_else_is_left_behind() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("offsets");
    open(&path).await.store("c", vec![(file("a"), Some(position(1))), (file("b"), None)]).await.unwrap();
    assert_eq!(open(&path).await.all("c").await.unwrap(), [(file("a"), position(1))]);
    let names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["offsets"]);
    // Forgotten partitions stay as null, as with Java.
    assert_eq!(
        content(&path),
        expected(&[(r#"["c",{"filename":"a"}]"#, Some(r#"{"position":1}"#)), (r#"["c",{"filename":"b"}]"#, None)])
    );
}

#[tokio::test]
async fn a_file_by_java_is_read_and_continued() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("offsets");
    fs::write(&path, bytes(THREE)).unwrap();
    let store = open(&path).await;
    assert_eq!(store.all("c").await.unwrap(), [(file("f0"), position(0)), (file("f2"), position(2))]);
    store.store("c", vec![(file("f1"), Some(position(10)))]).await.unwrap();
    assert_eq!(
        content(&path),
        expected(&[
            (r#"["c",{"filename":"f0"}]"#, Some(r#"{"position":0}"#)),
            (r#"["c",{"filename":"f1"}]"#, Some(r#"{"position":10}"#)),
            (r#"["c",{"filename":"f2"}]"#, Some(r#"{"position":2}"#)),
        ])
    );
}

#[tokio::test]
async fn other_entries_are_kept_and_keys_written_as_they_were() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("offsets");
    write(
        &path,
        &[
            ("no json", Some("x")),
            (r#"["other",{"a":[1]}]"#, Some("[]")),
            (r#"["other", {"filename":"a"}]"#, Some(r#"{"position": 5}"#)),
            (r#"["c", {"table":"t","protocol":"1"}]"#, Some(r#"{"position":1}"#)),
        ],
    );
    let store = open(&path).await;
    let partition = map(&[("protocol", Value::from("1")), ("table", Value::from("t"))]);
    store.store("c", vec![(partition, Some(position(2)))]).await.unwrap();
    assert_eq!(
        content(&path),
        expected(&[
            ("no json", Some("x")),
            (r#"["other",{"a":[1]}]"#, Some("[]")),
            (r#"["other", {"filename":"a"}]"#, Some(r#"{"position": 5}"#)),
            (r#"["c", {"table":"t","protocol":"1"}]"#, Some(r#"{"position":2}"#)),
        ])
    );
}

#[tokio::test]
async fn an_offset_that_cannot_be_read_is_an_error_for_its_partition() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("offsets");
    write(
        &path,
        &[
            (r#"["c",{"filename":"a"}]"#, Some("oops")),
            (r#"["c",{"filename":"b"}]"#, Some("null")),
            (r#"["c",{"filename":"c"}]"#, Some("{}")),
        ],
    );
    let store = open(&path).await;
    let error = store.load("c", &[file("c"), file("a")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert_eq!(
        error.to_string(),
        "the stored offset of partition {filename=a} of connector \"c\" cannot be read: unknown word \"oops\""
    );
    let empty = OffsetMap::from_entries([]);
    assert_eq!(store.load("c", &[file("b"), file("c")]).await.unwrap(), [None, Some(empty)]);
    store.store("c", vec![(file("a"), Some(position(1)))]).await.unwrap();
    assert_eq!(store.load("c", &[file("a")]).await.unwrap(), [Some(position(1))]);
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let directory = tempdir().unwrap();
    let check = async |path: &Path, kind: ErrorKind, expect: &str| {
        let error = FileOffsetStore::open(path).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let text = error.to_string();
        assert!(text.contains(expect) && text.contains(path.to_str().unwrap()), "{text}");
    };
    check(&directory.path().join("no/offsets"), ErrorKind::Config, "does not exist").await;
    check(directory.path(), ErrorKind::Fatal, "could not be read").await;
    let path = directory.path().join("offsets");
    fs::write(&path, b"{}").unwrap();
    check(&path, ErrorKind::Fatal, "not a serialised HashMap<byte[],byte[]> at byte 0").await;
    assert_eq!(fs::read(&path).unwrap(), b"{}");
}

#[tokio::test]
async fn a_failed_write_changes_nothing_and_can_be_repeated() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("offsets");
    let store = open(&path).await;
    store.store("c", vec![(file("a"), Some(position(1)))]).await.unwrap();
    let before = fs::read(&path).unwrap();

    // A directory stands where the new file should be written.
    let obstacle = directory.path().join("offsets.tmp");
    fs::create_dir(&obstacle).unwrap();
    let error = store.store("c", vec![(file("a"), Some(position(2)))]).await.unwrap_err();
    assert!(error.is_retriable());
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(store.load("c", &[file("a")]).await.unwrap(), [Some(position(1))]);
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_dir(&obstacle).unwrap();
    // What a crash may leave there is no obstacle.
    fs::write(&obstacle, b"half a file").unwrap();
    store.store("c", vec![(file("a"), Some(position(2)))]).await.unwrap();
    assert_eq!(open(&path).await.load("c", &[file("a")]).await.unwrap(), [Some(position(2))]);
}

#[tokio::test]
async fn a_dropped_store_does_not_overtake() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("offsets");
    let store = open(&path).await;
    for round in 0..20 {
        let mut dropped = store.store("c", vec![(file("a"), Some(position(round)))]);
        let _ = poll!(&mut dropped);
        drop(dropped);
        store.store("c", vec![(file("a"), Some(position(100 + round)))]).await.unwrap();
        assert_eq!(store.load("c", &[file("a")]).await.unwrap(), [Some(position(100 + round))]);
        assert_eq!(open(&path).await.load("c", &[file("a")]).await.unwrap(), [Some(position(100 + round))]);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let directory = tempdir().unwrap();
    let (path, link) = (directory.path().join("offsets"), directory.path().join("link"));
    write(&path, &[]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&path, &link).unwrap();
    open(&link).await.store("c", vec![(file("a"), Some(position(1)))]).await.unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(content(&path).len(), 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
