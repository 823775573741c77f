//! A config type as the flat list of keys that Connect knows.
//!
//! A struct within the struct gives keys with its name and a dot in front; a map takes all keys below its name; a
//! flattened map takes the keys nobody else declared; an internally tagged enum gives its tag as a key, and its
//! variants' fields as keys that count only with their tag.

use serde_json::{Map, Value};

use super::Config;
use super::kind::{Kind, Limits, Type};
use super::resolve::{Refs, Resolver, is_null};

/// All keys of a config type.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) fields: Vec<Field>,
    pub(super) rests: Vec<Rest>,
    pub(super) objects: Vec<Object>,
    /// `deny_unknown_fields`.
    pub(super) closed: bool,
    /// `()` or a unit struct: a config without keys.
    pub(super) unit: bool,
}

/// One declared key.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) path: Vec<String>,
    pub(super) ty: Type,
    pub(super) required: bool,
    pub(super) default: Option<Value>,
    /// The default is the surrounding struct's, which serde does not apply once a sibling is given.
    pub(super) inherited_default: bool,
    pub(super) scope: Scope,
    /// The field's own schema, for its documentation and `x-` attributes.
    pub(super) attributes: Map<String, Value>,
}

/// A map that takes all keys with a prefix.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) prefix: String,
    pub(super) path: Vec<String>,
    pub(super) ty: Type,
    pub(super) scope: Scope,
}

/// A struct within the struct, which must exist even when all of its keys are absent.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) path: Vec<String>,
    pub(super) scope: Scope,
}

/// When a key counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// Only when some key with this prefix is given: the key of a struct that may be absent.
    pub(super) prefix: Option<String>,
    /// Only when these keys have these values: the key of an enum's variant.
    pub(super) cases: Vec<(String, String)>,
}

/// Where in the type the walk is.
#[derive(Clone, Default)]
struct Place {
    prefix: String,
    path: Vec<String>,
    scope: Scope,
    /// Required fields are not: an alternative that has no tag to tell whether it was chosen.
    optional: bool,
    default: Option<Value>,
    refs: Refs,
}

impl Shape {
    pub(super) fn of<C: Config>() -> Self {
        Self::of_schema(schemars::SchemaGenerator::default().into_root_schema_for::<C>().as_value())
    }

    pub(super) fn of_schema(root: &Value) -> Self {
        let mut shape = Self { unit: is_null(root), ..Self::default() };
        // The root is being read already, so a field of its own type must not open it again.
        let place = Place { refs: vec!["#".to_owned()], ..Place::default() };
        shape.walk(&Resolver { root }, root, &place);
        // The longest prefix is the nearest owner of a key.
        shape.rests.sort_by_key(|rest| std::cmp::Reverse(rest.prefix.len()));
        shape
    }

    fn walk(&mut self, resolver: &Resolver<'_>, schema: &Value, place: &Place) {
        let Some(map) = schema.as_object() else { return };
        let (fields, rests) = (self.fields.len(), self.rests.len());
        if let Some((target, refs)) = map.get("$ref").and_then(|r| resolver.target(r.as_str()?, &place.refs)) {
            self.walk(resolver, target, &Place { refs, ..place.clone() });
        }
        let required: Vec<&str> = strings(map.get("required")).collect();
        for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.property(resolver, name, property, required.contains(&name.as_str()) && !place.optional, place);
        }
        for part in members(map, "allOf") {
            self.walk(resolver, part, place);
        }
        for union in ["oneOf", "anyOf"] {
            self.alternatives(resolver, members(map, union), place);
        }
        self.others(resolver, map, place);
        if map.get("x-secret") == Some(&Value::Bool(true)) {
            // A secret struct: each of its keys is. Flattened, its mark is its parent's, so too much is hidden there.
            self.fields[fields..].iter_mut().for_each(|field| field.ty.secret = true);
            self.rests[rests..].iter_mut().for_each(|rest| rest.ty.secret = true);
        }
    }

    /// What the schema says of keys it does not name.
    fn others(&mut self, resolver: &Resolver<'_>, map: &Map<String, Value>, place: &Place) {
        let pattern = map.get("patternProperties").and_then(Value::as_object).and_then(|p| p.values().next());
        let named = ["additionalProperties", "unevaluatedProperties"].into_iter().find_map(|name| map.get(name));
        match pattern.or(named) {
            None => {}
            Some(Value::Bool(false)) => self.closed |= place.path.is_empty() && place.scope.cases.is_empty(),
            Some(schema) => self.rests.push(Rest {
                prefix: place.prefix.clone(),
                path: place.path.clone(),
                ty: Type::of(resolver, schema, &place.refs),
                scope: place.scope.clone(),
            }),
        }
    }

    fn property(&mut self, resolver: &Resolver<'_>, name: &str, schema: &Value, required: bool, place: &Place) {
        let key = format!("{}{name}", place.prefix);
        let path: Vec<String> = place.path.iter().cloned().chain([name.to_owned()]).collect();
        let expanded = resolver.expand(schema, &place.refs);
        let own = expanded.as_ref().and_then(|(map, _)| map.get("default").cloned());
        let inherited = place.default.as_ref().and_then(|d| d.get(name).cloned()).filter(|d| !d.is_null());
        let inherited_default = inherited.is_some();
        let default = inherited.or(own).filter(|default| !default.is_null());
        let required = required && default.is_none();

        match expanded {
            Some((map, refs)) if is_object(&map) => {
                let prefix = if key.ends_with('.') { key } else { key + "." };
                let mut scope = place.scope.clone();
                // What has a default from further out exists as soon as that does.
                if !required && !inherited_default {
                    scope.prefix = Some(prefix.clone());
                }
                self.objects.push(Object { path: path.clone(), scope: scope.clone() });
                let place = Place { prefix, path, scope, optional: place.optional, default, refs };
                self.walk(resolver, &Value::Object(map), &place);
            }
            expanded => {
                let (ty, attributes) = match expanded {
                    Some((map, refs)) => (Type::of_expanded(resolver, &map, &refs), map),
                    None => (Type::of(resolver, schema, &place.refs), schema.as_object().cloned().unwrap_or_default()),
                };
                let scope = place.scope.clone();
                self.fields.push(Field { key, path, ty, required, default, inherited_default, scope, attributes });
            }
        }
    }

    /// An enum among the fields: with a tag in each variant, or (untagged, optional) without.
    fn alternatives(&mut self, resolver: &Resolver<'_>, members: &[Value], place: &Place) {
        let may_be_absent = members.iter().any(|m| is_null(m) || m.as_object().is_some_and(Map::is_empty));
        let optional = Place { optional: true, ..place.clone() };
        let tagged: Vec<Option<(&str, &Value)>> = members.iter().map(tag).collect();
        let Some((name, first)) = tagged.iter().flatten().next().copied() else {
            return members.iter().for_each(|member| self.walk(resolver, member, &optional));
        };
        let same_tag = |t: &&(&str, &Value)| t.0 == name;
        let values: Vec<Value> =
            tagged.iter().flatten().filter(same_tag).filter_map(|(_, p)| p.get("const").cloned()).collect();
        let key = format!("{}{name}", place.prefix);
        let mut attributes = first.as_object().cloned().unwrap_or_default();
        if let Some(documentation) = documentation(members, &tagged) {
            attributes.entry("description").or_insert_with(|| documentation.into());
        }
        self.fields.push(Field {
            key: key.clone(),
            path: place.path.iter().cloned().chain([name.to_owned()]).collect(),
            ty: Type { kind: Kind::Enum(values), limits: Limits::default(), secret: false },
            required: !place.optional && !may_be_absent,
            default: None,
            inherited_default: false,
            scope: place.scope.clone(),
            attributes,
        });
        for (member, tag) in members.iter().zip(&tagged) {
            let Some((_, property)) = tag.filter(|t| t.0 == name) else {
                self.walk(resolver, member, &optional);
                continue;
            };
            let mut scope = place.scope.clone();
            scope.cases.push((key.clone(), text(&property["const"])));
            // Its tag is declared already, once for all variants.
            let mut member = member.clone();
            if let Some(properties) = member.get_mut("properties").and_then(Value::as_object_mut) {
                properties.shift_remove(name);
            }
            self.walk(resolver, &member, &Place { scope, optional: false, ..place.clone() });
        }
    }
}

/// The property that tells one variant from the others.
fn tag(member: &Value) -> Option<(&str, &Value)> {
    let properties = member.get("properties")?.as_object()?;
    strings(member.get("required")).find_map(|name| {
        let (name, property) = properties.get_key_value(name)?;
        property.get("const").map(|_| (name.as_str(), property))
    })
}

/// The variants' documentation as the tag's.
fn documentation(members: &[Value], tagged: &[Option<(&str, &Value)>]) -> Option<String> {
    let described = members.iter().zip(tagged).filter_map(|(member, tag)| {
        let description = member.get("description")?.as_str()?;
        Some(format!("{}: {description}", text(&tag.as_ref()?.1["const"])))
    });
    let lines: Vec<String> = described.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn is_object(map: &Map<String, Value>) -> bool {
    let named = |name: &str| map.get("type").is_some_and(|t| t == name || strings(Some(t)).any(|t| t == name));
    // A variant without fields is a text, so such an enum has no keys of its own.
    let variants = |union| {
        let members = members(map, union);
        !members.is_empty() && members.iter().all(|member| member.get("properties").is_some())
    };
    named("object") || map.contains_key("properties") || variants("oneOf") || variants("anyOf")
}

fn members<'a>(map: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    map.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// A JSON value as the text Connect would use for it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
