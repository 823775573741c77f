//! What readers of committed records get, against a model: any interleaving of transactions, read from anywhere.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::consumer::{FetchConfig, PartitionConsumer};
use connect_kafka::{Broker, Code, InMemoryBroker, Isolation, OffsetSpec, ProducerId, Txn};
use proptest::prelude::*;

use crate::support::{begin, code, encode, fetch_request, in_txn, outsider, produce, topic, tp, write};

const PRODUCERS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Plain,
    Write {
        producer: usize,
    },
    End {
        producer: usize,
        commit: bool,
    },
    /// Another instance takes over.
    Fence {
        producer: usize,
    },
    DeleteBefore {
        share: f64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Plain),
        6 => (0..PRODUCERS).prop_map(|producer| Step::Write { producer }),
        3 => (0..PRODUCERS, any::<bool>()).prop_map(|(producer, commit)| Step::End { producer, commit }),
        1 => (0..PRODUCERS).prop_map(|producer| Step::Fence { producer }),
        1 => (0.0..1.0).prop_map(|share| Step::DeleteBefore { share }),
    ]
}

#[derive(Debug, Clone, PartialEq)]
enum Fate {
    Plain,
    Open(usize),
    Committed,
    Aborted(i64),
    Marker,
}

struct Model {
    log: Vec<Fate>,
    start: usize,
    txns: Vec<(Txn, i32)>,
}

impl Model {
    fn close(&mut self, producer: usize, fate: Fate) {
        if self.log.contains(&Fate::Open(producer)) {
            self.log.iter_mut().filter(|at| **at == Fate::Open(producer)).for_each(|at| *at = fate.clone());
            self.log.push(Fate::Marker);
        }
    }

    fn last_stable(&self) -> usize {
        let open = self.log.iter().position(|fate| matches!(fate, Fate::Open(_)));
        open.unwrap_or(self.log.len())
    }

    fn visible(&self, from: usize) -> Vec<i64> {
        let seen = |at: &usize| matches!(self.log[*at], Fate::Plain | Fate::Committed);
        (from..self.last_stable()).filter(seen).map(|at| at as i64).collect()
    }
}

async fn apply(broker: &InMemoryBroker, model: &mut Model, step: Step) {
    let t = tp("t", 0);
    match step {
        Step::Plain => {
            produce(broker, &t, encode(&[("k", Some("v"), 1)], ProducerId::NONE, -1)).await.unwrap();
            model.log.push(Fate::Plain);
        }
        Step::Write { producer } => {
            let (txn, sequence) = &mut model.txns[producer];
            broker.add_partitions(txn, std::slice::from_ref(&t)).await.unwrap();
            assert_eq!(produce(broker, &t, in_txn(txn, "v", *sequence)).await.unwrap(), model.log.len() as i64);
            *sequence += 1;
            model.log.push(Fate::Open(producer));
        }
        Step::End { producer, commit } => {
            let txn = model.txns[producer].0.clone();
            let ended = broker.end_txn(&txn, commit).await;
            let open = model.log.contains(&Fate::Open(producer));
            assert!(ended.is_ok() || !open, "{ended:?}");
            model.close(producer, if commit { Fate::Committed } else { Fate::Aborted(txn.producer.id) });
        }
        Step::Fence { producer } => {
            let id = model.txns[producer].0.producer.id;
            model.close(producer, Fate::Aborted(id));
            model.txns[producer] = (begin(broker, &producer.to_string()).await, 0);
        }
        Step::DeleteBefore { share } => {
            let to = (model.last_stable() as f64 * share) as usize;
            broker.truncate_before(&t, to as i64).unwrap();
            model.start = model.start.max(to);
        }
    }
}

async fn check(broker: &InMemoryBroker, model: &Model, max_bytes: usize) {
    let t = tp("t", 0);
    let wanted = vec![(t.clone(), OffsetSpec::Latest(Isolation::ReadCommitted))];
    let found = broker.list_offsets(wanted).await.unwrap().remove(0).1.unwrap();
    assert_eq!(found, model.last_stable() as i64);
    for from in model.start..=model.log.len() {
        let mut request = fetch_request(&t, from as i64);
        request.isolation = Isolation::ReadCommitted;
        request.max_bytes = max_bytes;
        let data = broker.fetch(request).await.unwrap().remove(0).result.unwrap();
        assert_eq!(data.last_stable, model.last_stable() as i64);
        // Every aborted record that was read is in the list, and nobody in it committed all that was read.
        let read = from..(from + data.batches.len()).min(model.log.len());
        let listed: BTreeSet<i64> = data.aborted.iter().map(|(producer, _)| *producer).collect();
        for fate in &model.log[read] {
            assert!(!matches!(fate, Fate::Aborted(producer) if !listed.contains(producer)));
        }
        assert!(data.aborted.iter().all(|(_, first)| *first < (from + data.batches.len()) as i64));

        let config = FetchConfig {
            isolation: Isolation::ReadCommitted,
            max_bytes,
            max_wait: Duration::from_millis(1),
            ..FetchConfig::default()
        };
        let mut consumer = PartitionConsumer::new(Arc::new(broker.clone()), config);
        consumer.assign([(t.clone(), from as i64)]);
        let mut seen = Vec::new();
        while let Ok(batches) = tokio::time::timeout(Duration::from_millis(10), consumer.next()).await {
            seen.extend(batches.unwrap().records().map(|(_, record)| record.unwrap().offset));
        }
        assert_eq!(seen, model.visible(from), "from {from}");
        // Past markers and aborted records too.
        assert_eq!(consumer.positions()[0].1, model.last_stable().max(from) as i64);
    }
}

async fn play(steps: Vec<Step>, max_bytes: usize) {
    let broker = InMemoryBroker::new();
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let mut model = Model { log: Vec::new(), start: 0, txns: Vec::new() };
    for producer in 0..PRODUCERS {
        model.txns.push((begin(&broker, &producer.to_string()).await, 0));
    }
    for step in steps {
        apply(&broker, &mut model, step).await;
    }
    check(&broker, &model, max_bytes).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn readers_of_committed_records_see_what_the_model_says(
        steps in prop::collection::vec(step(), 0..30),
        max_bytes in prop_oneof![Just(1_usize), Just(200), Just(1 << 20)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play(steps, max_bytes));
    }
}

/// What Kafka lets pass.
#[tokio::test(start_paused = true)]
async fn the_embedded_broker_is_stricter_than_kafka() {
    let broker = InMemoryBroker::new();
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let a = begin(&broker, "a").await;
    let commit = async |group| broker.commit_txn_offsets(&a, &outsider(group), vec![(tp("t", 0), 1)]).await;
    assert_eq!(code(commit("g").await), Code::InvalidTxnState);
    broker.add_offsets(&a, "g").await.unwrap();
    assert_eq!(code(commit("h").await), Code::InvalidTxnState);
    assert_eq!(code(broker.add_offsets(&a, "").await), Code::InvalidGroupId);
    let nobody = Txn { id: "a".into(), producer: ProducerId::NONE };
    assert_eq!(code(write(&broker, &tp("t", 0), &nobody, "x", -1).await), Code::InvalidRecord);
}
