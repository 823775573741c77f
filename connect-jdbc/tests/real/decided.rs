//! Cases in which we decided otherwise than the Java connectors, and why.

use serde_json::{Value as Json, json};

/// Id, reason, and what is expected instead.
pub(crate) fn decided(id: &str) -> Option<(&'static str, Json)> {
    Some(match id {
        "sink-topic-dots-4" => (
            "a name of four parts lost two of them without a word; it is refused",
            json!({ "failed": [], "tables": {
                "js-a.b": null, "b.c": null, "c.d": null, "js-a.b.c.d": null, "public.js-a.b.c.d": null,
            } }),
        ),
        "sink-existing-enum" => (
            "a text goes into a column of any type that can be read from text, as into uuid and json",
            json!({ "tables": { "js-orders": {
                "columns": [
                    { "name": "id", "type": "integer", "null": "not null", "default": null, "pk": 1 },
                    { "name": "m", "type": "mood", "null": "null", "default": null, "pk": null },
                ],
                "rows": [["1", "sad"]],
            } } }),
        ),
        "src-no-filter" => (
            "a configuration without any key that chooses tables was sound for years; it copies all tables, and a warning \
             says so",
            json!({ "offsets": [], "schemas": [table("t", [("int32", false, "id")])],
                    "records": [row("jt-t", json!({ "id": 1 }))] }),
        ),
        "src-money" => (
            "amounts from 1,000 on are read like smaller ones; the task need not fail",
            json!({ "offsets": [], "schemas": [table("t", [("int32", false, "id"), ("double", true, "m")])],
                    "records": [row("jt-t", json!({ "id": 1, "m": 5.25 })), row("jt-t", json!({ "id": 2, "m": 1234.5 }))] }),
        ),
        "src-bits" => (
            "bit(2) to bit(8) are the numbers that their bits are, not the decimal reading of their text, which fails",
            json!({ "offsets": [], "schemas": [table("t", [("int32", false, "id"), ("boolean", true, "b1"),
                        ("int8", true, "b5"), ("int8", true, "b7"), ("bytes", true, "b16")])],
                    "records": [
                        row("jt-t", json!({ "id": 1, "b1": true, "b5": 5, "b7": 127, "b16": "MTAwMDAwMDAwMDAwMDAwMQ==" })),
                        row("jt-t", json!({ "id": 2, "b1": false, "b5": 31, "b7": 0, "b16": "MDAwMDAwMDAwMDAwMDAwMA==" })),
                        row("jt-t", json!({ "id": 3, "b1": null, "b5": null, "b7": null, "b16": null })),
                    ] }),
        ),
        "src-granularity-nanos-long" => (
            "instants before 1970 with a fraction are not a second late",
            json!({ "offsets": [{ "partition": { "protocol": "1", "table": "public.t" },
                        "offset": { "timestamp_nanos": 0, "incrementing": 2, "timestamp": 1_709_251_200_000_i64 } }],
                    "schemas": [table("t", [("int32", false, "id"), ("int64", false, "ts"), ("int64", true, "u"),
                        ("int64", true, "z")])],
                    "records": [
                        row("jt-t", json!({ "id": 1, "ts": 1_709_212_455_123_456_000_i64, "u": null,
                                            "z": 1_709_205_255_123_456_000_i64 })),
                        row("jt-t", json!({ "id": 2, "ts": 1_709_251_200_000_000_000_i64, "u": -1_749_999_000,
                                            "z": 0 })),
                    ] }),
        ),
        _ => return None,
    })
}

/// The schema of a table, of columns of type, optionality and name.
fn table<const N: usize>(name: &str, columns: [(&str, bool, &str); N]) -> Json {
    let field = |(ty, optional, field)| json!({ "type": ty, "optional": optional, "field": field });
    json!({ "type": "struct", "fields": columns.map(field).to_vec(), "optional": false, "name": name })
}

/// A record of the first schema.
fn row(topic: &str, payload: Json) -> Json {
    json!({ "topic": topic, "partition": 0, "key": null, "value": { "schema": 0, "payload": payload } })
}
