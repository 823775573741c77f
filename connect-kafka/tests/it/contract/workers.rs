//! Groups of Kafka Connect's workers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect_kafka::group::{
    GroupEvent, GroupMember, GroupProtocol, MemberConfig, WorkerAssignment, WorkerProtocol, WorkerState,
};
use connect_kafka::{Broker, Result};

/// The leader gives each worker one connector, in the order of their addresses.
#[derive(Debug)]
struct Worker {
    url: &'static str,
}

impl GroupProtocol for Worker {
    fn protocol_type(&self) -> &'static str {
        "connect"
    }

    fn protocols(&self) -> Vec<(String, Bytes)> {
        let state = WorkerState { url: self.url.into(), config_offset: 7, current: None };
        let offered = WorkerProtocol::Sessioned.offered().into_iter();
        offered.map(|protocol| (protocol.name().into(), state.encode(protocol))).collect()
    }

    fn assign(&self, protocol: &str, members: Vec<(String, Bytes)>) -> Result<Vec<(String, Bytes)>> {
        let protocol = WorkerProtocol::by_name(protocol).unwrap();
        let mut workers = BTreeMap::new();
        for (id, state) in members {
            workers.insert(WorkerState::decode(&state)?.url, id);
        }
        let assignment = |(number, id): (usize, String)| {
            let assigned = BTreeMap::from([(format!("connector-{number}").into(), vec![-1, 0])]);
            let leader_url = self.url.to_owned();
            let told = WorkerAssignment { leader_url, config_offset: 7, assigned, ..WorkerAssignment::default() };
            (id, told.encode(protocol))
        };
        Ok(workers.into_values().enumerate().map(assignment).collect())
    }
}

fn worker(broker: &Arc<dyn Broker>, url: &'static str) -> GroupMember {
    let config = MemberConfig { heartbeat_interval: Duration::from_millis(100), ..MemberConfig::new("workers") };
    GroupMember::new(broker.clone(), config, Arc::new(Worker { url }))
}

/// The worker's connectors when it is told the next time.
async fn told(worker: &mut GroupMember) -> (String, String) {
    loop {
        if let GroupEvent::Joined { protocol, assignment, .. } = worker.next().await.unwrap() {
            assert_eq!(protocol, "sessioned");
            let told = WorkerAssignment::decode(&assignment).unwrap();
            return (told.leader_url, told.assigned.into_keys().collect::<Vec<_>>().join(","));
        }
    }
}

pub(super) async fn divide_connectors(broker: Arc<dyn Broker>) {
    let mut a = worker(&broker, "http://a/");
    assert_eq!(told(&mut a).await, ("http://a/".into(), "connector-0".into()));
    let mut b = worker(&broker, "http://b/");
    let (first, second) = tokio::join!(told(&mut a), told(&mut b));
    assert_eq!((first.1.as_str(), second.1.as_str()), ("connector-0", "connector-1"));
    assert_eq!(first.0, second.0);
    a.leave().await.unwrap();
    assert_eq!(told(&mut b).await, ("http://b/".into(), "connector-0".into()));
    b.leave().await.unwrap();
}
