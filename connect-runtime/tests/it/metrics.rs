//! What a worker measures.

use std::collections::BTreeSet;
use std::time::Duration;

use connect_api::config::Millis;
use connect_api::{Delivery, Error, OffsetMap, Record, SinkRecord};
use connect_runtime::metrics::{FAMILIES, Kind, MetricsSnapshot, Reading};
use connect_runtime::testing::TestWorker;
use connect_runtime::{RestartOptions, RetryPolicy, SinkOptions, SourceOptions, WorkerConfig, sink_fn, source_fn};
use tokio::time::sleep;

use crate::support::{Seen, is_bad, sink, tolerant};

const SINK: [(&str, &str); 2] = [("connector", "sink"), ("task", "0")];
const SOURCE: [(&str, &str); 2] = [("connector", "source"), ("task", "0")];

#[track_caller]
fn number(metrics: &MetricsSnapshot, name: &str, labels: &[(&str, &str)]) -> f64 {
    metrics.number(name, labels).unwrap_or_else(|| panic!("no {name} {labels:?} in\n{}", metrics.render()))
}

#[track_caller]
fn check(metrics: &MetricsSnapshot, labels: &[(&str, &str)], expect: &[(&str, f64)]) {
    for (name, expected) in expect {
        let found = number(metrics, name, labels);
        assert!((found - expected).abs() < 1e-6, "{name} {labels:?}: {found}, not {expected}");
    }
}

fn config() -> WorkerConfig {
    WorkerConfig { offset_flush_interval: Millis::new(1000), ..WorkerConfig::default() }
}

#[tokio::test(start_paused = true)]
async fn a_sink_is_measured() {
    let worker = TestWorker::builder().config(config()).start().await;
    worker.topic("t", 2).await;
    let slow = sink_fn(async |records: Vec<SinkRecord>| {
        sleep(Duration::from_millis(200)).await;
        match records.iter().position(is_bad) {
            Some(bad) => Err(Error::records([(bad, Error::data("bad"))])),
            None => Ok(Delivery::Durable),
        }
    });
    worker.start_sink(sink("t").errors(tolerant()), slow, ()).await;
    worker.advance(Duration::from_secs(5)).await;
    for round in 0..3 {
        worker.send_all("t", ["a", "b", if round == 1 { "bad" } else { "c" }]).await;
        worker.drained().await;
    }
    let metrics = worker.worker().metrics();
    check(
        &metrics,
        &SINK,
        &[
            ("kafka_connect_sink_task_sink_record_read_total", 9.0),
            ("kafka_connect_sink_task_sink_record_send_total", 8.0),
            ("kafka_connect_sink_task_put_batch_max_time_ms", 200.0),
            ("kafka_connect_sink_task_put_batch_avg_time_ms", 200.0),
            ("kafka_connect_sink_task_partition_count", 2.0),
            ("kafka_connect_sink_task_sink_record_active_count", 0.0),
            ("kafka_connect_connector_task_batch_size_max", 3.0),
            ("kafka_connect_connector_task_offset_commit_success_percentage", 1.0),
            ("kafka_connect_connector_task_offset_commit_failure_percentage", 0.0),
            ("kafka_connect_task_error_total_record_failures", 1.0),
            ("kafka_connect_task_error_total_record_errors", 1.0),
            ("kafka_connect_task_error_total_records_skipped", 1.0),
            ("kafka_connect_task_error_deadletterqueue_produce_requests", 1.0),
            ("kafka_connect_task_error_deadletterqueue_produce_failures", 0.0),
            ("connect_task_stalled", 0.0),
        ],
    );
    check(&metrics, &[("connector", "sink"), ("status", "running")], &[("kafka_connect_connector_status", 1.0)]);
    check(&metrics, &[("connector", "sink"), ("stage", "put")], &[("connect_task_stage_seconds_total", 0.6)]);
    check(&metrics, &[("connector", "sink")], &[("kafka_connect_worker_connector_running_task_count", 1.0)]);
    assert!(number(&metrics, "kafka_connect_task_error_last_error_timestamp", &SINK) > 0.0);
    assert!(number(&metrics, "kafka_connect_sink_task_offset_commit_completion_total", &SINK) >= 3.0);
    assert!(number(&metrics, "kafka_connect_connector_task_running_ratio", &SINK) > 0.99);
    let read = number(&metrics, "kafka_connect_sink_task_sink_record_read_rate", &SINK);
    assert!((0.1..=0.31).contains(&read), "9 records over 30 s and a little: {read}");
    let latency = metrics.histogram("connect_record_latency_seconds", &SINK).unwrap();
    assert_eq!(latency.count(), 6, "the records of the batch with the bad one were not acknowledged as one");
    assert!((1.2..1.3).contains(&latency.sum()), "{latency:?}");
}

#[tokio::test(start_paused = true)]
async fn a_source_is_measured() {
    let worker = TestWorker::builder().config(config()).start().await;
    worker.topic("t", 1).await;
    let source = source_fn(async |after: Option<OffsetMap>| {
        sleep(Duration::from_millis(100)).await;
        let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
        Ok((next..(next + 10).min(30)).map(|n| (Record::new("t", n.to_string()), OffsetMap::of("n", n))).collect())
    });
    worker.start_source(SourceOptions::new("source"), source, ()).await;
    worker.drained().await;
    worker.advance(Duration::from_secs(2)).await;
    worker.worker().pause("source").await.unwrap();
    worker.advance(Duration::from_secs(20)).await;
    let metrics = worker.worker().metrics();
    check(
        &metrics,
        &SOURCE,
        &[
            ("kafka_connect_source_task_source_record_poll_total", 30.0),
            ("kafka_connect_source_task_source_record_write_total", 30.0),
            ("kafka_connect_source_task_poll_batch_max_time_ms", 100.0),
            ("kafka_connect_source_task_poll_batch_avg_time_ms", 100.0),
            ("kafka_connect_source_task_source_record_active_count", 0.0),
            ("kafka_connect_connector_task_batch_size_avg", 10.0),
            ("kafka_connect_connector_task_offset_commit_success_percentage", 1.0),
        ],
    );
    let paused = number(&metrics, "kafka_connect_connector_task_pause_ratio", &SOURCE);
    assert!((0.8..0.95).contains(&paused), "{paused}");
    let latency = metrics.histogram("connect_record_latency_seconds", &SOURCE).unwrap();
    assert_eq!(latency.count(), 30);
    assert!((3.0..3.3).contains(&latency.sum()), "from the poll's begin, 100 ms each: {latency:?}");
    // An hour later all averages are of nothing.
    worker.advance(Duration::from_secs(3600)).await;
    let metrics = worker.worker().metrics();
    check(&metrics, &SOURCE, &[("kafka_connect_source_task_source_record_poll_rate", 0.0)]);
    assert!(number(&metrics, "kafka_connect_source_task_poll_batch_avg_time_ms", &SOURCE).is_nan());
}

#[tokio::test(start_paused = true)]
async fn lag_is_shown_in_records_and_seconds_until_records_are_taken() {
    let worker = TestWorker::builder().config(config()).start().await;
    worker.topic("t", 1).await;
    let (opener, open) = tokio::sync::watch::channel(true);
    let gated = sink_fn(move |_: Vec<SinkRecord>| {
        let mut open = open.clone();
        async move {
            open.wait_for(|open| *open).await.map_err(|_| Error::fatal("the test has ended"))?;
            Ok(Delivery::Durable)
        }
    });
    worker.start_sink(sink("t").max_poll_records(2), gated, ()).await;
    worker.send_all("t", ["a"]).await;
    worker.drained().await;
    worker.advance(Duration::from_secs(100)).await;
    let lag = || {
        let metrics = worker.worker().metrics();
        let labels = [("connector", "sink"), ("task", "0"), ("topic", "t"), ("partition", "0")];
        let of = |name| number(&metrics, name, &labels);
        (of("connect_sink_lag_records"), of("connect_sink_lag_seconds").round())
    };
    assert_eq!(lag(), (0.0, 0.0));
    opener.send_replace(false);
    worker.send_all("t", ["b", "c", "d", "e", "f"]).await;
    worker.advance(Duration::from_secs(7)).await;
    assert_eq!(lag(), (5.0, 7.0));
    opener.send_replace(true);
    worker.drained().await;
    assert_eq!(lag(), (0.0, 0.0));
}

#[tokio::test(start_paused = true)]
async fn buffered_records_have_arrived_when_they_are_flushed() {
    use connect_api::{Result, SinkConnector, SinkTask, SinkTaskContext, Task, async_trait};
    struct Buffering;
    #[async_trait]
    impl SinkConnector for Buffering {
        const NAME: &'static str = "buffering";
        type Config = ();
        type Task = Self;
        async fn task(&self, (): &(), _: SinkTaskContext) -> Result<Self> {
            Ok(Self)
        }
    }
    #[async_trait]
    impl Task for Buffering {}
    #[async_trait]
    impl SinkTask for Buffering {
        async fn put(&mut self, _: &[SinkRecord]) -> Result<Delivery> {
            Ok(Delivery::Buffered)
        }
        async fn flush(&mut self) -> Result<()> {
            sleep(Duration::from_secs(2)).await;
            Ok(())
        }
    }
    let worker = TestWorker::builder().config(config()).start().await;
    worker.send_all("t", ["a", "b", "c"]).await;
    worker.start_sink(sink("t"), Buffering, ()).await;
    worker.drained().await;
    let metrics = worker.worker().metrics();
    let latency = metrics.histogram("connect_record_latency_seconds", &SINK).unwrap();
    assert_eq!(latency.count(), 3);
    assert!(latency.sum() >= 6.0, "{latency:?}");
}

#[tokio::test(start_paused = true)]
async fn restarts_are_counted_by_cause_and_starts_by_outcome() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["a"]).await;
    let seen = Seen::default();
    let failing = seen.sink(|seen, records| {
        seen.note(records);
        if seen.puts() <= 2 { Err(Error::fatal("out of cheese")) } else { Ok(Delivery::Durable) }
    });
    worker.start_sink(sink("t").restart_failed(RetryPolicy::FOREVER), failing, ()).await;
    worker.until(|| seen.puts() >= 3).await;
    worker.worker().restart_task("sink", 0).await.unwrap();
    let all = RestartOptions { include_tasks: true, only_failed: false };
    worker.worker().restart("sink", all).await.unwrap();
    worker.drained().await;
    let metrics = worker.worker().metrics();
    for (cause, count) in [("fatal error", 2.0), ("request", 2.0)] {
        check(&metrics, &[("connector", "sink"), ("cause", cause)], &[("connect_task_restarts_total", count)]);
    }
    check(
        &metrics,
        &[],
        &[
            ("kafka_connect_worker_connector_count", 1.0),
            ("kafka_connect_worker_task_count", 1.0),
            ("kafka_connect_worker_connector_startup_success_total", 1.0),
            ("kafka_connect_worker_task_startup_attempts_total", 5.0),
            ("kafka_connect_worker_task_startup_success_total", 5.0),
            ("kafka_connect_worker_task_startup_failure_total", 0.0),
            ("connect_memory_used_bytes", 0.0),
            ("connect_memory_budget_bytes", 16_777_216.0),
        ],
    );
    worker.worker().delete("sink").await.unwrap();
    let gone = worker.worker().metrics();
    let left = gone.samples().iter().find(|sample| sample.labels().any(|(_, value)| value == "sink"));
    assert!(left.is_none(), "what is deleted leaves nothing: {left:?}");
}

/// The text is what Prometheus reads: families together with help and type before them, no sample twice, labels as
/// listed, values that are numbers, and names that any text may have.
#[tokio::test(start_paused = true)]
async fn the_text_is_well_formed_and_says_what_is_listed() {
    let worker = TestWorker::builder().config(config()).start().await;
    let name = "a \"quoted\" \\ name";
    worker.send_all("t", ["a"]).await;
    let seen = Seen::default();
    worker.start_sink(SinkOptions::new(name, ["t"]), seen.taking(), ()).await;
    let source = source_fn(async |_| Ok(Vec::new()));
    worker.start_source(SourceOptions::new("source"), source, ()).await;
    worker.until(|| seen.puts() == 1).await;
    worker.advance(Duration::from_secs(5)).await;
    worker.worker().restart_task("source", 0).await.unwrap();
    let metrics = worker.worker().metrics();
    for sample in metrics.samples() {
        let names: Vec<_> = sample.labels().map(|(name, _)| name).collect();
        assert_eq!(names, sample.family.labels, "{}", sample.family.name);
        assert_eq!(sample.family.kind == Kind::Histogram, matches!(sample.reading, Reading::Histogram(_)));
    }
    let seen: BTreeSet<_> = metrics.samples().iter().map(|sample| sample.family.name).collect();
    let unseen: Vec<_> = FAMILIES.iter().map(|family| family.name).filter(|name| !seen.contains(name)).collect();
    assert!(unseen.is_empty(), "nothing says {unseen:?}");
    let text = metrics.render();
    let (mut families, mut lines) = (BTreeSet::new(), BTreeSet::new());
    let mut family = "";
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().unwrap();
            assert!(families.insert(family), "{family} is there twice");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            assert_eq!(kind.split(' ').next(), Some(family));
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert!(sample.starts_with(family), "{line} stands under {family}");
            assert!(value.parse::<f64>().is_ok() || value == "+Inf", "{line}");
            assert!(lines.insert(sample), "{line} is there twice");
        }
    }
    assert!(text.contains(r#"{connector="a \"quoted\" \\ name",task="0"}"#), "{text}");
    assert!(
        text.contains(r#"connect_record_latency_seconds_bucket{connector="source",task="0",le="+Inf"} 0"#),
        "{text}"
    );
}

/// The table in the documentation is the list in the code.
#[test]
fn the_documentation_lists_all_metrics() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let mut table =
        String::from("| metric | kind | unit | labels | what it says | in JMX |\n|---|---|---|---|---|---|\n");
    for family in FAMILIES {
        let labels: Vec<_> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        let jmx = match family.jmx {
            ("", _) => String::new(),
            (group, attribute) => format!("`{group}`: `{attribute}`"),
        };
        table += &format!(
            "| `{}` | {} | {} | {} | {} | {jmx} |\n",
            family.name,
            family.kind.name(),
            family.unit,
            labels.join(", "),
            family.help,
        );
    }
    let text = std::fs::read_to_string(path).unwrap();
    if text.contains(&table) {
        return;
    }
    let (begin, end) = ("<!-- metrics -->\n", "<!-- end -->");
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        return std::fs::write(path, format!("{before}{begin}\n{table}\n{end}{after}")).unwrap();
    }
    panic!("docs/metrics.md is not what the code says; UPDATE_DOCS=1 writes it");
}
