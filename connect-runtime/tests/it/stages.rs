//! `errors.*` at every stage of a record's way: where it failed is told, what is tolerated is skipped, what may
//! succeed later is tried again as long as the connector says.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Datum, Error, Flow, HeaderConverter, HeaderConverterPlugin, OffsetMap,
    RawHeaders, Record, Result, SinkRecord, Transform, TransformPlugin, Value, Written,
};
use connect_runtime::testing::{Api, Code, DeadLetter, Fault, TestWorker};
use connect_runtime::{Plugins, State, sink_fn, source_fn};
use tokio::time::Instant;

use crate::capture::Capture;
use crate::support::Seen;

/// What the picky parts do with bad texts.
#[derive(Default)]
struct Mood {
    /// How often they still fail.
    left: usize,
    retriable: bool,
    /// Whether the sink is picky too.
    put: bool,
    tried: Vec<Instant>,
}

thread_local! {
    // Plugins are made of strings alone, and a test has a thread for itself.
    static MOOD: RefCell<Mood> = RefCell::default();
}

fn judge(text: &str) -> Result<()> {
    if !text.starts_with("bad") {
        return Ok(());
    }
    MOOD.with_borrow_mut(|mood| {
        mood.tried.push(Instant::now());
        if mood.left == 0 {
            return Ok(());
        }
        mood.left -= 1;
        Err(if mood.retriable { Error::retriable("not now") } else { Error::data("no such thing") })
    })
}

fn write(datum: &Datum, out: &mut BytesMut) -> Result<Written> {
    let Some(text) = datum.value.as_str() else { return Ok(Written::Null) };
    judge(text)?;
    out.extend_from_slice(text.as_bytes());
    Ok(Written::Bytes)
}

fn read(bytes: Option<&Bytes>) -> Result<Datum> {
    let Some(bytes) = bytes else { return Ok(Datum::NULL) };
    let text = std::str::from_utf8(bytes).unwrap();
    judge(text)?;
    Ok(Value::from(text).into())
}

connect_api::config! {
    /// None.
    pub struct Nothing {}
}

struct Picky;

impl Converter for Picky {
    fn write(&self, _: &str, _: &mut RawHeaders, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
        write(datum, out)
    }

    fn read(&self, _: &str, _: &RawHeaders, bytes: Option<&Bytes>) -> Result<Datum> {
        read(bytes)
    }
}

impl ConverterPlugin for Picky {
    const NAME: &'static str = "com.example.PickyConverter";
    type Config = Nothing;

    fn new(_: Nothing, _: ConverterKind) -> Result<Self> {
        Ok(Self)
    }
}

struct PickyHeaders;

impl HeaderConverter for PickyHeaders {
    fn write(&self, _: &str, _: &str, value: &Datum, out: &mut BytesMut) -> Result<Written> {
        write(value, out)
    }

    fn read(&self, _: &str, _: &str, bytes: Option<&Bytes>) -> Result<Datum> {
        read(bytes)
    }
}

impl HeaderConverterPlugin for PickyHeaders {
    const NAME: &'static str = "com.example.PickyHeaderConverter";
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self> {
        Ok(Self)
    }
}

struct PickyTransform;

impl Transform for PickyTransform {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        judge(record.value.value.as_str().unwrap()).map(|()| Flow::Keep)
    }
}

impl TransformPlugin for PickyTransform {
    const NAME: &'static str = "com.example.PickyTransform";
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self> {
        Ok(Self)
    }
}

/// A stage, the class that is at work there, and the configuration that makes it picky.
type Stage = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const KEY: Stage = ("KEY_CONVERTER", "com.example.PickyConverter", &[("key.converter", "com.example.PickyConverter")]);
const VALUE: Stage =
    ("VALUE_CONVERTER", "com.example.PickyConverter", &[("value.converter", "com.example.PickyConverter")]);
const HEADER: Stage = (
    "HEADER_CONVERTER",
    "com.example.PickyHeaderConverter",
    &[("header.converter", "com.example.PickyHeaderConverter")],
);
const TRANSFORM: Stage = (
    "TRANSFORMATION",
    "com.example.PickyTransform",
    &[("transforms", "picky"), ("transforms.picky.type", "com.example.PickyTransform")],
);
const PUT: Stage = ("TASK_PUT", "org.apache.kafka.connect.sink.SinkTask", &[]);
const PRODUCE: Stage = ("KAFKA_PRODUCE", "org.apache.kafka.connect.source.SourceTask", &[]);

fn record(text: &str) -> Record {
    Record::new("t", text).with_key(text).with_header("h", Value::from(text))
}

/// Which way records go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Sink,
    Source,
}

/// A connector `c` under test: a sink that is to take the texts from topic `t`, or a source that is to bring them there.
struct Run {
    worker: TestWorker,
    way: Way,
    seen: Seen,
}

impl Run {
    /// Starts it, with texts and configuration.
    async fn start(way: Way, texts: &[String], config: &[(&str, &str)]) -> Self {
        let seen = Seen::default();
        let take = seen.clone();
        let sink = sink_fn(move |records: Vec<SinkRecord>| {
            let take = take.clone();
            async move {
                if MOOD.with_borrow(|mood| mood.put) {
                    records.iter().try_for_each(|record| judge(record.value.value.as_str().unwrap()))?;
                }
                take.take(&records)
            }
        });
        let given: Arc<[String]> = texts.into();
        let source = source_fn(move |after: Option<OffsetMap>| {
            let given = given.clone();
            async move {
                let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
                let left = given.iter().zip(0i64..).skip(next as usize);
                Ok(left.map(|(text, n)| (record(text), OffsetMap::of("n", n))).collect())
            }
        });
        let plugins = match way {
            Way::Sink => Plugins::new().sink(sink),
            Way::Source => Plugins::new().source(source),
        };
        let plugins = plugins.converter::<Picky>().header_converter::<PickyHeaders>().transform::<PickyTransform>();
        let worker = TestWorker::builder().plugins(plugins).patience(Duration::from_secs(86_400)).start().await;
        let mut all = vec![("name", "c"), ("connector.class", "closure"), ("errors.log.enable", "true")];
        if way == Way::Sink {
            worker.send_records(texts.iter().map(|text| record(text))).await;
            all.push(("topics", "t"));
        } else {
            worker.topic("t", 1).await;
        }
        all.extend_from_slice(config);
        worker.create(all).await;
        Self { worker, way, seen }
    }

    /// What arrived.
    fn arrived(&self) -> Vec<String> {
        match self.way {
            Way::Sink => self.seen.all(),
            Way::Source => self.worker.values("t"),
        }
    }

    /// How many records the stored or committed offset has passed.
    async fn passed(&self) -> i64 {
        match self.way {
            Way::Sink => self.worker.committed("c", "t")[0],
            Way::Source => {
                let stored = self.worker.stored_offset("c", &OffsetMap::of("source", "closure")).await;
                stored.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1)
            }
        }
    }
}

fn mood(mood: Mood) {
    MOOD.set(mood);
}

/// All texts are good but the second; for a broker to refuse, that one is large.
fn texts(stage: Stage) -> Vec<String> {
    let bad = if stage == PRODUCE { format!("bad 1{}", "x".repeat(2 << 20)) } else { "bad 1".into() };
    vec!["good 0".into(), bad, "good 2".into()]
}

const ROWS: [(Way, Stage); 10] = [
    (Way::Sink, KEY),
    (Way::Sink, VALUE),
    (Way::Sink, HEADER),
    (Way::Sink, TRANSFORM),
    (Way::Sink, PUT),
    (Way::Source, HEADER),
    (Way::Source, KEY),
    (Way::Source, VALUE),
    (Way::Source, TRANSFORM),
    (Way::Source, PRODUCE),
];

const DEAD_LETTERS: [(&str, &str); 3] = [
    ("errors.deadletterqueue.topic.name", "dlq"),
    ("errors.deadletterqueue.topic.replication.factor", "1"),
    ("errors.deadletterqueue.context.headers.enable", "true"),
];

/// The letter holds the record as it came in, and says what happened to it.
fn check_letter(way: Way, (stage, class, _): Stage, letter: &DeadLetter) {
    let about = format!("{way:?} {stage}: {:?}", letter.headers);
    assert!(letter.text().starts_with("bad 1"), "{about}");
    assert_eq!(letter.key, letter.value, "{about}");
    let exception = "org.apache.kafka.connect.errors.DataException";
    let mut expected = vec![
        ("__connect.errors.topic", "t"),
        ("__connect.errors.connector.name", "c"),
        ("__connect.errors.task.id", "0"),
        ("__connect.errors.stage", stage),
        ("__connect.errors.class.name", class),
        ("__connect.errors.exception.class.name", exception),
    ];
    if way == Way::Sink {
        expected.extend([("h", "bad 1"), ("__connect.errors.partition", "0"), ("__connect.errors.offset", "1")]);
    }
    for (name, value) in expected {
        assert_eq!(letter.header(name).as_deref(), Some(value), "{name}, {about}");
    }
    assert!(letter.reason().unwrap().ends_with("no such thing"), "{about}");
    let trace = letter.header("__connect.errors.exception.stacktrace").unwrap();
    assert!(trace.contains(exception) && trace.contains("no such thing"), "{about}");
}

#[tokio::test(start_paused = true)]
async fn what_is_tolerated_is_skipped_reported_and_passed() {
    for (way, stage) in ROWS {
        for letters in [false, true] {
            if letters && stage == PRODUCE {
                // What is too large for the topic is so for the queue.
                continue;
            }
            mood(Mood { left: usize::MAX, put: stage == PUT, ..Mood::default() });
            let mut config = stage.2.to_vec();
            config.push(("errors.tolerance", "all"));
            config.extend(DEAD_LETTERS.into_iter().filter(|_| letters));
            let capture = Capture::begin();
            let run = Run::start(way, &texts(stage), &config).await;
            run.worker.drained().await;
            let about = format!("{way:?} {}", stage.0);
            assert_eq!(run.arrived(), ["good 0", "good 2"], "{about}");
            assert_eq!(run.passed().await, 3, "{about}");
            let counts = run.worker.status("c").tasks[0].counts;
            assert_eq!((counts.errors, counts.skipped), (1, 1), "{about}");
            let log = capture.text();
            let lines: Vec<_> = log.lines().filter(|line| line.contains("record failed")).collect();
            assert_eq!(lines.len(), 1, "{about}: {log}");
            assert!(lines[0].contains(stage.0) && lines[0].contains(stage.1), "{about}: {}", lines[0]);
            let dead = run.worker.dead_letters("dlq");
            assert_eq!(dead.len(), usize::from(letters), "{about}");
            dead.iter().for_each(|letter| check_letter(way, stage, letter));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_tolerated_ends_the_task_and_nothing_after_it_is_committed() {
    for (way, stage) in ROWS {
        mood(Mood { left: usize::MAX, put: stage == PUT, ..Mood::default() });
        let mut config = stage.2.to_vec();
        config.extend(DEAD_LETTERS.into_iter().filter(|_| stage != PRODUCE));
        let run = Run::start(way, &texts(stage), &config).await;
        run.worker.settled().await;
        run.worker.advance(Duration::from_secs(600)).await;
        let about = format!("{way:?} {}", stage.0);
        assert_eq!(run.worker.state("c"), State::Failed, "{about}");
        let trace = run.worker.trace("c");
        let place = match way {
            Way::Sink => "record at topic \"t\", partition 0, offset 1 at ",
            Way::Source => "record for topic \"t\" from {source=closure} at {n=1} at ",
        };
        assert!(trace.contains(&format!("{place}{} failed", stage.0)), "{about}: {trace}");
        assert!(run.passed().await <= 1, "{about}: {} records were passed", run.passed().await);
        assert!(["good 0"].starts_with(&run.arrived().iter().map(String::as_str).collect::<Vec<_>>()), "{about}");
        if stage == PRODUCE {
            continue;
        }
        // It is reported all the same, as in Kafka Connect.
        let dead = run.worker.dead_letters("dlq");
        assert_eq!(dead.len(), 1, "{about}");
        check_letter(way, stage, &dead[0]);
        mood(Mood::default());
        run.worker.worker().restart_task("c", 0).await.unwrap();
        run.worker.drained().await;
        let mut arrived = run.arrived();
        // What was put and not committed is put again.
        arrived.dedup();
        assert_eq!(arrived, texts(stage), "{about}: nothing is lost when the cause is mended");
        assert_eq!(run.passed().await, 3, "{about}");
    }
}

/// When everything is picky, the stage that comes first says so, and no other.
#[tokio::test(start_paused = true)]
async fn a_record_fails_once_at_the_first_stage_that_refuses_it() {
    for (way, stages) in [
        (Way::Sink, [KEY, VALUE, HEADER, TRANSFORM, PUT]),
        // What is too large for the topic is so for the queue, so producing has a test of its own.
        (Way::Source, [TRANSFORM, HEADER, KEY, VALUE, PRODUCE]),
    ] {
        for (first, stage) in stages.iter().enumerate().filter(|(_, stage)| **stage != PRODUCE) {
            mood(Mood { left: usize::MAX, put: true, ..Mood::default() });
            let mut config: Vec<_> = stages[first..].iter().flat_map(|stage| stage.2).copied().collect();
            config.push(("errors.tolerance", "all"));
            config.extend(DEAD_LETTERS);
            let run = Run::start(way, &texts(*stage), &config).await;
            run.worker.drained().await;
            let stages: Vec<_> = run.worker.dead_letters("dlq").iter().map(|letter| letter.stage().unwrap()).collect();
            assert_eq!(stages, [stage.0], "{way:?}");
        }
    }
}

/// A broker may refuse a batch after it was sent.
#[tokio::test(start_paused = true)]
async fn records_that_the_broker_refuses_are_given_up_too() {
    for (tolerance, letters) in [("all", false), ("all", true), ("none", false), ("none", true)] {
        let capture = Capture::begin();
        let worker = TestWorker::builder().plugins(Plugins::new().source(one_by_one())).start().await;
        worker.topic("t", 1).await;
        worker.faults().inject(Fault::fail(Api::Produce, Code::InvalidRecord).topic("t").times(1));
        let mut config = vec![("name", "c"), ("connector.class", "closure"), ("errors.tolerance", tolerance)];
        config.push(("errors.log.enable", "true"));
        config.extend(DEAD_LETTERS.into_iter().filter(|_| letters));
        worker.create(config).await;
        worker.settled().await;
        let stored = worker.stored_offset("c", &OffsetMap::of("source", "closure")).await;
        assert!(capture.text().contains("stage=\"KAFKA_PRODUCE\""), "{}", capture.text());
        let dead = worker.dead_letters("dlq");
        assert_eq!(dead.len(), usize::from(letters));
        if let [letter] = &dead[..] {
            assert_eq!(letter.text(), "0");
            for (name, value) in [
                ("__connect.errors.topic", "t"),
                ("__connect.errors.stage", PRODUCE.0),
                ("__connect.errors.class.name", PRODUCE.1),
                ("__connect.errors.exception.class.name", "org.apache.kafka.common.KafkaException"),
            ] {
                assert_eq!(letter.header(name).as_deref(), Some(value), "{name}");
            }
            assert!(letter.reason().unwrap().contains("InvalidRecord"), "{:?}", letter.reason());
        }
        if tolerance == "all" {
            assert_eq!((worker.values("t"), stored), (vec!["1".into(), "2".into()], Some(OffsetMap::of("n", 2i64))));
            continue;
        }
        assert_eq!((worker.state("c"), stored), (State::Failed, None));
        let failed = "at KAFKA_PRODUCE failed";
        assert!(worker.trace("c").contains(failed), "{}", worker.trace("c"));
        worker.worker().restart_task("c", 0).await.unwrap();
        worker.drained().await;
        assert_eq!(worker.values("t"), ["0", "1", "2"]);
    }
}

/// Three records, a second apart.
fn one_by_one() -> impl connect_api::SourceConnector<Config = ()> {
    source_fn(async |after: Option<OffsetMap>| {
        let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
        if next > 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok((next < 3).then(|| (Record::new("t", next.to_string()), OffsetMap::of("n", next))).into_iter().collect())
    })
}

const RETRIED: [(Way, Stage); 8] = [
    (Way::Sink, KEY),
    (Way::Sink, VALUE),
    (Way::Sink, HEADER),
    (Way::Sink, TRANSFORM),
    (Way::Source, HEADER),
    (Way::Source, KEY),
    (Way::Source, VALUE),
    (Way::Source, TRANSFORM),
];

/// Milliseconds from the first attempt to each.
fn tried() -> Vec<u64> {
    let tried = MOOD.with_borrow_mut(|mood| std::mem::take(&mut mood.tried));
    let millis = |at: &Instant| at.duration_since(tried[0]).as_millis() as u64;
    let mut tried: Vec<_> = tried.iter().map(millis).collect();
    // A report looks at the record once more.
    tried.dedup();
    tried
}

#[tokio::test(start_paused = true)]
async fn what_may_succeed_later_is_tried_until_the_timeout() {
    const EVER: usize = usize::MAX;
    for (timeout, failures, expected) in [
        ("0", EVER, &[0][..]),
        ("10000", EVER, &[0, 300, 900, 2100, 4500, 9300, 10_000]),
        ("2100", EVER, &[0, 300, 900, 2100]),
        ("10000", 3, &[0, 300, 900, 2100]),
        ("-1", 9, &[0, 300, 900, 2100, 4500, 9300, 18_900, 38_100, 76_500]),
    ] {
        for (way, stage) in RETRIED {
            for tolerance in ["all", "none"] {
                mood(Mood { left: failures, retriable: true, ..Mood::default() });
                let mut config = stage.2.to_vec();
                config.extend([("errors.retry.timeout", timeout), ("errors.tolerance", tolerance)]);
                config.extend(DEAD_LETTERS);
                let run = Run::start(way, &texts(stage), &config).await;
                run.worker.settled().await;
                let about = format!("{way:?} {} errors.retry.timeout={timeout} tolerance={tolerance}", stage.0);
                let tried = tried();
                assert_eq!(tried[..expected.len().min(tried.len())], *expected, "{about}");
                let counts = run.worker.status("c").tasks[0].counts;
                if failures < EVER {
                    assert_eq!(run.arrived(), texts(stage), "{about}");
                    assert_eq!((run.passed().await, counts.errors, counts.retries), (3, 0, failures as u64), "{about}");
                    continue;
                }
                assert_eq!(tried.len(), expected.len(), "{about}: {tried:?}");
                assert_eq!(counts.retries as usize, expected.len() - 1, "{about}");
                let letter = &run.worker.dead_letters("dlq")[0];
                let class = letter.header("__connect.errors.exception.class.name");
                assert_eq!(class.as_deref(), Some("org.apache.kafka.connect.errors.RetriableException"), "{about}");
                assert_eq!(letter.stage().as_deref(), Some(stage.0), "{about}");
                match tolerance {
                    "all" => {
                        assert_eq!(run.arrived(), ["good 0", "good 2"], "{about}");
                        assert_eq!(run.passed().await, 3, "{about}");
                    }
                    _ => {
                        assert_eq!(run.worker.state("c"), State::Failed, "{about}");
                        assert!(run.passed().await <= 1, "{about}");
                    }
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waits_beyond_the_longest_are_random_ones_below_it_and_the_last_attempt_is_at_the_timeout() {
    for (longest, timeout) in [("500", 60_000), ("0", 1_000), ("60000", 600_000)] {
        for (way, stage) in RETRIED {
            mood(Mood { left: usize::MAX, retriable: true, ..Mood::default() });
            let millis = timeout.to_string();
            let mut config = stage.2.to_vec();
            config.extend([("errors.retry.timeout", &*millis), ("errors.retry.delay.max.ms", longest)]);
            config.push(("errors.tolerance", "all"));
            let run = Run::start(way, &texts(stage), &config).await;
            run.worker.drained().await;
            let tried = tried();
            let about = format!("{way:?} {} errors.retry.delay.max.ms={longest}: {tried:?}", stage.0);
            let most = longest.parse::<u64>().unwrap();
            // The first wait, 300 ms, may be within the longest; the timer rounds up to a whole millisecond.
            assert!(tried.windows(2).all(|pair| pair[1] - pair[0] <= most.max(300) + 1), "{about}");
            assert!(tried.len() > 4 && tried.last() == Some(&timeout), "{about}");
            assert_eq!(run.arrived(), ["good 0", "good 2"], "{about}");
        }
    }
}

/// However long a record is tried again, a stop does not wait for it.
#[tokio::test(start_paused = true)]
async fn a_stop_ends_retries() {
    for (way, stage) in RETRIED {
        mood(Mood { left: usize::MAX, retriable: true, ..Mood::default() });
        let mut config = stage.2.to_vec();
        config.push(("errors.retry.timeout", "-1"));
        let run = Run::start(way, &texts(stage), &config).await;
        run.worker.advance(Duration::from_secs(200)).await;
        let about = format!("{way:?} {}", stage.0);
        assert_eq!(run.worker.state("c"), State::Running, "{about}");
        assert!(run.passed().await <= 1, "{about}");
        let began = Instant::now();
        run.worker.worker().stop("c").await.unwrap();
        assert!(began.elapsed() <= Duration::from_secs(1), "{about}: {:?}", began.elapsed());
        assert!(run.passed().await <= 1, "{about}");
    }
}
