//! The source on real files. Time is paused, so that waiting takes none.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use connect_api::config::Millis;
use connect_api::{ErrorKind, ExactlyOnce, OffsetMap, Result, SourceConnector, SourceRecord, SourceTask, Type, Value};
use connect_file::{
    EncodingErrors, FileStreamSource, FileStreamSourceConfig, FileStreamSourceTask, FileTruncated, LineTooLong,
};
use connect_runtime::testing::source_context;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::records::{positions, texts};

struct Lines {
    folder: TempDir,
    config: FileStreamSourceConfig,
}

impl Lines {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = FileStreamSourceConfig::new("topic");
        config.file = Some(folder.path().join("in.txt").to_str().unwrap().to_owned());
        Self { folder, config }
    }

    fn with(content: impl AsRef<[u8]>) -> Self {
        let lines = Self::new();
        fs::write(lines.path(), content).unwrap();
        lines
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("in.txt")
    }

    fn append(&self, text: &str) {
        OpenOptions::new().append(true).open(self.path()).unwrap().write_all(text.as_bytes()).unwrap();
    }

    async fn task_at(&self, position: impl Into<Value>) -> Result<FileStreamSourceTask> {
        let stored = OffsetMap::of("position", position);
        FileStreamSource::new().task(&self.config, (), source_context("lines", Some(stored))).await
    }

    async fn task(&self) -> FileStreamSourceTask {
        FileStreamSource::new().task(&self.config, (), source_context("lines", None)).await.unwrap()
    }
}

/// Polls until the task is idle.
async fn drain(task: &mut FileStreamSourceTask) -> Vec<SourceRecord> {
    let mut all = Vec::new();
    loop {
        let records = task.poll().await.unwrap();
        if records.is_empty() && task.is_idle() == Some(true) {
            return all;
        }
        all.extend(records);
    }
}

#[tokio::test(start_paused = true)]
async fn records_have_the_shape_of_kafka_connect() {
    let lines = Lines::with("zażółć\nb\r\n\nrest");
    let mut task = lines.task().await;
    let records = task.poll().await.unwrap();
    assert_eq!(texts(&records), ["zażółć", "b", ""]);
    assert_eq!(positions(&records), [11, 14, 15]);
    assert_eq!(records.capacity(), records.len());
    let record = &records[0];
    assert_eq!((&*record.topic, record.partition, record.timestamp), ("topic", None, None));
    assert!(record.key.is_null() && record.key.schema.is_none());
    let schema = record.value.schema.as_ref().unwrap();
    assert!(schema.ty() == Type::String && !schema.is_optional());
    assert!(Arc::ptr_eq(schema, records[1].value.schema.as_ref().unwrap()));
    assert!(Arc::ptr_eq(&record.source_partition, &records[1].source_partition));
    assert_eq!(*record.source_partition, OffsetMap::of("filename", lines.config.file.as_deref().unwrap()));
    assert_eq!(record.source_offset, OffsetMap::of("position", 11i64));

    assert_eq!(task.poll().await.unwrap(), []);
    assert_eq!(task.is_idle(), Some(true));
    lines.append(" of it\nnext\n");
    let records = drain(&mut task).await;
    assert_eq!((texts(&records), positions(&records)), (vec!["rest of it", "next"], vec![26, 31]));
}

#[tokio::test(start_paused = true)]
async fn batches_are_limited_and_the_rest_comes_at_once() {
    let mut lines = Lines::with("1\n2\n3\n4\n5\n");
    lines.config.batch_size = 2;
    let mut task = lines.task().await;
    let began = Instant::now();
    for expect in [&["1", "2"][..], &["3", "4"], &["5"]] {
        assert_eq!(texts(&task.poll().await.unwrap()), expect);
        assert_eq!(task.is_idle(), Some(false));
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(task.poll().await.unwrap(), []);
    assert_eq!(began.elapsed(), Duration::from_millis(100));
    assert_eq!(task.is_idle(), Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_big_file_is_read_whole_from_any_position() {
    let all: Vec<String> = (0..50_000).map(|n| format!("{n} {}", "ż".repeat(n % 40))).collect();
    let lines = Lines::with(all.join("\n") + "\n");
    let records = drain(&mut lines.task().await).await;
    assert_eq!(texts(&records), all);
    for index in [0, 1999, 2000, 31_234, 49_999] {
        let mut task = lines.task_at(positions(&records)[index]).await.unwrap();
        assert_eq!(texts(&drain(&mut task).await), all[index + 1..]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_dropped_loses_nothing() {
    let all: Vec<String> = (0..20_000).map(|n| n.to_string()).collect();
    let lines = Lines::with(all.join("\n") + "\n");
    let mut task = lines.task().await;
    let mut records = Vec::new();
    loop {
        // Polled once and dropped, as at pause.
        tokio::select! {
            biased;
            got = task.poll() => records.extend(got.unwrap()),
            () = std::future::ready(()) => {}
        }
        let got = task.poll().await.unwrap();
        if got.is_empty() {
            break;
        }
        records.extend(got);
    }
    assert_eq!(texts(&records), all);
}

#[tokio::test(start_paused = true)]
async fn an_unterminated_line_is_emitted_after_a_while_if_wanted() {
    let mut lines = Lines::with("a\nb");
    assert_eq!(texts(&drain(&mut lines.task().await).await), ["a"]);

    lines.config.emit_unterminated_line = true;
    let mut task = lines.task().await;
    let began = Instant::now();
    let records = drain(&mut task).await;
    assert_eq!((texts(&records), positions(&records)), (vec!["a", "b"], vec![2, 3]));
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    lines.append("\nc\n");
    assert_eq!(texts(&drain(&mut task).await), ["c"]);
    assert_eq!(texts(&drain(&mut lines.task_at(3i64).await.unwrap()).await), ["c"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_writer_has_its_line_whole() {
    let mut lines = Lines::with("slow");
    lines.config.emit_unterminated_line = true;
    lines.config.unterminated_line_wait = Millis::new(250);
    let mut task = lines.task().await;
    for _ in 0..5 {
        for _ in 0..2 {
            assert_eq!(task.poll().await.unwrap(), []);
            assert_eq!(task.is_idle(), Some(false));
        }
        lines.append("er");
    }
    lines.append("\n");
    assert_eq!(texts(&drain(&mut task).await), ["slowererererer"]);
}

#[tokio::test(start_paused = true)]
async fn a_missing_file_is_waited_for() {
    let lines = Lines::new();
    FileStreamSource::new().validate(&lines.config).await.unwrap();
    let mut task = lines.task().await;
    assert_eq!(task.poll().await.unwrap(), []);
    assert_eq!(task.is_idle(), Some(true));
    fs::write(lines.path(), "here\n").unwrap();
    assert_eq!(texts(&drain(&mut task).await), ["here"]);
}

#[tokio::test(start_paused = true)]
async fn a_truncated_file_is_read_again() {
    let lines = Lines::with("one\ntwo\nthr");
    let mut task = lines.task().await;
    assert_eq!(texts(&drain(&mut task).await), ["one", "two"]);
    File::create(lines.path()).unwrap();
    lines.append("new\n");
    let records = drain(&mut task).await;
    assert_eq!((texts(&records), positions(&records)), (vec!["new"], vec![4]));

    let mut task = lines.task_at(100i64).await.unwrap();
    assert_eq!(texts(&drain(&mut task).await), ["new"]);
}

/// A stored position beyond the end, or a file cut while it is read.
#[tokio::test(start_paused = true)]
async fn a_file_that_became_shorter_is_read_again_or_fails_the_task() {
    // 12 bytes, as of a stored position of 5000.
    let mut lines = Lines::with("one\ntwo\nthr\n");
    let mut task = lines.task_at(5000i64).await.unwrap();
    let records = drain(&mut task).await;
    assert_eq!((texts(&records), positions(&records)), (vec!["one", "two", "thr"], vec![4, 8, 12]));

    lines.config.file_truncated = FileTruncated::Fail;
    let mut task = lines.task_at(5000i64).await.unwrap();
    for _ in 0..2 {
        let error = task.poll().await.unwrap_err();
        let said = format!("{} has 12 bytes and was read up to byte 5000 before", lines.path().display());
        assert!(error.kind() == ErrorKind::Fatal && error.to_string().contains(&said), "{error}");
        assert!(error.to_string().contains("file.truncated=restart"), "{error}");
    }
    // At its end and within it, nothing is missing.
    for (position, expected) in [(12i64, &[][..]), (8, &["thr"])] {
        let mut task = lines.task_at(position).await.unwrap();
        assert_eq!(texts(&drain(&mut task).await), expected);
    }
    // Cut while it is open; an unfinished line that is taken back is no truncation.
    let mut task = lines.task().await;
    lines.append("torn");
    assert_eq!(texts(&drain(&mut task).await), ["one", "two", "thr"]);
    let file = OpenOptions::new().write(true).open(lines.path()).unwrap();
    file.set_len(12).unwrap();
    assert_eq!(texts(&drain(&mut task).await), [""; 0]);
    file.set_len(4).unwrap();
    let error = task.poll().await.unwrap_err().to_string();
    assert!(error.contains("has 4 bytes and was read up to byte 12 before"), "{error}");
    // A file in its place is not a shorter one.
    fs::remove_file(lines.path()).unwrap();
    fs::write(lines.path(), "a\n").unwrap();
    let mut task = lines.task_at(0i64).await.unwrap();
    assert_eq!(texts(&drain(&mut task).await), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_last_line_that_is_taken_back_makes_nothing_come_again() {
    let lines = Lines::with("one\ntwo\ntorn");
    let mut task = lines.task().await;
    assert_eq!(texts(&drain(&mut task).await), ["one", "two"]);
    let file = OpenOptions::new().write(true).open(lines.path()).unwrap();
    file.set_len(10).unwrap();
    assert_eq!(texts(&drain(&mut task).await), [""; 0]);
    file.set_len(8).unwrap();
    assert_eq!(texts(&drain(&mut task).await), [""; 0]);
    lines.append("three\n");
    let records = drain(&mut task).await;
    assert_eq!((texts(&records), positions(&records)), (vec!["three"], vec![14]));
    file.set_len(4).unwrap();
    assert_eq!(texts(&drain(&mut task).await), ["one"]);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_file_is_read_to_its_end_first() {
    let lines = Lines::with("old 1\n");
    let mut task = lines.task().await;
    assert_eq!(texts(&drain(&mut task).await), ["old 1"]);
    let moved = lines.folder.path().join("in.txt.1");
    fs::rename(lines.path(), &moved).unwrap();
    assert_eq!(task.poll().await.unwrap(), []);
    let mut writer = OpenOptions::new().append(true).open(&moved).unwrap();
    writer.write_all(b"old 2\n").unwrap();
    fs::write(lines.path(), "new 1\n").unwrap();
    assert_eq!(texts(&task.poll().await.unwrap()), ["old 2"]);
    // The writer needs a moment to turn to the new file.
    assert_eq!(task.poll().await.unwrap(), []);
    assert_eq!(task.is_idle(), Some(false));
    writer.write_all(b"old 3\nold end").unwrap();
    let records = drain(&mut task).await;
    assert_eq!(texts(&records), ["old 3", "old end", "new 1"]);
    assert_eq!(positions(&records), [18, 25, 6]);
}

#[tokio::test(start_paused = true)]
async fn bad_bytes_are_replaced_or_fail() {
    let mut lines = Lines::with(b"good\nb\xffd\ngood\n");
    assert_eq!(texts(&drain(&mut lines.task().await).await), ["good", "b\u{fffd}d", "good"]);
    lines.config.encoding_errors = EncodingErrors::Fail;
    let mut task = lines.task().await;
    assert_eq!(texts(&task.poll().await.unwrap()), ["good"]);
    for _ in 0..2 {
        let error = task.poll().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Fatal);
        let expect = format!(
            "byte 6 of {} is not UTF-8; set encoding.errors to replace to have U+FFFD in its place",
            lines.path().display()
        );
        assert_eq!(error.to_string(), expect);
    }
}

#[tokio::test(start_paused = true)]
async fn long_lines_fail_or_are_cut_or_skipped() {
    let mut lines = Lines::with(format!("good\n{}\ngood\n", "x".repeat(2_000_000)));
    let mut task = lines.task().await;
    assert_eq!(texts(&task.poll().await.unwrap()), ["good"]);
    let expect = format!(
        "the line at byte 5 of {} is longer than max.line.bytes=1048576; raise it, or set line.too.long to truncate \
         or skip",
        lines.path().display()
    );
    assert_eq!(task.poll().await.unwrap_err().to_string(), expect);

    lines.config.max_line_bytes = 2_000_000;
    assert_eq!(drain(&mut lines.task().await).await.len(), 3);
    lines.config.max_line_bytes = 4;
    lines.config.line_too_long = LineTooLong::Truncate;
    let records = drain(&mut lines.task().await).await;
    assert_eq!((texts(&records), positions(&records)), (vec!["good", "xxxx", "good"], vec![5, 2_000_006, 2_000_011]));
    lines.config.line_too_long = LineTooLong::Skip;
    assert_eq!(texts(&drain(&mut lines.task().await).await), ["good", "good"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_told() {
    #[track_caller]
    fn check(error: &str, path: &Path, expect: &str) {
        assert!(error.contains(&path.display().to_string()) && error.contains(expect), "{error}");
    }
    let mut lines = Lines::new();
    let folder = lines.folder.path().to_owned();
    for (path, expect) in [(folder.clone(), "it is a directory"), ("/dev/null".into(), "it is no regular file")] {
        lines.config.file = Some(path.to_str().unwrap().to_owned());
        let error = FileStreamSource::new().task(&lines.config, (), source_context("lines", None)).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Config);
        check(&error.to_string(), &path, expect);
        let errors = FileStreamSource::new().validate(&lines.config).await.unwrap_err();
        check(&errors.of("file").next().unwrap().message, &path, expect);
    }
    let mut lines = Lines::new();
    lines.config.topic.clear();
    (lines.config.batch_size, lines.config.max_line_bytes, lines.config.poll_interval) = (0, -1, Millis::new(0));
    let errors = FileStreamSource::new().validate(&lines.config).await.unwrap_err();
    let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["topic", "batch.size", "max.line.bytes", "poll.interval.ms"]);
}

#[tokio::test(start_paused = true)]
async fn stored_offsets_are_checked() {
    let lines = Lines::with("a\nb\n");
    for (stored, expect) in [
        (Value::from("2"), r#""position" must be a whole number of bytes, but is string 2"#),
        (Value::from(-2i64), r#""position" must not be negative, but is -2"#),
    ] {
        let error = lines.task_at(stored).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Fatal);
        assert_eq!(error.to_string(), format!("stored offset of {}: {expect}", lines.path().display()));
    }
    assert_eq!(texts(&drain(&mut lines.task_at(Value::Null).await.unwrap()).await), ["a", "b"]);
    assert_eq!(texts(&drain(&mut lines.task_at(2i64).await.unwrap()).await), ["b"]);
}

#[tokio::test]
async fn altered_offsets_are_checked() {
    let file = Lines::new().config;
    let stdin = FileStreamSourceConfig::new("topic");
    let some = || OffsetMap::of("filename", "any.txt");
    let at = |position: i64| Some(OffsetMap::of("position", position));
    let source = FileStreamSource::new();
    for (config, partition, offset, expect) in [
        (&file, some(), at(0), None),
        (&file, some(), None, None),
        (&file, OffsetMap::of("garbage", 1i64), None, None),
        (&stdin, some(), None, Some(r#""file" is not set"#)),
        (&stdin, some(), at(1), Some(r#""file" is not set"#)),
        (&file, some(), at(-1), Some("must not be negative, but is -1")),
        (&file, some(), Some(OffsetMap::of("position", "1")), Some("must be a whole number of bytes")),
        (&file, some(), Some(OffsetMap::of("position", Value::Null)), Some("must be a whole number of bytes")),
        (&file, some(), Some(OffsetMap::of("pos", 1i64)), Some(r#"an offset needs the key "position""#)),
        (&file, OffsetMap::of("file", "a"), at(1), Some(r#"a source partition needs the key "filename""#)),
        (&file, OffsetMap::NULL, at(1), Some(r#"a source partition needs the key "filename""#)),
    ] {
        let said = source.alter_offsets(config, &[(partition.clone(), offset.clone())]).await;
        match (said, expect) {
            (Ok(()), None) => {}
            (Err(error), Some(expect)) if error.to_string().contains(expect) => {}
            (said, expect) => panic!("{partition} {offset:?}: {said:?} instead of {expect:?}"),
        }
    }
}

#[tokio::test]
async fn the_connector_says_what_it_is() {
    let source = FileStreamSource::new();
    let file = Lines::new().config;
    let mut stdin = FileStreamSourceConfig::new("topic");
    assert_eq!(source.splits(&file, 10).await.unwrap(), [()]);
    assert_eq!(source.exactly_once(&file), ExactlyOnce::Supported);
    assert_eq!(source.exactly_once(&stdin), ExactlyOnce::Unsupported);
    stdin.file = Some(String::new());
    assert_eq!(source.exactly_once(&stdin), ExactlyOnce::Unsupported);
}
