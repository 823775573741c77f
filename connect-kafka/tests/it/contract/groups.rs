use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect_kafka::{Broker, Code, JoinGroup, Joined};
use tokio::time::{Instant, sleep};

use crate::support::{code, eventually, join, join_request, member, outsider, topic, tp};

/// A group of one, in its first generation, synced.
async fn alone(broker: &Arc<dyn Broker>, request: JoinGroup) -> Joined {
    let joined = broker.join_group(request).await.unwrap();
    let assignments = vec![(joined.member_id.clone(), Bytes::from("all"))];
    assert_eq!(broker.sync_group(&member("g", &joined), assignments).await.unwrap(), "all");
    joined
}

/// Two members in one generation, the leader first; nobody has synced.
async fn two(broker: &Arc<dyn Broker>) -> (Joined, Joined) {
    let first = alone(broker, join_request("g", "a")).await;
    let second = join(broker, join_request("g", "b"));
    let beat = async || broker.heartbeat(&member("g", &first)).await.is_err();
    eventually(beat, |rebalancing| *rebalancing).await;
    let mut again = join_request("g", "a");
    again.member_id.clone_from(&first.member_id);
    let first = broker.join_group(again).await.unwrap();
    (first, second.await.unwrap().unwrap())
}

pub(super) async fn members_share_a_generation(broker: Arc<dyn Broker>) {
    let (leader, follower) = two(&broker).await;
    assert_eq!(leader.generation, follower.generation);
    assert_eq!((&leader.leader, &follower.leader), (&leader.member_id, &leader.member_id));
    // In any order.
    let seen: BTreeMap<_, _> = leader.members.iter().map(|(id, _, metadata)| (id.clone(), metadata.clone())).collect();
    let expected = [(leader.member_id.clone(), Bytes::from("a")), (follower.member_id.clone(), Bytes::from("b"))];
    assert_eq!(seen, BTreeMap::from(expected));
    assert!(follower.members.is_empty());

    let waiting = tokio::spawn({
        let (broker, follower) = (broker.clone(), member("g", &follower));
        async move { broker.sync_group(&follower, Vec::new()).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    let plan = vec![(leader.member_id.clone(), Bytes::from("1")), (follower.member_id.clone(), Bytes::from("2"))];
    assert_eq!(broker.sync_group(&member("g", &leader), plan).await.unwrap(), "1");
    assert_eq!(waiting.await.unwrap().unwrap(), "2");
    broker.heartbeat(&member("g", &follower)).await.unwrap();
    for one in [leader, follower] {
        broker.leave_group(&member("g", &one)).await.unwrap();
    }
}

pub(super) async fn a_second_member_rebalances(broker: Arc<dyn Broker>) {
    let first = alone(&broker, join_request("g", "a")).await;
    let second = join(&broker, join_request("g", "b"));
    tokio::task::yield_now().await;
    let beat = async || broker.heartbeat(&member("g", &first)).await.err().map(|error| error.code);
    eventually(beat, |answer| *answer == Some(Code::RebalanceInProgress)).await;
    assert_eq!(code(broker.sync_group(&member("g", &first), Vec::new()).await), Code::RebalanceInProgress);
    broker.leave_group(&member("g", &first)).await.unwrap();
    let second = second.await.unwrap().unwrap();
    assert_eq!(second.leader, second.member_id);
    assert_eq!(code(broker.heartbeat(&member("g", &first)).await), Code::UnknownMemberId);
    let mut old = member("g", &second);
    old.generation -= 1;
    assert_eq!(code(broker.heartbeat(&old).await), Code::IllegalGeneration);
    broker.leave_group(&member("g", &second)).await.unwrap();
}

pub(super) async fn silent_members_expire(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[])).await.unwrap();
    let silent = |client: &str| JoinGroup {
        session_timeout: Duration::from_secs(10),
        // A rebalance that waited for it to the end would be seen.
        rebalance_timeout: Duration::from_secs(600),
        ..join_request("g", client)
    };
    let first = alone(&broker, silent("a")).await;
    // Twice as long as a session.
    for _ in 0..10 {
        sleep(Duration::from_secs(2)).await;
        broker.heartbeat(&member("g", &first)).await.unwrap();
    }
    // Who is no member may commit for a group that has none. To ask the member itself would begin its session anew.
    let empty = async || broker.commit_offsets(&outsider("g"), vec![(tp("t", 0), 1)]).await.is_ok();
    eventually(empty, |empty| *empty).await;
    assert_eq!(code(broker.heartbeat(&member("g", &first)).await), Code::UnknownMemberId);

    // Who waits for a member that went silent gets the group when its session ends.
    let start = Instant::now();
    alone(&broker, silent("a")).await;
    let second = broker.join_group(silent("b")).await.unwrap();
    assert_eq!(second.members.len(), 1);
    let waited = start.elapsed();
    assert!(waited >= Duration::from_secs(9) && waited < Duration::from_secs(500), "{waited:?}");
    broker.leave_group(&member("g", &second)).await.unwrap();
}

pub(super) async fn members_that_do_not_rejoin_are_dropped(broker: Arc<dyn Broker>) {
    // Without its heartbeats it would be gone sooner.
    let beating = JoinGroup { session_timeout: Duration::from_secs(45), ..join_request("g", "a") };
    let first = alone(&broker, beating).await;
    let start = Instant::now();
    let mut second = join_request("g", "b");
    // The longest one in the group counts.
    second.rebalance_timeout = Duration::from_secs(58);
    let second = join(&broker, second);
    // It sends heartbeats, but never joins again.
    let heart = tokio::spawn({
        let (broker, first) = (broker.clone(), member("g", &first));
        async move {
            while !broker.heartbeat(&first).await.is_err_and(|error| error.code != Code::RebalanceInProgress) {
                sleep(Duration::from_secs(3)).await;
            }
        }
    });
    tokio::task::yield_now().await;
    let second = second.await.unwrap().unwrap();
    heart.abort();
    assert_eq!(second.members.len(), 1);
    assert!(start.elapsed() >= Duration::from_secs(60));
    broker.leave_group(&member("g", &second)).await.unwrap();
}

pub(super) async fn protocols_must_match(broker: Arc<dyn Broker>) {
    let joined = alone(&broker, join_request("g", "a")).await;
    let mut other = join_request("g", "b");
    other.protocols[0].0 = "v2".into();
    assert_eq!(code(broker.join_group(other).await), Code::InconsistentGroupProtocol);
    let mut other = join_request("g", "b");
    other.protocol_type = "consumer".into();
    assert_eq!(code(broker.join_group(other).await), Code::InconsistentGroupProtocol);
    let mut other = join_request("g", "b");
    other.session_timeout = Duration::from_millis(1);
    assert_eq!(code(broker.join_group(other).await), Code::InvalidSessionTimeout);
    assert_eq!(code(broker.join_group(join_request("", "b")).await), Code::InvalidGroupId);
    broker.leave_group(&member("g", &joined)).await.unwrap();
}

pub(super) async fn static_members_are_fenced(broker: Arc<dyn Broker>) {
    let mut request = join_request("g", "a");
    request.instance_id = Some("one".into());
    let first = broker.join_group(request.clone()).await.unwrap();
    let mut old = member("g", &first);
    old.instance_id = Some("one".into());
    broker.sync_group(&old, vec![(first.member_id.clone(), Bytes::from("all"))]).await.unwrap();
    // The same instance starts again: no rebalance, the assignment stays.
    let second = broker.join_group(request).await.unwrap();
    assert_ne!(second.member_id, first.member_id);
    assert_eq!(second.generation, first.generation);
    let mut new = member("g", &second);
    new.instance_id = Some("one".into());
    assert_eq!(broker.sync_group(&new, Vec::new()).await.unwrap(), "all");
    assert_eq!(code(broker.heartbeat(&old).await), Code::FencedInstanceId);
    broker.heartbeat(&new).await.unwrap();
    broker.leave_group(&new).await.unwrap();
}

pub(super) async fn strangers_are_refused(broker: Arc<dyn Broker>) {
    let joined = alone(&broker, join_request("g", "a")).await;
    let mut stranger = member("g", &joined);
    stranger.member_id = "nobody".into();
    assert_eq!(code(broker.heartbeat(&stranger).await), Code::UnknownMemberId);
    assert_eq!(code(broker.sync_group(&stranger, Vec::new()).await), Code::UnknownMemberId);
    assert_eq!(code(broker.leave_group(&stranger).await), Code::UnknownMemberId);
    let mut request = join_request("g", "a");
    request.member_id = "nobody".into();
    assert_eq!(code(broker.join_group(request).await), Code::UnknownMemberId);
    broker.leave_group(&member("g", &joined)).await.unwrap();
}
