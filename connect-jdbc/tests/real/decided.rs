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
        _ => return None,
    })
}
