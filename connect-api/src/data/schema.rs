//! Schemas: what a value is, by type, name and parts.

use std::fmt;
use std::sync::Arc;

use super::builder::SchemaBuilder;
use crate::Value;

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are Connect's own")]
pub enum Type {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Boolean,
    String,
    Bytes,
    Array,
    Map,
    Struct,
}

impl Type {
    /// All of them, those without parts first.
    pub const ALL: [Self; 12] = [
        Self::Boolean,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Float32,
        Self::Float64,
        Self::Bytes,
        Self::String,
        Self::Array,
        Self::Map,
        Self::Struct,
    ];

    /// Connect's name of the type, such as `int32` or `struct`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Array => "array",
            Self::Map => "map",
            Self::Struct => "struct",
        }
    }

    /// Whether values of the type have no parts.
    #[must_use]
    pub const fn is_primitive(self) -> bool {
        !matches!(self, Self::Array | Self::Map | Self::Struct)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names of Connect's logical types, and schemas of them.
///
/// In memory a decimal is [`Value::Decimal`], the other three are [`Value::Instant`].
pub mod logical {
    use super::{Schema, SchemaBuilder, Type};

    /// An exact number; base type bytes, parameter `scale`.
    pub const DECIMAL: &str = "org.apache.kafka.connect.data.Decimal";
    /// A day; base type int32, days since 1970-01-01.
    pub const DATE: &str = "org.apache.kafka.connect.data.Date";
    /// A time of day; base type int32, milliseconds since midnight.
    pub const TIME: &str = "org.apache.kafka.connect.data.Time";
    /// A moment; base type int64, milliseconds since 1970-01-01 UTC.
    pub const TIMESTAMP: &str = "org.apache.kafka.connect.data.Timestamp";
    /// The parameter of [`DECIMAL`] that holds the number of digits after the point.
    pub const SCALE: &str = "scale";

    /// A decimal of so many digits after the point (negative: zeros before it).
    pub fn decimal(scale: i32) -> SchemaBuilder {
        Schema::builder(Type::Bytes).name(DECIMAL).version(1).parameter(SCALE, scale.to_string())
    }

    /// A day.
    pub fn date() -> SchemaBuilder {
        Schema::builder(Type::Int32).name(DATE).version(1)
    }

    /// A time of day.
    pub fn time() -> SchemaBuilder {
        Schema::builder(Type::Int32).name(TIME).version(1)
    }

    /// A moment.
    pub fn timestamp() -> SchemaBuilder {
        Schema::builder(Type::Int64).name(TIMESTAMP).version(1)
    }
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// Name, unique in its struct.
    pub name: Arc<str>,
    /// Position in the struct, from 0.
    pub index: usize,
    /// What its values are.
    pub schema: Arc<Schema>,
}

/// What a value is. Made by a [`SchemaBuilder`], shared as `Arc<Schema>`, never changed.
///
/// Equality covers everything, documentation and defaults too, as in Kafka Connect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Schema {
    pub(super) ty: Type,
    pub(super) optional: bool,
    pub(super) name: Option<Arc<str>>,
    pub(super) version: Option<i32>,
    pub(super) doc: Option<Arc<str>>,
    pub(super) parameters: Vec<(Arc<str>, Arc<str>)>,
    pub(super) default: Option<Value>,
    pub(super) fields: Vec<Field>,
    pub(super) keys: Option<Arc<Schema>>,
    pub(super) values: Option<Arc<Schema>>,
}

impl Schema {
    /// A schema of any type, to be described further.
    pub fn builder(ty: Type) -> SchemaBuilder {
        SchemaBuilder::from(Self::bare(ty))
    }

    /// A struct to which fields are added.
    pub fn structure() -> SchemaBuilder {
        SchemaBuilder::from(Self::bare(Type::Struct))
    }

    /// An array of such elements.
    pub fn array(elements: Arc<Schema>) -> SchemaBuilder {
        let schema = Self { values: Some(elements), ..Self::bare(Type::Array) };
        SchemaBuilder::from(schema)
    }

    /// A map from such keys to such values; to values of any kind when there is no schema of them.
    pub fn map(keys: Arc<Schema>, values: impl Into<Option<Arc<Schema>>>) -> SchemaBuilder {
        let schema = Self { keys: Some(keys), values: values.into(), ..Self::bare(Type::Map) };
        SchemaBuilder::from(schema)
    }

    /// A required schema of a primitive type. Keep and share it: converters know schemas by their address.
    #[must_use]
    pub fn required(ty: Type) -> Arc<Self> {
        Arc::new(Self::bare(ty))
    }

    /// An optional schema of a primitive type. Keep and share it: converters know schemas by their address.
    #[must_use]
    pub fn optional(ty: Type) -> Arc<Self> {
        Arc::new(Self { optional: true, ..Self::bare(ty) })
    }

    const fn bare(ty: Type) -> Self {
        Self {
            ty,
            optional: false,
            name: None,
            version: None,
            doc: None,
            parameters: Vec::new(),
            default: None,
            fields: Vec::new(),
            keys: None,
            values: None,
        }
    }

    /// The type.
    #[must_use]
    pub const fn ty(&self) -> Type {
        self.ty
    }

    /// Whether null is a value.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        self.optional
    }

    /// The name: a struct's, or that of a logical type.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The version.
    #[must_use]
    pub const fn version(&self) -> Option<i32> {
        self.version
    }

    /// The documentation.
    #[must_use]
    pub fn doc(&self) -> Option<&str> {
        self.doc.as_deref()
    }

    /// The parameters in the order in which they were added.
    #[must_use]
    pub fn parameters(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.parameters
    }

    /// One parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }

    /// The value that stands for an absent one.
    #[must_use]
    pub const fn default_value(&self) -> Option<&Value> {
        self.default.as_ref()
    }

    /// The fields of a struct; empty for any other type.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// A field of a struct by name. Transforms that read a field of every record keep its index.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    /// What the keys of a map are.
    #[must_use]
    pub const fn key_schema(&self) -> Option<&Arc<Schema>> {
        self.keys.as_ref()
    }

    /// What the values of a map or the elements of an array are.
    #[must_use]
    pub const fn value_schema(&self) -> Option<&Arc<Schema>> {
        self.values.as_ref()
    }

    /// A builder that starts from this schema's type, parts and description, to derive another one from it.
    pub fn to_builder(&self) -> SchemaBuilder {
        SchemaBuilder::derived(self.clone())
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} ({name})", self.ty),
            None => write!(f, "{}", self.ty),
        }
    }
}
