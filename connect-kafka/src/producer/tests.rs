mod compression;
mod shaken;
mod transactions;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::*;
use crate::batch::{Batch, Checksum, Compressor};
use crate::{Api, Broker, Clock, Code, Fault, InMemoryBroker, NewTopic, TopicPartition};

const EPOCH_MS: i64 = 1_700_000_000_000;

async fn broker(partitions: i32) -> InMemoryBroker {
    let broker = InMemoryBroker::with_clock(Clock::starting_at(EPOCH_MS));
    let topic = NewTopic { name: "t".into(), partitions, replication_factor: 1, configs: BTreeMap::new() };
    broker.create_topic(topic).await.unwrap();
    broker
}

fn producer(broker: &InMemoryBroker, change: impl FnOnce(&mut ProducerConfig)) -> Producer {
    let mut config = ProducerConfig { clock: Clock::starting_at(EPOCH_MS), ..ProducerConfig::default() };
    change(&mut config);
    Producer::new(Arc::new(broker.clone()), config)
}

async fn add(producer: &mut Producer, partition: Option<i32>, value: &str) -> Result<u64, ProduceError> {
    producer.append(&"t".into(), partition, None, None, Some(value.as_bytes()), []).await
}

/// The values of a partition by offset.
async fn log(broker: &InMemoryBroker, partition: i32) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    for data in broker.batches(&TopicPartition::new("t", partition)).await.unwrap() {
        for record in Batch::parse(&data, Checksum::Verify).unwrap().records() {
            let record = record.unwrap();
            all.push((record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
        }
    }
    all
}

async fn acks(producer: &mut Producer) -> Vec<Ack> {
    let mut all = Vec::new();
    while producer.unacked().0 > 0 {
        all.push(producer.next_ack().await);
    }
    while let Some(ack) = producer.try_ack() {
        all.push(ack);
    }
    all
}

fn text(acks: &[Ack]) -> String {
    text_of(&acks.iter().collect::<Vec<_>>())
}

fn text_of(acks: &[&Ack]) -> String {
    let one = |ack: &&Ack| {
        let tickets = ack.tickets.ranges().iter().map(|r| format!("{r:?}")).collect::<Vec<_>>().join("+");
        let result = match &ack.result {
            Ok(offset) => offset.to_string(),
            Err(ProduceError::Refused { error, .. }) => format!("{:?}", error.code),
            Err(ProduceError::TimedOut { .. }) => "timed out".into(),
            Err(other) => format!("{other:?}"),
        };
        format!("{tickets} at {}: {result}", ack.partition)
    };
    acks.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[tokio::test(start_paused = true)]
async fn tickets_and_offsets() {
    let broker = broker(2).await;
    let mut producer = producer(&broker, |_| ());
    for (partition, value) in [(0, "a"), (1, "b"), (0, "c"), (0, "d")] {
        add(&mut producer, Some(partition), value).await.unwrap();
    }
    assert_eq!(producer.unacked().0, 4);
    assert!(producer.try_ack().is_none());
    producer.flush_batches();
    assert_eq!(text(&acks(&mut producer).await), "0..1+2..4 at t-0: 0; 1..2 at t-1: 0");
    assert_eq!(producer.unacked(), (0, 0));
    assert_eq!(add(&mut producer, Some(0), "e").await.unwrap(), 4);
    assert_eq!(text(&producer.close().await), "4..5 at t-0: 3");
    // The first request carries both partitions.
    assert_eq!(broker.faults().calls(Api::Produce), 2);
}

#[tokio::test(start_paused = true)]
async fn partitions_timestamps_headers() {
    let broker = broker(7).await;
    let mut producer = producer(&broker, |config| config.seed = 3);
    let topic: Arc<str> = "t".into();
    let header: (&[u8], Option<&[u8]>) = (b"h", None);
    producer.append(&topic, None, Some(5), Some(b"foobar"), Some(b"v"), [header, header]).await.unwrap();
    producer.append(&topic, None, None, Some(b"foobar"), None, []).await.unwrap();
    producer.close().await;
    let partition = crate::batch::partition_for_key(b"foobar", 7);
    let data = broker.batches(&TopicPartition::new("t", partition)).await.unwrap();
    let records: Vec<_> =
        Batch::parse(&data[0], Checksum::Verify).unwrap().records().collect::<Result<_, _>>().unwrap();
    assert_eq!((records[0].timestamp, records[0].headers.len(), &records[0].headers[1].0[..]), (5, 2, &b"h"[..]));
    assert_eq!((records[1].timestamp, &records[1].value), (EPOCH_MS, &None));
}

#[tokio::test(start_paused = true)]
async fn keyless_records_stick_for_a_batch() {
    let broker = broker(50).await;
    let mut producer = producer(&broker, |_| ());
    for _ in 0..3 {
        for _ in 0..10 {
            add(&mut producer, None, "x").await.unwrap();
        }
        producer.flush_batches();
    }
    let acks = acks(&mut producer).await;
    assert_eq!(acks.iter().map(|ack| ack.tickets.len()).collect::<Vec<_>>(), [10, 10, 10]);
    assert!(acks.iter().any(|ack| ack.partition != acks[0].partition));
}

#[tokio::test(start_paused = true)]
async fn refused_appends_concern_nobody_else() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |config| (config.max_request_bytes, config.batch_bytes) = (1000, 300));
    add(&mut producer, Some(0), "a").await.unwrap();
    let error = add(&mut producer, Some(0), &"x".repeat(1000)).await.unwrap_err();
    assert!(matches!(error, ProduceError::RecordTooLarge { limit: 1000, .. }), "{error}");
    let error = add(&mut producer, Some(1), "x").await.unwrap_err();
    assert!(matches!(error, ProduceError::UnknownPartition { partitions: 1, .. }), "{error}");
    let error = producer.append(&"nope".into(), None, None, None, None, []).await.unwrap_err();
    assert!(matches!(error, ProduceError::UnknownTopic { .. }), "{error}");
    // Larger than a batch, not than a request: a batch of its own.
    assert_eq!(add(&mut producer, Some(0), &"y".repeat(500)).await.unwrap(), 1);
    assert_eq!(add(&mut producer, Some(0), "b").await.unwrap(), 2);
    assert_eq!(text(&producer.close().await), "0..1 at t-0: 0; 1..2 at t-0: 1; 2..3 at t-0: 2");
}

#[tokio::test(start_paused = true)]
async fn creates_topics_if_told_to() {
    let broker = InMemoryBroker::new();
    let auto_create = AutoCreate::With { partitions: 3, replication_factor: 1 };
    let mut producer = producer(&broker, |config| config.auto_create = auto_create);
    broker.faults().inject(Fault::lose_reply(Api::CreateTopic).times(1));
    add(&mut producer, Some(2), "a").await.unwrap();
    assert_eq!(text(&producer.close().await), "0..1 at t-2: 0");
}

#[tokio::test(start_paused = true)]
async fn a_full_buffer_waits_without_the_owner_taking_acks() {
    let broker = broker(3).await;
    broker.faults().inject(Fault::delay(Api::Produce, Duration::from_millis(7)));
    let mut producer =
        producer(&broker, |config| (config.buffer_bytes, config.batch_bytes, config.seed) = (2000, 500, 1));
    for at in 0..500 {
        add(&mut producer, None, &format!("{at:04}")).await.unwrap();
        assert!(producer.unacked().1 < 2600);
    }
    let acked: u64 = producer.close().await.iter().map(|ack| ack.tickets.len()).sum();
    assert_eq!(acked, 500);
}

/// A partition that takes nothing may fill the buffer; what was appended to others is not kept back with it.
#[tokio::test(start_paused = true)]
async fn a_full_buffer_does_not_keep_back_other_partitions() {
    let broker = broker(2).await;
    let stuck = TopicPartition::new("t", 0);
    broker.faults().inject(Fault::fail(Api::Produce, Code::NotLeaderOrFollower).partition(&stuck));
    let mut producer = producer(&broker, |config| (config.buffer_bytes, config.batch_bytes) = (2000, 500));
    add(&mut producer, Some(1), "free").await.unwrap();
    let filling = async {
        loop {
            add(&mut producer, Some(0), "stuck").await.unwrap();
        }
    };
    timeout(Duration::from_secs(1), filling).await.unwrap_err();
    assert_eq!(log(&broker, 1).await, [(0, "free".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn lingers() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |config| config.linger = Duration::from_millis(20));
    let start = Instant::now();
    add(&mut producer, Some(0), "a").await.unwrap();
    add(&mut producer, Some(0), "b").await.unwrap();
    assert_eq!(text(&[producer.next_ack().await]), "0..2 at t-0: 0");
    assert_eq!(start.elapsed().as_millis(), 20);
}

#[tokio::test(start_paused = true)]
async fn next_ack_may_be_dropped() {
    let broker = broker(1).await;
    broker.faults().inject(Fault::delay(Api::Produce, Duration::from_millis(50)));
    let mut producer = producer(&broker, |_| ());
    add(&mut producer, Some(0), "a").await.unwrap();
    producer.flush_batches();
    for _ in 0..10 {
        let _ = timeout(Duration::from_millis(1), producer.next_ack()).await.unwrap_err();
    }
    assert_eq!(text(&[producer.next_ack().await]), "0..1 at t-0: 0");
    assert_eq!(broker.faults().calls(Api::Produce), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_batch_fails_alone() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |config| config.batch_bytes = 100);
    let values: Vec<String> = (0..40).map(|at| format!("{at:020}")).collect();
    add(&mut producer, Some(0), &values[0]).await.unwrap();
    producer.flush_batches();
    assert!(producer.next_ack().await.result.is_ok());
    // The first of several under way is refused; those behind it meet a gap in the sequence.
    broker.faults().inject(Fault::fail(Api::Produce, Code::InvalidRecord).times(1));
    for value in &values[1..] {
        add(&mut producer, Some(0), value).await.unwrap();
    }
    producer.flush_batches();
    let acks = acks(&mut producer).await;
    let failed: Vec<u64> = acks.iter().filter(|ack| ack.result.is_err()).flat_map(|ack| ack.tickets.iter()).collect();
    assert!(!failed.is_empty() && failed.len() <= 2 && failed[0] == 1, "{failed:?}");
    let kept: Vec<_> = (0..40).filter(|at| !failed.contains(&(*at as u64))).map(|at| values[at].clone()).collect();
    assert_eq!(log(&broker, 0).await.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), kept);
}

#[tokio::test(start_paused = true)]
async fn batches_too_large_for_their_topic_are_halved() {
    for (compression, transactional_id) in [("none", None), ("gzip", None), ("none", Some("x".to_owned()))] {
        let broker = InMemoryBroker::with_clock(Clock::starting_at(EPOCH_MS));
        let configs = BTreeMap::from([("max.message.bytes".to_owned(), "300".to_owned())]);
        let topic = NewTopic { name: "t".into(), partitions: 1, replication_factor: 1, configs };
        broker.create_topic(topic).await.unwrap();
        let mut producer = producer(&broker, |config| {
            config.batch_bytes = 2000;
            config.compression = Compressor::new(compression, None).unwrap();
            config.transactional_id = transactional_id.clone();
        });
        if transactional_id.is_some() {
            producer.init_transactions().await.unwrap();
            producer.begin().unwrap();
        }
        // Text that does not become much smaller, and one record that is too large alone. In a transaction that would
        // be the end of it.
        let mut noise = 1_u64;
        let mut text = |length: usize| -> String {
            let digit = |_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'!' + (noise >> 33) as u8 % 90)
            };
            (0..length).map(digit).collect()
        };
        let mut values: Vec<_> = (0..100).map(|_| text(40)).collect();
        let too_large = transactional_id.is_none();
        if too_large {
            values[57] = text(800);
        }
        for value in &values {
            add(&mut producer, Some(0), value).await.unwrap();
        }
        producer.flush_batches();
        let acks = acks(&mut producer).await;
        let mut answered: Vec<u64> = acks.iter().flat_map(|ack| ack.tickets.iter()).collect();
        answered.sort_unstable();
        assert_eq!(answered, (0..100).collect::<Vec<_>>());
        let refused: Vec<_> = acks.iter().filter(|ack| ack.result.is_err()).collect();
        assert_eq!(text_of(&refused), if too_large { "57..58 at t-0: MessageTooLarge" } else { "" });
        assert_eq!(producer.unacked(), (0, 0));
        let log = log(&broker, 0).await;
        for ack in acks.iter().filter(|ack| ack.result.is_ok()) {
            for (offset, ticket) in (*ack.result.as_ref().unwrap()..).zip(ack.tickets.iter()) {
                assert_eq!(log[offset as usize], (offset, values[ticket as usize].clone()));
            }
        }
        if too_large {
            values.remove(57);
        }
        assert_eq!(log.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), values, "{compression}");
    }
}

#[tokio::test(start_paused = true)]
async fn gives_up_in_time_and_recovers() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |config| config.delivery_timeout = Duration::from_secs(5));
    broker.faults().inject(Fault::fail(Api::Produce, Code::NotEnoughReplicas));
    let start = Instant::now();
    add(&mut producer, Some(0), "a").await.unwrap();
    producer.flush_batches();
    add(&mut producer, Some(0), "b").await.unwrap();
    producer.flush_batches();
    let ack = producer.next_ack().await;
    let error = ack.result.unwrap_err();
    assert!(matches!(&error, ProduceError::TimedOut { last: Some(last), .. } if last.code == Code::NotEnoughReplicas));
    assert!(error.is_retriable());
    assert_eq!(start.elapsed().as_secs(), 5);
    assert!(producer.next_ack().await.result.is_err());
    broker.faults().clear();
    add(&mut producer, Some(0), "c").await.unwrap();
    assert_eq!(text(&producer.close().await), "2..3 at t-0: 0");
}

#[tokio::test(start_paused = true)]
async fn a_silent_broker_is_asked_again() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |config| config.request_timeout = Duration::from_secs(2));
    broker.faults().inject(Fault::silence(Api::Produce).times(1));
    broker.faults().inject(Fault::fail(Api::InitProducer, Code::CoordinatorNotAvailable).times(3));
    add(&mut producer, Some(0), "a").await.unwrap();
    assert_eq!(text(&producer.close().await), "0..1 at t-0: 0");
}

#[tokio::test(start_paused = true)]
async fn without_producer_ids_batches_fail() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |_| ());
    broker.faults().inject(Fault::fail(Api::InitProducer, Code::InvalidRequest).times(1));
    add(&mut producer, Some(0), "a").await.unwrap();
    producer.flush_batches();
    assert_eq!(text(&acks(&mut producer).await), "0..1 at t-0: InvalidRequest");
    add(&mut producer, Some(0), "b").await.unwrap();
    assert_eq!(text(&producer.close().await), "1..2 at t-0: 0");
}

#[tokio::test(start_paused = true)]
async fn without_idempotence_the_order_holds_by_one_in_flight() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |config| (config.idempotence, config.batch_bytes) = (false, 100));
    for (at, times) in [(0, 2), (20, 1), (40, 3)] {
        broker.faults().inject(Fault::fail(Api::Produce, Code::NotLeaderOrFollower).times(times));
        for at in at..at + 20 {
            add(&mut producer, Some(0), &format!("{at:03}")).await.unwrap();
        }
    }
    producer.close().await;
    let values: Vec<_> = log(&broker, 0).await.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, (0..60).map(|at| format!("{at:03}")).collect::<Vec<_>>());
    assert_eq!(broker.faults().calls(Api::InitProducer), 0);
}

fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(future);
}
