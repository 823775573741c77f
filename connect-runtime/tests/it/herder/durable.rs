//! What a herder knows after a restart, and how it is written.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use connect_kafka::consumer::LogReader;
use connect_kafka::{InMemoryBroker, Isolation};
use connect_runtime::herder::{ConnectorConfig, Herder, StandaloneHerder};
use connect_runtime::{InitialState, Plugins, State, Worker, WorkerConfig};
use tokio::time::{sleep, timeout};

use super::support::{LIST, Lists, SINK, input};
use crate::support::Seen;

/// A broker that outlives workers.
pub(super) struct House {
    pub(super) broker: InMemoryBroker,
    pub(super) lists: Lists,
}

impl House {
    pub(super) fn new() -> Self {
        Self { broker: InMemoryBroker::new(), lists: Lists::default() }
    }

    async fn open(&self, plugins: Plugins) -> StandaloneHerder {
        let config = WorkerConfig { worker_id: "h:8083".into(), ..WorkerConfig::default() };
        let worker = Worker::builder(self.broker.clone()).plugins(plugins).config(config).build().await.unwrap();
        StandaloneHerder::open(worker).await.unwrap()
    }

    pub(super) async fn start(&self) -> StandaloneHerder {
        let herder = self.open(Plugins::new().source(self.lists.clone()).sink(Seen::default().taking())).await;
        herder.start().await;
        assert!(herder.is_ready());
        herder
    }

    /// The records of a topic: `key value`, tombstones without a value.
    pub(super) async fn records(&self, topic: &str) -> Vec<String> {
        let mut reader = LogReader::new(Arc::new(self.broker.clone()), topic, Isolation::ReadUncommitted);
        let mut records = Vec::new();
        let text =
            |bytes: Option<bytes::Bytes>| bytes.map_or(String::new(), |b| String::from_utf8(b.to_vec()).unwrap());
        let each = |record: connect_kafka::batch::FetchedRecord, _| {
            records.push(format!("{} {}", text(record.key), text(record.value)));
        };
        reader.read_to_end(each).await.unwrap();
        records
    }

    /// The last record of each key.
    pub(super) async fn last(&self, topic: &str) -> Vec<String> {
        let mut last = std::collections::BTreeMap::new();
        for record in self.records(topic).await {
            let (key, value) = record.split_once(' ').unwrap();
            last.insert(key.to_owned(), value.to_owned());
        }
        last.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key} {value}")).collect()
    }

    /// Waits until the status topic says so.
    async fn until(&self, wanted: &[&str]) {
        let said = async {
            while self.last("connect-status").await != wanted {
                sleep(Duration::from_millis(10)).await;
            }
        };
        if timeout(Duration::from_secs(100), said).await.is_err() {
            assert_eq!(self.last("connect-status").await, wanted);
        }
    }
}

pub(super) async fn running(herder: &StandaloneHerder, name: &str) {
    let runs = async {
        loop {
            if let Ok(status) = herder.status(name)
                && status.connector.state == State::Running
                && status.tasks.iter().all(|task| task.state == State::Running)
            {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(100), runs).await.unwrap();
}

fn state(herder: &StandaloneHerder, name: &str) -> State {
    herder.status(name).unwrap().connector.state
}

#[tokio::test(start_paused = true)]
async fn a_restart_brings_everything_back() {
    let house = House::new();
    let herder = house.start().await;
    herder.create("runs", input(&[LIST, ("items", "a,b"), ("tasks.max", "2")]), InitialState::Running).await.unwrap();
    herder.create("waits", input(&[LIST, ("items", "c")]), InitialState::Running).await.unwrap();
    herder.create("new", input(&[LIST, ("items", "d")]), InitialState::Paused).await.unwrap();
    herder.create("stops", input(&[SINK, ("topics", "lists")]), InitialState::Running).await.unwrap();
    herder.create("goes", input(&[LIST, ("items", "e")]), InitialState::Stopped).await.unwrap();
    herder.pause("waits").await.unwrap();
    herder.stop("stops").await.unwrap();
    herder.patch_config("runs", input(&[("mark", "!")])).await.unwrap();
    herder.delete("goes").await.unwrap();
    running(&herder, "runs").await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!(herder.active_topics("runs").unwrap().topics, ["lists"]);
    herder.shutdown().await.unwrap();
    drop(herder);

    let herder = house.start().await;
    let names: Vec<_> = herder.connectors().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["new", "runs", "stops", "waits"]);
    running(&herder, "runs").await;
    assert_eq!(herder.config("runs").unwrap()["mark"], "!");
    assert_eq!(herder.tasks("runs").unwrap().len(), 2);
    assert_eq!(state(&herder, "waits"), State::Paused);
    assert_eq!((state(&herder, "new"), herder.tasks("new").unwrap().len()), (State::Paused, 0));
    assert_eq!(state(&herder, "stops"), State::Stopped);
    assert_eq!(herder.active_topics("runs").unwrap().topics, ["lists"], "before anything is written");
    herder.resume("stops").await.unwrap();
    running(&herder, "stops").await;
}

/// Byte for byte as Java's workers.
#[tokio::test(start_paused = true)]
async fn records_are_javas() {
    let house = House::new();
    let herder = house.start().await;
    let config = input(&[LIST, ("items", "a,\"b\u{1}"), ("tasks.max", "2")]);
    herder.create("c", config, InitialState::Running).await.unwrap();
    let connector = r#""connector.class":"ListSource","items":"a,\"b\u0001","name":"c","#;
    let task = r#""task.class":"org.example.ListSourceTask","task.split":"#;
    let created = [
        format!(r#"connector-c {{"properties":{{{connector}"tasks.max":"2"}}}}"#),
        format!(r#"task-c-0 {{"properties":{{{connector}{task}"[\"a\"]","tasks.max":"2"}}}}"#),
        format!(r#"task-c-1 {{"properties":{{{connector}{task}"[\"\\\"b\\u0001\"]","tasks.max":"2"}}}}"#),
        r#"commit-c {"tasks":2}"#.to_owned(),
    ];
    assert_eq!(house.records("connect-configs").await, created);
    running(&herder, "c").await;
    herder.pause("c").await.unwrap();
    herder.resume("c").await.unwrap();
    herder.stop("c").await.unwrap();
    herder.create("d", input(&[LIST, ("items", "a")]), InitialState::Stopped).await.unwrap();
    herder.delete("c").await.unwrap();
    let written = house.records("connect-configs").await;
    assert_eq!(
        written[created.len()..],
        [
            r#"target-state-c {"state":"PAUSED","state.v2":"PAUSED"}"#,
            r#"target-state-c {"state":"STARTED","state.v2":"STARTED"}"#,
            r#"commit-c {"tasks":0}"#,
            r#"target-state-c {"state":"PAUSED","state.v2":"STOPPED"}"#,
            r#"target-state-d {"state":"PAUSED","state.v2":"STOPPED"}"#,
            r#"connector-d {"properties":{"connector.class":"ListSource","items":"a","name":"d"}}"#,
            "connector-c ",
            "target-state-c ",
            "commit-c ",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn states_are_kept_as_they_come() {
    let house = House::new();
    let herder = house.start().await;
    herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap();
    let rest = r#""trace":null,"worker_id":"h:8083","generation":0,"version":"7"}"#;
    let connector = |state| format!(r#"status-connector-c {{"state":"{state}",{rest}"#);
    let task = |state| format!(r#"status-task-c-0 {{"state":"{state}",{rest}"#);
    house.until(&[&connector("RUNNING"), &task("RUNNING")]).await;
    sleep(Duration::from_secs(5)).await;
    let topic = house.last("connect-status").await.pop().unwrap();
    let used =
        r#"status-topic-lists:connector-c {"topic":{"name":"lists","connector":"c","task":0,"discoverTimestamp":"#;
    assert!(topic.starts_with(used), "{topic}");
    herder.pause("c").await.unwrap();
    house.until(&[&connector("PAUSED"), &task("PAUSED"), &topic]).await;
    herder.reset_active_topics("c").await.unwrap();
    house.until(&[&connector("PAUSED"), &task("PAUSED")]).await;
    herder.resume("c").await.unwrap();
    house.lists.fails.store(true, std::sync::atomic::Ordering::SeqCst);
    herder.put_config("c", input(&[LIST, ("items", "b")])).await.unwrap();
    assert!(herder.status("c").unwrap().connector.trace.unwrap().contains("no such list"));
    herder.stop("c").await.unwrap();
    let kept = house.records("connect-status").await;
    assert!(kept.iter().any(|record| record.contains("FAILED") && record.contains("no such list")), "{kept:?}");
    herder.shutdown().await.unwrap();
    let said = house.last("connect-status").await;
    assert!(said.contains(&connector("UNASSIGNED")), "{said:?}");
    drop(herder);
    let herder = house.start().await;
    herder.delete("c").await.unwrap();
    house.until(&[]).await;
}

/// A connector that cannot be made any more is there, has FAILED, and can be mended.
#[tokio::test(start_paused = true)]
async fn a_connector_that_is_broken_is_shown_and_mended() {
    let house = House::new();
    let herder = house.start().await;
    herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap();
    herder.shutdown().await.unwrap();
    let bare = house.open(Plugins::new()).await;
    bare.start().await;
    let status = bare.status("c").unwrap();
    assert_eq!(status.connector.state, State::Failed);
    assert!(status.connector.trace.unwrap().contains("no connector named \"ListSource\""));
    assert_eq!(serde_json::to_string(&bare.connector("c").unwrap().kind).unwrap(), "\"unknown\"");
    bare.pause("c").await.unwrap();
    assert_eq!(bare.resume("c").await.unwrap_err().status(), 400);
    bare.put_config("c", input(&[("connector.class", "Nope")])).await.unwrap_err();
    bare.shutdown().await.unwrap();

    let herder = house.start().await;
    running(&herder, "c").await;
}

/// Files win over what is kept, and what comes from files only is not kept.
#[tokio::test(start_paused = true)]
async fn connectors_of_files_come_from_files() {
    let house = House::new();
    let plugins = || Plugins::new().source(house.lists.clone());
    let file = |name: &str, items: &str| {
        let properties = [LIST, ("name", name), ("items", items)];
        properties.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    let herder = house.open(plugins()).await;
    herder.create_from_file(file("f", "a"), InitialState::Running).await.unwrap();
    let twice = herder.create_from_file(file("f", "a"), InitialState::Running).await.unwrap_err();
    assert_eq!(twice.status(), 409);
    herder.start().await;
    herder.create("r", input(&[LIST, ("items", "r")]), InitialState::Running).await.unwrap();
    herder.pause("f").await.unwrap();
    herder.shutdown().await.unwrap();

    // The same file again: it is paused still. And a file for what was created otherwise.
    let herder = house.open(plugins()).await;
    herder.create_from_file(file("f", "a"), InitialState::Running).await.unwrap();
    herder.create_from_file(file("r", "other"), InitialState::Running).await.unwrap();
    herder.start().await;
    assert_eq!(state(&herder, "f"), State::Paused);
    assert_eq!(herder.config("r").unwrap()["items"], "other");
    herder.shutdown().await.unwrap();

    // Without files: one is gone, and nothing is left of it.
    let herder = house.start().await;
    assert_eq!(herder.connectors().iter().map(ToString::to_string).collect::<Vec<_>>(), ["r"]);
    assert_eq!(herder.config("r").unwrap()["items"], "other");
    let kept = house.last("connect-configs").await;
    assert!(kept.iter().all(|record| !record.contains("-f")), "{kept:?}");
}

/// What a file said at first holds also once the connector is in the topic.
#[tokio::test(start_paused = true)]
async fn a_connector_of_a_file_that_was_changed_is_as_paused_as_before() {
    let house = House::new();
    let file = || [LIST, ("name", "f"), ("items", "a")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    for _ in 0..2 {
        let herder = house.open(Plugins::new().source(house.lists.clone())).await;
        herder.create_from_file(file(), InitialState::Paused).await.unwrap();
        herder.start().await;
        assert_eq!(state(&herder, "f"), State::Paused);
        herder.put_config("f", input(&[LIST, ("items", "b")])).await.unwrap();
        herder.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn without_topics_nothing_is_kept() {
    let broker = InMemoryBroker::new();
    let config = WorkerConfig { config_topic: String::new(), status_topic: " ".into(), ..WorkerConfig::default() };
    let worker = Worker::builder(broker.clone()).plugins(Plugins::new().source(Lists::default())).config(config);
    let herder = StandaloneHerder::open(worker.build().await.unwrap()).await.unwrap();
    herder.start().await;
    herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap();
    herder.stop("c").await.unwrap();
    herder.shutdown().await.unwrap();
    let topics = connect_kafka::Broker::topics(&broker, None).await.unwrap();
    assert!(topics.iter().all(|topic| !topic.name.starts_with("connect-")), "{topics:?}");
}

/// Whoever creates a connector is told that what it names does not answer; a worker that starts may be first.
#[tokio::test(start_paused = true)]
async fn what_does_not_answer_yet_keeps_no_worker_from_starting() {
    let house = House::new();
    let herder = house.start().await;
    herder.create("kept", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap();
    house.lists.away.store(true, Ordering::SeqCst);
    let told = herder.create("new", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap_err();
    assert!(told.to_string().contains("items: nobody answers"), "{told}");
    herder.shutdown().await.unwrap();
    drop(herder);
    let herder = house.start().await;
    running(&herder, "kept").await;
    let file = |items: &str| {
        let pairs = [("name", "file"), LIST, ("items", items)];
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into_iter().collect::<ConnectorConfig>()
    };
    let wrong = herder.create_from_file(file(""), InitialState::Running).await.unwrap_err();
    assert!(wrong.to_string().contains("items: there are none"), "{wrong}");
    herder.create_from_file(file("b"), InitialState::Running).await.unwrap();
    running(&herder, "file").await;
}
