use serde_json::{Value as Json, json};

use super::{change, field, optional, others, structure, with};
use crate::rig::{check, dropped, refuse};

const CLASS: &str = "SchemaChangeEventFilter";

fn input(name: &str, changes: Json) -> Json {
    let items = structure("change", json!([optional("type", "string")]));
    let changes_field = json!({"type": "array", "items": items, "optional": true, "field": "tableChanges"});
    json!({"vs": structure(name, json!([changes_field, optional("ddl", "string")])), "v": {"tableChanges": changes, "ddl": "x"}})
}

fn map(changes: Json) -> Json {
    json!({"v": {"map": {"tableChanges": changes, "ddl": "x"}}})
}

#[test]
fn changes_of_schemas() {
    let name = "io.debezium.connector.mysql.SchemaChangeValue";
    let change = |kind: &str| json!([{"type": kind}, {"type": "DROP"}]);
    let loosely = |kind: &str| json!({"list": [{"map": {"type": kind}}]});
    let settings = |list: &str| json!({"schema.change.event.exclude.list": list});
    for kind in ["CREATE", "ALTER", "DROP", "TRUNCATE"] {
        dropped(CLASS, &settings(&format!("DATABASE, {kind}")), &input(name, change(kind)));
        dropped(CLASS, &settings(&kind.to_lowercase()), &map(loosely(kind)));
        check(CLASS, &settings("DATABASE"), &input(name, change(kind)), Ok(json!({})));
        check(CLASS, &settings("DATABASE"), &map(loosely(kind)), Ok(json!({})));
    }
    let create = settings("CREATE");
    dropped(CLASS, &settings("DATABASE"), &input(name, json!([])));
    check(CLASS, &create, &input(name, json!([])), Ok(json!({})));
    dropped(CLASS, &create, &input(name, json!(null)));
    dropped(CLASS, &create, &input("x.SchemaChangeKey", json!(null)));
    check(CLASS, &create, &input("x.Other", json!(null)), Ok(json!({})));
    for bad in [input(name, json!([{"type": null}])), map(loosely("RENAME")), map(json!({"list": ["x"]}))] {
        check(CLASS, &create, &bad, Err("a change of a table is of no known type"));
    }
    check(CLASS, &create, &map(json!("x")), Err("an array was expected, string was found"));
    let empty = json!({"vs": structure(name, json!([field("ddl", "string")])), "v": {"ddl": "x"}});
    check(CLASS, &create, &empty, Err("field \"tableChanges\""));
}

#[test]
fn other_records_and_settings() {
    let create = json!({"schema.change.event.exclude.list": "CREATE"});
    for input in
        others().into_iter().chain([json!({"v": null}), change("c", json!(null), json!({"id": 1, "name": "x"}))])
    {
        check(CLASS, &create, &input, Ok(json!({})));
    }
    refuse(CLASS, &json!({}), &["schema.change.event.exclude.list"]);
    let wrong = with(create, "schema.change.event.exclude.list", "CREATE,RENAME");
    refuse(CLASS, &wrong, &["schema.change.event.exclude.list", "RENAME", "CREATE, ALTER, DROP, TRUNCATE, DATABASE"]);
}
