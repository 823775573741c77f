use connect_api::{Datum, OffsetMap, Record, SourceRecord, Value};
use proptest::prelude::*;

use super::config::Mode;
use super::filter::groups;
use super::moment::{Moment, parse};
use super::offset::{self, Place};
use super::sql::{Selection, Slot};
use super::tail;
use super::ties::Ties;
use crate::dialect::{Quoting, TableName};

const QUOTING: Quoting = Quoting { quote: '"', always: true };

fn at(seconds: i64, nanos: u32) -> Option<Moment> {
    Some(Moment { seconds, nanos })
}

fn mark(slot: Slot) -> String {
    match slot {
        Slot::Begin => ":begin",
        Slot::End => ":end",
        Slot::After => ":after",
        Slot::UpTo => ":up_to",
    }
    .to_owned()
}

#[test]
fn statements_of_tables() {
    let table = TableName::of("public", "or\"ders");
    let ts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    type Case<'a> = (Mode, &'a [&'a str], Option<&'a str>, bool, &'a str);
    let rows: [Case<'_>; 6] = [
        (Mode::Bulk, &[], None, false, "SELECT * FROM T SFX"),
        (
            Mode::Incrementing,
            &[],
            Some("id"),
            false,
            "SELECT * FROM T WHERE T.\"id\" > :after ORDER BY T.\"id\" ASC SFX",
        ),
        (
            Mode::Incrementing,
            &[],
            Some("id"),
            true,
            "SELECT * FROM T WHERE T.\"id\" > :after AND T.\"id\" <= :up_to ORDER BY T.\"id\" ASC SFX",
        ),
        (
            Mode::Timestamp,
            &["a"],
            None,
            false,
            "SELECT * FROM T WHERE T.\"a\" > :begin AND T.\"a\" < :end ORDER BY T.\"a\" ASC SFX",
        ),
        (
            Mode::Timestamp,
            &["a", "b"],
            None,
            false,
            "SELECT * FROM T WHERE COALESCE(T.\"a\",T.\"b\") > :begin AND COALESCE(T.\"a\",T.\"b\") < :end ORDER BY \
             COALESCE(T.\"a\",T.\"b\") ASC SFX",
        ),
        (
            Mode::TimestampIncrementing,
            &["a"],
            Some("id"),
            false,
            "SELECT * FROM T WHERE T.\"a\" < :end AND T.\"a\" >= :begin AND ((T.\"a\" = :begin AND T.\"id\" > :after) OR \
             T.\"a\" > :begin) ORDER BY T.\"a\",T.\"id\" ASC SFX",
        ),
    ];
    for (mode, timestamps, number, bounded, expected) in rows {
        let selection = Selection::of_table(mode, &table, QUOTING, &ts(timestamps), number, " SFX ");
        let sql = selection.read(bounded, &mut mark);
        assert_eq!(sql.replace("\"public\".\"or\"\"ders\"", "T"), expected, "{mode:?}");
    }
}

#[test]
fn statements_of_queries() {
    let rows = [
        ("SELECT a FROM t", "SELECT a FROM t WHERE \"id\" > :after ORDER BY \"id\" ASC"),
        (" select a from t ; ", "select a from t WHERE \"id\" > :after ORDER BY \"id\" ASC"),
        (
            "SELECT a FROM t WHERE b = 1",
            "SELECT * FROM (SELECT a FROM t WHERE b = 1\n) \"connect_query\" WHERE \"id\" > :after ORDER BY \"id\" ASC",
        ),
    ];
    for (query, expected) in rows {
        let selection = Selection::of_query(Mode::Incrementing, query, QUOTING, &[], Some("id"), "");
        assert_eq!(selection.read(false, &mut mark), expected);
    }
    let greatest = Selection::of_query(Mode::Incrementing, "SELECT a FROM t", QUOTING, &[], Some("id"), "");
    assert_eq!(greatest.greatest("7"), "SELECT max(\"id\") FROM (SELECT a FROM t\n) connect_numbers WHERE \"id\" > 7");
}

#[test]
fn tails_of_queries() {
    let tail = ["SELECT 1 WHERE a", "select a from t group by a", "SELECT 1 UNION SELECT 2", "SELECT (1) order\nby 1"];
    let none = [
        "SELECT a FROM t",
        "SELECT * FROM (SELECT 1 WHERE a) x",
        "SELECT 'where', \"order\", `limit`, [union] FROM t",
        "SELECT 1 -- where\n",
        "SELECT 1 /* where */",
        "SELECT $x$ where $x$",
        "SELECT somewhere, order_id, limits FROM t",
        "SELECT 'it''s where'",
        "SELECT '",
        "SELECT (((",
        "SELECT \u{1F600} FROM t",
    ];
    for query in tail {
        assert!(tail::has_tail(query), "{query}");
    }
    for query in none {
        assert!(!tail::has_tail(query), "{query}");
    }
    assert!(tail::has_limit(" limit 5") && tail::has_limit("FETCH FIRST 3 ROWS ONLY") && !tail::has_limit("FOR SHARE"));
}

#[test]
fn offsets_of_all_times() {
    let int = |n: i64| Value::Int64(n);
    let map = |entries: &[(&'static str, i64)]| {
        OffsetMap::from_entries(entries.iter().map(|(key, value)| ((*key).into(), int(*value))))
    };
    let rows = [
        (map(&[("incrementing", 5)]), None, Some(5)),
        (map(&[("timestamp", 1500)]), at(1, 500_000_000), None),
        (map(&[("timestamp", 1500), ("timestamp_nanos", 500_000_001)]), at(1, 500_000_001), None),
        (map(&[("timestamp", -1)]), at(-1, 999_000_000), None),
        (map(&[("timestamp", 2000), ("incrementing", -7), ("other", 1)]), at(2, 0), Some(-7)),
        (map(&[]), None, None),
    ];
    for (offset, timestamp, incrementing) in rows {
        assert_eq!(Place::read(&offset).unwrap(), Place { timestamp, incrementing }, "{offset}");
    }
    let place = Place { timestamp: at(1_704_153_600, 1000), incrementing: Some(3) };
    let keys: Vec<_> = place.offset().entries().iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, ["timestamp_nanos", "incrementing", "timestamp"]);
    assert_eq!(offset::of_table("public.t").to_string(), "{protocol=1, table=public.t}");
    for wrong in [OffsetMap::of("incrementing", "x"), map(&[("timestamp", 1), ("timestamp_nanos", 1_000_000_000)])] {
        assert!(Place::read(&wrong).is_err(), "{wrong}");
    }
    let altered = |partition: OffsetMap| offset::check_altered(&[(partition, Some(map(&[("incrementing", 1)])))]);
    assert!(altered(offset::of_table("a")).is_ok() && altered(offset::of_query()).is_ok());
    assert!(altered(offset::of_bare_table("a")).is_ok() && altered(OffsetMap::of("file", "a")).is_err());
}

#[test]
fn ties_keep_the_offset_before_them() {
    let mut ties = Ties::new(OffsetMap::of("t", 0i64));
    let mut given = Vec::new();
    for (number, time) in [(1i64, 1i64), (2, 1), (3, 2), (4, 2), (5, 3)] {
        let record = Record::new("t", Datum::schemaless(number));
        let record = SourceRecord::new(record, OffsetMap::NULL.into(), OffsetMap::of("t", time));
        given.extend(ties.push(record, at(time, 0)));
    }
    given.extend(ties.end());
    let offsets: Vec<_> = given.iter().map(|record| record.source_offset.get_i64("t").unwrap()).collect();
    assert_eq!(offsets, [0, 1, 1, 2, 3]);
}

#[test]
fn tables_are_shared_out_in_slices() {
    let tables: Vec<_> = ["a", "b", "c", "d", "e"].map(TableName::bare).into();
    let joined = |group: &Vec<TableName>| group.iter().map(ToString::to_string).collect::<String>();
    let rows: [(usize, Vec<String>); 4] = [
        (1, vec!["abcde".into()]),
        (2, vec!["abc".into(), "de".into()]),
        (3, vec!["ab".into(), "cd".into(), "e".into()]),
        (9, vec!["a".into(), "b".into(), "c".into(), "d".into(), "e".into()]),
    ];
    for (max, expected) in rows {
        assert_eq!(groups(&tables, max).iter().map(joined).collect::<Vec<_>>(), expected);
    }
    assert_eq!(groups(&[], 3), [Vec::new()]);
}

#[test]
fn texts_of_times() {
    let rows = [
        ("1970-01-01", at(0, 0), None),
        ("1970-01-01 00:00:01", at(1, 0), None),
        ("1970-01-02T00:00", at(86_400, 0), None),
        ("1969-12-31 23:59:59.5", at(-1, 500_000_000), None),
        ("2024-02-29 13:14:15.123456789", at(1_709_212_455, 123_456_789), None),
        ("1970-01-01T00:00:00Z", at(0, 0), Some(0)),
        ("1970-01-01 00:00:00+02:30", at(0, 0), Some(9000)),
    ];
    for (text, moment, ahead) in rows {
        assert_eq!(parse(text), moment.map(|moment| (moment, ahead)), "{text}");
    }
    for text in ["", "1970", "1970-13-01", "2023-02-29", "1970-01-01 x", "1970-01-01 25:00", "1970-01-01x", "é-1-1"] {
        assert_eq!(parse(text), None, "{text}");
    }
}

/// Names as somebody would choose them who wants statements to do something else.
#[cfg(feature = "sqlite")]
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z\"`'; .()\\[\\]\n*/-]{1,12}",
        Just("\"; DROP TABLE canary; --".to_owned()),
        Just("`; DROP TABLE canary; --".to_owned()),
        Just("x\" OR 1=1) --".to_owned()),
    ]
}

#[cfg(feature = "sqlite")]
proptest! {
    /// SQLite takes both kinds of quotes, so it tells for the others too.
    #[test]
    fn no_name_changes_a_statement(table in hostile(), number in hostile(), ts in hostile(), backticks: bool) {
        prop_assume!(number != ts && table != "canary");
        let database = rusqlite::Connection::open_in_memory().unwrap();
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let (t, n, at) = (quoted(&table), quoted(&number), quoted(&ts));
        let create = format!("CREATE TABLE canary (x); CREATE TABLE {t} ({n} INTEGER, {at} INTEGER); INSERT INTO {t} VALUES (1, 5)");
        database.execute_batch(&create).unwrap();
        let quoting = Quoting { quote: if backticks { '`' } else { '"' }, always: true };
        for mode in [Mode::Bulk, Mode::Incrementing, Mode::Timestamp, Mode::TimestampIncrementing] {
            let stamps = [ts.clone()];
            let selection = Selection::of_table(mode, &TableName::bare(&*table), quoting, &stamps, Some(&number), "");
            let sql = selection.read(true, &mut |slot| match slot {
                Slot::Begin | Slot::After => "0".to_owned(),
                Slot::End | Slot::UpTo => "9".to_owned(),
            });
            for sql in [sql, selection.greatest("0")] {
                // All statements that it is, should it be several.
                database.execute_batch(&sql).unwrap();
                let rows: Vec<i64> = database.prepare(&sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
                prop_assert_eq!(rows, [1], "{}", sql);
            }
        }
        prop_assert_eq!(database.query_row("SELECT count(*) FROM canary", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }
}

proptest! {
    #[test]
    fn places_survive_being_stored(seconds in -9_000_000_000_000i64..9_000_000_000_000, nanos in 0u32..1_000_000_000, number: Option<i64>) {
        let place = Place { timestamp: at(seconds, nanos), incrementing: number };
        prop_assert_eq!(Place::read(&place.offset()).unwrap(), place);
    }

    #[test]
    fn calendars_go_there_and_back(seconds in -200_000_000_000i64..200_000_000_000) {
        let moment = Moment { seconds, nanos: 7 };
        // Ten days of 1582 are there in one calendar only.
        prop_assume!(!(-142_000..-141_400).contains(&moment.day()));
        prop_assert_eq!(moment.to_legacy().to_gregorian(), moment);
    }

    #[test]
    fn any_text_is_scanned_for_its_tail(text: String) {
        tail::has_tail(&text);
    }

    #[test]
    fn any_text_is_a_time_or_none(text: String) {
        parse(&text);
    }
}
