use super::*;

#[test]
fn a_duration_counts_in_its_bucket_and_all_above() {
    let mut histogram = Histogram::default();
    histogram.observe(Duration::ZERO, 1);
    histogram.observe(Duration::from_millis(5), 2);
    histogram.observe(Duration::from_millis(5_001), 3);
    histogram.observe(Duration::from_secs(100_000), 4);
    let counts: Vec<_> = histogram.buckets().map(|(_, count)| count).collect();
    assert_eq!(counts, [1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 6, 6, 6, 6, 6, 6, 10]);
    assert_eq!(histogram.count(), 10);
    assert!((histogram.sum() - (0.010 + 15.003 + 400_000.0)).abs() < 1e-6);
}
