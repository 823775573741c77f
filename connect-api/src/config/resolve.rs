//! Follows `$ref`s and takes `null` out of unions, so that the readers of a schema see plain objects.

use serde_json::{Map, Value};

/// The `$ref`s that were followed to get here; one that comes again is a type that holds itself.
pub(super) type Refs = Vec<String>;

pub(super) struct Resolver<'s> {
    pub(super) root: &'s Value,
}

impl Resolver<'_> {
    /// What a `$ref` points at, unless it was followed already.
    pub(super) fn target(&self, reference: &str, refs: &Refs) -> Option<(&Value, Refs)> {
        if refs.iter().any(|seen| seen == reference) {
            return None;
        }
        let target = self.root.pointer(reference.strip_prefix('#')?)?;
        let mut refs = refs.clone();
        refs.push(reference.to_owned());
        Some((target, refs))
    }

    /// The schema of one value as one map: `$ref`, `allOf` and a union with `null` are folded in.
    ///
    /// What stands beside them (a field's documentation, its `x-` attributes) wins over what they bring.
    pub(super) fn expand(&self, schema: &Value, refs: &Refs) -> Option<(Map<String, Value>, Refs)> {
        let mut map = schema.as_object()?.clone();
        let mut refs = refs.clone();
        loop {
            if let Some(Value::String(reference)) = map.remove("$ref") {
                let (target, followed) = self.target(&reference, &refs)?;
                refs = followed;
                fill(&mut map, target);
            } else if let Some(Value::Array(parts)) = map.remove("allOf") {
                for part in &parts {
                    let (part, followed) = self.expand(part, &refs)?;
                    refs = followed;
                    fill(&mut map, &Value::Object(part));
                }
            } else if let Some((name, only)) = nullable(&map) {
                map.remove(name);
                fill(&mut map, &only);
            } else {
                return Some((map, refs));
            }
        }
    }
}

/// Whether nothing but `null` satisfies the schema.
pub(super) fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

/// The union without its `null`, when it has one: what schemars makes of `Option<T>`.
fn nullable(map: &Map<String, Value>) -> Option<(&'static str, Value)> {
    ["anyOf", "oneOf"].into_iter().find_map(|name| {
        let members = map.get(name)?.as_array()?;
        let others: Vec<&Value> = members.iter().filter(|member| !is_null(member)).collect();
        match others.as_slice() {
            [only] => Some((name, (*only).clone())),
            [] => None,
            _ if others.len() == members.len() => None,
            _ => Some((name, serde_json::json!({ name: others }))),
        }
    })
}

fn fill(map: &mut Map<String, Value>, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        map.entry(key.clone()).or_insert_with(|| value.clone());
    }
}
