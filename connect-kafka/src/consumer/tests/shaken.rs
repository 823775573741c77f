//! A group under random faults, restarts and rebalances.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::super::*;
use super::{at, broker, member, put};
use crate::{Api, Broker, Fault, InMemoryBroker, Isolation, OffsetSpec, TopicPartition};

/// What one member does in a group that is shaken.
async fn consume(broker: InMemoryBroker, seed: u64, seen: Arc<Mutex<Seen>>, cooperative: bool) {
    let mut consumer = member(&broker, |config| {
        config.assignors = match (cooperative, seed.is_multiple_of(2)) {
            (true, _) => vec![Assignor::CooperativeSticky],
            (_, true) => vec![Assignor::Range, Assignor::CooperativeSticky],
            (_, false) => vec![Assignor::RoundRobin, Assignor::Range],
        };
    });
    let mut had: BTreeSet<TopicPartition> = BTreeSet::new();
    let id = seed as usize;
    let patience = Duration::from_millis(40 * seed);
    loop {
        // Dropping the future again and again must lose nothing.
        let Ok(event) = timeout(patience, consumer.next()).await else { continue };
        let Ok(event) = event else { continue };
        match event {
            Event::Assigned(all) => {
                let generation = consumer.member().unwrap().generation;
                let mut seen = seen.lock().unwrap();
                for partition in consumer.assignment() {
                    let owner = seen.owners.insert((generation, partition.clone()), id).unwrap_or(id);
                    assert_eq!(owner, id, "{partition} is owned twice in generation {generation}");
                }
                for (partition, position) in all {
                    assert!(had.insert(partition.clone()), "{partition} is assigned twice");
                    assert!(position <= seen.next.get(&partition).copied().unwrap_or(0), "{partition} skips records");
                }
            }
            Event::Revoked(gone) | Event::Lost(gone) => {
                assert!(gone.iter().all(|partition| had.remove(partition)), "{gone:?} was not owned");
                assert!(consumer.assignment().iter().all(|partition| !gone.contains(partition)));
                assert!(cooperative || had.is_empty());
            }
            Event::Records(batches) => {
                {
                    let mut seen = seen.lock().unwrap();
                    for (partition, record) in batches.records() {
                        let offset = record.unwrap().offset;
                        let next = seen.next.entry((**partition).clone()).or_default();
                        // Again after a loss, never with a gap.
                        assert!(offset <= *next, "{partition} jumps from {next} to {offset}");
                        *next = (*next).max(offset + 1);
                    }
                }
                let _ = consumer.commit(&consumer.positions()).await;
            }
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    owners: BTreeMap<(i32, TopicPartition), usize>,
    next: BTreeMap<TopicPartition, i64>,
}

#[derive(Debug, Clone)]
enum Shake {
    Put(i32),
    Join,
    Kill,
    Expire,
    Rebalance,
    MoveCoordinator,
    MoveLeader(i32),
    Lose(u8),
    Pass(u64),
}

fn shake() -> impl Strategy<Value = Shake> {
    prop_oneof![
        4 => (0..4).prop_map(Shake::Put),
        2 => Just(Shake::Join),
        1 => Just(Shake::Kill),
        1 => Just(Shake::Expire),
        1 => Just(Shake::Rebalance),
        1 => Just(Shake::MoveCoordinator),
        1 => (0..4).prop_map(Shake::MoveLeader),
        2 => any::<u8>().prop_map(Shake::Lose),
        4 => (1..8000_u64).prop_map(Shake::Pass),
    ]
}

async fn shaken(steps: Vec<Shake>, cooperative: bool) {
    let broker = broker(4).await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let mut members = JoinSet::new();
    let mut running = VecDeque::new();
    let mut started = 0;
    let mut join = |members: &mut JoinSet<()>| {
        started += 1;
        members.spawn(consume(broker.clone(), started, seen.clone(), cooperative))
    };
    running.push_back(join(&mut members));
    for step in steps {
        match step {
            Shake::Put(partition) => put(&broker, &at(partition), &["x", "y", "z"]).await,
            Shake::Join if running.len() < 5 => running.push_back(join(&mut members)),
            Shake::Join => {}
            Shake::Kill if running.len() > 1 => running.pop_front().unwrap().abort(),
            Shake::Kill => {}
            Shake::Expire => {
                if let Some(id) = broker.members("g").first() {
                    let _ = broker.expire_member("g", id);
                }
            }
            Shake::Rebalance => drop(broker.rebalance("g")),
            Shake::MoveCoordinator => broker.move_coordinator("g"),
            Shake::MoveLeader(partition) => broker.move_leader(&at(partition)),
            Shake::Lose(kind) => {
                let all = [Api::JoinGroup, Api::SyncGroup, Api::Heartbeat, Api::CommitOffsets, Api::Fetch, Api::Topics];
                broker.faults().inject(Fault::lose_reply(all[usize::from(kind) % all.len()]).times(1));
            }
            Shake::Pass(ms) => sleep(Duration::from_millis(ms)).await,
        }
    }
    // After the shaking every record reaches somebody, and is committed.
    let ends = broker.list_offsets((0..4).map(|p| (at(p), OffsetSpec::Latest(Isolation::ReadUncommitted))).collect());
    let ends: BTreeMap<_, _> = ends.await.unwrap().into_iter().map(|(p, end)| (p, end.unwrap_or(-1))).collect();
    let done = || {
        let committed: BTreeMap<_, _> = broker.committed("g").into_iter().collect();
        ends.iter().all(|(p, end)| *end <= 0 || committed.get(p) == Some(end))
    };
    let deadline = Instant::now() + Duration::from_secs(200);
    while !done() {
        assert!(Instant::now() < deadline, "stuck: {:?} of {ends:?}, {:?}", broker.committed("g"), seen);
        if let Ok(Some(Err(error))) = timeout(Duration::from_secs(1), members.join_next()).await
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    members.abort_all();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_shaken_group_reads_everything(steps in prop::collection::vec(shake(), 0..40), cooperative: bool) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(shaken(steps, cooperative));
    }
}
