//! Documents, indices and mappings.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// An index.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Version and document by id; a deleted one has none.
    docs: BTreeMap<String, (i64, Option<Value>)>,
    pub(crate) mapping: Map<String, Value>,
    pub(crate) stream: bool,
    pub(crate) alias: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) indices: BTreeMap<String, Index>,
    pub(crate) templates: BTreeMap<String, Value>,
    /// An index that is missing is an error.
    pub(crate) strict: bool,
    /// Index and id of each write, in order.
    pub(crate) arrived: Vec<(String, String)>,
    made: u64,
}

/// What came of an action: status, type and reason of the error.
pub(super) type Outcome = Result<u16, (u16, &'static str, String)>;

impl Store {
    pub(crate) fn get(&self, index: &str, id: &str) -> Option<Value> {
        self.indices.get(index)?.docs.get(id)?.1.clone()
    }

    pub(crate) fn count(&self, index: &str) -> usize {
        self.indices.get(index).map_or(0, |index| index.docs.values().filter(|(_, doc)| doc.is_some()).count())
    }

    pub(super) fn other(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let missing = |name: &str| super::error(404, "index_not_found_exception", &format!("no such index [{name}]"));
        match (method, parts.as_slice()) {
            ("PUT", ["_index_template", name]) => {
                self.templates.insert((*name).to_owned(), body);
                (200, json!({ "acknowledged": true }))
            }
            ("HEAD", ["_index_template", name]) => {
                (if self.templates.contains_key(*name) { 200 } else { 404 }, Value::Null)
            }
            ("GET", ["_index_template", name]) => match self.templates.get(*name) {
                Some(body) => (200, json!({ "index_templates": [{ "name": name, "index_template": body }] })),
                None => {
                    let reason = format!("index template matching [{name}] not found");
                    super::error(404, "resource_not_found_exception", &reason)
                }
            },
            ("POST", ["_index_template", "_simulate", name]) => match self.templates.get(*name) {
                Some(body) => (200, json!({ "template": body["template"], "overlapping": [] })),
                None => {
                    let reason = format!("unable to simulate template [{name}] that does not exist");
                    super::error(400, "illegal_argument_exception", &reason)
                }
            },
            ("HEAD", ["_alias", name]) => {
                (if self.indices.get(*name).is_some_and(|index| index.alias) { 200 } else { 404 }, Value::Null)
            }
            ("PUT", ["_data_stream", name]) => {
                self.indices.entry((*name).to_owned()).or_default().stream = true;
                (200, json!({ "acknowledged": true }))
            }
            (_, [name, "_mapping"]) => {
                let Some(index) = self.indices.get_mut(*name) else { return missing(name) };
                if method == "GET" {
                    let fields = match index.mapping.is_empty() {
                        true => json!({}),
                        false => json!({ "properties": index.mapping }),
                    };
                    return (200, json!({ (*name): { "mappings": fields } }));
                }
                let new = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
                index.mapping.extend(new);
                (200, json!({ "acknowledged": true }))
            }
            ("HEAD", [name]) => (if self.indices.contains_key(*name) { 200 } else { 404 }, Value::Null),
            ("PUT", [name]) => {
                if self.indices.contains_key(*name) {
                    return super::error(400, "resource_already_exists_exception", "index already exists");
                }
                self.indices.insert((*name).to_owned(), Index::default());
                (200, json!({ "acknowledged": true }))
            }
            _ => super::error(405, "", "not known here"),
        }
    }

    /// One action with its meta data and document.
    pub(super) fn act(&mut self, kind: &str, meta: &Value, body: Option<Value>) -> Outcome {
        let name = meta["_index"].as_str().unwrap_or_default().to_owned();
        if self.strict && !self.indices.contains_key(&name) {
            return Err((404, "index_not_found_exception", format!("no such index [{name}]")));
        }
        self.made += 1;
        let id = meta["_id"].as_str().map_or_else(|| format!("made-{}", self.made), str::to_owned);
        let index = self.indices.entry(name.clone()).or_default();
        let (version, doc) = index.docs.get(&id).cloned().unwrap_or((0, None));
        let conflict = |reason: String| (409, "version_conflict_engine_exception", reason);
        let external = meta["version"].as_i64();
        let next = match external {
            Some(given) if index.docs.contains_key(&id) && given <= version => {
                return Err(conflict(format!(
                    "[{id}]: version conflict, current version [{version}] is higher or equal to the one provided [{given}]"
                )));
            }
            Some(given) => given,
            None => version + 1,
        };
        if kind == "create" && doc.is_some() {
            return Err(conflict(format!(
                "[{id}]: version conflict, document already exists (current version [{version}])"
            )));
        }
        if kind == "delete" {
            let found = doc.is_some();
            index.docs.insert(id, (next, None));
            return if found { Ok(200) } else { Ok(404) };
        }
        let body = body.unwrap_or_default();
        let new = match kind {
            "update" => {
                let mut merged = doc.clone().unwrap_or_else(|| json!({}));
                merge(&mut merged, &body["doc"]);
                merged
            }
            _ => body,
        };
        index.fits(&id, &new)?;
        if index.stream && new.get("@timestamp").is_none_or(Value::is_null) {
            let reason = "[1:9] failed to parse: data stream timestamp field [@timestamp] is missing".to_owned();
            return Err((400, "document_parsing_exception", reason));
        }
        index.docs.insert(id.clone(), (next, Some(new)));
        self.arrived.push((name, id));
        Ok(if doc.is_some() { 200 } else { 201 })
    }
}

impl Index {
    /// Whether numbers are where the mapping wants them.
    fn fits(&self, id: &str, doc: &Value) -> Result<(), (u16, &'static str, String)> {
        for (field, mapping) in &self.mapping {
            let number = matches!(mapping["type"].as_str(), Some("long" | "integer"));
            if number
                && let Some(Value::String(text)) = doc.get(field)
                && text.parse::<f64>().is_err()
            {
                let reason = format!(
                    "[1:6] failed to parse field [{field}] of type [long] in document with id '{id}'. Preview of field's value: '{text}'"
                );
                return Err((400, "document_parsing_exception", reason));
            }
        }
        Ok(())
    }
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}
