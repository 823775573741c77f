//! A group for all keys of a struct.

use schemars::Schema;
use schemars::transform::Transform;
use serde_json::Value;

/// Puts all keys of a struct that name no group themselves into one: `#[schemars(transform = Group("Connection"))]`.
///
/// It stands on the struct that declares the keys, and holds for them also where that struct is flattened.
///
/// ```
/// use connect_api::config::{Group, definitions};
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// #[schemars(transform = Group("Connection"))]
/// struct Connection {
///     url: String,
/// }
/// assert_eq!(definitions::<Connection>()[0].group.as_deref(), Some("Connection"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Group(pub &'static str);

impl Transform for Group {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(map) = schema.as_object_mut() {
            self.mark(map);
        }
    }
}

impl Group {
    fn mark(self, map: &mut serde_json::Map<String, Value>) {
        for property in
            map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(|p| p.values_mut())
        {
            if let Some(property) = property.as_object_mut() {
                property.entry("x-group").or_insert_with(|| self.0.into());
            }
        }
        for union in ["oneOf", "anyOf", "allOf"] {
            let members = map.get_mut(union).and_then(Value::as_array_mut).into_iter().flatten();
            members.filter_map(Value::as_object_mut).for_each(|member| self.mark(member));
        }
    }
}
