//! Which values must not be shown.

use std::collections::BTreeMap;

use schemars::Schema;

use super::Config;
use super::errors::HIDDEN;
use super::shape::Shape;

impl Shape {
    pub(super) fn is_secret(&self, key: &str) -> bool {
        let mut declared = self.fields.iter().filter(|field| field.key == key).peekable();
        if declared.peek().is_some() {
            return declared.any(|field| field.ty.secret);
        }
        self.rests.iter().find(|rest| key.starts_with(&rest.prefix)).is_some_and(|rest| rest.ty.secret)
    }
}

/// Whether `schema`, the schema of a config type, says that the value of `key` is secret.
///
/// For many keys of one type use [`redact`], which reads the schema once.
pub fn is_secret_key(schema: &Schema, key: &str) -> bool {
    Shape::of_schema(schema.as_value()).is_secret(key)
}

/// A copy of `props` in which every secret of the type reads `[hidden]`: for logs and answers that repeat a config.
pub fn redact<C: Config>(props: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let shape = Shape::of::<C>();
    let shown = |key: &String, value: &String| if shape.is_secret(key) { HIDDEN.to_owned() } else { value.clone() };
    props.iter().map(|(key, value)| (key.clone(), shown(key, value))).collect()
}
