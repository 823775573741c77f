//! The keys that every connector has: what is refused, what is only warned of, and what they do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::{
    Delivery, Error, Flow, OffsetMap, Record, Result, SinkRecord, SourceConnector, SourceRecord, SourceTask,
    SourceTaskContext, Task, Transform, TransformPlugin, async_trait,
};
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, SinkOptions, State, sink_fn};
use tokio::time::Instant;

use crate::capture::Capture;

/// Makes three splits, whatever it may have; each gives one record.
struct Three;

struct ThreeTask(Option<usize>);

#[async_trait]
impl SourceConnector for Three {
    const NAME: &'static str = "three";
    type Config = ();
    type Split = usize;
    type Task = ThreeTask;

    async fn splits(&self, (): &(), _: usize) -> Result<Vec<usize>> {
        Ok(vec![0, 1, 2])
    }

    async fn task(&self, (): &(), split: usize, _: SourceTaskContext) -> Result<ThreeTask> {
        Ok(ThreeTask(Some(split)))
    }
}

#[async_trait]
impl Task for ThreeTask {}

#[async_trait]
impl SourceTask for ThreeTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        let record = |split: usize| {
            let partition = Arc::new(OffsetMap::of("split", split as i64));
            SourceRecord::new(Record::new("t", split.to_string()), partition, OffsetMap::of("n", 0i64))
        };
        Ok(self.0.take().map(record).into_iter().collect())
    }

    fn is_idle(&self) -> Option<bool> {
        Some(self.0.is_none())
    }
}

struct Same;

impl Transform for Same {
    fn transform(&self, _: &mut Record) -> Result<Flow> {
        Ok(Flow::Keep)
    }
}

connect_api::config! {
    /// None.
    pub struct SameConfig {}
}

impl TransformPlugin for Same {
    const NAME: &'static str = "com.example.Same";
    type Config = SameConfig;

    fn new(_: SameConfig) -> Result<Self> {
        Ok(Self)
    }
}

fn plugins() -> Plugins {
    let sink = sink_fn(|_: Vec<SinkRecord>| async { Ok(Delivery::Durable) });
    Plugins::new().source(Three).sink(sink).transform::<Same>()
}

type Row = [(&'static str, &'static str)];

const SOURCE: &Row = &[("name", "c"), ("connector.class", "three"), ("tasks.max", "3")];
const SINK: &Row = &[("name", "c"), ("connector.class", "closure"), ("topics", "t")];

fn with<'a>(base: &'a Row, more: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    // The last one of a key wins.
    base.iter().chain(more).copied()
}

#[tokio::test(start_paused = true)]
async fn values_of_common_keys_are_checked() {
    let worker = TestWorker::builder().plugins(plugins()).start().await;
    for (base, key, value, sound) in [
        (SOURCE, "name", "a\tb", false),
        (SOURCE, "name", "a\u{7f}b", false),
        (SOURCE, "name", "a\u{85}b", false),
        // As other text, a name is trimmed first.
        (SOURCE, "name", " a \n", true),
        (SOURCE, "name", "ä/b c%", true),
        (SINK, "name", "a\u{0}b", false),
        (SOURCE, "tasks.max", "0", false),
        (SOURCE, "tasks.max", "2147483648", false),
        (SOURCE, "tasks.max", "2147483647", true),
        (SINK, "tasks.max", "100000", true),
        (SOURCE, "tasks.max.enforce", "perhaps", false),
        (SOURCE, "tasks.max.enforce", "False", true),
        (SINK, "tasks.max.enforce", "no", false),
        (SOURCE, "exactly.once.support", "maybe", false),
        (SOURCE, "exactly.once.support", "REQUESTED", true),
        (SOURCE, "exactly.once.support", "Required", true),
        (SOURCE, "transaction.boundary", "record", false),
        (SOURCE, "transaction.boundary", "INTERVAL", true),
        (SOURCE, "transaction.boundary", "connector", true),
        (SOURCE, "transaction.boundary.interval.ms", "-1", false),
        (SOURCE, "transaction.boundary.interval.ms", "soon", false),
        (SOURCE, "transaction.boundary.interval.ms", "0", true),
        (SOURCE, "offsets.storage.topic", " ", false),
        (SOURCE, "offsets.storage.topic", "offsets", true),
        // Sinks do not have these keys.
        (SINK, "transaction.boundary", "record", true),
    ] {
        let errors = worker.validate(with(base, &[(key, value)])).await;
        let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
        assert_eq!(keys, if sound { vec![] } else { vec![key] }, "{key}={value:?}: {errors}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connector_from_code_has_a_name_that_can_be_shown() {
    let worker = TestWorker::start().await;
    for name in ["", "a\nb"] {
        let sink = sink_fn(|_: Vec<SinkRecord>| async { Ok(Delivery::Durable) });
        let error = worker.worker().start_sink(SinkOptions::new(name, ["t"]), sink, ()).await.unwrap_err();
        assert!(error.to_string().contains(&format!("cannot be named {name:?}")), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn more_tasks_than_allowed_fail_the_connector_or_all_run() {
    for (enforce, state, values) in [("true", State::Failed, 0), ("false", State::Running, 3)] {
        let (worker, capture) = (TestWorker::builder().plugins(plugins()).start().await, Capture::begin());
        worker.create(with(SOURCE, &[("tasks.max", "2"), ("tasks.max.enforce", enforce)])).await;
        worker.settled().await;
        assert_eq!((worker.state("c"), worker.values("t").len()), (state, values), "tasks.max.enforce={enforce}");
        let told = "the connector made 3 tasks, tasks.max allows 2";
        match state {
            State::Failed => assert!(worker.trace("c").contains(told), "{}", worker.trace("c")),
            _ => assert!(capture.text().contains(&format!("{told}; all of them run")), "{}", capture.text()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn versions_of_plugins_that_are_not_there_are_refused() {
    let worker = TestWorker::builder().plugins(plugins()).start().await;
    let rows = [
        ("key.converter.plugin.version", "[4.0,5.0)", None),
        ("value.converter.plugin.version", "4.1.2", None),
        ("header.converter.plugin.version", "latest", None),
        ("header.converter.plugin.version", "[3.0,4.0)", Some("header.converter")),
        ("transforms.same.plugin.version", "99", Some("transforms.same.type")),
        ("connector.plugin.version", "99", Some("connector.class")),
        // It has no plugin.
        ("predicates.none.plugin.version", "99", None),
    ];
    for (key, asked, owner) in rows {
        let mut config: Vec<_> = with(SINK, &[]).collect();
        config.extend([
            ("key.converter", "StringConverter"),
            ("value.converter", "StringConverter"),
            ("header.converter", "SimpleHeaderConverter"),
            ("transforms", "same"),
            ("transforms.same.type", "Same"),
            (key, asked),
        ]);
        let config = config.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let wrong = worker.worker().validate(&config).await.err().unwrap_or_default();
        let wrong: Vec<_> = wrong.iter().map(|error| error.key.clone()).collect();
        assert_eq!(wrong, owner.into_iter().flat_map(|owner| [owner, key]).collect::<Vec<_>>(), "{key}={asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn exactly_once_that_is_required_is_warned_of() {
    let worker = TestWorker::builder().plugins(plugins()).start().await;
    let config = with(SOURCE, &[("exactly.once.support", "required")]);
    let config = config.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let warnings = worker.worker().validate(&config).await.unwrap();
    assert!(warnings.len() == 1 && warnings[0].contains("at least once"), "{warnings:?}");
}

/// When a sink that always fails was tried, on the test's clock.
async fn attempts(more: &[(&str, &str)]) -> Vec<Duration> {
    let tried = Arc::new(Mutex::new(Vec::new()));
    let (note, began) = (Arc::clone(&tried), Instant::now());
    let sink = sink_fn(move |_: Vec<SinkRecord>| {
        note.lock().unwrap().push(began.elapsed());
        async { Err(Error::fatal("the disk is on fire")) }
    });
    let worker = TestWorker::builder().plugins(Plugins::new().sink(sink)).start().await;
    worker.send_all("t", ["a"]).await;
    worker.create(with(SINK, more)).await;
    worker.advance(Duration::from_secs(60)).await;
    assert_eq!(worker.committed("c", "t"), [0]);
    let tried = tried.lock().unwrap();
    tried.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn failed_tasks_are_restarted_when_told_so_with_a_longest_wait() {
    // What the group takes to have its member again comes on top.
    let slack = Duration::from_millis(100);
    assert_eq!(attempts(&[]).await, [Duration::ZERO; 0], "not by default");
    assert_eq!(attempts(&[("restart.failed.tasks", "false")]).await, [Duration::ZERO; 0]);
    let usual = attempts(&[("restart.failed.tasks", "true")]).await;
    assert_eq!(usual.len(), 5, "{usual:?}");
    for (gap, expected) in usual.iter().zip([1, 2, 4, 8, 16].map(Duration::from_secs)) {
        assert!((expected..expected + slack).contains(gap), "twice as long each time: {usual:?}");
    }
    let bounded = attempts(&[("restart.failed.tasks", "true"), ("restart.backoff.max.ms", "2000")]).await;
    for (gap, expected) in bounded.iter().zip([1, 2].map(Duration::from_secs)) {
        assert!((expected..expected + slack).contains(gap), "{bounded:?}");
    }
    assert!(bounded.len() > 28 && bounded.iter().all(|gap| *gap < Duration::from_secs(2) + slack), "{bounded:?}");
}
