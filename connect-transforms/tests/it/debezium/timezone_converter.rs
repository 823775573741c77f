use serde_json::{Value as Json, json};

use super::{change, field, loose, optional, others, structure, with};
use crate::rig::{check, refuse};

const CLASS: &str = "TimezoneConverter";

fn typed(name: &str, ty: &str, logical: &str) -> Json {
    let version = if logical.starts_with("org") { json!(1) } else { json!(null) };
    let schema = with(optional(name, ty), "name", logical);
    if version.is_null() { schema } else { with(schema, "version", version) }
}

/// A change of a row with times, with an hour of each unit added to the numbers that are named.
fn input(earlier: &[&str]) -> Json {
    let columns = json!([
        typed("ms", "int64", "io.debezium.time.Timestamp"),
        typed("us", "int64", "io.debezium.time.MicroTimestamp"),
        typed("ns", "int64", "io.debezium.time.NanoTimestamp"),
        typed("at", "int64", "org.apache.kafka.connect.data.Timestamp"),
        typed("zt", "string", "io.debezium.time.ZonedTimestamp"),
        typed("t", "string", "io.debezium.time.ZonedTime"),
        typed("day", "int32", "io.debezium.time.Date"),
        optional("ts_ms", "int64")
    ]);
    let row = |name: &str| with(with(structure("row", columns.clone()), "optional", true), "field", name);
    let source = json!([field("table", "string"), field("ts_ms", "int64"), field("ts_us", "int64")]);
    let source = with(structure("source", source), "field", "source");
    let schema = structure("s.t.Envelope", json!([row("before"), row("after"), source, field("op", "string")]));
    let moved = |name: &str, unit: i64| if earlier.contains(&name) { -3600 * unit } else { 0 };
    let of = |part: &str| {
        let moved = |name: &str, unit: i64| moved(name, unit) + moved(&format!("{part}.{name}"), unit);
        let text = |name: &str, one: &str, other: &str| json!(if earlier.contains(&name) { other } else { one });
        json!({"ms": moved("ms", 1000), "us": moved("us", 1_000_000), "ns": moved("ns", 1_000_000_000), "at": moved("at", 1000),
            "zt": text("zt", "2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00"), "t": text("t", "00:00:00Z", "01:00:00+01:00"),
            "day": 1, "ts_ms": 0})
    };
    let source =
        json!({"table": "t", "ts_ms": -moved("source.ts_ms", 1000), "ts_us": -moved("source.ts_us", 1_000_000)});
    json!({"vs": schema, "v": {"before": of("before"), "after": of("after"), "source": source, "op": "u"}})
}

fn output(earlier: &[&str]) -> Json {
    let input = input(earlier);
    json!({"vs": input["vs"], "v": input["v"]})
}

const ALL: [&str; 6] = ["ms", "us", "ns", "at", "zt", "t"];

#[test]
fn times_of_rows() {
    let but = |names: &[&str]| ALL.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>();
    for (key, list, earlier) in [
        ("include.list", "", ALL.to_vec()),
        ("include.list", "source:t", ALL.to_vec()),
        ("include.list", "topic:orders", ALL.to_vec()),
        ("include.list", "source:other,topic:other", vec![]),
        ("include.list", "source:t:ms, t:us", vec!["ms", "us"]),
        ("include.list", "orders:ms,day:x,orders:day", vec!["ms"]),
        ("include.list", "t:zt", vec!["zt"]),
        (
            "include.list",
            "t:before.ms,t:after.us,t:source.ts_ms,t:source.ts_us",
            vec!["before.ms", "after.us", "source.ts_ms", "source.ts_us"],
        ),
        ("exclude.list", "source:other", ALL.to_vec()),
        ("exclude.list", "source:t", vec![]),
        ("exclude.list", "source:t:ms,topic:other:us", but(&["ms"])),
        ("exclude.list", "topic:orders:ms,source:t:us", but(&["ms"])),
        ("exclude.list", "t:source.ts_ms", [&ALL[..], &["source.ts_us"]].concat()),
    ] {
        let settings = json!({"converted.timezone": "+01:00", key: list});
        check(CLASS, &settings, &input(&[]), Ok(output(&earlier)));
    }
}

#[test]
fn other_records() {
    let settings = json!({"converted.timezone": "UTC"});
    let plain = change("c", json!(null), json!({"id": 1, "name": "UNSET"}));
    for input in
        others().into_iter().chain([json!({"v": null}), loose("c", json!(null), json!({"map": {}})), plain, input(&[])])
    {
        check(CLASS, &settings, &input, Ok(json!({})));
    }
    let mut wrong = input(&[]);
    wrong["v"]["after"]["zt"] = json!("yesterday");
    let error = "field \"after\": field \"zt\": \"yesterday\" is no time with an offset";
    check(CLASS, &settings, &wrong, Err(error));
}

#[test]
fn settings_that_are_wrong() {
    refuse(CLASS, &json!({}), &["converted.timezone"]);
    for zone in ["Europe/Berlin", "+1", "+20:00"] {
        refuse(CLASS, &json!({"converted.timezone": zone}), &["converted.timezone", zone, "+18:00"]);
    }
    for (key, list) in
        [("include.list", "t"), ("exclude.list", "source:t:a:b"), ("include.list", "t:"), ("include.list", ":a")]
    {
        let settings = json!({"converted.timezone": "UTC", key: list});
        refuse(CLASS, &settings, &[key, list, "source:table[:field]"]);
    }
    let both = json!({"converted.timezone": "UTC", "include.list": "t:a", "exclude.list": "t:a"});
    refuse(CLASS, &both, &["include.list", "exclude.list"]);
}
