//! The OpenAPI document says what is served, and what is served is what it says.

use serde_json::{Value, json};

use super::Place;
use super::client::Answer;

/// What is wrong with a value by a schema; the keywords are those that the document has.
fn wrong(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}")),
        None => schema,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = |wanted: &str| wanted == kind || (wanted == "number" && kind == "integer");
    match &schema["type"] {
        Value::String(wanted) if !fits(wanted) => return Some(format!("{at}: {kind} for {wanted}")),
        Value::Array(all) if !all.iter().filter_map(Value::as_str).any(fits) => return Some(format!("{at}: {kind}")),
        _ => {}
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value))
        || schema.get("const").is_some_and(|one| one != value)
    {
        return Some(format!("{at}: {value} is not possible"));
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(all) = schema[key].as_array()
            && all.iter().all(|one| wrong(document, one, value, at).is_some())
        {
            return Some(format!("{at}: none of {key}"));
        }
    }
    if let Some(items) = value.as_array()
        && let Some(schema) = schema.get("items")
    {
        return items.iter().find_map(|item| wrong(document, schema, item, &format!("{at}[]")));
    }
    let members = value.as_object()?;
    let missing = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = missing.into_iter().find(|name| !members.contains_key(*name)) {
        return Some(format!("{at}: {missing} is missing"));
    }
    members.iter().find_map(|(name, value)| {
        let at = format!("{at}.{name}");
        match (schema["properties"].get(name), schema.get("additionalProperties")) {
            (Some(schema), _) => wrong(document, schema, value, &at),
            (None, Some(Value::Bool(false))) => Some(format!("{at} is not known")),
            (None, Some(schema @ Value::Object(_))) => wrong(document, schema, value, &at),
            _ => None,
        }
    })
}

/// The document, and which of its operations were seen.
struct Check {
    document: Value,
    seen: std::collections::BTreeSet<String>,
}

impl Check {
    /// Holds an answer to what the document says of it.
    #[track_caller]
    fn check(&mut self, method: &str, template: &str, answer: &Answer) {
        let operation = &self.document["paths"][template][method.to_ascii_lowercase()];
        let response = &operation["responses"][answer.status.to_string()];
        assert!(response.is_object(), "{method} {template} answered {answer:?}, which the document does not have");
        let media = answer.header("content-type").unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default();
        match response.get("content") {
            None => assert_eq!(
                (media, answer.body.is_empty()),
                ("", media.is_empty() && answer.body.is_empty()),
                "{answer:?}"
            ),
            Some(content) => {
                let schema = &content[media]["schema"];
                assert!(schema.is_object(), "{method} {template}: {media} is none of {content}");
                if media == "application/json" {
                    let wrong = wrong(&self.document, schema, &answer.json(), "");
                    assert_eq!(wrong, None, "{method} {template}: {}", answer.body);
                }
            }
        }
        self.seen.insert(operation["operationId"].as_str().expect("an id").to_owned());
    }
}

#[tokio::test]
async fn every_endpoint_is_described_and_every_answer_is_as_described() {
    let place = Place::start().await;
    let document = place.get("/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut check = Check { document, seen: Default::default() };
    let config = json!({ "connector.class": "ListSource", "items": "a,b", "tasks.max": 2 });
    let create = json!({ "name": "one", "config": config });
    let offsets = json!({ "offsets": [{ "partition": { "item": "a" }, "offset": { "n": 3 } }] });
    for (method, template, body, statuses) in [
        ("GET", "/", None, &[200][..]),
        ("GET", "/health", None, &[200]),
        ("GET", "/openapi.json", None, &[200]),
        ("GET", "/metrics", None, &[200]),
        ("POST", "/connectors", Some(&create), &[201]),
        ("POST", "/connectors", Some(&create), &[409]),
        ("POST", "/connectors", Some(&config), &[400]),
        ("GET", "/connectors", None, &[200]),
        ("GET", "/connectors?expand=status&expand=info", None, &[200]),
        ("GET", "/connectors/{connector}", None, &[200]),
        ("GET", "/connectors/{connector}/config", None, &[200]),
        ("PUT", "/connectors/{connector}/config", Some(&config), &[200]),
        ("PATCH", "/connectors/{connector}/config", Some(&config), &[200]),
        ("POST", "/connectors/{connector}/config/plan", Some(&config), &[200]),
        ("GET", "/connectors/{connector}/status", None, &[200]),
        ("GET", "/connectors/{connector}/tasks", None, &[200]),
        ("POST", "/connectors/{connector}/tasks", Some(&json!([])), &[500]),
        ("PUT", "/connectors/{connector}/fence", None, &[500]),
        ("GET", "/connectors/{connector}/tasks/{task}/status", None, &[200]),
        ("POST", "/connectors/{connector}/tasks/{task}/restart", None, &[204]),
        ("GET", "/connectors/{connector}/topics", None, &[200]),
        ("PUT", "/connectors/{connector}/topics/reset", None, &[202]),
        ("POST", "/connectors/{connector}/restart?onlyFailed=true", None, &[202]),
        ("POST", "/connectors/{connector}/restart", None, &[204]),
        ("PUT", "/connectors/{connector}/pause", None, &[202]),
        ("PUT", "/connectors/{connector}/resume", None, &[202]),
        ("PUT", "/connectors/{connector}/stop", None, &[204]),
        ("PATCH", "/connectors/{connector}/offsets", Some(&offsets), &[200]),
        ("GET", "/connectors/{connector}/offsets", None, &[200]),
        ("DELETE", "/connectors/{connector}/offsets", None, &[200]),
        ("GET", "/connector-plugins?connectorsOnly=false", None, &[200]),
        ("GET", "/connector-plugins/{plugin}/config", None, &[200]),
        ("PUT", "/connector-plugins/{plugin}/config/validate", Some(&config), &[200]),
        ("PUT", "/connector-plugins/{plugin}/config/validate", Some(&json!({})), &[400]),
        ("GET", "/admin/loggers", None, &[200]),
        ("GET", "/admin/loggers/{logger}", None, &[404]),
        ("PUT", "/admin/loggers/{logger}", Some(&json!({ "level": "INFO" })), &[404]),
        ("DELETE", "/connectors/{connector}", None, &[204]),
        ("DELETE", "/connectors/{connector}", None, &[404]),
    ] {
        let path = template.replace("{connector}", "one").replace("{task}", "0").replace("{plugin}", "ListSource");
        let body = body.map(ToString::to_string);
        let answer = place.ask(method, &path.replace("{logger}", "root"), body.as_deref()).await;
        assert!(statuses.contains(&answer.status), "{method} {template}: {answer:?}");
        check.check(method, template.split('?').next().unwrap_or_default(), &answer);
    }
    for (path, methods) in check.document["paths"].as_object().expect("paths") {
        for (method, operation) in
            methods.as_object().expect("methods").iter().filter(|(name, _)| *name != "parameters")
        {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(check.seen.contains(id), "{method} {path} is not looked at here");
        }
    }
}

#[tokio::test]
async fn what_is_described_is_served_and_nothing_else() {
    let place = Place::start().await;
    let document = place.get("/openapi.json").await;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let allowed = place.ask("OPTIONS", &path.replace(['{', '}'], ""), None).await.header("allow").expect("Allow");
        let mut served: Vec<_> = allowed
            .split(',')
            .filter(|name| !["HEAD", "OPTIONS"].contains(name))
            .map(str::to_ascii_lowercase)
            .collect();
        let mut described: Vec<_> =
            methods.as_object().expect("methods").keys().filter(|name| *name != "parameters").cloned().collect();
        served.sort();
        described.sort();
        assert_eq!(served, described, "{path}");
    }
}
