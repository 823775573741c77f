//! The rules that all connectors keep.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use connect_file::{FileStreamSink, FileStreamSource};
use connect_runtime::testing::conformance::{
    sink::{self, SinkHarness},
    source::{self, SourceHarness},
};

#[tokio::test(start_paused = true)]
async fn sink_keeps_the_rules() {
    for fsync in ["commit", "put"] {
        sink::all(|| {
            let directory = tempfile::tempdir().expect("a directory");
            let path = directory.path().join("lines");
            let properties =
                [("file", path.to_str().expect("a path of UTF-8").to_owned()), ("fsync", fsync.to_owned())];
            let lines = async move || {
                let _alive = &directory;
                let text = fs::read_to_string(&path).unwrap_or_default();
                assert!(text.is_empty() || text.ends_with('\n'), "a torn line: {text:?}");
                text.lines().map(|line| line.parse().expect("a number")).collect()
            };
            SinkHarness::new(FileStreamSink::new(), properties, lines)
                .broken([("fsync", "never"), ("repair.torn.line", "maybe")], ["fsync", "repair.torn.line"])
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn source_keeps_the_rules() {
    source::all(|| {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lines");
        let properties = [("file", path.to_str().expect("a path of UTF-8")), ("topic", "lines"), ("batch.size", "3")]
            .map(|(key, value)| (key, value.to_owned()));
        let append = async move |numbers: std::ops::Range<u32>| {
            let _alive = &directory;
            let mut file = OpenOptions::new().create(true).append(true).open(&path).expect("a file");
            for number in numbers {
                writeln!(file, "{number}").expect("written");
            }
        };
        SourceHarness::new(FileStreamSource::new(), properties, append).broken(
            [("topic", ""), ("batch.size", "0"), ("line.too.long", "cry")],
            ["topic", "batch.size", "line.too.long"],
        )
    })
    .await;
}
