//! Every fault hook.

use std::sync::Arc;
use std::time::Duration;

use connect_kafka::{Api, Broker, Code, Fault, InMemoryBroker, JoinGroup, ProduceBatch, ProduceRequest};
use tokio::time::Instant;

use crate::support::{code, fetch, join_request, member, outsider, plain, produce, topic, tp};

async fn broker() -> InMemoryBroker {
    let broker = InMemoryBroker::new();
    broker.create_topic(topic("a", 2, &[])).await.unwrap();
    broker.create_topic(topic("b", 1, &[])).await.unwrap();
    broker
}

#[tokio::test(start_paused = true)]
async fn calls_fail_a_number_of_times() {
    let broker = broker().await;
    broker.faults().inject(Fault::fail(Api::Produce, Code::NotEnoughReplicas).times(2));
    for expected in [Err(Code::NotEnoughReplicas), Err(Code::NotEnoughReplicas), Ok(0)] {
        assert_eq!(produce(&broker, &tp("a", 0), plain(1)).await.map_err(|e| e.code), expected);
    }
    assert_eq!(broker.faults().calls(Api::Produce), 3);
    assert_eq!(broker.log_end(&tp("a", 0)).unwrap(), 1);
    broker.faults().inject(Fault::fail(Api::Groups, Code::CoordinatorNotAvailable));
    for _ in 0..3 {
        assert_eq!(code(broker.groups().await), Code::CoordinatorNotAvailable);
    }
    broker.faults().clear();
    broker.groups().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn faults_can_be_limited_to_a_topic() {
    let broker = broker().await;
    broker.faults().inject(Fault::fail(Api::Produce, Code::StorageError).topic("a"));
    let batch = |topic: &str| ProduceBatch { partition: tp(topic, 0), data: plain(1) };
    let batches = vec![batch("a"), batch("b")];
    let request = ProduceRequest {
        batches,
        acks: connect_kafka::Acks::All,
        timeout: Duration::from_secs(1),
        transactional_id: None,
    };
    let produced = broker.produce(request).await.unwrap();
    let results: Vec<_> = produced.into_iter().map(|p| p.result.map_err(|e| e.code)).collect();
    assert_eq!(results, [Err(Code::StorageError), Ok(0)]);
}

#[tokio::test(start_paused = true)]
async fn calls_are_delayed() {
    let broker = broker().await;
    broker.faults().inject(Fault::delay(Api::Fetch, Duration::from_secs(3)).times(1));
    let start = Instant::now();
    fetch(&broker, &tp("a", 0), 0).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn silence_lasts_until_it_is_cleared() {
    let broker = broker().await;
    broker.faults().inject(Fault::silence(Api::Produce));
    let (tp, data) = (tp("a", 0), plain(1));
    let mut silent = Box::pin(produce(&broker, &tp, data));
    assert!(tokio::time::timeout(Duration::from_secs(3600), &mut silent).await.is_err());
    assert_eq!(broker.log_end(&tp).unwrap(), 0);
    broker.faults().clear();
    assert_eq!(silent.await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn replies_are_lost() {
    let broker = broker().await;
    broker.faults().inject(Fault::lose_reply(Api::Produce).times(1));
    assert_eq!(code(produce(&broker, &tp("a", 0), plain(1)).await), Code::NetworkException);
    assert_eq!(broker.log_end(&tp("a", 0)).unwrap(), 1);
    broker.faults().inject(Fault::lose_reply(Api::CommitOffsets).group("g").times(1));
    let commit = broker.commit_offsets(&outsider("g"), vec![(tp("a", 0), 1)]).await;
    assert_eq!(code(commit), Code::NetworkException);
    assert_eq!(broker.committed("g"), [(tp("a", 0), 1)]);
}

#[tokio::test(start_paused = true)]
async fn leaders_and_coordinators_move() {
    let broker = broker().await;
    broker.move_leader(&tp("a", 1));
    produce(&broker, &tp("a", 0), plain(1)).await.unwrap();
    assert_eq!(code(produce(&broker, &tp("a", 1), plain(1)).await), Code::NotLeaderOrFollower);
    produce(&broker, &tp("a", 1), plain(1)).await.unwrap();
    assert_eq!(code(fetch(&broker, &tp("a", 1), 0).await), Code::NotLeaderOrFollower);
    fetch(&broker, &tp("a", 1), 0).await.unwrap();
    broker.move_coordinator("g");
    assert_eq!(code(broker.join_group(join_request("g", "a")).await), Code::NotCoordinator);
    broker.join_group(join_request("g", "a")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn sessions_end_and_rebalances_start_on_demand() {
    let broker = broker().await;
    let joined = broker.join_group(join_request("g", "a")).await.unwrap();
    broker.sync_group(&member("g", &joined), Vec::new()).await.unwrap();
    broker.rebalance("g").unwrap();
    assert_eq!(code(broker.heartbeat(&member("g", &joined)).await), Code::RebalanceInProgress);
    assert_eq!(broker.members("g"), std::slice::from_ref(&joined.member_id));
    broker.expire_member("g", &joined.member_id).unwrap();
    assert!(broker.members("g").is_empty());
    assert_eq!(code(broker.heartbeat(&member("g", &joined)).await), Code::UnknownMemberId);
    assert_eq!(code(broker.rebalance("none")), Code::GroupIdNotFound);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_join_is_a_disconnected_client() {
    let broker: Arc<dyn Broker> = Arc::new(InMemoryBroker::new());
    let request = |client: &str| JoinGroup { session_timeout: Duration::from_secs(10), ..join_request("g", client) };
    let first = broker.join_group(request("a")).await.unwrap();
    broker.sync_group(&member("g", &first), Vec::new()).await.unwrap();
    // It joins, goes away, and is dropped when its session ends.
    let gone = tokio::time::timeout(Duration::from_secs(1), broker.join_group(request("b"))).await;
    assert!(gone.is_err());
    let mut again = request("a");
    again.member_id.clone_from(&first.member_id);
    let with_ghost = broker.join_group(again.clone()).await.unwrap();
    assert_eq!(with_ghost.members.len(), 2);
    broker.sync_group(&member("g", &with_ghost), Vec::new()).await.unwrap();
    tokio::time::advance(Duration::from_secs(6)).await;
    broker.heartbeat(&member("g", &with_ghost)).await.unwrap();
    tokio::time::advance(Duration::from_secs(6)).await;
    assert_eq!(code(broker.heartbeat(&member("g", &with_ghost)).await), Code::RebalanceInProgress);
    let alone = broker.join_group(again).await.unwrap();
    assert_eq!(alone.members.len(), 1);
}
