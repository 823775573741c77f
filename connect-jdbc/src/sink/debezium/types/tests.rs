use super::*;

#[test]
fn values_of_names() {
    let text = |text: &str| Value::from(text);
    let rows = [
        (Semantic::Timestamp(Unit::Nanos), Value::Int64(-1), "Timestamp { local: -1, instant: -1 }"),
        (Semantic::Time(Unit::Millis), Value::Int32(86_400_000), "Time { micros: 86400000000, millis: 86400000 }"),
        (Semantic::ZonedTime, text("01:00:00.5+02:00"), "Time { micros: 82800500000, millis: 82800500 }"),
        (Semantic::ZonedTime, text("23:00:00Z"), "Time { micros: 82800000000, millis: 82800000 }"),
        (Semantic::ZonedTimestamp, text("1970-01-01T01:00:00+01:00"), "Timestamp { local: 7, instant: 0 }"),
        (Semantic::Bits(10), Value::from(vec![0b101_u8, 0b10]), "Bits(\"1000000101\")"),
        (Semantic::Bits(4_000_000_000), Value::from(vec![1_u8]), "Bits(\"00000001\")"),
        (Semantic::Time(Unit::Micros), Value::Int64(-1), "error"),
        (Semantic::Timestamp(Unit::Millis), Value::Int64(i64::MAX), "error"),
        (Semantic::ZonedTime, text("noon"), "error"),
        (Semantic::ZonedTimestamp, text("1970-01-01T00:00:00"), "error"),
        (Semantic::Bits(1), text("1"), "error"),
    ];
    for (semantic, value, expect) in rows {
        let found = semantic.cell(&value, |instant| instant + 7);
        let found = found.map_or_else(|_| "error".to_owned(), |cell| format!("{cell:?}"));
        assert_eq!(found, expect, "{semantic:?} {value:?}");
    }
}

#[test]
fn fields_that_are_written() {
    let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
    let include = Fields::new(&list(&["a", "t:b"]), &[]);
    let exclude = Fields::new(&[], &list(&["a", "t:b"]));
    for (topic, field, included) in [("t", "a", true), ("t", "b", true), ("u", "b", false), ("t", "c", false)] {
        assert_eq!(include.has(topic, field), included, "{topic} {field}");
        assert_eq!(exclude.has(topic, field), !included, "{topic} {field}");
    }
}
