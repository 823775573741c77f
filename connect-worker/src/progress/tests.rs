#[test]
fn bytes() {
    for (count, text) in [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_500_000, "1.5 MB"), (7_u64 << 40, "7.7 TB")]
    {
        assert_eq!(super::bytes(count), text);
    }
}
