//! Records that are given up.

use std::time::Duration;

use connect_api::{OffsetMap, Record};
use connect_runtime::testing::{Api, Code, DeadLetter, Fault, TestWorker};
use connect_runtime::{Plugins, State, source_fn};

use super::picky::{Mood, mood};
use super::{DEAD_LETTERS, HEADER, KEY, PRODUCE, PUT, Run, Stage, TRANSFORM, VALUE, Way, texts};
use crate::capture::Capture;

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
