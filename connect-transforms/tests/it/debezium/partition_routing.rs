use serde_json::{Value as Json, json};

use super::{change, loose, others};
use crate::rig::{check, refuse};

const CLASS: &str = "PartitionRouting";

fn settings(fields: &str, partitions: &str, function: &str) -> Json {
    json!({"partition.payload.fields": fields, "partition.topic.num": partitions, "partition.hash.function": function})
}

#[test]
fn partitions_by_fields() {
    let row = |name: Json| json!({"id": 1, "name": name});
    let orange = change("c", json!(null), row(json!("orange")));
    let gone = change("d", row(json!("orange")), json!(null));
    // Fields, how many partitions, the function, and the partition.
    for (fields, partitions, function, expected) in [
        ("after.name", "100", "java", 38),
        ("change.name", "100", "JAVA", 38),
        ("after.name, after.id", "100", "java", 39),
        ("after.name", "100", "murmur", 68),
        // What is not there, or null, does not count.
        ("after.name,after.nope,nope.x,op.x,before.name,transaction", "100", "java", 38),
        ("op", "1000", "java", 99),
        ("source.table,ts_ms", "7", "java", (116 + 7) % 7),
        ("after.name", "1", "java", 0),
    ] {
        let settings = settings(fields, partitions, function);
        check(CLASS, &settings, &orange, Ok(json!({"partition": expected})));
    }
    check(CLASS, &settings("change.name", "100", "java"), &gone, Ok(json!({"partition": 38})));
    let map = loose("c", json!(null), json!({"map": {"name": "orange"}}));
    check(CLASS, &settings("change.name", "100", "java"), &map, Ok(json!({"partition": 38})));
    // The largest hash is none.
    let largest = loose("c", json!(null), json!({"map": {"n": {"i32": i32::MAX}}}));
    check(CLASS, &settings("after.n", "100", "java"), &largest, Ok(json!({"partition": 0})));
    let least = loose("c", json!(null), json!({"map": {"n": {"i32": i32::MIN}}}));
    check(CLASS, &settings("after.n", "100", "java"), &least, Ok(json!({"partition": 0})));
}

#[test]
fn records_that_keep_their_partition() {
    let settings = settings("after.id,op", "2", "java");
    for input in others().into_iter().chain([
        json!({"v": null}),
        change("t", json!(null), json!(null)),
        change("m", json!(null), json!(null)),
    ]) {
        check(CLASS, &settings, &input, Ok(json!({})));
    }
    let created = change("c", json!(null), json!({"id": 1, "name": "x"}));
    check(CLASS, &self::settings("after.nope,before.id", "2", "java"), &created, Ok(json!({})));
    let error = "a partition cannot be made of a value of type struct";
    check(CLASS, &self::settings("after", "2", "murmur"), &created, Err(error));
}

#[test]
fn settings_that_are_wrong() {
    refuse(CLASS, &json!({}), &["partition.payload.fields", "partition.topic.num"]);
    refuse(CLASS, &settings("", "2", "java"), &["partition.payload.fields"]);
    refuse(CLASS, &settings("a..b", "2", "java"), &["partition.payload.fields", "a..b"]);
    refuse(CLASS, &settings("a", "0", "java"), &["partition.topic.num"]);
    refuse(CLASS, &settings("a", "2", "md5"), &["partition.hash.function", "md5", "java, murmur"]);
}
