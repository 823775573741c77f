//! What is hard to read, written by Java's producer and by ours, and records that a topic refuses.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::batch::{Compressor, FetchedRecord};
use connect_kafka::consumer::{Event, FetchConfig, GroupConfig, GroupConsumer, LogReader, OffsetReset, Subscription};
use connect_kafka::producer::{ProduceError, Producer, ProducerConfig};
use connect_kafka::{Broker, Clock, Code, Isolation, OffsetSpec, TopicPartition};
use tokio::time::timeout;

use crate::on_cluster;
use crate::support::{eventually, topic};

/// Key, value, headers.
type Row = (Option<Vec<u8>>, Option<Vec<u8>>, Vec<(Vec<u8>, Option<Vec<u8>>)>);

fn rows(what: &str) -> Vec<Row> {
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let header = |name: &str, value: Option<&str>| (name.as_bytes().to_vec(), value.map(|v| v.as_bytes().to_vec()));
    let mut noise = 1_u64;
    let mut next = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (noise >> 33) as u8
    };
    let large = (0..1 << 20).map(|_| next()).collect();
    let mut rows = vec![
        (None, None, vec![]),
        (bytes(""), bytes(""), vec![header("", Some(""))]),
        (bytes("tombstone"), None, vec![header("h", None), header("h", Some("1")), header("h", Some("1"))]),
        (bytes("large"), Some(large), vec![header("h", None)]),
    ];
    rows.extend((0..50).map(|number| (bytes(what), bytes(&format!("{what} {number} ").repeat(number)), vec![])));
    rows
}

async fn append(producer: &mut Producer, topic: &Arc<str>, rows: &[Row]) {
    append_at(None, producer, topic, rows).await;
}

/// With this timestamp, or that of now.
async fn append_at(timestamp: Option<i64>, producer: &mut Producer, topic: &Arc<str>, rows: &[Row]) {
    for (key, value, headers) in rows {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_slice(), value.as_deref())).collect();
        let appended = producer.append(topic, Some(0), timestamp, key.as_deref(), value.as_deref(), headers);
        appended.await.unwrap();
    }
}

fn config() -> ProducerConfig {
    ProducerConfig { batch_bytes: 2000, max_request_bytes: 4 << 20, ..ProducerConfig::default() }
}

/// Writes by Java's console producer.
async fn java(topic: &str, codec: &'static str, rows: &[Row]) {
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap()).unwrap();
    let lines: String = rows.iter().map(|(key, value, _)| format!("{}\t{}\n", text(key), text(value))).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/services/kafka");
    let topic = topic.to_owned();
    let run = move || {
        let arguments = ["console-producer", "--topic", &topic, "--compression-codec", codec, "--property"];
        let mut command = Command::new(script);
        command.args(arguments).arg("parse.key=true").stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    };
    tokio::task::spawn_blocking(run).await.unwrap();
}

/// The end of the log. The markers of transactions are written after their end is answered: this waits for them.
async fn end(broker: &Arc<dyn Broker>, topic: &Arc<str>) -> i64 {
    let of = async |isolation| {
        let wanted = vec![(TopicPartition::new(topic.clone(), 0), OffsetSpec::Latest(isolation))];
        broker.list_offsets(wanted).await.unwrap().remove(0).1.unwrap()
    };
    let ends = async || (of(Isolation::ReadCommitted).await, of(Isolation::ReadUncommitted).await);
    eventually(ends, |(stable, all)| stable == all).await.0
}

fn row(record: FetchedRecord) -> Row {
    let headers = record.headers.into_iter().map(|(name, value)| (name.to_vec(), value.map(Into::into)));
    (record.key.map(Into::into), record.value.map(Into::into), headers.collect())
}

/// Reads to the end in fetches that are smaller than many records.
async fn read(broker: &Arc<dyn Broker>, topic: &Arc<str>, isolation: Isolation) -> Vec<Row> {
    let fetch = FetchConfig {
        isolation,
        offset_reset: OffsetReset::Earliest,
        partition_max_bytes: 1000,
        max_bytes: 1000,
        max_wait: Duration::from_millis(50),
        ..FetchConfig::default()
    };
    let config = GroupConfig { fetch, ..GroupConfig::new(format!("{isolation:?}")) };
    let mut consumer = GroupConsumer::new(broker.clone(), config, Subscription::Topics(vec![topic.clone()]));
    let end = end(broker, topic).await;
    let mut rows = Vec::new();
    let all = async {
        while consumer.positions().first().is_none_or(|(_, position)| *position < end) {
            // Past what is not shown, positions move without an event.
            let Ok(event) = timeout(Duration::from_millis(100), consumer.next()).await else { continue };
            if let Event::Records(fetched) = event.unwrap() {
                rows.extend(fetched.records().map(|(_, record)| row(record.unwrap())));
            }
        }
    };
    timeout(Duration::from_secs(300), all).await.expect("the end is reached");
    assert_eq!(consumer.positions()[0].1, end);
    consumer.leave().await.unwrap();
    rows
}

#[tokio::test]
async fn everything_is_read_in_both_isolations() {
    on_cluster(async |broker| {
        let name: Arc<str> = "hard".into();
        let configs = [("max.message.bytes", "4194304"), ("retention.ms", "-1")];
        broker.create_topic(topic(&name, 1, &configs)).await.unwrap();
        let (mut committed, mut all) = (Vec::new(), Vec::new());
        for codec in Compressor::NAMES {
            let compression = Compressor::new(codec, None).unwrap();
            let mut producer = Producer::new(broker.clone(), ProducerConfig { compression, ..config() });
            let ours = rows(codec);
            append(&mut producer, &name, &ours).await;
            assert!(producer.close().await.iter().all(|ack| ack.result.is_ok()));
            let theirs = rows(&format!("java {codec}")).split_off(4);
            java(&name, codec, &theirs).await;

            let transactional_id = Some(format!("hard-{codec}"));
            let mut producer =
                Producer::new(broker.clone(), ProducerConfig { transactional_id, compression, ..config() });
            producer.init_transactions().await.unwrap();
            let in_transactions = [rows("committed"), rows("aborted")];
            for (rows, commit) in in_transactions.iter().zip([true, false]) {
                producer.begin().unwrap();
                append(&mut producer, &name, rows).await;
                producer.flush_batches();
                while producer.unacked().0 > 0 {
                    producer.next_ack().await.result.unwrap();
                }
                // The log ends with an aborted transaction.
                if commit { producer.commit().await.unwrap() } else { producer.abort().await.unwrap() }
            }
            let [kept, given_up] = in_transactions;
            for rows in [ours, theirs, kept] {
                committed.extend(rows.clone());
                all.extend(rows);
            }
            all.extend(given_up);
        }
        assert!(read(&broker, &name, Isolation::ReadUncommitted).await == all);
        assert!(read(&broker, &name, Isolation::ReadCommitted).await == committed);
    })
    .await;
}

#[tokio::test]
async fn compacted_topics_are_read_across_their_holes() {
    on_cluster(async |broker| {
        let name: Arc<str> = "holes".into();
        let configs = [
            ("cleanup.policy", "compact"),
            ("min.cleanable.dirty.ratio", "0.01"),
            ("segment.ms", "100"),
            ("delete.retention.ms", "0"),
        ];
        broker.create_topic(topic(&name, 1, &configs)).await.unwrap();
        // A segment ends by the time that its records say, so each round has one, however long it takes.
        let hour_ago = Clock::system().now_ms() - 3_600_000;
        let write = async |round: usize| {
            let mut producer = Producer::new(broker.clone(), config());
            let row = |key: usize| {
                let text = |text: String| Some(text.into_bytes());
                (text(key.to_string()), text(format!("{key} of {round}")).filter(|_| key != 3), Vec::new())
            };
            let rows: Vec<Row> = (0..10).map(row).collect();
            append_at(Some(hour_ago + round as i64 * 1000), &mut producer, &name, &rows).await;
            assert!(producer.close().await.iter().all(|ack| ack.result.is_ok()));
            rows
        };
        let mut left = Vec::new();
        for round in 0..6 {
            let rows = write(round).await;
            if round >= 4 {
                // The last segment is not compacted, and those before it without regard to it.
                left.extend(rows.into_iter().filter(|row| row.1.is_some()));
            }
        }
        let look = async || {
            let mut found = Vec::new();
            let mut reader = LogReader::new(broker.clone(), name.clone(), Isolation::ReadCommitted);
            // Tombstones go at a time of their own.
            let each = |record: FetchedRecord, _| found.extend(Some(record).filter(|record| record.value.is_some()));
            reader.read_to_end(each).await.unwrap();
            found
        };
        let found = eventually(look, |found| found.len() == left.len()).await;
        assert!(found.iter().map(|record| record.offset).is_sorted_by(|a, b| a < b));
        assert_eq!(found.into_iter().map(row).collect::<Vec<_>>(), left);
        let mut read = read(&broker, &name, Isolation::ReadUncommitted).await;
        read.retain(|row| row.1.is_some());
        assert_eq!(read, left);
        assert_eq!(end(&broker, &name).await, 60);
    })
    .await;
}

#[tokio::test]
async fn records_too_large_for_the_topic_are_refused_alone() {
    on_cluster(async |broker| {
        let name: Arc<str> = "small".into();
        broker.create_topic(topic(&name, 1, &[("max.message.bytes", "10000")])).await.unwrap();
        // One batch, which the producer halves until it sees what is too large.
        let whole = ProducerConfig { batch_bytes: 200_000, ..config() };
        let mut producer = Producer::new(broker.clone(), whole);
        let values: Vec<_> = (0..100_u8).map(|number| vec![number; if number == 57 { 50_000 } else { 400 }]).collect();
        for value in &values {
            producer.append(&name, Some(0), None, None, Some(value), []).await.unwrap();
        }
        producer.flush_batches();
        let mut refused = Vec::new();
        while producer.unacked().0 > 0 {
            let ack = producer.next_ack().await;
            let Err(error) = ack.result else { continue };
            assert!(!error.is_retriable());
            refused.extend(ack.tickets.iter());
            let ProduceError::Refused { error, .. } = error else { panic!("{error}") };
            assert_eq!(error.code, Code::MessageTooLarge, "{error}");
            assert!(error.message.contains("small-0"), "{error}");
        }
        assert_eq!(refused, [57]);
        let found: Vec<_> =
            read(&broker, &name, Isolation::ReadUncommitted).await.into_iter().map(|row| row.1.unwrap()).collect();
        assert!(found.iter().eq(values.iter().filter(|value| value.len() == 400)));
    })
    .await;
}
