//! The embedded broker on disk.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use connect_kafka::{Broker, Code, EmbeddedBroker, EmbeddedOptions, Isolation, OffsetSpec, Transactional};

use crate::support::{
    begin, big, code, committed, encode, fetch, in_txn, outsider, plain, produce, records, topic, tp,
};

const CHILD: &str = "CONNECT_KAFKA_TEST_CHILD_DIRECTORY";

fn open(directory: &Path) -> EmbeddedBroker {
    EmbeddedBroker::open(directory, EmbeddedOptions::default()).unwrap()
}

#[tokio::test]
async fn everything_acknowledged_is_there_again() {
    let directory = tempfile::tempdir().unwrap();
    let broker = open(directory.path());
    broker.create_topic(topic("t", 2, &[("retention.ms", "-1")])).await.unwrap();
    broker.create_topic(topic("gone", 2, &[])).await.unwrap();
    let me = broker.init_producer(None).await.unwrap();
    let mine = |sequence| encode(&[("k", Some("v"), 5), ("l", None, 6)], me, sequence);
    for partition in [tp("t", 0), tp("gone", 1)] {
        assert_eq!(produce(&broker, &partition, mine(0)).await.unwrap(), 0);
        assert_eq!(produce(&broker, &partition, mine(2)).await.unwrap(), 2);
    }
    let offsets = vec![(tp("t", 0), 3), (tp("t", 1), 1), (tp("gone", 0), 1)];
    broker.commit_offsets(&outsider("g"), offsets).await.unwrap();
    broker.commit_offsets(&outsider("h"), vec![(tp("t", 0), 1)]).await.unwrap();
    broker.delete_group("h").await.unwrap();
    broker.delete_offsets("g", &[tp("t", 1)]).await.unwrap();
    broker.delete_topic("gone").await.unwrap();
    let id = broker.cluster_id().await.unwrap();
    broker.close().await;
    assert_eq!(code(broker.groups().await), Code::NetworkException);

    let broker = open(directory.path());
    assert_eq!(broker.cluster_id().await.unwrap(), id);
    let topics = broker.topics(None).await.unwrap();
    assert_eq!(topics.iter().map(|t| (&*t.name, t.partitions)).collect::<Vec<_>>(), [("t", 2)]);
    assert_eq!(broker.topic_configs("t").await.unwrap()["retention.ms"], "-1");
    assert_eq!(broker.committed("g"), [(tp("t", 0), 3)]);
    assert_eq!(broker.groups().await.unwrap(), ["g"]);
    assert_eq!(records(&fetch(&broker, &tp("t", 0), 0).await.unwrap().batches).len(), 4);
    // The producer goes on where it was, and its repeated batch is recognised.
    assert_eq!(produce(&broker, &tp("t", 0), mine(2)).await.unwrap(), 2);
    assert_eq!(code(produce(&broker, &tp("t", 0), mine(6)).await), Code::OutOfOrderSequence);
    assert_eq!(produce(&broker, &tp("t", 0), mine(4)).await.unwrap(), 4);
    assert!(broker.init_producer(None).await.unwrap().id > me.id);
    broker.create_topic(topic("gone", 2, &[])).await.unwrap();
    assert_eq!(broker.log_end(&tp("gone", 1)).unwrap(), 0);
}

#[tokio::test]
async fn log_starts_and_compaction_are_there_again() {
    let directory = tempfile::tempdir().unwrap();
    let broker = open(directory.path());
    broker.create_topic(topic("t", 2, &[("cleanup.policy", "compact")])).await.unwrap();
    for _ in 0..3 {
        for partition in 0..2 {
            produce(&broker, &tp("t", partition), plain(2)).await.unwrap();
        }
    }
    broker.truncate_before(&tp("t", 0), 6).unwrap();
    broker.compact("t").await.unwrap();
    broker.close().await;
    let broker = open(directory.path());
    assert_eq!((broker.log_start(&tp("t", 0)).unwrap(), broker.log_end(&tp("t", 0)).unwrap()), (6, 6));
    assert_eq!(records(&broker.batches(&tp("t", 1)).await.unwrap()).iter().map(|r| r.0).collect::<Vec<_>>(), [5]);
    assert_eq!(produce(&broker, &tp("t", 0), plain(1)).await.unwrap(), 6);
}

#[tokio::test]
async fn transactions_are_there_again() {
    let directory = tempfile::tempdir().unwrap();
    let broker = open(directory.path());
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let t = tp("t", 0);
    let mut txns = Vec::new();
    for id in ["committed", "aborted", "open"] {
        let txn = begin(&broker, id).await;
        broker.add_partitions(&txn, std::slice::from_ref(&t)).await.unwrap();
        broker.add_offsets(&txn, id).await.unwrap();
        produce(&broker, &t, in_txn(&txn, id, 0)).await.unwrap();
        broker.commit_txn_offsets(&txn, &outsider(id), vec![(t.clone(), 5)]).await.unwrap();
        txns.push(txn);
    }
    broker.end_txn(&txns[0], true).await.unwrap();
    broker.end_txn(&txns[1], false).await.unwrap();
    let last_stable = async |broker: &EmbeddedBroker| {
        let wanted = vec![(tp("t", 0), OffsetSpec::Latest(Isolation::ReadCommitted))];
        broker.list_offsets(wanted).await.unwrap().remove(0).1.unwrap()
    };
    assert_eq!(last_stable(&broker).await, 2);
    broker.close().await;

    let broker = open(directory.path());
    assert_eq!((last_stable(&broker).await, broker.log_end(&t).unwrap()), (2, 5));
    assert_eq!((broker.committed("committed"), broker.committed("aborted")), (vec![(t.clone(), 5)], vec![]));
    assert!(broker.has_pending_offset("open", &t) && !broker.has_pending_offset("aborted", &t));
    broker.end_txn(&txns[0], true).await.unwrap();
    // The open one goes on, sequence and all.
    assert_eq!(code(produce(&broker, &t, in_txn(&txns[2], "gap", 2)).await), Code::OutOfOrderSequence);
    produce(&broker, &t, in_txn(&txns[2], "more", 1)).await.unwrap();
    broker.end_txn(&txns[2], true).await.unwrap();
    assert_eq!(broker.committed("open"), [(t.clone(), 5)]);
    let shared: std::sync::Arc<dyn Broker> = std::sync::Arc::new(broker.clone());
    assert_eq!(committed(&shared, "t").await, ["committed", "open", "more"]);
    let current = Some(txns[1].producer);
    let asked = Transactional { id: "aborted".into(), timeout: std::time::Duration::from_secs(9), current };
    assert_eq!(broker.init_producer(Some(&asked)).await.unwrap().epoch, txns[1].producer.epoch + 1);
    broker.close().await;
}

#[tokio::test]
async fn an_end_that_the_disk_refuses_has_not_happened() {
    let directory = tempfile::tempdir().unwrap();
    let broker = open(directory.path());
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let t = tp("t", 0);
    let txn = begin(&broker, "a").await;
    broker.add_partitions(&txn, std::slice::from_ref(&t)).await.unwrap();
    produce(&broker, &t, in_txn(&txn, "x", 0)).await.unwrap();
    broker.faults().fail_store("no space left on device", Some(2));
    assert_eq!(code(broker.end_txn(&txn, false).await), Code::StorageError);
    assert_eq!(code(broker.add_offsets(&txn, "g").await), Code::StorageError);
    assert_eq!(broker.log_end(&t).unwrap(), 1);
    broker.end_txn(&txn, true).await.unwrap();
    let shared: std::sync::Arc<dyn Broker> = std::sync::Arc::new(broker.clone());
    assert_eq!((committed(&shared, "t").await, broker.log_end(&t).unwrap()), (vec!["x".to_owned()], 2));
    broker.close().await;
}

#[tokio::test]
async fn old_data_is_read_from_disk() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = EmbeddedOptions::default();
    options.tail_cache_bytes = 10_000;
    let broker = EmbeddedBroker::open(directory.path(), options).unwrap();
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    for _ in 0..50 {
        produce(&broker, &tp("t", 0), big(1000)).await.unwrap();
    }
    let data = fetch(&broker, &tp("t", 0), 0).await.unwrap();
    assert_eq!(records(&data.batches).iter().map(|r| r.0).collect::<Vec<_>>(), (0..50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_directory_has_one_broker() {
    let directory = tempfile::tempdir().unwrap();
    let broker = open(directory.path());
    let error = EmbeddedBroker::open(directory.path(), EmbeddedOptions::default()).unwrap_err();
    assert_eq!(error.code, Code::StorageError);
    let message = error.to_string();
    assert!(message.contains(directory.path().to_str().unwrap()) && message.contains("another broker"), "{message}");
    broker.close().await;
    open(directory.path());
}

#[tokio::test]
async fn a_full_disk_fails_calls_until_there_is_space() {
    let directory = tempfile::tempdir().unwrap();
    let broker = open(directory.path());
    let t = tp("t", 0);
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let me = broker.init_producer(None).await.unwrap();
    let mine = |sequence| encode(&[("k", Some("v"), 5)], me, sequence);
    produce(&broker, &t, mine(0)).await.unwrap();
    broker.faults().fail_store("no space left on device", None);
    let error = produce(&broker, &t, mine(1)).await.unwrap_err();
    assert_eq!(error.code, Code::StorageError);
    assert!(error.message.contains("no space left"), "{error}");
    assert_eq!(code(broker.create_topic(topic("u", 1, &[])).await), Code::StorageError);
    let commit = broker.commit_offsets(&outsider("g"), vec![(t.clone(), 1)]).await;
    assert_eq!(code(commit), Code::StorageError);
    assert_eq!(broker.log_end(&t).unwrap(), 1);
    assert!(broker.committed("g").is_empty());
    broker.faults().clear();
    broker.create_topic(topic("u", 1, &[])).await.unwrap();
    assert_eq!(produce(&broker, &t, mine(1)).await.unwrap(), 1);
    broker.close().await;
    assert_eq!(open(directory.path()).log_end(&t).unwrap(), 2);
}

/// Not a test of its own: the process that [`acknowledged_data_survives_a_kill`] kills.
#[tokio::test]
async fn child_that_produces() {
    let Ok(directory) = std::env::var(CHILD) else { return };
    let broker = open(Path::new(&directory));
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    broker.create_topic(topic("u", 2, &[])).await.unwrap();
    let txn = begin(&broker, "child").await;
    for round in 0.. {
        let base = produce(&broker, &tp("t", 0), plain(10)).await.unwrap();
        broker.add_partitions(&txn, &[tp("u", 0), tp("u", 1)]).await.unwrap();
        broker.add_offsets(&txn, "g").await.unwrap();
        for partition in [tp("u", 0), tp("u", 1)] {
            produce(&broker, &partition, in_txn(&txn, &round.to_string(), round)).await.unwrap();
        }
        broker.commit_txn_offsets(&txn, &outsider("g"), vec![(tp("t", 0), i64::from(round))]).await.unwrap();
        broker.end_txn(&txn, true).await.unwrap();
        writeln!(std::io::stdout(), "\nacknowledged {base}").unwrap();
    }
}

#[test]
fn acknowledged_data_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durable::child_that_produces", "--nocapture"])
        .env(CHILD, directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let acknowledged = |line: String| line.strip_prefix("acknowledged ").and_then(|n| n.parse::<i64>().ok());
    let last = lines.filter_map(acknowledged).nth(200);
    child.kill().unwrap();
    child.wait().unwrap();
    let last = last.expect("the child produces until it is killed");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let broker = open(directory.path());
        let t = tp("t", 0);
        let end = broker.log_end(&t).unwrap();
        assert!(end >= last + 10, "{end} after {last} was acknowledged");
        let batches = broker.batches(&t).await.unwrap();
        let offsets: Vec<i64> = records(&batches).iter().map(|r| r.0).collect();
        assert_eq!(offsets, (0..end).collect::<Vec<_>>());
        assert_eq!(produce(&broker, &t, plain(1)).await.unwrap(), end);
        // Transactions are whole: in both partitions and in the group, or in none.
        begin(&broker, "child").await;
        let seen = broker.committed("g").first().map_or(-1, |(_, offset)| *offset);
        assert!(seen >= last / 10, "{seen} after {last}");
        let shared: std::sync::Arc<dyn Broker> = std::sync::Arc::new(broker.clone());
        let mut values = committed(&shared, "u").await;
        values.sort_by_key(|value| value.parse::<i64>().unwrap());
        let expected: Vec<String> = (0..=seen).flat_map(|round| [round.to_string(), round.to_string()]).collect();
        assert_eq!(values, expected);
        broker.close().await;
    });
}
