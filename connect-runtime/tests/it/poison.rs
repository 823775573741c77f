//! Records that cannot be delivered.

use connect_api::{Delivery, Error, Flow, OffsetMap, Record, Result, SinkRecord, Transform};
use connect_runtime::testing::TestWorker;
use connect_runtime::{ErrorOptions, Plugins, State, sink_fn, source_fn};

use crate::capture::Capture;
use crate::support::{Seen, is_bad, numbers, refuse_bad, sink, tolerant};

/// `count` values of which every `each`-th is bad.
fn poisoned(count: usize, each: usize) -> Vec<String> {
    (0..count).map(|n| if n % each == each / 2 { format!("bad {n}") } else { n.to_string() }).collect()
}

#[tokio::test(start_paused = true)]
async fn exactly_the_bad_records_become_dead_letters() {
    let worker = TestWorker::start().await;
    let values = poisoned(50_000, 10_000);
    worker.send_all("t", values.iter().map(String::as_str)).await;
    let (seen, puts) = (Seen::default(), Seen::default());
    let count = puts.clone();
    let picky = seen.sink(move |seen, records| {
        count.note(&[]);
        refuse_bad(records)?;
        seen.take(records)
    });
    worker.start_sink(sink("t").errors(tolerant()).max_poll_records(1024), picky, ()).await;
    worker.drained().await;
    let (good, bad): (Vec<_>, Vec<_>) = values.iter().cloned().partition(|value| !value.starts_with("bad"));
    assert_eq!(seen.all(), good, "each good record once, in order");
    let letters = worker.dead_letters("dlq");
    assert_eq!(letters.iter().map(|letter| letter.text()).collect::<Vec<_>>(), bad);
    let batches = 50_000usize.div_ceil(1024);
    assert!(
        puts.puts() <= batches + bad.len() * 10,
        "{} puts for {batches} batches: log2(1024) more for each bad record",
        puts.puts()
    );
    let letter = &letters[0];
    let names: Vec<_> = letter.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "__connect.errors.topic",
            "__connect.errors.partition",
            "__connect.errors.offset",
            "__connect.errors.connector.name",
            "__connect.errors.task.id",
            "__connect.errors.stage",
            "__connect.errors.class.name",
            "__connect.errors.exception.class.name",
            "__connect.errors.exception.message",
            "__connect.errors.exception.stacktrace",
        ]
    );
    for (name, value) in [
        ("__connect.errors.topic", "t"),
        ("__connect.errors.partition", "0"),
        ("__connect.errors.offset", "5000"),
        ("__connect.errors.connector.name", "sink"),
        ("__connect.errors.task.id", "0"),
        ("__connect.errors.stage", "TASK_PUT"),
        ("__connect.errors.class.name", "org.apache.kafka.connect.sink.SinkTask"),
        ("__connect.errors.exception.class.name", "org.apache.kafka.connect.errors.DataException"),
        ("__connect.errors.exception.message", "the target refused the batch"),
    ] {
        assert_eq!(letter.header(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(worker.committed("sink", "t"), [50_000]);
}

#[tokio::test(start_paused = true)]
async fn without_tolerance_the_task_fails_and_nothing_after_the_record_is_committed() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["0", "1", "bad 2", "3"]).await;
    let seen = Seen::default();
    let picky = seen.sink(|seen, records| {
        refuse_bad(records)?;
        seen.take(records)
    });
    worker.start_sink(sink("t"), picky, ()).await;
    worker.settled().await;
    let status = worker.status("sink");
    assert_eq!((status.state, status.tasks[0].state), (State::Running, State::Failed));
    let trace = worker.trace("sink");
    assert!(trace.contains("topic \"t\", partition 0, offset 2"), "{trace}");
    assert!(
        trace.contains("Caused by: org.apache.kafka.connect.errors.DataException: the target refused the batch"),
        "{trace}"
    );
    assert!(worker.committed("sink", "t").iter().all(|offset| *offset <= 2), "{:?}", worker.committed("sink", "t"));
    assert_eq!(seen.all(), ["0", "1"]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_knows_which_records_failed_is_believed() {
    let worker = TestWorker::start().await;
    worker.send_all("t", poisoned(100, 10).iter().map(String::as_str)).await;
    let (seen, puts) = (Seen::default(), Seen::default());
    let count = puts.clone();
    let precise = seen.sink(move |seen, records| {
        count.note(&[]);
        let (bad, good): (Vec<_>, Vec<_>) = records.iter().cloned().enumerate().partition(|(_, record)| is_bad(record));
        seen.note(&good.into_iter().map(|(_, record)| record).collect::<Vec<_>>());
        if bad.is_empty() {
            return Ok(Delivery::Durable);
        }
        Err(Error::records(bad.into_iter().map(|(index, _)| (index, Error::data("bad")))))
    });
    worker.start_sink(sink("t").errors(tolerant()), precise, ()).await;
    worker.drained().await;
    assert_eq!((seen.all().len(), worker.dead_letters("dlq").len(), puts.puts()), (90, 10, 1));
    // A sink that has only ever answered with failures has not said yet whether it buffers; its next answer does.
    worker.send_all("t", ["100"]).await;
    worker.drained().await;
    assert_eq!(worker.committed("sink", "t"), [101]);
}

#[tokio::test(start_paused = true)]
async fn only_the_records_that_may_succeed_later_are_put_again() {
    let worker = TestWorker::start().await;
    worker.send_all("t", numbers(5).iter().map(String::as_str)).await;
    let seen = Seen::default();
    let busy = seen.sink(|seen, records| {
        let first = seen.puts() == 0;
        seen.note(records);
        if first {
            return Err(Error::records([(1, Error::retriable("busy")), (3, Error::retriable("busy"))]));
        }
        Ok(Delivery::Durable)
    });
    worker.start_sink(sink("t"), busy, ()).await;
    worker.drained().await;
    assert_eq!(seen.all(), ["0", "1", "2", "3", "4", "1", "3"]);
    assert_eq!(worker.status("sink").tasks[0].counts.written, 5);
    assert_eq!(worker.committed("sink", "t"), [5]);
}

struct FailsOn(&'static str);

impl Transform for FailsOn {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        match record.value.value.to_string() {
            text if text == self.0 => Err(Error::data(format!("no {text} here"))),
            text if text.starts_with("drop") => Ok(Flow::Drop),
            _ => Ok(Flow::Keep),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_and_failed_records_of_a_chain_move_the_offset() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["drop", "a", "evil", "b", "drop"]).await;
    let seen = Seen::default();
    let options =
        sink("t").transform("harmless", FailsOn("nothing")).transform("picky", FailsOn("evil")).errors(tolerant());
    worker.start_sink(options, seen.taking(), ()).await;
    worker.drained().await;
    assert_eq!(seen.all(), ["a", "b"]);
    assert_eq!(worker.committed("sink", "t"), [5]);
    let letters = worker.dead_letters("dlq");
    assert_eq!(
        (letters.len(), letters[0].stage().as_deref(), letters[0].text()),
        (1, Some("TRANSFORMATION"), "evil".into())
    );
    assert_eq!(letters[0].reason().as_deref(), Some("transform \"picky\": no evil here"));
}

#[tokio::test(start_paused = true)]
async fn nothing_passes_a_record_whose_dead_letter_cannot_be_written() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["0", "bad 1", "2"]).await;
    worker.topic("dlq", 1).await;
    worker.faults().inject(
        connect_runtime::testing::Fault::fail(
            connect_runtime::testing::Api::Produce,
            connect_runtime::testing::Code::InvalidRecord,
        )
        .topic("dlq"),
    );
    let picky = sink_fn(|records: Vec<SinkRecord>| async move {
        refuse_bad(&records)?;
        Ok(Delivery::Durable)
    });
    worker.start_sink(sink("t").errors(tolerant()), picky, ()).await;
    worker.settled().await;
    assert_eq!(worker.state("sink"), State::Failed);
    assert!(worker.trace("sink").contains("its dead letter could not be written"), "{}", worker.trace("sink"));
    assert!(worker.committed("sink", "t").iter().all(|offset| *offset <= 1));
}

#[tokio::test(start_paused = true)]
async fn a_tombstone_and_headers_survive_into_the_dead_letter() {
    let worker = TestWorker::start().await;
    let record = Record::new("t", connect_api::Datum::NULL)
        .with_key(connect_api::Value::from("k"))
        .with_header("h", connect_api::Value::from("1"))
        .with_header("h", connect_api::Value::from("2"));
    worker.send_records([record]).await;
    let never = sink_fn(|_: Vec<SinkRecord>| async { Err::<Delivery, _>(Error::data("no")) });
    worker.start_sink(sink("t").errors(ErrorOptions { dead_letter_headers: false, ..tolerant() }), never, ()).await;
    worker.settled().await;
    let letters = worker.dead_letters("dlq");
    assert_eq!((letters[0].key.as_deref(), letters[0].value.as_deref()), (Some(&b"k"[..]), None));
    let headers: Vec<_> = letters[0].headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
    assert_eq!(headers, [("h", Some(&b"1"[..])), ("h", Some(&b"2"[..]))]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_can_tell_only_the_first_time_gets_the_rest_one_by_one() {
    let worker = TestWorker::start().await;
    worker.send_all("t", ["0", "1", "bad 2", "3"]).await;
    let seen = Seen::default();
    let odd = seen.sink(|seen, records| {
        if seen.puts() == 0 {
            seen.note(&records[..1]);
            return Err(Error::records((1..4).map(|index| (index, Error::retriable("busy")))));
        }
        refuse_bad(records)?;
        seen.take(records)
    });
    worker.start_sink(sink("t").errors(tolerant()), odd, ()).await;
    worker.drained().await;
    assert_eq!(seen.all(), ["0", "1", "3"]);
    assert_eq!(worker.dead_letters("dlq").len(), 1);
    assert_eq!((worker.committed("sink", "t"), worker.status("sink").tasks[0].counts.written), (vec![4], 3));
}

/// Wants a number in field `n`.
struct Wants;

impl Transform for Wants {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        match record.value.value.as_str() {
            Some("bad") => Err(Error::data(format!("field \"n\" is a {}, expected int32", record.value.value.kind()))),
            _ => Ok(Flow::Keep),
        }
    }
}

connect_api::config! {
    /// None.
    pub struct WantsConfig {}
}

impl connect_api::TransformPlugin for Wants {
    const NAME: &'static str = "com.example.Wants$Value";
    type Config = WantsConfig;

    fn new(_: WantsConfig) -> Result<Self> {
        Ok(Self)
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_transform_is_named_with_class_alias_and_record() {
    let sink = sink_fn(|_: Vec<SinkRecord>| async { Ok(Delivery::Durable) });
    let source = source_fn(async |_: Option<OffsetMap>| Ok(vec![(Record::new("t", "bad"), OffsetMap::of("line", 7))]));
    let plugins = Plugins::new().transform::<Wants>();
    let (sink, source) = (plugins.clone().sink(sink), plugins.source(source));
    for (plugins, is_sink, place) in [
        (sink, true, "record at topic \"t\", partition 0, offset 1"),
        (source, false, "record for topic \"t\" from {source=closure} at {line=7}"),
    ] {
        for more in [None, Some(("errors.retry.timeout", "1000")), Some(("errors.deadletterqueue.topic.name", "dlq"))] {
            let (worker, capture) = (TestWorker::builder().plugins(plugins.clone()).start().await, Capture::begin());
            worker.send_all("t", ["good", "bad"]).await;
            let mut config = vec![("name", "c"), ("connector.class", "closure"), ("transforms", "want")];
            config.extend([("transforms.want.type", "com.example.Wants$Value"), ("errors.log.enable", "true")]);
            config.extend(is_sink.then_some(("topics", "t")));
            config.extend(more);
            worker.create(config).await;
            worker.settled().await;
            let trace = worker.trace("c");
            let reason = "transform \"want\" (com.example.Wants$Value): field \"n\" is a string, expected int32";
            assert!(trace.contains(&format!("{place} at TRANSFORMATION failed: {reason}")), "{trace}");
            let log = capture.text();
            let log = log.lines().find(|line| line.contains("record failed")).expect("it is logged");
            assert!(log.contains("class=\"com.example.Wants$Value\"") && log.contains("topic=t "), "{log}");
            assert!(log.contains("partition=0 offset=1") || log.contains("at {line=7}"), "{log}");
        }
    }
}
