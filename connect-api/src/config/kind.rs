//! What a single value must be: the part of a JSON Schema that says something about one string.

use serde_json::{Map, Value};

use super::resolve::{Refs, Resolver};

/// What one key's text is turned into, and what it may be.
#[derive(Debug, Clone)]
pub(super) struct Type {
    pub(super) kind: Kind,
    pub(super) limits: Limits,
    pub(super) secret: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Boolean,
    /// The widest range of the Rust type; the schema's own limits stand in [`Limits`].
    Integer(IntegerRange),
    Number,
    Text,
    /// Exactly these.
    Enum(Vec<Value>),
    List(Box<Type>),
    /// The first that fits, as in an untagged enum.
    AnyOf(Vec<Type>),
    /// Has no form as plain text: a list of structs, a recursive type.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IntegerRange {
    pub(super) min: i128,
    pub(super) max: i128,
}

/// Limits the author wrote into the schema. `pattern` is not among them: see the module's documentation.
#[derive(Debug, Clone, Default)]
pub(super) struct Limits {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) above: Option<f64>,
    pub(super) below: Option<f64>,
    /// Characters of a text, items of a list.
    pub(super) min_len: Option<u64>,
    pub(super) max_len: Option<u64>,
    pub(super) unique: bool,
    /// The text counts as it is, blanks around it included.
    pub(super) verbatim: bool,
    /// Words of an enum may be written in any case.
    pub(super) any_case: bool,
}

impl Type {
    pub(super) fn json() -> Self {
        Self { kind: Kind::Json, limits: Limits::default(), secret: false }
    }

    /// Reads the type of one value from its schema.
    pub(super) fn of(resolver: &Resolver<'_>, schema: &Value, refs: &Refs) -> Self {
        match resolver.expand(schema, refs) {
            Some((map, refs)) => Self::of_expanded(resolver, &map, &refs),
            // `true` is `serde_json::Value`: any text will do. Anything else here is a type that holds itself.
            None if schema.is_boolean() => Self { kind: Kind::Text, ..Self::json() },
            None => Self::json(),
        }
    }

    pub(super) fn of_expanded(resolver: &Resolver<'_>, map: &Map<String, Value>, refs: &Refs) -> Self {
        let kind = Kind::of(resolver, map, refs);
        let inner_secret = match &kind {
            Kind::List(item) => item.secret,
            Kind::AnyOf(types) => types.iter().any(|t| t.secret),
            _ => false,
        };
        let secret = inner_secret || map.get("x-secret") == Some(&Value::Bool(true));
        Self { kind, limits: Limits::of(map), secret }
    }
}

impl Kind {
    fn of(resolver: &Resolver<'_>, map: &Map<String, Value>, refs: &Refs) -> Self {
        if let Some(constant) = map.get("const") {
            return Kind::Enum(vec![constant.clone()]);
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            return Kind::Enum(values.iter().filter(|v| !v.is_null()).cloned().collect());
        }
        for union in ["oneOf", "anyOf"] {
            if let Some(members) = map.get(union).and_then(Value::as_array) {
                return Self::union(members.iter().map(|member| Type::of(resolver, member, refs)).collect());
            }
        }
        let names: Vec<&str> = match map.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter(|n| *n != "null").collect(),
            _ => vec!["string"],
        };
        let of_name = |name: &str| Self::named(resolver, name, map, refs);
        match names.as_slice() {
            [name] => of_name(name),
            _ => Kind::AnyOf(
                names.iter().map(|n| Type { kind: of_name(n), limits: Limits::of(map), secret: false }).collect(),
            ),
        }
    }

    fn named(resolver: &Resolver<'_>, name: &str, map: &Map<String, Value>, refs: &Refs) -> Self {
        match name {
            "boolean" => Kind::Boolean,
            "integer" => Kind::Integer(IntegerRange::of(map.get("format").and_then(Value::as_str).unwrap_or_default())),
            "number" => Kind::Number,
            "string" => Kind::Text,
            "array" => match map.get("items") {
                Some(items) => {
                    let item = Type::of(resolver, items, refs);
                    // A list in a list has no text of its own either.
                    if matches!(item.kind, Kind::Json | Kind::List(_)) { Kind::Json } else { Kind::List(item.into()) }
                }
                None => Kind::Json,
            },
            _ => Kind::Json,
        }
    }

    /// Several enums are one enum: schemars splits them where variants have documentation of their own.
    fn union(mut types: Vec<Type>) -> Self {
        if types.len() == 1 {
            return types.remove(0).kind;
        }
        if types.iter().all(|t| matches!(t.kind, Kind::Enum(_))) {
            let values = types.into_iter().flat_map(|t| match t.kind {
                Kind::Enum(values) => values,
                _ => Vec::new(),
            });
            return Kind::Enum(values.collect());
        }
        Kind::AnyOf(types)
    }
}

impl IntegerRange {
    fn of(format: &str) -> Self {
        let (min, max) = match format {
            "int8" => (i8::MIN.into(), i8::MAX.into()),
            "uint8" => (0, u8::MAX.into()),
            "int16" => (i16::MIN.into(), i16::MAX.into()),
            "uint16" => (0, u16::MAX.into()),
            "int32" => (i32::MIN.into(), i32::MAX.into()),
            "uint32" => (0, u32::MAX.into()),
            "int64" | "int" => (i64::MIN.into(), i64::MAX.into()),
            "uint64" | "uint" => (0, u64::MAX.into()),
            // What a JSON number can carry without loss.
            _ => (i64::MIN.into(), u64::MAX.into()),
        };
        Self { min, max }
    }
}

impl Limits {
    fn of(map: &Map<String, Value>) -> Self {
        let number = |name: &str| map.get(name).and_then(Value::as_f64);
        let count = |a: &str, b: &str| map.get(a).or_else(|| map.get(b)).and_then(Value::as_u64);
        Self {
            min: number("minimum"),
            max: number("maximum"),
            above: number("exclusiveMinimum"),
            below: number("exclusiveMaximum"),
            min_len: count("minLength", "minItems"),
            max_len: count("maxLength", "maxItems"),
            unique: map.get("uniqueItems") == Some(&Value::Bool(true)),
            verbatim: map.get("x-verbatim") == Some(&Value::Bool(true)),
            any_case: map.get("x-any-case") == Some(&Value::Bool(true)),
        }
    }
}
