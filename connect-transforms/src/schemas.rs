//! Deriving schemas.

use std::sync::Arc;

use connect_api::{Schema, SchemaBuilder};

/// `builder` with the name, version, documentation and parameters of a schema.
pub(crate) fn basics(schema: &Schema, mut builder: SchemaBuilder) -> SchemaBuilder {
    if let Some(name) = schema.name() {
        builder = builder.name(name);
    }
    if let Some(version) = schema.version() {
        builder = builder.version(version);
    }
    if let Some(doc) = schema.doc() {
        builder = builder.doc(doc);
    }
    for (name, value) in schema.parameters() {
        builder = builder.parameter(Arc::clone(name), Arc::clone(value));
    }
    builder
}
