//! Any faults in any order: nothing is lost, doubled or reordered.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Append { partition: i32, count: usize },
    Flush,
    Ack,
    Fault { kind: u8, partition: Option<i32>, times: u32 },
    Pass { ms: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3, 1..12_usize).prop_map(|(partition, count)| Step::Append { partition, count }),
        2 => Just(Step::Flush),
        2 => Just(Step::Ack),
        3 => (any::<u8>(), prop::option::of(0..3), 1..4_u32)
            .prop_map(|(kind, partition, times)| Step::Fault { kind, partition, times }),
        1 => (1..300_u64).prop_map(|ms| Step::Pass { ms }),
    ]
}

fn inject(broker: &InMemoryBroker, kind: u8, partition: Option<i32>, times: u32, refusals: bool) {
    let fault = match kind % if refusals { 8 } else { 7 } {
        0 => Fault::fail(Api::Produce, Code::NetworkException),
        1 => Fault::fail(Api::Produce, Code::NotEnoughReplicas),
        2 => Fault::lose_reply(Api::Produce),
        3 => Fault::delay(Api::Produce, Duration::from_millis(u64::from(kind))),
        4 => Fault::silence(Api::Produce),
        5 => return broker.move_leader(&TopicPartition::new("t", partition.unwrap_or(0))),
        6 => return broker.faults().inject(Fault::fail(Api::InitProducer, Code::NotCoordinator).times(times)),
        _ => Fault::fail(Api::Produce, Code::InvalidRecord),
    };
    let fault = fault.times(times);
    broker.faults().inject(match partition {
        Some(partition) => fault.partition(&TopicPartition::new("t", partition)),
        None => fault,
    });
}

/// Plays the steps; every record must be in the log exactly once, in order, and where its ack says, unless it
/// was refused.
async fn play(steps: Vec<Step>, seed: u64, refusals: bool) {
    let broker = broker(3).await;
    let mut producer = producer(&broker, |config| {
        config.batch_bytes = 150;
        config.buffer_bytes = 1200;
        config.request_timeout = Duration::from_secs(3);
        config.delivery_timeout = Duration::from_secs(3600);
        config.seed = seed;
    });
    let (mut sent, mut acks) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Append { partition, count } => {
                for _ in 0..count {
                    let value = format!("{partition}/{}", sent.len());
                    assert_eq!(add(&mut producer, Some(partition), &value).await.unwrap(), sent.len() as u64);
                    sent.push(value);
                }
            }
            Step::Flush => producer.flush_batches(),
            Step::Ack => acks.extend(timeout(Duration::from_millis(30), producer.next_ack()).await.ok()),
            Step::Fault { kind, partition, times } => inject(&broker, kind, partition, times, refusals),
            Step::Pass { ms } => tokio::time::advance(Duration::from_millis(ms)).await,
        }
    }
    acks.extend(producer.close().await);

    let mut expected: BTreeMap<i32, Vec<(i64, String)>> = (0..3).map(|partition| (partition, Vec::new())).collect();
    let mut answered = Vec::new();
    for ack in &acks {
        let log = expected.get_mut(&ack.partition.partition).unwrap();
        answered.extend(ack.tickets.iter());
        if let Ok(base) = ack.result {
            log.extend((base..).zip(ack.tickets.iter()).map(|(at, ticket)| (at, sent[ticket as usize].clone())));
        } else {
            assert!(refusals, "{:?}", ack.result);
        }
    }
    answered.sort_unstable();
    assert_eq!(answered, (0..sent.len() as u64).collect::<Vec<_>>());
    for (partition, expected) in expected {
        let mut log = log(&broker, partition).await;
        let ticket = |(_, value): &(i64, String)| value.split('/').nth(1).unwrap().parse::<u64>().unwrap();
        assert!(log.iter().map(ticket).is_sorted_by(|a, b| a < b), "{log:?}");
        if refusals {
            // A batch whose reply was lost may be refused when it is repeated, and be there all the same.
            log.retain(|record| expected.contains(record));
        }
        assert_eq!(log, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_once_in_order(steps in prop::collection::vec(step(), 0..40), seed: u64) {
        run(play(steps, seed, false));
    }

    #[test]
    fn refused_batches_leave_the_rest_in_order(steps in prop::collection::vec(step(), 0..40), seed: u64) {
        run(play(steps, seed, true));
    }
}
