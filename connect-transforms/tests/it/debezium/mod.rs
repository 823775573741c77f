//! Debezium's transforms.

mod by_logical_table_router;
mod event_router;
mod extract_changed_record_state;
mod extract_new_record_state;
mod header_to_value;
mod partition_routing;
mod properties;
mod schema_change_event_filter;
mod timezone_converter;

use serde_json::{Value as Json, json};

pub(crate) fn with(mut json: Json, key: &str, value: impl Into<Json>) -> Json {
    json[key] = value.into();
    json
}

pub(crate) fn structure(name: &str, fields: Json) -> Json {
    json!({"type": "struct", "name": name, "fields": fields})
}

pub(crate) fn field(name: &str, ty: &str) -> Json {
    json!({"field": name, "type": ty})
}

pub(crate) fn optional(name: &str, ty: &str) -> Json {
    with(field(name, ty), "optional", true)
}

/// The fields of a row: `id`, required, and `name`, optional with a default.
pub(crate) fn columns() -> Vec<Json> {
    vec![field("id", "int32"), with(optional("name", "string"), "default", "nobody")]
}

/// An envelope around rows of these columns.
pub(crate) fn envelope_of(table: &str, columns: &[Json]) -> Json {
    let row =
        |name: &str| with(with(structure(&format!("{table}.Value"), columns.into()), "optional", true), "field", name);
    let source = with(structure("source", json!([field("lsn", "int64"), field("table", "string")])), "field", "source");
    let transaction = structure("block", json!([field("id", "string"), field("total_order", "int64")]));
    let transaction = with(with(transaction, "optional", true), "field", "transaction");
    let (op, ts) = (field("op", "string"), optional("ts_ms", "int64"));
    structure(&format!("{table}.Envelope"), json!([row("before"), row("after"), source, transaction, op, ts]))
}

pub(crate) fn envelope() -> Json {
    envelope_of("s.t", &columns())
}

/// A change, as a struct.
pub(crate) fn change(op: &str, before: Json, after: Json) -> Json {
    let source = json!({"lsn": 5, "table": "t"});
    let value = json!({"before": before, "after": after, "source": source, "op": op, "ts_ms": 7, "transaction": null});
    json!({"vs": envelope(), "v": value})
}

/// The same, as a map without a schema. Rows are maps.
pub(crate) fn loose(op: &str, before: Json, after: Json) -> Json {
    let source = json!({"map": {"lsn": {"i64": 5}, "table": "t"}});
    json!({"v": {"map": {"before": before, "after": after, "source": source, "op": op, "ts_ms": {"i64": 7}}}})
}

/// What is no envelope.
pub(crate) fn others() -> Vec<Json> {
    let heartbeat = structure("io.debezium.connector.common.Heartbeat", json!([field("ts_ms", "int64")]));
    vec![
        json!({"v": "text"}),
        json!({"v": {"map": {"id": {"i32": 1}}}}),
        // Not all of what makes an envelope.
        json!({"v": {"map": {"op": "c", "after": {"map": {}}}}}),
        json!({"v": {"map": {"op": "c", "source": {"map": {}}}}}),
        json!({"v": {"map": {"source": {"map": {}}, "after": {"map": {}}}}}),
        json!({"vs": heartbeat, "v": {"ts_ms": 1}}),
        json!({"vs": {"type": "string"}, "v": "text"}),
    ]
}
