//! What is asked of index templates, and what they give to what is made.

use connect_api::{Error, Result};
use hyper::Method;
use serde_json::{Map, Value as Json, json};

use super::Resources;
use crate::client::{Call, escape};

impl Resources {
    /// The body of the request that makes an index: what the template of `index.template` comes to, with those of its
    /// components, and `index.settings.*` before its settings. `None` when neither is set.
    pub(super) async fn creation(&self, name: &str) -> Result<Option<Json>> {
        let Some(template) = &self.target.template else {
            return Ok((!self.target.index_settings.is_empty()).then(|| json!({ "settings": self.settings() })));
        };
        let call = Call::bare(Method::POST, format!("/_index_template/_simulate/{}", escape(template)));
        let reply = self.ask(call, "read the template of index.template for", name).await?;
        if !reply.is_fine() {
            let error = self.refused(&format!("read the template {template:?} of index.template for"), name, &reply);
            return Err(match reply.status {
                401 | 403 => error,
                _ => Error::fatal(format!("{error}; make the template, or leave index.template out")),
            });
        }
        let answer: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
        let Some(Json::Object(found)) = answer.get("template") else {
            let message = format!("the server does not say what the template {template:?} of index.template comes to");
            return Err(Error::fatal(message));
        };
        Ok(Some(body(found, &self.settings())))
    }

    /// `index.settings.*`, each with its whole name.
    pub(super) fn settings(&self) -> Map<String, Json> {
        let settings = self.target.index_settings.iter();
        settings.map(|(name, value)| (whole(name), Json::from(value.as_str()))).collect()
    }

    /// Makes the index template of a data stream, unless it is there.
    pub(super) async fn template(&self, name: &str, template: Option<&str>, timestamp: &str) -> Result<()> {
        if let Some(template) = template {
            let path = format!("/_index_template/{}", escape(template));
            let reply = self.ask(Call::bare(Method::HEAD, path), "look for the template of", name).await?;
            if reply.is_fine() {
                return Ok(());
            }
        }
        let made = template.map_or_else(|| format!("{name}-connector-data-stream-template"), str::to_owned);
        let stream = match timestamp {
            "@timestamp" => json!({}),
            other => json!({ "timestamp_field": { "name": other } }),
        };
        let mut body = json!({ "index_patterns": [name], "priority": 200, "data_stream": stream });
        if !self.target.index_settings.is_empty() {
            body["template"] = json!({ "settings": self.settings() });
        }
        let call = Call::json(Method::PUT, format!("/_index_template/{}", escape(&made)), &body);
        let reply = self.ask(call, "make the template of", name).await?;
        if reply.is_fine() { Ok(()) } else { Err(self.refused("make the template of", name, &reply)) }
    }
}

/// A setting's name with what may be left out of it.
fn whole(name: &str) -> String {
    if name.starts_with("index.") { name.to_owned() } else { format!("index.{name}") }
}

/// The body of a creation. Settings are written flat: the same one nested and flat would be there twice.
fn body(template: &Map<String, Json>, settings: &Map<String, Json>) -> Json {
    let mut all = Map::new();
    if let Some(own) = template.get("settings").and_then(Json::as_object) {
        flatten("", own, &mut all);
    }
    for (name, value) in settings {
        // What is set as one value takes the place of a group, and a part of a group that of a value.
        let below = format!("{name}.");
        all.retain(|known, _| !known.starts_with(&below) && !name.starts_with(&format!("{known}.")));
        all.insert(name.clone(), value.clone());
    }
    let mut body = Map::new();
    if !all.is_empty() {
        body.insert("settings".to_owned(), Json::Object(all));
    }
    for part in ["mappings", "aliases"] {
        if let Some(own) = template.get(part).filter(|own| own.as_object().is_some_and(|own| !own.is_empty())) {
            body.insert(part.to_owned(), own.clone());
        }
    }
    Json::Object(body)
}

fn flatten(prefix: &str, nested: &Map<String, Json>, flat: &mut Map<String, Json>) {
    for (name, value) in nested {
        let name = format!("{prefix}{name}");
        match value {
            Json::Object(deeper) => flatten(&format!("{name}."), deeper, flat),
            value => drop(flat.insert(whole(&name), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &Json, settings: &Json, expect: &Json) {
        let object = |json: &Json| json.as_object().unwrap().clone();
        assert_eq!(body(&object(template), &object(settings)), *expect);
    }

    #[test]
    fn settings_of_the_configuration_go_before_those_of_the_template() {
        check(&json!({}), &json!({}), &json!({}));
        check(
            &json!({ "settings": { "index": { "number_of_shards": "2", "refresh_interval": "7s", "sort": { "field": ["a", "b"] } } },
                     "mappings": { "dynamic": "strict" }, "aliases": {} }),
            &json!({ "index.refresh_interval": "30s" }),
            &json!({ "settings": { "index.number_of_shards": "2", "index.refresh_interval": "30s", "index.sort.field": ["a", "b"] },
                     "mappings": { "dynamic": "strict" } }),
        );
        check(
            &json!({ "settings": { "number_of_replicas": 0, "index.codec": "best_compression" }, "aliases": { "a": {} } }),
            &json!({ "index.number_of_shards": "3" }),
            &json!({ "settings": { "index.number_of_replicas": 0, "index.codec": "best_compression", "index.number_of_shards": "3" },
                     "aliases": { "a": {} } }),
        );
    }
}
