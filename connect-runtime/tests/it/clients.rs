//! Who has which client, and what sources do about topics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::{Error, OffsetMap, Record, SinkRecord, SourceConnector};
use connect_kafka::{Api, Broker, Fault, InMemoryBroker, NewTopic};
use connect_runtime::testing::TestWorker;
use connect_runtime::{Clients, Plugins, SinkOptions, State, Worker, WorkerConfig, sink_fn, source_fn};

use crate::support::Seen;

fn map<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Writes its number to each of these topics, once.
fn to(topics: &'static [&'static str]) -> impl SourceConnector<Config = ()> {
    source_fn(move |after: Option<OffsetMap>| async move {
        let records =
            topics.iter().zip(0i64..).map(|(topic, n)| (Record::new(*topic, n.to_string()), OffsetMap::of("n", n)));
        Ok(if after.is_none() { records.collect() } else { Vec::new() })
    })
}

/// A worker whose clients are noted as they are made: the id, and one property of interest.
async fn noting(broker: &InMemoryBroker, plugins: Plugins) -> (Worker, Arc<Mutex<Vec<String>>>) {
    let made = Arc::new(Mutex::new(Vec::new()));
    let (notes, broker) = (Arc::clone(&made), broker.clone());
    let worker = map([("bootstrap.servers", "h:1"), ("security.protocol", "SSL")]);
    let clients = Clients::custom(worker, move |properties| {
        let get = |key: &str| properties.get(key).map_or("-", String::as_str);
        notes.lock().unwrap().push(format!(
            "{} {} {}",
            get("client.id"),
            get("bootstrap.servers"),
            get("security.protocol")
        ));
        Ok(Arc::new(broker.clone()) as Arc<dyn Broker>)
    });
    (Worker::with_clients(clients).plugins(plugins).build().await.unwrap(), made)
}

/// Why the first task of a connector failed, once it has.
async fn failure(worker: &Worker, name: &str) -> String {
    loop {
        let status = worker.status(name).unwrap();
        if let Some(task) = status.tasks.first().filter(|task| task.state == State::Failed) {
            return task.trace.clone().unwrap_or_default();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_role_has_a_client_of_its_own() {
    let broker = InMemoryBroker::new();
    let plugins = Plugins::new().sink(Seen::default().taking());
    let (worker, made) = noting(&broker, plugins).await;
    let sink = map([
        ("name", "to"),
        ("connector.class", "closure"),
        ("topics", "t"),
        ("tasks.max", "2"),
        ("errors.tolerance", "all"),
        ("errors.deadletterqueue.topic.name", "dlq"),
        ("consumer.override.client.id", "mine"),
        ("producer.override.bootstrap.servers", "h:2"),
    ]);
    let source = map([
        ("name", "from"),
        ("connector.class", "closure"),
        ("topic.creation.default.partitions", "1"),
        ("topic.creation.default.replication.factor", "1"),
    ]);
    worker.create(sink).await.unwrap();
    // A registry tells connectors apart by their names only, and both closures have the same.
    let (other, made_too) = noting(&broker, Plugins::new().source(to(&["t"]))).await;
    other.create(source).await.unwrap();
    let sorted = |made: &Mutex<Vec<String>>| {
        let mut made = made.lock().unwrap().clone();
        made.sort();
        made
    };
    while sorted(&made).len() < 7 || sorted(&made_too).len() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(
        sorted(&made),
        [
            "connect-worker h:1 SSL",
            "connector-dlq-adminclient- h:1 SSL",
            "connector-dlq-adminclient- h:1 SSL",
            "connector-dlq-producer-to-0 h:2 -",
            "connector-dlq-producer-to-1 h:2 -",
            "mine h:1 -",
            "mine h:1 -",
        ]
    );
    assert_eq!(
        sorted(&made_too),
        ["connect-worker h:1 SSL", "connector-adminclient-from-0 h:1 SSL", "connector-producer-from-0 h:1 -"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_cannot_be_made_fails_the_task_and_says_why() {
    let broker = InMemoryBroker::new();
    let clients = Clients::custom(BTreeMap::new(), move |properties| {
        match properties.get("client.id").is_some_and(|id| id.starts_with("connector-consumer")) {
            true => Err(Error::config("the certificate is gone")),
            false => Ok(Arc::new(broker.clone())),
        }
    });
    let worker = Worker::with_clients(clients).build().await.unwrap();
    worker.start_sink(SinkOptions::new("to", ["t"]), Seen::default().taking(), ()).await.unwrap();
    let trace = failure(&worker, "to").await;
    assert!(trace.contains("the certificate is gone"), "{trace}");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_does_not_answer_is_waited_for_and_then_told_of() {
    let broker = InMemoryBroker::new();
    let build = || {
        let broker = broker.clone();
        let worker = map([("default.api.timeout.ms", "5000")]);
        Worker::with_clients(Clients::custom(worker, move |_| Ok(Arc::new(broker.clone())))).build()
    };
    broker.faults().inject(Fault::fail(Api::ClusterId, connect_kafka::Code::NetworkException).times(3));
    build().await.unwrap();
    broker.faults().inject(Fault::fail(Api::ClusterId, connect_kafka::Code::NetworkException));
    let began = tokio::time::Instant::now();
    let error = format!("{:?}", build().await.unwrap_err());
    assert!(error.contains("no Kafka broker answered within 5s") && error.contains("NetworkException"), "{error}");
    assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
    broker.faults().clear();
    broker.faults().inject(Fault::fail(Api::ClusterId, connect_kafka::Code::InvalidRequest));
    let error = format!("{:?}", build().await.unwrap_err());
    assert!(error.contains("does not take this client"), "{error}");
}

/// A worker with the source `to`, and what came of `topic.creation.*`.
async fn creating<const N: usize>(topics: &'static [&'static str], rules: [(&str, &str); N]) -> TestWorker {
    let worker = TestWorker::builder().plugins(Plugins::new().source(to(topics))).start().await;
    let mut properties = map([("name", "from"), ("connector.class", "closure")]);
    properties.extend(map(rules));
    worker.worker().create(properties).await.unwrap();
    worker
}

#[tokio::test(start_paused = true)]
async fn topics_are_made_by_the_first_group_that_has_them() {
    let worker = creating(
        &["log-a", "log-b", "logs", "rest", "there"],
        [
            ("topic.creation.groups", "big,compacted"),
            ("topic.creation.big.include", "log.*, rest-.*"),
            ("topic.creation.big.exclude", ".*-b"),
            ("topic.creation.big.partitions", "5"),
            ("topic.creation.compacted.include", "log.*"),
            ("topic.creation.compacted.cleanup.policy", "compact"),
            ("topic.creation.default.partitions", "2"),
            ("topic.creation.default.replication.factor", "-1"),
            ("topic.creation.default.retention.ms", "1000"),
        ],
    )
    .await;
    let configs = BTreeMap::new();
    let there = NewTopic { name: "there".into(), partitions: 1, replication_factor: 1, configs };
    let there = worker.broker().create_topic(there).await;
    worker.drained().await;
    let broker = worker.broker();
    let mut found = Vec::new();
    for topic in broker.topics(None).await.unwrap() {
        let configs = broker.topic_configs(&topic.name).await.unwrap();
        found.push(format!(
            "{} {} {} {}",
            topic.name, topic.partitions, configs["cleanup.policy"], configs["retention.ms"]
        ));
    }
    let last = if there.is_ok() { "there 1 delete 604800000" } else { "there 2 delete 1000" };
    assert_eq!(
        found,
        [
            "log-a 5 delete 604800000",
            "log-b 2 compact 604800000",
            "logs 5 delete 604800000",
            "rest 2 delete 1000",
            last
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_cannot_be_made_fails_the_task_whatever_is_tolerated() {
    let rules = [
        ("topic.creation.default.partitions", "1"),
        ("topic.creation.default.replication.factor", "3"),
        ("errors.tolerance", "all"),
    ];
    let worker = creating(&["t"], rules).await;
    worker.until(|| worker.state("from") == State::Failed).await;
    assert!(worker.trace("from").contains("topic \"t\" could not be looked up or created"), "{}", worker.trace("from"));
}

#[tokio::test(start_paused = true)]
async fn passing_trouble_while_making_a_topic_is_waited_out() {
    let worker = TestWorker::builder().plugins(Plugins::new().source(to(&["t"]))).start().await;
    worker.faults().inject(Fault::fail(Api::CreateTopic, connect_kafka::Code::NetworkException).times(3));
    worker.faults().inject(Fault::lose_reply(Api::CreateTopic).times(1));
    let rules = map([
        ("name", "from"),
        ("connector.class", "closure"),
        ("topic.creation.default.partitions", "3"),
        ("topic.creation.default.replication.factor", "1"),
    ]);
    worker.worker().create(rules).await.unwrap();
    worker.drained().await;
    assert_eq!(worker.values("t"), ["0"]);
    assert_eq!(worker.broker().topics(None).await.unwrap()[0].partitions, 3);
}

#[tokio::test(start_paused = true)]
async fn mistakes_in_topic_creation() {
    let worker = TestWorker::builder().plugins(Plugins::new().source(to(&["t"]))).start().await;
    let check = async |rules: BTreeMap<String, String>| {
        let mut properties = map([("name", "from"), ("connector.class", "closure")]);
        properties.extend(rules);
        match worker.worker().validate(&properties).await {
            Ok(warnings) => warnings,
            Err(errors) => errors.iter().map(ToString::to_string).collect(),
        }
    };
    assert_eq!(
        check(map([("topic.creation.groups", "a,a"), ("topic.creation.a.partitions", "0")])).await,
        [
            "topic.creation.groups: group \"a\" is there twice",
            "topic.creation.default.partitions: is required as soon as there is any topic.creation.* key; -1 is the broker's default",
            "topic.creation.default.replication.factor: is required as soon as there is any topic.creation.* key; -1 is the broker's default",
            "topic.creation.a.partitions: invalid value \"0\": expected -1 or a whole number from 1 to 2147483647",
        ]
    );
    let sound = map([
        ("topic.creation.groups", "a,default"),
        ("topic.creation.b.partitions", "1"),
        ("topic.creation.default.partitions", "1"),
        ("topic.creation.default.replication.factor", "1"),
    ]);
    assert_eq!(
        check(sound.clone()).await,
        [
            "key \"topic.creation.groups\": the group \"default\" is always there and always last",
            "topic creation group \"a\" has no include, so no topic is made by it",
            "key \"topic.creation.b.partitions\" belongs to no topic creation group; groups: a, default",
        ]
    );
    let config = WorkerConfig { topic_creation: false, ..WorkerConfig::default() };
    let off = TestWorker::builder().config(config).plugins(Plugins::new().source(to(&["t"]))).start().await;
    let mut properties = map([("name", "from"), ("connector.class", "closure")]);
    properties.extend(sound);
    let said = off.worker().validate(&properties).await.unwrap();
    assert_eq!(said, ["topic.creation.* has no effect: the worker has topic.creation.enable=false"]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_nobody_makes_fails_the_source_whatever_is_tolerated() {
    let broker = InMemoryBroker::new();
    let worker = Worker::builder(broker).create_topics(false).plugins(Plugins::new().source(to(&["t"]))).build().await;
    let worker = worker.unwrap();
    let properties = map([("name", "from"), ("connector.class", "closure"), ("errors.tolerance", "all")]);
    worker.create(properties).await.unwrap();
    let trace = failure(&worker, "from").await;
    assert!(trace.contains("topic \"t\" does not exist"), "{trace}");
}

#[tokio::test(start_paused = true)]
async fn a_sink_shows_how_far_it_is_behind() {
    let worker = TestWorker::start().await;
    worker.topic("t", 2).await;
    let slow = sink_fn(|_: Vec<SinkRecord>| async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ok(connect_api::Delivery::Durable)
    });
    // A batch each, and one batch a fetch: two megabytes are fetched ahead of a busy task, and this is more.
    let record = "x".repeat(100_000);
    for _ in 0..60 {
        worker.send_all("t", [record.as_str()]).await;
    }
    let options = SinkOptions::new("to", ["t"]).max_poll_records(1);
    let options = options.client_property("consumer.override.fetch.max.bytes", "1");
    worker.start_sink(options, slow, ()).await;
    worker.advance(Duration::from_secs(60)).await;
    let task = &worker.status("to").tasks[0];
    let shown: Vec<_> = task.partitions.iter().map(|at| (&*at.topic, at.partition, at.lag.is_some())).collect();
    assert_eq!(shown, [("t", 0, true), ("t", 1, true)]);
    let lag: u64 = task.partitions.iter().filter_map(|partition| partition.lag).sum();
    assert!((1..60).contains(&lag) && task.counts.lag == lag, "{lag} {:?}", task.counts);
    worker.worker().stop("to").await.unwrap_err();
}
