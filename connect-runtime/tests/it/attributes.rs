//! Kafka Connect's JMX attributes beside the metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use connect_api::config::Millis;
use connect_api::{
    Delivery, Error, OffsetMap, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, SourceConnector,
    SourceRecord, SourceTask, SourceTaskContext, Task, async_trait,
};
use connect_kafka::{Api, Code, Fault};
use connect_runtime::metrics::{FAMILIES, Kind, MetricsSnapshot, Reading};
use connect_runtime::testing::TestWorker;
use connect_runtime::{ErrorOptions, RetryPolicy, SinkOptions, SourceOptions, WorkerConfig, sink_fn, source_fn};
use tokio::time::sleep;

use crate::support::{is_bad, sink, tolerant};

const NONE: &[&str] = &[];
const CONNECTOR: &[&str] = &["connector"];
const TASK: &[&str] = &["connector", "task"];

/// Group, the labels that its tags become, and the attributes of a standalone worker of Kafka Connect 4.1. Those of
/// distributed workers and of exactly-once sources are in `ELSEWHERE`.
const ATTRIBUTES: &[(&str, &[&str], &str)] = &[
    ("app-info", &["clientId"], "start-time-ms version"),
    ("connector-metrics", CONNECTOR, "status connector-type connector-class connector-version"),
    (
        "connector-task-metrics",
        TASK,
        "status running-ratio pause-ratio offset-commit-max-time-ms offset-commit-avg-time-ms \
         offset-commit-success-percentage offset-commit-failure-percentage batch-size-max batch-size-avg",
    ),
    (
        "source-task-metrics",
        TASK,
        "source-record-poll-rate source-record-poll-total source-record-write-rate source-record-write-total \
         poll-batch-max-time-ms poll-batch-avg-time-ms source-record-active-count source-record-active-count-max \
         source-record-active-count-avg",
    ),
    (
        "sink-task-metrics",
        TASK,
        "sink-record-read-rate sink-record-read-total sink-record-send-rate sink-record-send-total \
         put-batch-max-time-ms put-batch-avg-time-ms partition-count offset-commit-seq-no \
         offset-commit-completion-rate offset-commit-completion-total offset-commit-skip-rate \
         offset-commit-skip-total sink-record-active-count sink-record-active-count-max sink-record-active-count-avg",
    ),
    (
        "task-error-metrics",
        TASK,
        "total-record-failures total-record-errors total-records-skipped total-retries total-errors-logged \
         deadletterqueue-produce-requests deadletterqueue-produce-failures last-error-timestamp",
    ),
    (
        "connect-worker-metrics",
        NONE,
        "connector-count task-count connector-startup-attempts-total connector-startup-success-total \
         connector-startup-success-percentage connector-startup-failure-total connector-startup-failure-percentage \
         task-startup-attempts-total task-startup-success-total task-startup-success-percentage \
         task-startup-failure-total task-startup-failure-percentage",
    ),
    (
        "connect-worker-metrics",
        CONNECTOR,
        "connector-total-task-count connector-running-task-count connector-paused-task-count \
         connector-failed-task-count connector-unassigned-task-count connector-destroyed-task-count \
         connector-restarting-task-count",
    ),
];

/// Groups and attributes that nothing here has yet.
const ELSEWHERE: [&str; 5] =
    ["connect-worker-rebalance", "connect-coordinator", "connect-metrics", "transaction-size", "sink-record-lag-max"];

/// The name by the rules of the exporter for Kafka Connect: groups without what all have, `-` as `_`.
fn by_rule(group: &str, attribute: &str) -> String {
    let group = match group {
        "connect-worker-metrics" => "kafka-connect-worker".to_owned(),
        group => format!("kafka-connect-{}", group.trim_end_matches("-metrics")),
    };
    format!("{group}-{attribute}").replace('-', "_")
}

#[test]
fn every_attribute_is_a_metric_and_no_metric_claims_another() {
    let mut claimed: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
    for family in FAMILIES.iter().filter(|family| !family.jmx.0.is_empty()) {
        for attribute in family.jmx.1.split(", ") {
            claimed.entry((family.jmx.0, attribute)).or_default().push(family);
        }
    }
    for (group, labels, attributes) in ATTRIBUTES {
        for attribute in attributes.split_whitespace() {
            let families = claimed.remove(&(*group, attribute)).unwrap_or_else(|| panic!("no {group} {attribute}"));
            for family in &families {
                assert!(family.labels.starts_with(labels), "{}: {:?}", family.name, family.labels);
            }
            // Numbers have the name of the rule and no more labels; texts are labels of several.
            if let [family] = families[..]
                && family.labels == *labels
                && *group != "app-info"
            {
                assert_eq!(family.name, by_rule(group, attribute));
                let counts = attribute.ends_with("-total") || attribute.ends_with("-seq-no");
                assert!(!counts || family.kind == Kind::Counter, "{}", family.name);
            }
        }
    }
    assert!(claimed.is_empty(), "Kafka Connect has no {claimed:?}");
    for family in FAMILIES {
        let name = family.name.replace('_', "-");
        assert!(ELSEWHERE.iter().all(|elsewhere| !name.contains(elsewhere)), "{} applies now", family.name);
    }
}

/// What each metric said so far: numbers, or labels beyond connector and task.
#[derive(Default)]
struct Said(BTreeMap<&'static str, BTreeSet<String>>);

impl Said {
    fn note(&mut self, metrics: &MetricsSnapshot) {
        for sample in metrics.samples() {
            let labels = sample.labels().filter(|(name, _)| !["task", "partition", "topic"].contains(name));
            let text = match &sample.reading {
                Reading::Number(number) if sample.family.unit == "1" => {
                    format!("{number} {:?}", labels.collect::<Vec<_>>())
                }
                Reading::Number(number) => number.to_string(),
                Reading::Histogram(histogram) => histogram.count().to_string(),
                _ => String::new(),
            };
            self.0.entry(sample.family.name).or_default().insert(text);
        }
    }
}

/// Takes long to start, and fails.
struct Unwilling;

#[async_trait]
impl SinkConnector for Unwilling {
    const NAME: &'static str = "unwilling";
    type Config = ();
    type Task = Self;

    async fn task(&self, (): &(), _: SinkTaskContext) -> Result<Self> {
        sleep(Duration::from_secs(2)).await;
        Err(Error::fatal("no"))
    }
}

#[async_trait]
impl Task for Unwilling {}

#[async_trait]
impl SinkTask for Unwilling {
    async fn put(&mut self, _: &[SinkRecord]) -> Result<Delivery> {
        Ok(Delivery::Durable)
    }
}

/// Has no tasks, as it does not start.
struct Impossible;

#[async_trait]
impl SourceConnector for Impossible {
    const NAME: &'static str = "impossible";
    type Config = ();
    type Split = ();
    type Task = ImpossibleTask;

    async fn splits(&self, (): &(), _: usize) -> Result<Vec<()>> {
        Err(Error::fatal("nothing to split"))
    }

    async fn task(&self, (): &(), (): (), _: SourceTaskContext) -> Result<ImpossibleTask> {
        Ok(ImpossibleTask)
    }
}

struct ImpossibleTask;

impl Task for ImpossibleTask {}

#[async_trait]
impl SourceTask for ImpossibleTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        Ok(Vec::new())
    }
}

/// A worker on which everything happens that is measured; what says the same all along is made up.
#[tokio::test(start_paused = true)]
async fn nothing_is_made_up() {
    let config = WorkerConfig { offset_flush_interval: Millis::new(1000), ..WorkerConfig::default() };
    let worker = TestWorker::builder().config(config).start().await;
    let mut said = Said::default();
    said.note(&worker.worker().metrics());
    worker.topic("t", 2).await;
    let source = source_fn(async |after: Option<OffsetMap>| {
        let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
        sleep(Duration::from_millis(100 + next.min(400).unsigned_abs())).await;
        let value = |n: i64| if n % 7 == 6 { "bad".to_owned() } else { n.to_string() };
        Ok((next..next + 1 + next % 3).map(|n| (Record::new("t", value(n)), OffsetMap::of("n", n))).collect())
    });
    worker.start_source(SourceOptions::new("source"), source, ()).await;
    let (opener, open) = tokio::sync::watch::channel(true);
    let puts = Arc::new(AtomicU64::new(0));
    let taking = sink_fn(move |records: Vec<SinkRecord>| {
        let (mut open, puts) = (open.clone(), Arc::clone(&puts));
        async move {
            open.wait_for(|open| *open).await.map_err(|_| Error::fatal("the test has ended"))?;
            sleep(Duration::from_millis(records.len() as u64)).await;
            if puts.fetch_add(1, Ordering::Relaxed) == 3 {
                return Err(Error::retriable("later"));
            }
            match records.iter().position(is_bad) {
                Some(bad) => Err(Error::records([(bad, Error::data("bad"))])),
                None => Ok(Delivery::Durable),
            }
        }
    });
    let errors = ErrorOptions { log: true, ..tolerant() };
    worker.start_sink(sink("t").errors(errors), taking, ()).await;
    worker.faults().inject(Fault::delay(Api::Produce, Duration::from_millis(300)).topic("t"));
    for _ in 0..5 {
        worker.advance(Duration::from_millis(1530)).await;
        said.note(&worker.worker().metrics());
    }
    worker.faults().clear();
    // Commits fail, or are not answered; tasks start slowly, or not at all; a put hangs; dead letters are refused.
    worker.faults().inject(Fault::fail(Api::CommitOffsets, Code::InvalidRequest).times(2));
    worker.start_sink(SinkOptions::new("unwilling", ["t"]), Unwilling, ()).await;
    let again = SinkOptions::new("stubborn", ["t"]).restart_failed(RetryPolicy::FOREVER);
    worker.start_sink(again, Unwilling, ()).await;
    let _ = worker.worker().start_source(SourceOptions::new("impossible"), Impossible, ()).await;
    for _ in 0..4 {
        worker.advance(Duration::from_secs(1)).await;
        said.note(&worker.worker().metrics());
    }
    for _ in 0..2 {
        worker.worker().restart_task("unwilling", 0).await.unwrap();
        worker.advance(Duration::from_secs(3)).await;
        said.note(&worker.worker().metrics());
    }
    worker.faults().inject(Fault::silence(Api::CommitOffsets));
    for _ in 0..10 {
        worker.advance(Duration::from_secs(6)).await;
        said.note(&worker.worker().metrics());
    }
    worker.faults().clear();
    opener.send_replace(false);
    worker.advance(Duration::from_secs(300)).await;
    said.note(&worker.worker().metrics());
    opener.send_replace(true);
    worker.faults().inject(Fault::fail(Api::Produce, Code::TopicAuthorizationFailed).topic("dlq"));
    worker.worker().pause("source").await.unwrap();
    worker.advance(Duration::from_secs(1)).await;
    said.note(&worker.worker().metrics());
    let constant: BTreeSet<_> = said.0.iter().filter(|(_, values)| values.len() < 2).map(|(name, _)| *name).collect();
    let unseen: Vec<_> = FAMILIES.iter().filter(|family| !said.0.contains_key(family.name)).collect();
    assert!(unseen.is_empty(), "nothing says {unseen:?}");
    let settled = [
        // They are so from the start.
        "connect_memory_budget_bytes",
        "kafka_connect_start_time_seconds",
        "kafka_connect_version_info",
        // Tasks are gone at once.
        "kafka_connect_worker_connector_destroyed_task_count",
        // That takes no time here.
        "kafka_connect_worker_connector_restarting_task_count",
        // Nothing here has transforms.
        "connect_task_records_dropped_total",
    ];
    assert_eq!(constant, BTreeSet::from(settled), "these said one thing only");
}
