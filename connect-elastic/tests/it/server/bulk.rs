//! Bulk requests.

use serde_json::{Value, json};

use super::{Asked, Fault, State};

/// Index and id of each action.
pub(super) fn keys(body: &[u8]) -> Vec<String> {
    actions(body).map_or_else(
        |_| Vec::new(),
        |actions| {
            let key = |(_, meta, _): &(String, Value, Option<Value>)| format!("{}/{}", meta["_index"], meta["_id"]);
            let mut keys: Vec<_> = actions.iter().map(key).collect();
            keys.sort();
            keys.dedup();
            keys
        },
    )
}

type Action = (String, Value, Option<Value>);

fn actions(body: &[u8]) -> Result<Vec<Action>, String> {
    if !body.ends_with(b"\n") {
        return Err("The bulk request must be terminated by a newline [\\n]".into());
    }
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let mut lines = text.lines();
    let mut actions = Vec::new();
    while let Some(line) = lines.next() {
        let action: Value = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
        let (kind, meta) = action.as_object().and_then(|object| object.iter().next()).ok_or("no action")?;
        if !["index", "create", "update", "delete"].contains(&kind.as_str()) || meta["_index"].as_str().is_none() {
            return Err(format!("Malformed action/metadata line {line}"));
        }
        if meta["_id"].as_str().is_some_and(|id| id.len() > 512) {
            return Err("id is too long".into());
        }
        let body = match kind.as_str() {
            "delete" => None,
            _ => Some(serde_json::from_str(lines.next().ok_or("no document")?).map_err(|error| error.to_string())?),
        };
        actions.push((kind.clone(), meta.clone(), body));
    }
    Ok(actions)
}

impl State {
    pub(super) fn begin(&mut self, keys: &[String]) {
        self.under_way += 1;
        self.most_under_way = self.most_under_way.max(self.under_way);
        for key in keys {
            let count = self.writing.entry(key.clone()).or_default();
            *count += 1;
            self.overlaps += usize::from(*count > 1);
        }
        let documents = self.writing.values().filter(|count| **count > 0).count();
        self.most_documents = self.most_documents.max(documents);
    }

    pub(super) fn end(&mut self, keys: &[String]) {
        self.under_way -= 1;
        for key in keys {
            if let Some(count) = self.writing.get_mut(key) {
                *count -= 1;
            }
        }
    }

    pub(super) fn bulk(&mut self, asked: &Asked, fault: &Fault) -> (u16, Value) {
        let actions = match actions(&asked.body) {
            Ok(actions) => actions,
            Err(reason) => return super::error(400, "illegal_argument_exception", &reason),
        };
        let mut errors = false;
        let mut items = Vec::new();
        for (position, (kind, meta, body)) in actions.into_iter().enumerate() {
            let outcome = match fault {
                Fault::Items(positions, status, kind) if positions.contains(&position) => {
                    Err((*status, *kind, "injected by the test".to_owned()))
                }
                _ => self.store.act(&kind, &meta, body),
            };
            let item = match outcome {
                Ok(status) => json!({ "status": status }),
                Err((status, kind, reason)) => {
                    errors = true;
                    json!({ "status": status, "error": { "type": kind, "reason": reason } })
                }
            };
            items.push(json!({ (kind): item }));
        }
        (200, json!({ "errors": errors, "items": items }))
    }
}
