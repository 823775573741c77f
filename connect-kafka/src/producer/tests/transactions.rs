use proptest::prelude::*;

use super::*;
use crate::consumer::LogReader;
use crate::{Isolation, Member};

fn transactional(broker: &InMemoryBroker, change: impl FnOnce(&mut ProducerConfig)) -> Producer {
    producer(broker, |config| {
        config.transactional_id = Some("x".into());
        change(config);
    })
}

async fn begun(broker: &InMemoryBroker) -> Producer {
    let mut producer = transactional(broker, |_| ());
    producer.init_transactions().await.unwrap();
    producer.begin().unwrap();
    producer
}

/// Values that are committed, by partition.
async fn committed(broker: &InMemoryBroker) -> BTreeMap<i32, Vec<String>> {
    let mut seen: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    let mut reader = LogReader::new(Arc::new(broker.clone()), "t", Isolation::ReadCommitted);
    let each = |record: crate::batch::FetchedRecord, partition| {
        seen.entry(partition).or_default().push(String::from_utf8(record.value.unwrap().to_vec()).unwrap());
    };
    reader.read_to_end(each).await.unwrap();
    seen
}

fn member() -> Member {
    Member { group: "g".into(), generation: -1, member_id: String::new(), instance_id: None }
}

#[tokio::test(start_paused = true)]
async fn records_and_offsets_count_together() {
    let broker = broker(2).await;
    let mut producer = begun(&broker).await;
    let offsets = |offset| vec![(TopicPartition::new("t", 1), offset)];
    add(&mut producer, Some(0), "a").await.unwrap();
    add(&mut producer, Some(1), "b").await.unwrap();
    producer.send_offsets(&member(), &offsets(7)).await.unwrap();
    producer.commit().await.unwrap();
    assert_eq!(text(&acks(&mut producer).await), "0..1 at t-0: 0; 1..2 at t-1: 0");
    producer.begin().unwrap();
    add(&mut producer, Some(0), "c").await.unwrap();
    producer.flush_batches();
    producer.send_offsets(&member(), &offsets(8)).await.unwrap();
    assert!(producer.next_ack().await.result.is_ok());
    add(&mut producer, Some(1), "never sent").await.unwrap();
    producer.abort().await.unwrap();
    assert!(matches!(producer.next_ack().await.result, Err(ProduceError::Aborted { .. })));
    producer.begin().unwrap();
    add(&mut producer, Some(0), "d").await.unwrap();
    producer.commit().await.unwrap();
    let expected = [(0, vec!["a".to_owned(), "d".into()]), (1, vec!["b".into()])];
    assert_eq!(committed(&broker).await, BTreeMap::from(expected));
    assert_eq!(broker.committed("g"), offsets(7));
    // Nothing in it, nothing asked.
    let ends = broker.faults().calls(Api::EndTxn);
    producer.begin().unwrap();
    producer.commit().await.unwrap();
    assert_eq!(broker.faults().calls(Api::EndTxn), ends);
}

#[tokio::test(start_paused = true)]
async fn calls_have_their_places() {
    let broker = broker(1).await;
    let misplaced = |result: Result<(), TransactionError>| {
        let error = result.unwrap_err();
        assert!(matches!(error, TransactionError::Misplaced { .. }), "{error}");
    };
    let mut plain = producer(&broker, |_| ());
    misplaced(plain.begin());
    let mut producer = transactional(&broker, |_| ());
    misplaced(producer.begin());
    producer.init_transactions().await.unwrap();
    misplaced(producer.init_transactions().await);
    misplaced(producer.commit().await);
    misplaced(producer.abort().await);
    misplaced(producer.send_offsets(&member(), &[]).await);
    assert!(matches!(add(&mut producer, Some(0), "a").await, Err(ProduceError::OutsideTransaction)));
    producer.begin().unwrap();
    misplaced(producer.begin());
    producer.abort().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_older_instance_is_fenced() {
    let broker = broker(1).await;
    let mut old = begun(&broker).await;
    add(&mut old, Some(0), "old").await.unwrap();
    old.flush_batches();
    old.next_ack().await.result.unwrap();
    let mut new = begun(&broker).await;
    add(&mut new, Some(0), "new").await.unwrap();
    new.commit().await.unwrap();
    for _ in 0..2 {
        assert!(matches!(old.commit().await, Err(TransactionError::Fenced { .. })));
    }
    assert!(matches!(old.abort().await, Err(TransactionError::Fenced { .. })));
    assert_eq!(committed(&broker).await[&0], ["new"]);

    // Also when it notices by a batch.
    let mut newest = begun(&broker).await;
    new.begin().unwrap();
    add(&mut new, Some(0), "late").await.unwrap();
    new.flush_batches();
    assert_eq!(text(&acks(&mut new).await), "0..1 at t-0: 2; 1..2 at t-0: ProducerFenced");
    assert!(matches!(new.commit().await, Err(TransactionError::Fenced { .. })));
    newest.commit().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_failed_can_only_be_aborted() {
    let broker = broker(1).await;
    let mut producer = begun(&broker).await;
    broker.faults().inject(Fault::fail(Api::Produce, Code::InvalidRecord).times(1));
    for value in ["a", "b"] {
        add(&mut producer, Some(0), value).await.unwrap();
        producer.flush_batches();
    }
    let error = producer.commit().await.unwrap_err();
    assert!(matches!(&error, TransactionError::Failed { cause, .. } if cause.contains("InvalidRecord")), "{error}");
    producer.abort().await.unwrap();
    producer.begin().unwrap();
    broker.faults().inject(Fault::fail(Api::CommitTxnOffsets, Code::IllegalGeneration).times(1));
    let offsets = [(TopicPartition::new("t", 0), 1)];
    assert!(matches!(producer.send_offsets(&member(), &offsets).await, Err(TransactionError::Broker(_))));
    assert!(matches!(producer.commit().await, Err(TransactionError::Failed { .. })));
    producer.abort().await.unwrap();
    producer.begin().unwrap();
    add(&mut producer, Some(0), "c").await.unwrap();
    producer.commit().await.unwrap();
    assert_eq!(committed(&broker).await[&0], ["c"]);
}

#[tokio::test(start_paused = true)]
async fn a_commit_without_an_answer_is_repeated() {
    let broker = broker(1).await;
    let mut producer = transactional(&broker, |config| config.delivery_timeout = Duration::from_secs(5));
    producer.init_transactions().await.unwrap();
    producer.begin().unwrap();
    add(&mut producer, Some(0), "a").await.unwrap();
    producer.flush_batches();
    producer.next_ack().await.result.unwrap();
    broker.faults().inject(Fault::lose_reply(Api::EndTxn));
    assert!(matches!(producer.commit().await, Err(TransactionError::Broker(_))));
    assert!(matches!(producer.abort().await, Err(TransactionError::Misplaced { .. })));
    broker.faults().clear();
    producer.commit().await.unwrap();
    assert_eq!(committed(&broker).await[&0], ["a"]);
}

#[derive(Debug, Clone)]
enum Step {
    Append { partition: i32, count: usize },
    Flush,
    Commit,
    Abort,
    Fault { api: u8, kind: u8, times: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..3, 1..8_usize).prop_map(|(partition, count)| Step::Append { partition, count }),
        2 => Just(Step::Flush),
        2 => Just(Step::Commit),
        1 => Just(Step::Abort),
        3 => (any::<u8>(), any::<u8>(), 1..4_u32).prop_map(|(api, kind, times)| Step::Fault { api, kind, times }),
    ]
}

fn inject(broker: &InMemoryBroker, api: u8, kind: u8, times: u32) {
    let apis = [Api::Produce, Api::AddPartitions, Api::EndTxn, Api::InitProducer];
    let api = apis[usize::from(api) % apis.len()];
    let fault = match kind % 6 {
        0 => Fault::fail(api, Code::NetworkException),
        1 => Fault::lose_reply(api),
        2 => Fault::delay(api, Duration::from_millis(u64::from(kind))),
        3 => Fault::silence(api),
        4 if api == Api::Produce => Fault::fail(api, Code::InvalidRecord),
        _ => Fault::fail(api, Code::NotCoordinator),
    };
    broker.faults().inject(fault.times(times));
}

/// Plays the steps: readers of committed records see what was committed, each record once and in order.
async fn play(steps: Vec<Step>, seed: u64) {
    let broker = broker(3).await;
    let mut producer = transactional(&broker, |config| {
        config.batch_bytes = 150;
        config.request_timeout = Duration::from_secs(3);
        config.transaction_timeout = Duration::from_secs(900);
        config.seed = seed;
    });
    producer.init_transactions().await.unwrap();
    producer.begin().unwrap();
    let (mut count, mut open) = (0, Vec::new());
    let mut expected: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    for step in steps.into_iter().chain([Step::Commit]) {
        match step {
            Step::Append { partition, count: records } => {
                for _ in 0..records {
                    let value = format!("{partition}/{count}");
                    add(&mut producer, Some(partition), &value).await.unwrap();
                    open.push((partition, value));
                    count += 1;
                }
            }
            Step::Flush => producer.flush_batches(),
            Step::Commit => {
                match producer.commit().await {
                    Ok(()) => {
                        for (partition, value) in open.drain(..) {
                            expected.entry(partition).or_default().push(value);
                        }
                    }
                    Err(TransactionError::Failed { .. }) => producer.abort().await.unwrap(),
                    Err(error) => panic!("{error}"),
                }
                open.clear();
                producer.begin().unwrap();
            }
            Step::Abort => {
                producer.abort().await.unwrap();
                open.clear();
                producer.begin().unwrap();
            }
            Step::Fault { api, kind, times } => inject(&broker, api, kind, times),
        }
    }
    assert_eq!(committed(&broker).await, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn committed_once_in_order(steps in prop::collection::vec(step(), 0..40), seed: u64) {
        run(play(steps, seed));
    }
}

/// Added after the end of its transaction, a partition would open the next one, and the broker would fence this
/// producer for it.
#[tokio::test(start_paused = true)]
async fn an_abort_waits_for_partitions_that_may_be_added_yet() {
    let late = Duration::from_secs(5);
    let cases = [
        (Fault::delay(Api::AddPartitions, late), late, 1),
        (Fault::lose_reply(Api::AddPartitions), Duration::ZERO, 2),
        (Fault::fail(Api::AddPartitions, Code::ConcurrentTransactions), Duration::ZERO, 1),
    ];
    for (fault, waits, calls) in cases {
        let broker = broker(1).await;
        let mut producer = begun(&broker).await;
        broker.faults().inject(fault.clone().times(1));
        let start = Instant::now();
        add(&mut producer, Some(0), "given up").await.unwrap();
        producer.flush_batches();
        // The broker has the request, and the producer its failure, if it fails at once; no record is answered for.
        assert!(timeout(Duration::from_millis(1), producer.next_ack()).await.is_err(), "{fault:?}");
        producer.abort().await.unwrap();
        assert!(start.elapsed() >= waits, "{fault:?}");
        assert_eq!(broker.faults().calls(Api::AddPartitions), calls, "{fault:?}");
        assert!(matches!(producer.next_ack().await.result, Err(ProduceError::Aborted { .. })), "{fault:?}");
        producer.begin().unwrap();
        add(&mut producer, Some(0), "kept").await.unwrap();
        producer.commit().await.unwrap();
        assert_eq!(committed(&broker).await[&0], ["kept"], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_broker_has_given_up_is_not_committed() {
    for code in [Code::ProducerFenced, Code::InvalidTxnState] {
        let broker = broker(1).await;
        let mut producer = begun(&broker).await;
        add(&mut producer, Some(0), "late").await.unwrap();
        broker.faults().inject(Fault::fail(Api::EndTxn, code));
        for _ in 0..2 {
            assert!(matches!(producer.commit().await, Err(TransactionError::Fenced { .. })), "{code:?}");
        }
    }
    let broker = broker(1).await;
    let mut producer = begun(&broker).await;
    add(&mut producer, Some(0), "given up").await.unwrap();
    broker.faults().inject(Fault::fail(Api::EndTxn, Code::TransactionAbortable).times(1));
    assert!(matches!(producer.commit().await, Err(TransactionError::Failed { .. })));
    producer.abort().await.unwrap();
    producer.begin().unwrap();
    add(&mut producer, Some(0), "kept").await.unwrap();
    producer.commit().await.unwrap();
    assert_eq!(committed(&broker).await[&0], ["kept"]);
}
