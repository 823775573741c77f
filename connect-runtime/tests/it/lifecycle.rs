//! Start, pause, resume, stop, restart, delete.

use std::sync::Arc;
use std::time::Duration;

use connect_api::{OffsetMap, Record};
use connect_kafka::producer::{Producer, ProducerConfig};
use connect_runtime::testing::TestWorker;
use connect_runtime::{InitialState, JavaRegex, Plugins, RestartOptions, SourceOptions, State, source_fn};

use crate::support::{Seen, sink};

#[tokio::test(start_paused = true)]
async fn a_paused_sink_waits_and_goes_on() {
    let worker = TestWorker::start().await;
    let seen = Seen::default();
    worker.topic("t", 1).await;
    worker.start_sink(sink("t"), seen.taking(), ()).await;
    worker.send_all("t", ["a"]).await;
    worker.drained().await;
    worker.worker().pause("sink").await.unwrap();
    worker.until(|| worker.status("sink").tasks[0].state == State::Paused).await;
    worker.send_all("t", ["b"]).await;
    worker.advance(Duration::from_secs(30)).await;
    assert_eq!(seen.all(), ["a"]);
    worker.worker().resume("sink").await.unwrap();
    worker.drained().await;
    assert_eq!(seen.all(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_connector_has_no_tasks_and_goes_on_where_it_was() {
    let worker = TestWorker::start().await;
    let seen = Seen::default();
    worker.send_all("t", ["a"]).await;
    worker.start_sink(sink("t"), seen.taking(), ()).await;
    worker.drained().await;
    worker.worker().stop("sink").await.unwrap();
    let status = worker.status("sink");
    assert_eq!((status.state, status.tasks.len()), (State::Stopped, 0));
    worker.send_all("t", ["b"]).await;
    worker.worker().restart("sink", RestartOptions::default()).await.unwrap();
    assert_eq!(worker.status("sink").state, State::Stopped, "a restart does not start what is stopped");
    worker.worker().resume("sink").await.unwrap();
    worker.until(|| seen.all().len() == 2).await;
    worker.worker().restart("sink", RestartOptions { include_tasks: true, only_failed: false }).await.unwrap();
    worker.drained().await;
    assert_eq!(seen.all(), ["a", "b"], "what was committed is not put again");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_connector_is_gone_and_its_offsets_stay() {
    let worker = TestWorker::start().await;
    let seen = Seen::default();
    worker.send_all("t", ["a"]).await;
    worker.start_sink(sink("t"), seen.taking(), ()).await;
    let twice = worker.worker().start_sink(sink("t"), seen.taking(), ()).await.unwrap_err().to_string();
    assert!(twice.contains("a connector named \"sink\" already"), "{twice}");
    worker.drained().await;
    worker.worker().delete("sink").await.unwrap();
    let gone = worker.worker().status("sink").unwrap_err().to_string();
    assert_eq!(gone, "no connector named \"sink\"; there are: none");
    assert_eq!(worker.committed("sink", "t"), [1]);
}

#[tokio::test(start_paused = true)]
async fn a_connector_may_begin_stopped_or_paused() {
    let seen = Seen::default();
    let worker = TestWorker::builder().plugins(Plugins::new().sink(seen.taking())).start().await;
    worker.send_all("t", ["a"]).await;
    for state in ["stopped", "Paused"] {
        let properties = [("name", state), ("connector.class", "closure"), ("topics", "t")];
        let properties = properties.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        worker.worker().create_as(properties, state.parse::<InitialState>().unwrap()).await.unwrap();
        let status = worker.status(state);
        assert_eq!(status.state.to_string(), state.to_ascii_uppercase());
        assert!(status.tasks.is_empty());
        worker.worker().resume(state).await.unwrap();
    }
    worker.until(|| seen.all().len() == 2).await;
    assert!("asleep".parse::<InitialState>().unwrap_err().to_string().contains("RUNNING, PAUSED, STOPPED"));
}

#[tokio::test(start_paused = true)]
async fn a_paused_source_does_not_poll() {
    let worker = TestWorker::start().await;
    let source = source_fn(|after: Option<OffsetMap>| async move {
        let n = after.and_then(|offset| offset.get_i64("n")).unwrap_or(0) + 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(vec![(Record::new("t", n.to_string()), OffsetMap::of("n", n))])
    });
    worker.start_source(SourceOptions::new("source"), source, ()).await;
    worker.until(|| worker.values("t").len() == 2).await;
    worker.worker().pause("source").await.unwrap();
    worker.until(|| worker.status("source").tasks[0].state == State::Paused).await;
    worker.advance(Duration::from_secs(100)).await;
    let paused = worker.values("t").len();
    assert!(paused <= 3, "only the poll under way is finished, {paused} records came");
    worker.worker().resume("source").await.unwrap();
    worker.until(|| worker.values("t").len() >= 5).await;
    assert_eq!(worker.values("t")[..5], ["1", "2", "3", "4", "5"]);
}

#[tokio::test(start_paused = true)]
async fn every_mistake_of_a_configuration_is_told_at_once() {
    let worker = TestWorker::builder().plugins(Plugins::new().sink(Seen::default().taking())).start().await;
    let properties = [
        ("name", ""),
        ("connector.class", "closure"),
        ("topics", "t,dlq"),
        ("topics.regex", "["),
        ("tasks.max", "zero"),
        ("errors.tolerance", "some"),
        ("transforms", "a,a"),
        ("transforms.a.type", "Nope"),
        ("transforms.a.predicate", "p"),
        ("value.converter", "Nope"),
    ];
    let properties = properties.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let errors = worker.worker().validate(&properties).await.unwrap_err();
    let keys: std::collections::BTreeSet<_> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(
        keys.into_iter().collect::<Vec<_>>(),
        [
            "errors.tolerance",
            "name",
            "tasks.max",
            "topics",
            "topics.regex",
            "transforms",
            "transforms.a.predicate",
            "transforms.a.type",
            "value.converter",
        ],
        "{errors}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_workers_converters_take_their_settings() {
    let properties = [
        ("value.converter", "JsonConverter"),
        ("value.converter.schemas.enable", "false"),
        ("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
    ];
    let properties = properties.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let parsed = connect_api::config::parse::<connect_runtime::WorkerConfig>(&properties).unwrap();
    assert_eq!(parsed.warnings, [""; 0]);
    let worker = TestWorker::builder().config(parsed.config).start().await;
    let source = source_fn(|after: Option<OffsetMap>| async move {
        let value = vec![(connect_api::Value::from("a"), connect_api::Value::from(1))];
        Ok(if after.is_none() { vec![(Record::new("t", value), OffsetMap::of("n", 1i64))] } else { Vec::new() })
    });
    worker.start_source(SourceOptions::new("source"), source, ()).await;
    worker.drained().await;
    let letters = worker.dead_letters("t");
    assert_eq!(letters[0].text(), r#"{"a":1}"#, "without an envelope");
}

/// What a reader does not see at the end of a topic is not waited for.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_transaction_is_no_record() {
    for isolation in ["read_uncommitted", "read_committed"] {
        let worker = TestWorker::start().await;
        let seen = Seen::default();
        worker.topic("t", 1).await;
        worker
            .start_sink(sink("t").client_property("consumer.override.isolation.level", isolation), seen.taking(), ())
            .await;
        let config = ProducerConfig { transactional_id: Some("x".into()), ..ProducerConfig::default() };
        let mut producer = Producer::new(Arc::new(worker.broker().clone()), config);
        producer.init_transactions().await.unwrap();
        for (value, commit) in [("a", true), ("b", false)] {
            producer.begin().unwrap();
            let none = std::iter::empty::<(&[u8], Option<&[u8]>)>();
            producer.append(&"t".into(), Some(0), None, None, Some(value.as_bytes()), none).await.unwrap();
            producer.flush_batches();
            assert!(producer.next_ack().await.result.is_ok());
            if commit { producer.commit().await.unwrap() } else { producer.abort().await.unwrap() }
        }
        worker.drained().await;
        assert_eq!(seen.all().contains(&"b".to_owned()), isolation == "read_uncommitted");
        assert_eq!(seen.all()[0], "a");
    }
}

/// Patterns are Java's: this one, common in configurations, needs to look ahead.
#[tokio::test(start_paused = true)]
async fn topics_are_matched_as_by_java() {
    let worker = TestWorker::start().await;
    let seen = Seen::default();
    for topic in ["orders", "_internal", "orders-old"] {
        worker.topic(topic, 1).await;
        worker.send_all(topic, [topic]).await;
    }
    let options = sink("none").topics_matching(JavaRegex::new("(?!_)[a-z]++").unwrap());
    worker.start_sink(options, seen.taking(), ()).await;
    worker.drained().await;
    assert_eq!(seen.all(), ["orders"]);
}
