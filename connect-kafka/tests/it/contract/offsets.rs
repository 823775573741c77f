use std::sync::Arc;

use connect_kafka::{Broker, Code};

use crate::support::{code, eventually, join_request, member, outsider, topic, tp};

pub(super) async fn commits_are_checked(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 2, &[])).await.unwrap();
    let results = broker.commit_offsets(&outsider("g"), vec![(tp("t", 1), 7), (tp("none", 0), 1)]).await.unwrap();
    assert!(results[0].1.is_ok());
    assert_eq!(results[1].1.as_ref().unwrap_err().code, Code::UnknownTopicOrPartition);
    assert_eq!(broker.committed_offsets("g", None).await.unwrap(), [(tp("t", 1), 7)]);
    assert!(broker.committed_offsets("g", Some(&[tp("t", 0)])).await.unwrap().is_empty());
    assert_eq!(broker.groups().await.unwrap(), ["g"]);

    let joined = broker.join_group(join_request("g", "a")).await.unwrap();
    let mine = member("g", &joined);
    let commit = async |member| broker.commit_offsets(&member, vec![(tp("t", 0), 3)]).await;
    assert_eq!(code(commit(mine.clone()).await), Code::RebalanceInProgress);
    broker.sync_group(&mine, Vec::new()).await.unwrap();
    commit(mine.clone()).await.unwrap();
    let mut old = mine.clone();
    old.generation -= 1;
    assert_eq!(code(commit(old).await), Code::IllegalGeneration);
    assert_eq!(code(commit(outsider("g")).await), Code::UnknownMemberId);
    let mut nowhere = mine.clone();
    nowhere.group = "none".into();
    assert_eq!(code(commit(nowhere).await), Code::IllegalGeneration);
    assert_eq!(broker.committed_offsets("g", None).await.unwrap(), [(tp("t", 0), 3), (tp("t", 1), 7)]);
    broker.leave_group(&mine).await.unwrap();
}

pub(super) async fn deleting_needs_an_empty_group(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 2, &[])).await.unwrap();
    let joined = broker.join_group(join_request("g", "a")).await.unwrap();
    broker.sync_group(&member("g", &joined), Vec::new()).await.unwrap();
    let both = vec![(tp("t", 0), 3), (tp("t", 1), 4)];
    broker.commit_offsets(&member("g", &joined), both).await.unwrap();
    assert_eq!(code(broker.delete_group("g").await), Code::NonEmptyGroup);
    assert_eq!(code(broker.delete_offsets("g", &[tp("t", 0)]).await), Code::NonEmptyGroup);
    broker.leave_group(&member("g", &joined)).await.unwrap();
    broker.delete_offsets("g", &[tp("t", 0)]).await.unwrap();
    assert_eq!(broker.committed_offsets("g", None).await.unwrap(), [(tp("t", 1), 4)]);
    broker.delete_group("g").await.unwrap();
    assert!(broker.groups().await.unwrap().is_empty());
    assert_eq!(code(broker.delete_group("g").await), Code::GroupIdNotFound);
    // A topic takes its committed offsets along.
    broker.commit_offsets(&outsider("h"), vec![(tp("t", 0), 1)]).await.unwrap();
    broker.delete_topic("t").await.unwrap();
    eventually(async || broker.committed_offsets("h", None).await.unwrap(), Vec::is_empty).await;
}
