use super::Metrics;

#[test]
fn samples_are_read() {
    let text = "# HELP a what\na{connector=\"c\\\"x\",task=\"0\",stage=\"put\"} 3.5\nb 1\na{connector=\"c\\\"x\",\
                task=\"1\"} NaN 5\nbroken{\na{x=\"\n";
    let metrics = Metrics::read(text);
    let samples: Vec<_> = metrics.of_task("a", "c\"x", "0").collect();
    assert_eq!(samples.len(), 1);
    assert_eq!((samples[0].label("stage"), samples[0].value), ("put", 3.5));
    assert!(metrics.of_task("a", "c\"x", "1").all(|sample| sample.value.is_nan()));
    assert_eq!(metrics.of_task("b", "", "").count(), 1);
}
