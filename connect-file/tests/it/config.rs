//! The configurations as Connect sends and shows them.

use std::collections::BTreeMap;

use connect_api::Config;
use connect_api::config::{ConfigType, definitions, parse};
use connect_file::{EncodingErrors, FileStreamSinkConfig, FileStreamSourceConfig, Fsync, LineTooLong};

fn props<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[test]
fn defaults_are_those_of_the_types() {
    let parsed = parse::<FileStreamSourceConfig>(&props([("topic", "t")])).unwrap();
    assert_eq!(format!("{:?}", parsed.config), format!("{:?}", FileStreamSourceConfig::new("t")));
    let parsed = parse::<FileStreamSinkConfig>(&props([])).unwrap();
    assert_eq!(format!("{:?}", parsed.config), format!("{:?}", FileStreamSinkConfig::default()));
}

#[test]
fn every_key_is_read() {
    let config = parse::<FileStreamSourceConfig>(&props([
        ("file", "in.txt"),
        ("topic", "t"),
        ("batch.size", "7"),
        ("max.line.bytes", "8"),
        ("line.too.long", "skip"),
        ("encoding.errors", "fail"),
        ("emit.unterminated.line", "true"),
        ("unterminated.line.wait.ms", "9"),
        ("poll.interval.ms", "10"),
    ]));
    let config = config.unwrap().config;
    assert_eq!((config.file(), config.batch_size, config.max_line_bytes), (Some("in.txt"), 7, 8));
    assert_eq!((config.line_too_long, config.encoding_errors), (LineTooLong::Skip, EncodingErrors::Fail));
    assert!(config.emit_unterminated_line);
    assert_eq!((config.unterminated_line_wait.get(), config.poll_interval.get()), (9, 10));

    let config = parse::<FileStreamSinkConfig>(&props([("file", ""), ("fsync", "put"), ("repair.torn.line", "false")]));
    let config = config.unwrap().config;
    assert_eq!((config.file(), config.fsync, config.repair_torn_line), (None, Fsync::Put, false));
}

#[test]
fn wrong_values_are_told_by_key() {
    let errors = parse::<FileStreamSourceConfig>(&props([
        ("batch.size", "0"),
        ("max.line.bytes", "many"),
        ("line.too.long", "wrap"),
        ("file.truncated", "ignore"),
        ("poll.interval.ms", "0"),
    ]));
    let errors = errors.unwrap_err();
    let mut keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        ["batch.size", "file.truncated", "line.too.long", "max.line.bytes", "poll.interval.ms", "topic"],
        "{errors}"
    );
    let said = errors.of("line.too.long").next().unwrap().to_string();
    assert!(["fail", "truncate", "skip"].iter().all(|possible| said.contains(possible)), "{said}");
    let errors = parse::<FileStreamSourceConfig>(&props([("topic", "")])).unwrap_err();
    assert_eq!(errors.of("topic").count(), 1, "{errors}");
}

#[test]
fn definitions_are_those_of_kafka_connect_and_more() {
    fn rows<C: Config>() -> Vec<(String, ConfigType, bool, Option<String>)> {
        let rows = definitions::<C>().into_iter();
        rows.map(|row| (row.name, row.config_type, row.required, row.default_value)).collect()
    }
    let row = |name: &str, ty, required, default: Option<&str>| (name.into(), ty, required, default.map(str::to_owned));
    use ConfigType::{Boolean, Int, Long, String as Text};
    assert_eq!(
        rows::<FileStreamSourceConfig>(),
        [
            row("file", Text, false, None),
            row("topic", Text, true, None),
            row("batch.size", Int, false, Some("2000")),
            row("max.line.bytes", Int, false, Some("1048576")),
            row("line.too.long", Text, false, Some("fail")),
            row("encoding.errors", Text, false, Some("replace")),
            row("file.truncated", Text, false, Some("restart")),
            row("emit.unterminated.line", Boolean, false, Some("false")),
            row("unterminated.line.wait.ms", Long, false, Some("1000")),
            row("poll.interval.ms", Long, false, Some("100")),
        ]
    );
    assert_eq!(
        rows::<FileStreamSinkConfig>(),
        [
            row("file", Text, false, None),
            row("fsync", Text, false, Some("commit")),
            row("repair.torn.line", Boolean, false, Some("true")),
        ]
    );
}
