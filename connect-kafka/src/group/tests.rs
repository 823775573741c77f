use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use tokio::time::timeout;

use super::*;
use crate::{Api, Code, Fault, InMemoryBroker, Result};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn work(all: &[(&str, &[i32])]) -> BTreeMap<Arc<str>, Vec<i32>> {
    all.iter().map(|(connector, tasks)| ((*connector).into(), tasks.to_vec())).collect()
}

fn assignment() -> WorkerAssignment {
    WorkerAssignment {
        leader: "m-1".into(),
        leader_url: "http://a:8083/".into(),
        config_offset: 5,
        assigned: work(&[("c1", &[-1, 0])]),
        ..WorkerAssignment::default()
    }
}

/// What Java's workers write.
#[test]
fn workers_speak_as_java_does() {
    let url = "000e 687474703a2f2f613a383038332f";
    let told = format!("0000 0003 6d2d31 {url} 0000000000000005 00000001 0002 6331 00000002 ffffffff 00000000");
    let told_later = format!("{told} 00000000 00000000");
    for (protocol, hex) in [
        (WorkerProtocol::Eager, format!("0000 {told}")),
        (WorkerProtocol::Compatible, format!("0001 {told_later}")),
        (WorkerProtocol::Sessioned, format!("0002 {told_later}")),
    ] {
        assert_eq!(assignment().encode(protocol), bytes(&hex), "{protocol:?}");
        assert_eq!(WorkerAssignment::decode(&bytes(&hex)).unwrap(), assignment(), "{protocol:?}");
    }
    // Null instead of an empty list, and fields that are not there.
    for end in ["ffffffff 00000000", "ffffffff", ""] {
        assert_eq!(WorkerAssignment::decode(&bytes(&format!("0002 {told} {end}"))).unwrap(), assignment(), "{end}");
    }

    let state = WorkerState { url: "http://a:8083/".into(), config_offset: 5, current: None };
    let says = format!("{url} 0000000000000005");
    let with = WorkerState { current: Some(assignment()), ..state.clone() };
    let current = format!("{:08x} 0002 {told_later}", bytes(&format!("0002 {told_later}")).len());
    for (protocol, hex, state) in [
        (WorkerProtocol::Eager, format!("0000 {says}"), &state),
        (WorkerProtocol::Compatible, format!("0001 {says} ffffffff"), &state),
        (WorkerProtocol::Sessioned, format!("0002 {says} ffffffff"), &state),
        (WorkerProtocol::Sessioned, format!("0002 {says} {current}"), &with),
    ] {
        assert_eq!(state.encode(protocol), bytes(&hex), "{protocol:?}");
        assert_eq!(WorkerState::decode(&bytes(&hex)).unwrap(), *state, "{protocol:?}");
    }
    let names = |protocol: WorkerProtocol| protocol.offered().into_iter().map(WorkerProtocol::name).collect::<Vec<_>>();
    assert_eq!(names(WorkerProtocol::Sessioned), ["sessioned", "compatible", "default"]);
    assert_eq!(names(WorkerProtocol::Eager), ["default"]);
    assert_eq!(WorkerProtocol::by_name("compatible"), Some(WorkerProtocol::Compatible));
    assert_eq!(WorkerProtocol::by_name("range"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(data in prop::collection::vec(prop_oneof![Just(0_u8), Just(0xff), any::<u8>()], 0..80)) {
        let _ = WorkerState::decode(&data);
        let _ = WorkerAssignment::decode(&data);
    }
}

/// Gives each member the members' metadata, joined.
#[derive(Debug, Default)]
struct Everybody {
    says: Mutex<String>,
}

impl GroupProtocol for Everybody {
    fn protocol_type(&self) -> &'static str {
        "connect"
    }

    fn protocols(&self) -> Vec<(String, Bytes)> {
        let says = Bytes::from(self.says.lock().unwrap().clone());
        vec![("new".into(), says.clone()), ("old".into(), says)]
    }

    fn assign(&self, protocol: &str, members: Vec<(String, Bytes)>) -> Result<Vec<(String, Bytes)>> {
        assert_eq!(protocol, "new");
        let mut said: Vec<_> = members.iter().map(|(_, says)| String::from_utf8_lossy(says).into_owned()).collect();
        said.sort();
        Ok(members.into_iter().map(|(id, _)| (id, Bytes::from(said.join(",")))).collect())
    }
}

fn member(broker: &InMemoryBroker, says: &str) -> (GroupMember, Arc<Everybody>) {
    let protocol = Arc::new(Everybody { says: Mutex::new(says.into()) });
    let config = MemberConfig { client_id: says.into(), ..MemberConfig::new("workers") };
    (GroupMember::new(Arc::new(broker.clone()), config, protocol.clone()), protocol)
}

/// What the members are told once all have been told the same.
async fn settled(members: &mut [&mut GroupMember]) -> (String, usize) {
    loop {
        let each = members.iter_mut().map(|member| async {
            let event = timeout(Duration::from_secs(30), async {
                loop {
                    if let GroupEvent::Joined { assignment, leads, .. } = member.next().await.unwrap() {
                        return (String::from_utf8_lossy(&assignment).into_owned(), leads);
                    }
                }
            });
            event.await.ok()
        });
        let told = futures::future::join_all(each).await;
        let joined: Vec<_> = told.into_iter().flatten().collect();
        if let Some((first, _)) = joined.first()
            && joined.len() == members.len()
            && joined.iter().all(|(told, _)| told == first)
        {
            return (first.clone(), joined.iter().filter(|(_, leads)| *leads).count());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn members_agree_whatever_comes_and_goes() {
    let broker = InMemoryBroker::new();
    let (mut a, says) = member(&broker, "a");
    assert_eq!(settled(&mut [&mut a]).await, ("a".into(), 1));
    let (mut b, _) = member(&broker, "b");
    assert_eq!(settled(&mut [&mut a, &mut b]).await, ("a,b".into(), 1));
    let generation = a.member().unwrap().generation;

    // What a member says anew is heard when it has the group rebalance.
    *says.says.lock().unwrap() = "c".into();
    a.rejoin();
    assert_eq!(settled(&mut [&mut a, &mut b]).await, ("b,c".into(), 1));
    assert!(a.member().unwrap().generation > generation);

    b.leave().await.unwrap();
    assert!(b.member().is_none());
    assert_eq!(settled(&mut [&mut a]).await, ("c".into(), 1));
    // One that is gone without a word is missed when its session ends.
    assert_eq!(settled(&mut [&mut a, &mut b]).await, ("b,c".into(), 1));
    drop(b);
    assert_eq!(settled(&mut [&mut a]).await, ("c".into(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_lost_member_comes_back() {
    let broker = InMemoryBroker::new();
    let (mut a, _) = member(&broker, "a");
    settled(&mut [&mut a]).await;
    broker.faults().inject(Fault::fail(Api::Heartbeat, Code::UnknownMemberId).times(1));
    assert_eq!(a.next().await.unwrap(), GroupEvent::Lost);
    broker.faults().inject(Fault::fail(Api::JoinGroup, Code::CoordinatorNotAvailable).times(3));
    broker.faults().inject(Fault::lose_reply(Api::SyncGroup).times(1));
    assert_eq!(settled(&mut [&mut a]).await.0, "a");
    broker.faults().inject(Fault::fail(Api::Heartbeat, Code::FencedInstanceId).times(1));
    assert_eq!(a.next().await.unwrap_err().code, Code::FencedInstanceId);
}

/// The broker keeps groups of different kinds apart.
#[tokio::test(start_paused = true)]
async fn a_consumer_group_is_no_group_of_workers() {
    use crate::consumer::{GroupConfig, GroupConsumer, Subscription};
    let broker = InMemoryBroker::new();
    let (mut a, _) = member(&broker, "a");
    settled(&mut [&mut a]).await;
    let consumer = GroupConfig::new("workers");
    let mut consumer = GroupConsumer::new(Arc::new(broker), consumer, Subscription::Topics(vec!["t".into()]));
    let refused = consumer.next().await.unwrap_err();
    assert!(refused.to_string().contains("InconsistentGroupProtocol"), "{refused}");
}
