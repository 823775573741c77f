//! The OpenAPI document, made of the table of endpoints and the types of their answers.

mod operations;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use self::operations::{Content, Described, describe};
use super::reply::ErrorMessage;
use super::routes::{ROUTES, Route};
use crate::KAFKA_VERSION;

/// The document, in OpenAPI 3.1.
pub(crate) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut schemas = settings.into_generator();
    let error = schema_of(schemas.subschema_for::<ErrorMessage>());
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| parameters_of(route.path));
        let method = route.method.as_str().to_ascii_lowercase();
        path[method] = operation(route, &describe(route.operation, &mut schemas), &error);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kafka Connect REST API",
            "version": KAFKA_VERSION,
            "description": "The REST API of Kafka Connect, with additions: the plan of a configuration, and this document.",
            "license": { "name": "Apache 2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "basic": { "type": "http", "scheme": "basic" },
                "bearer": { "type": "http", "scheme": "bearer" },
            },
        },
        // As rest.auth has it.
        "security": [{}, { "basic": [] }, { "bearer": [] }],
    })
}

fn schema_of(schema: schemars::Schema) -> Value {
    schema.to_value()
}

/// The parameters that are in a path.
fn parameters_of(path: &str) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let schema = match name {
            "task" => json!({ "type": "integer", "format": "int32", "minimum": 0 }),
            _ => json!({ "type": "string", "minLength": 1 }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    };
    let parameters: Vec<_> = names.map(parameter).collect();
    if parameters.is_empty() { json!({}) } else { json!({ "parameters": parameters }) }
}

fn operation(route: &Route, described: &Described, error: &Value) -> Value {
    let mut responses = Map::new();
    for (status, what, content) in &described.responses {
        let mut response = json!({ "description": what });
        match content {
            Content::None => {}
            Content::Json(schema) => response["content"] = json!({ "application/json": { "schema": schema } }),
            Content::Text(media) => response["content"] = json!({ *media: { "schema": { "type": "string" } } }),
        }
        if *status == 201 {
            let header = json!({ "description": "The URL of the connector.", "schema": { "type": "string" } });
            response["headers"] = json!({ "Location": header });
        }
        responses.insert(status.to_string(), response);
    }
    let errors: &[(u16, &str)] = &[
        (400, "The request is wrong."),
        (401, "Who asks is not known."),
        (403, "Whoever asks may not do this, or it is switched off."),
        (404, "There is no such thing."),
        (408, "The request did not come in time."),
        (409, "There is one already, or it is not possible now."),
        (413, "The body is too large."),
        (429, "Too many requests."),
        (500, "The worker failed, or did not end in time."),
    ];
    for (status, what) in errors {
        let content = json!({ "application/json": { "schema": error } });
        responses.entry(status.to_string()).or_insert_with(|| json!({ "description": what, "content": content }));
    }
    // These come without a type, as in Kafka Connect.
    for (status, what) in [(406, "Only JSON is to be had."), (415, "Only JSON is understood.")] {
        responses.insert(status.to_string(), json!({ "description": what }));
    }
    responses.sort_keys();
    let mut operation = json!({
        "operationId": format!("{:?}", route.operation),
        "summary": described.summary,
        "tags": [tag(route.path)],
        "responses": responses,
    });
    if !described.query.is_empty() {
        let parameters =
            described.query.iter().map(|(name, schema)| json!({ "name": name, "in": "query", "schema": schema }));
        operation["parameters"] = parameters.collect();
    }
    if let Some(schema) = &described.body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}

/// The first segment of a path.
fn tag(path: &str) -> &str {
    path.split('/').find(|part| !part.is_empty()).unwrap_or("worker")
}

/// The schema of a type, by reference.
fn of<T: connect_api::JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schema_of(schemas.subschema_for::<T>())
}
