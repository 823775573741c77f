use super::*;

/// Records values at seconds, and looks at another second.
fn check(values: &[(u64, f64)], at: u64, expect: [Option<f64>; 3]) {
    let start = Instant::now();
    let second = |second: u64| start + Duration::from_secs(second);
    let mut sampled = Sampled::new(Windows { length: Duration::from_secs(30), count: 2 });
    for (when, value) in values {
        sampled.record(second(*when), *value);
    }
    let now = second(at);
    let number = |value: f64| (!value.is_nan()).then_some(value);
    assert_eq!([Some(sampled.rate(now)), number(sampled.avg(now)), number(sampled.max(now))], expect, "{values:?}");
}

#[tokio::test(start_paused = true)]
async fn values_count_for_two_windows() {
    check(&[], 5, [Some(0.0), None, None]);
    // At least one full window is the time that a rate is over.
    check(&[(0, 60.0)], 0, [Some(2.0), Some(60.0), Some(60.0)]);
    check(&[(0, 60.0), (10, 30.0)], 20, [Some(3.0), Some(45.0), Some(60.0)]);
    check(&[(0, 60.0), (40, 30.0)], 45, [Some(2.0), Some(45.0), Some(60.0)]);
    // The first window is too old by then.
    check(&[(0, 60.0), (40, 30.0)], 70, [Some(1.0), Some(30.0), Some(30.0)]);
    check(&[(0, 60.0), (40, 30.0)], 100, [Some(0.0), None, None]);
    // A third window pushes the first one out.
    check(&[(0, 60.0), (30, 30.0), (60, 90.0)], 60, [Some(4.0), Some(60.0), Some(90.0)]);
}

#[tokio::test(start_paused = true)]
async fn windows_of_no_length_show_nothing() {
    let mut sampled = Sampled::new(Windows { length: Duration::ZERO, count: 1 });
    let now = Instant::now();
    sampled.record(now, 1.0);
    assert_eq!(sampled.rate(now), 0.0);
    assert!(sampled.avg(now).is_nan());
}
