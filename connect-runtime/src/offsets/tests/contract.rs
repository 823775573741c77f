//! One contract, run on every store.

use std::sync::Arc;

use connect_api::{ErrorKind, OffsetMap, Value};
use connect_kafka::InMemoryBroker;

use super::super::{FileOffsetStore, MemoryOffsetStore, OffsetStore, TopicOffsetStore};
use super::{file, map, position};

async fn check(store: &dyn OffsetStore) {
    let load = async |connector: &str, partition: OffsetMap| {
        store.load(connector, &[partition]).await.unwrap().pop().flatten()
    };

    // Nothing yet.
    assert_eq!(store.load("c", &[file("a"), file("b")]).await.unwrap(), [None, None]);
    assert_eq!(store.load("c", &[]).await.unwrap(), []);
    assert_eq!(store.all("c").await.unwrap(), []);
    store.store("c", vec![]).await.unwrap();

    // What was stored is loaded, in the order asked for; connectors are apart.
    store.store("c", vec![(file("a"), Some(position(1))), (file("b"), Some(position(2)))]).await.unwrap();
    store.store("d", vec![(file("a"), Some(position(9)))]).await.unwrap();
    assert_eq!(
        store.load("c", &[file("b"), file("x"), file("a"), file("b")]).await.unwrap(),
        [Some(position(2)), None, Some(position(1)), Some(position(2))]
    );
    assert_eq!(store.all("c").await.unwrap(), [(file("a"), position(1)), (file("b"), position(2))]);
    assert_eq!(store.all("d").await.unwrap(), [(file("a"), position(9))]);

    // Of a partition given twice the last one counts; None and the null map forget.
    store.store("c", vec![(file("a"), None), (file("a"), Some(position(3)))]).await.unwrap();
    assert_eq!(load("c", file("a")).await, Some(position(3)));
    store.store("c", vec![(file("a"), None), (file("b"), Some(OffsetMap::NULL))]).await.unwrap();
    assert_eq!(store.all("c").await.unwrap(), []);
    store.store("c", vec![(file("never seen"), None)]).await.unwrap();
    assert_eq!(load("c", file("never seen")).await, None);
    store.store("c", vec![(file("a"), Some(position(4)))]).await.unwrap();
    assert_eq!(load("c", file("a")).await, Some(position(4)));
    assert_eq!(load("d", file("a")).await, Some(position(9)));

    // Partitions are equal in any order, with integers of any width, floats of any width, bytes as base64.
    let partition = |order: bool| {
        let mut entries = [("table", Value::from("t")), ("shard", Value::Int32(7)), ("ratio", Value::Float32(1.1))];
        if order {
            entries.reverse();
            entries[1].1 = Value::Int64(7);
            entries[0].1 = Value::Float64(1.1);
        }
        map(&entries)
    };
    store.store("e", vec![(partition(false), Some(position(1)))]).await.unwrap();
    store.store("e", vec![(partition(true), Some(position(2)))]).await.unwrap();
    assert_eq!(load("e", partition(false)).await, Some(position(2)));
    assert_eq!(store.all("e").await.unwrap(), [(partition(true), position(2))]);
    store.store("e", vec![(partition(false), None)]).await.unwrap();
    assert_eq!(store.all("e").await.unwrap(), []);

    // Null and empty maps are partitions of their own, and an empty map is an offset.
    let empty = OffsetMap::from_entries([]);
    store.store("f", vec![(OffsetMap::NULL, Some(position(1))), (empty.clone(), Some(empty.clone()))]).await.unwrap();
    assert_eq!(load("f", OffsetMap::NULL).await, Some(position(1)));
    assert_eq!(load("f", empty.clone()).await, Some(empty.clone()));

    // Values read back through JSON.
    let stored = map(&[
        ("i8", Value::Int8(-1)),
        ("max", Value::Int64(i64::MAX)),
        ("f32", Value::Float32(0.1)),
        ("f64", Value::Float64(1e300)),
        ("yes", Value::Boolean(true)),
        ("none", Value::Null),
        ("text", Value::from("é\n\u{1f600}")),
        ("bytes", Value::Bytes(vec![1, 2, 255].into())),
    ]);
    let read = map(&[
        ("i8", Value::Int64(-1)),
        ("max", Value::Int64(i64::MAX)),
        ("f32", Value::Float64(0.1)),
        ("f64", Value::Float64(1e300)),
        ("yes", Value::Boolean(true)),
        ("none", Value::Null),
        ("text", Value::from("é\n\u{1f600}")),
        ("bytes", Value::from("AQL/")),
    ]);
    store.store("g \"quoted\"", vec![(file("a"), Some(stored))]).await.unwrap();
    let loaded = load("g \"quoted\"", file("a")).await.unwrap();
    assert_eq!(loaded, read);
    assert_eq!(loaded.entries(), read.entries(), "order and types");

    // What cannot be stored stores nothing.
    let nested = OffsetMap::of("list", Value::Array([].into()));
    for bad in [(nested.clone(), Some(position(1))), (file("bad"), Some(nested))] {
        let error = store.store("h", vec![(file("good"), Some(position(1))), bad]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
        assert!(error.to_string().contains("list"), "{error}");
    }
    assert_eq!(store.all("h").await.unwrap(), []);
}

/// Stores at once from several tasks: each finds its own.
async fn check_at_once(store: Arc<dyn OffsetStore>) {
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let partition = OffsetMap::of("task", task);
                for round in 0..5 {
                    store.store("many", vec![(partition.clone(), Some(position(round)))]).await.unwrap();
                    let loaded = store.load("many", std::slice::from_ref(&partition)).await.unwrap();
                    assert_eq!(loaded, [Some(position(round))]);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.all("many").await.unwrap().len(), 8);
}

#[tokio::test]
async fn memory() {
    check(&MemoryOffsetStore::new()).await;
    check_at_once(Arc::new(MemoryOffsetStore::new())).await;
}

#[tokio::test]
async fn file_store() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileOffsetStore::open(directory.path().join("offsets")).await.unwrap();
    check(&store).await;
    check_at_once(Arc::new(store)).await;
}

#[tokio::test]
async fn topic_store() {
    let store = TopicOffsetStore::open(Arc::new(InMemoryBroker::new()), "offsets", 25, 1).await.unwrap();
    check(&store).await;
    check_at_once(Arc::new(store)).await;
}
