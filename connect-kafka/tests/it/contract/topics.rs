use std::sync::Arc;

use connect_kafka::{Broker, Code, NewTopic};

use crate::support::{code, plain, produce, topic, tp};

pub(super) async fn names_follow_kafkas_rules(broker: Arc<dyn Broker>) {
    let long = "x".repeat(250);
    for name in ["", ".", "..", "a b", "ä", "a/b", long.as_str()] {
        assert_eq!(code(broker.create_topic(topic(name, 1, &[])).await), Code::InvalidTopic, "{name:?}");
    }
    for name in ["a.b_c-D9", &long[1..]] {
        broker.create_topic(topic(name, 1, &[])).await.unwrap();
    }
    assert_eq!(code(broker.create_topic(topic("zero", 0, &[])).await), Code::InvalidPartitions);
    assert_eq!(code(broker.create_topic(topic("c", 1, &[("cleanup.policy", "shred")])).await), Code::InvalidConfig);
}

pub(super) async fn are_created_listed_and_deleted(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("b", 2, &[])).await.unwrap();
    broker.create_topic(topic("a", -1, &[])).await.unwrap();
    assert_eq!(code(broker.create_topic(topic("a", 1, &[])).await), Code::TopicAlreadyExists);
    let list = async |names: Option<&[Arc<str>]>| {
        let topics = broker.topics(names).await.unwrap();
        topics.iter().map(|t| (t.name.to_string(), t.partitions)).collect::<Vec<_>>()
    };
    assert_eq!(list(None).await, [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    assert_eq!(list(Some(&["b".into(), "none".into()])).await, [("b".to_owned(), 2)]);
    broker.delete_topic("b").await.unwrap();
    assert_eq!(code(broker.delete_topic("b").await), Code::UnknownTopicOrPartition);
    assert_eq!(code(produce(&*broker, &tp("b", 0), plain(1)).await), Code::UnknownTopicOrPartition);
    broker.create_topic(topic("b", 1, &[])).await.unwrap();
    assert_eq!(produce(&*broker, &tp("b", 0), plain(1)).await.unwrap(), 0);
}

pub(super) async fn need_no_configs(broker: Arc<dyn Broker>) {
    let create = async |name: &str, partitions, replication_factor| {
        let configs = [].into();
        broker.create_topic(NewTopic { name: name.into(), partitions, replication_factor, configs }).await
    };
    for name in ["", "..", "a b", "ä"] {
        assert_eq!(code(create(name, 1, 1).await), Code::InvalidTopic, "{name:?}");
    }
    assert_eq!(code(create("zero", 0, 1).await), Code::InvalidPartitions);
    assert_eq!(code(create("many", 1, 1000).await), Code::InvalidReplicationFactor);
    create("b", 3, 1).await.unwrap();
    create("a", -1, -1).await.unwrap();
    assert_eq!(code(create("b", 1, 1).await), Code::TopicAlreadyExists);
    let topics = async || {
        let topics = broker.topics(None).await.unwrap();
        topics.iter().map(|t| (t.name.to_string(), t.partitions)).collect::<Vec<_>>()
    };
    assert_eq!(topics().await, [("a".to_owned(), 1), ("b".to_owned(), 3)]);
    assert_eq!(broker.topic_configs("b").await.unwrap()["cleanup.policy"], "delete");
    broker.delete_topic("b").await.unwrap();
    assert_eq!(code(broker.delete_topic("b").await), Code::UnknownTopicOrPartition);
    assert_eq!(topics().await, [("a".to_owned(), 1)]);
}

pub(super) async fn configs_have_kafkas_defaults(broker: Arc<dyn Broker>) {
    broker.create_topic(topic("t", 1, &[("cleanup.policy", "compact")])).await.unwrap();
    let configs = broker.topic_configs("t").await.unwrap();
    assert_eq!(configs["cleanup.policy"], "compact");
    assert_eq!(configs["retention.ms"], "604800000");
    assert_eq!(code(broker.topic_configs("none").await), Code::UnknownTopicOrPartition);
}
