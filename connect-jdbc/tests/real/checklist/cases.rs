//! The cases, by what they are about.

const ALL: [&str; 3] = ["pg", "maria", "sqlite"];
const KEY: &str = "pk.mode=record_key\npk.fields=id\n";
const UPSERT: &str = "insert.mode=upsert\ndelete.enabled=true\npk.mode=record_key\npk.fields=id\n";

/// What stands in front of a table's rows when the case is over, and with which configuration.
pub(super) struct Case {
    pub(super) about: &'static str,
    pub(super) on: &'static [&'static str],
    pub(super) setup: &'static [&'static str],
    pub(super) config: String,
    pub(super) records: &'static [&'static str],
    pub(super) query: &'static str,
    pub(super) expect: &'static [&'static str],
}

fn case(
    about: &'static str,
    on: &'static [&'static str],
    setup: &'static [&'static str],
    config: impl Into<String>,
    records: &'static [&'static str],
    query: &'static str,
    expect: &'static [&'static str],
) -> Case {
    Case { about, on, setup, config: config.into(), records, query, expect }
}

/// Rows of `orders` with and without a column that came later.
const OLD: &str = "create table t (id int primary key, name varchar(20), qty int default 5)";

pub(super) fn modes() -> Vec<Case> {
    let all = "select id, name, qty from t order by id";
    let two: &[&str] = &["1>id:i=1 name:s=a", "2>id:i=2 name:s=b"];
    let again: &[&str] = &["1>id:i=1 name:s=a", "1>id:i=1 name:s=b", "2>id:i=2 name:s=c"];
    vec![
        case("insert", &ALL, &[OLD], KEY, two, all, &["1|a|5", "2|b|5"]),
        case("upsert", &ALL, &[OLD, "insert into t values (1, 'x', 7)"], UPSERT, again, all, &["1|b|7", "2|c|5"]),
        case(
            "update",
            &ALL,
            &[OLD, "insert into t values (1, 'x', 7)"],
            format!("{KEY}insert.mode=update"),
            again,
            all,
            &["1|b|7"],
        ),
        case(
            "upsert of a key alone",
            &ALL,
            &[OLD],
            format!("{UPSERT}fields.whitelist=none"),
            again,
            all,
            &["1|null|5", "2|null|5"],
        ),
        case(
            "delete, then insert",
            &ALL,
            &[OLD, "insert into t values (1, 'x', 7)"],
            UPSERT,
            &["1>-", "1>id:i=1 name:s=a"],
            all,
            &["1|a|5"],
        ),
        case("insert, then delete", &ALL, &[OLD], UPSERT, &["1>id:i=1 name:s=a", "1>-"], all, &[]),
        case(
            "update, delete and update across a change of the schema",
            &ALL,
            &[OLD],
            UPSERT,
            &["1>id:i=1 name:s=a", "1>-", "1>id:i=1 qty:i=2", "2>id:i=2 name:s=b", "2>-", "1>id:i=1 name:s=c"],
            all,
            &["1|c|2"],
        ),
        case(
            "schemas that alternate",
            &ALL,
            &[OLD],
            UPSERT,
            &["1>id:i=1 name:s=a", "2>id:i=2 qty:i=2", "1>id:i=1 qty:i=1", "2>id:i=2 name:s=b"],
            all,
            &["1|a|1", "2|b|2"],
        ),
        case("null values are deletes that find nothing", &ALL, &[OLD], UPSERT, &["8>-", "9>-"], all, &[]),
    ]
}

pub(super) fn keys() -> Vec<Case> {
    let create = "auto.create=true\n";
    vec![
        case(
            "kafka",
            &ALL,
            &[],
            format!("{create}pk.mode=kafka"),
            &[">a:i=1", ">a:i=2"],
            "select __connect_topic, __connect_partition, __connect_offset, a from t order by a",
            &["t|0|0|1", "t|0|1|2"],
        ),
        case(
            "kafka with names",
            &ALL,
            &[],
            format!("{create}pk.mode=kafka\npk.fields=x,y,z\ninsert.mode=upsert"),
            &[">a:i=1"],
            "select x, y, z, a from t",
            &["t|0|0|1"],
        ),
        case(
            "a primitive key",
            &ALL,
            &[],
            format!("{create}pk.mode=record_key\npk.fields=k"),
            &["5>a:i=1"],
            "select a, k from t",
            &["1|5"],
        ),
        case(
            "all of a key's struct",
            &ALL,
            &[],
            format!("{create}pk.mode=record_key\ninsert.mode=upsert"),
            &["k:i=1 l:s=x>a:i=1", "k:i=1 l:s=y>a:i=2", "k:i=1 l:s=x>a:i=3"],
            "select a, k, l from t order by a",
            &["2|1|y", "3|1|x"],
        ),
        case(
            "a part of a key's struct",
            &ALL,
            &[],
            format!("{create}pk.mode=record_key\npk.fields=l\ninsert.mode=upsert"),
            &["k:i=1 l:s=x>a:i=1", "k:i=2 l:s=x>a:i=2"],
            "select * from t",
            &["2|x"],
        ),
        case(
            "all of the value",
            &ALL,
            &[],
            format!("{create}pk.mode=record_value\ninsert.mode=upsert"),
            &[">a:i=1 b:i=2", ">a:i=1 b:i=2"],
            "select * from t",
            &["1|2"],
        ),
        case(
            "a part of the value",
            &ALL,
            &[],
            format!("{create}pk.mode=record_value\npk.fields=b\ninsert.mode=upsert"),
            &[">a:i=1 b:i=2", ">a:i=3 b:i=2"],
            "select * from t",
            &["3|2"],
        ),
        case("no key", &ALL, &[], create, &[">a:i=1", ">a:i=1"], "select * from t", &["1", "1"]),
        case(
            "a text for a key",
            &ALL,
            &[],
            format!("{create}pk.mode=record_value\npk.fields=b\ninsert.mode=upsert"),
            &[">a:i=1 b:s=x"],
            "select * from t",
            &["1|x"],
        ),
    ]
}

pub(super) fn tables() -> Vec<Case> {
    let grow = format!("auto.create=true\nauto.evolve=true\n{UPSERT}");
    vec![
        case("a tombstone first", &ALL, &[], grow.clone(), &["1>-", "1>id:i=1 name:s=a"], "select * from t", &["1|a"]),
        case(
            "columns that are optional or have a default are added",
            &ALL,
            &[OLD],
            grow.clone(),
            &["1>id:i=1 name:s=a", "2>id:i=2 more:s?=null rest:i~4=4"],
            "select id, name, more, rest from t order by id",
            &["1|a|null|4", "2|null|null|4"],
        ),
        case(
            "a column that is required is not",
            &ALL,
            &[OLD],
            format!("{grow}\nerrors.tolerance=all"),
            &["1>id:i=1 more:s=a", "2>id:i=2 name:s=b"],
            "select id, name from t",
            &["2|b"],
        ),
        case(
            "columns are found in another case",
            &ALL,
            &["create table t (ID int, Name varchar(9))"],
            "",
            &[">id:i=1 name:s=a", ">ID:i=2 NAME:s=b"],
            "select * from t order by 1",
            &["1|a", "2|b"],
        ),
        case(
            "a partitioned table",
            &["pg"],
            &[
                "create table t (id int, name text) partition by range (id)",
                "create table t1 partition of t for values from (0) to (10)",
            ],
            "table.types=PARTITIONED TABLE",
            &[">id:i=1 name:s=a"],
            "select * from t1",
            &["1|a"],
        ),
        case(
            "a view",
            &["pg", "maria"],
            &["create table u (id int, name varchar(9))", "create view t as select * from u"],
            "table.types=TABLE,VIEW",
            &[">id:i=1 name:s=a"],
            "select * from u",
            &["1|a"],
        ),
        case(
            "a view that is no table",
            &ALL,
            &["create table u (id int, name varchar(9))", "create view t as select * from u"],
            "errors.tolerance=all",
            &[">id:i=1 name:s=a"],
            "select * from u",
            &[],
        ),
        case(
            "a partitioned table that is no table",
            &["pg"],
            &["create table t (id int, name text) partition by range (id)"],
            "errors.tolerance=all",
            &[">id:i=1 name:s=a"],
            "select * from t",
            &[],
        ),
    ]
}

pub(super) fn values() -> Vec<Case> {
    let day = "select cast(a as char(10)) from t";
    vec![
        case(
            "null is the default",
            &ALL,
            &[],
            "auto.create=true",
            &[">a:i=1 b:s?~x=null"],
            "select * from t",
            &["1|x"],
        ),
        case("a string", &ALL, &[], "auto.create=true", &[">\"it's"], "select record_value from t", &["it's"]),
        case(
            "a string in a column of its own",
            &ALL,
            &[],
            "auto.create=true\nstring.output.value.column.name=line",
            &[">\"a", ">\"b"],
            "select line from t order by line",
            &["a", "b"],
        ),
        case(
            "a date in the zone of the database",
            &["pg", "maria"],
            &["create table t (a date)"],
            "db.timezone=America/New_York",
            &[">a:d=19782"],
            day,
            &["2024-02-28"],
        ),
        case(
            "a date in UTC",
            &["pg", "maria"],
            &["create table t (a date)"],
            "db.timezone=America/New_York\ndate.timezone=utc",
            &[">a:d=19782"],
            day,
            &["2024-02-29"],
        ),
        case(
            "uuid, json and jsonb",
            &["pg"],
            &["create table t (a uuid, b json, c jsonb)"],
            "",
            &[">a:s=00000000-0000-0000-0000-000000000001 b:s={} c:s=[1]"],
            "select * from t",
            &["00000000-0000-0000-0000-000000000001|{}|[1]"],
        ),
    ]
}
