use connect_kafka::{EmbeddedBroker, NewTopic};

use super::*;

#[tokio::test(start_paused = true)]
async fn internal_topics_and_sinks() {
    let broker = EmbeddedBroker::new();
    let topics = [("configs", 3, "compact"), ("offsets", 5, "delete"), ("good", 1, "compact")];
    for (name, partitions, policy) in topics {
        let configs = BTreeMap::from([("cleanup.policy".to_owned(), policy.to_owned())]);
        let topic = NewTopic { name: name.into(), partitions, replication_factor: 1, configs };
        broker.create_topic(topic).await.expect("a topic");
    }
    let keys =
        [("config.storage.topic", "configs"), ("offset.storage.topic", "offsets"), ("status.storage.topic", "later")];
    let properties = keys.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let text: String = internal(&broker, &properties).await.iter().map(ToString::to_string).collect();
    for part in ["has 3 partitions and must have 1", "cleanup.policy=delete", "later: is not there yet"] {
        assert!(text.contains(part), "{text}");
    }
    let config = [("name", "to"), ("topics", "good, gone")].map(|(key, value)| (key.into(), value.into())).into();
    let file = ConnectorFile { path: "to.json".into(), config, initial_state: Default::default() };
    let found = sink(&broker, &file).await;
    let text: String = found.iter().map(ToString::to_string).collect();
    assert!(text.contains("topic good: is there") && text.contains("topic gone: is not there"), "{text}");
    assert_eq!(found.iter().filter(|finding| finding.is_problem()).count(), 1, "{text}");
}
