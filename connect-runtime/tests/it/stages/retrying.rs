//! Records that are tried again.

use std::time::Duration;

use connect_runtime::State;
use tokio::time::Instant;

use super::picky::{MOOD, Mood, mood};
use super::{DEAD_LETTERS, HEADER, KEY, Run, Stage, TRANSFORM, VALUE, Way, texts};

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
