//! Values.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;

use super::{Decimal, Struct};

/// A value, cheap to clone: everything large is shared.
///
/// Equality and hashing are those of Java: a NaN equals itself, `0.0` and `-0.0` differ.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// Type `boolean`.
    Boolean(bool),
    /// Type `int8`.
    Int8(i8),
    /// Type `int16`.
    Int16(i16),
    /// Type `int32`.
    Int32(i32),
    /// Type `int64`.
    Int64(i64),
    /// Type `float32`.
    Float32(f32),
    /// Type `float64`.
    Float64(f64),
    /// Type `string`.
    String(Arc<str>),
    /// Type `bytes`.
    Bytes(Bytes),
    /// Logical type `Decimal`.
    Decimal(Decimal),
    /// Logical types `Date` (UTC midnight), `Time` (on 1970-01-01) and `Timestamp`: milliseconds since
    /// 1970-01-01 UTC.
    Instant(i64),
    /// Type `array`.
    Array(Arc<[Value]>),
    /// Type `map`, in insertion order. [`Arc::make_mut`] gives the entries to change them; it copies them first when
    /// they are shared.
    Map(Arc<Vec<(Value, Value)>>),
    /// Type `struct`.
    Struct(Struct),
}

impl Value {
    /// Whether it is [`Value::Null`].
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number of any integer type.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int8(n) => Some(n.into()),
            Self::Int16(n) => Some(n.into()),
            Self::Int32(n) => Some(n.into()),
            Self::Int64(n) => Some(n),
            _ => None,
        }
    }

    /// The number of any integer or float type.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Float32(n) => Some(n.into()),
            Self::Float64(n) => Some(n),
            #[expect(clippy::cast_precision_loss, reason = "Java widens a long to a double the same way")]
            _ => self.as_i64().map(|n| n as f64),
        }
    }

    /// The truth value of a boolean.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Boolean(truth) => Some(truth),
            _ => None,
        }
    }

    /// The content of bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The entries of a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Value, Value)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The struct.
    #[must_use]
    pub const fn as_struct(&self) -> Option<&Struct> {
        match self {
            Self::Struct(structure) => Some(structure),
            _ => None,
        }
    }

    /// The value of a text key in a map (the last one of that key), or of a field in a struct.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(entries) => {
                entries.iter().rev().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
            }
            Self::Struct(structure) => structure.get(name),
            _ => None,
        }
    }

    /// What kind of value it is, for messages: Connect's type name, `null`, `decimal` or `instant`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Int8(_) => "int8",
            Self::Int16(_) => "int16",
            Self::Int32(_) => "int32",
            Self::Int64(_) => "int64",
            Self::Float32(_) => "float32",
            Self::Float64(_) => "float64",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Decimal(_) => "decimal",
            Self::Instant(_) => "instant",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Struct(_) => "struct",
        }
    }

    /// About how many bytes of data it holds; for memory budgets, so constant overheads are left out.
    #[must_use]
    pub fn size_hint(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::String(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::Array(elements) => elements.iter().map(Self::size_hint).sum(),
            Self::Map(entries) => entries.iter().map(|(key, value)| key.size_hint() + value.size_hint()).sum(),
            Self::Struct(structure) => structure.values().iter().map(Self::size_hint).sum(),
            _ => 8,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Int8(a), Self::Int8(b)) => a == b,
            (Self::Int16(a), Self::Int16(b)) => a == b,
            (Self::Int32(a), Self::Int32(b)) => a == b,
            (Self::Int64(a), Self::Int64(b)) | (Self::Instant(a), Self::Instant(b)) => a == b,
            (Self::Float32(a), Self::Float32(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Self::Float64(a), Self::Float64(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Decimal(a), Self::Decimal(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            (Self::Struct(a), Self::Struct(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Boolean(v) => v.hash(state),
            Self::Int8(v) => v.hash(state),
            Self::Int16(v) => v.hash(state),
            Self::Int32(v) => v.hash(state),
            Self::Int64(v) | Self::Instant(v) => v.hash(state),
            Self::Float32(v) => (if v.is_nan() { f32::NAN } else { *v }).to_bits().hash(state),
            Self::Float64(v) => (if v.is_nan() { f64::NAN } else { *v }).to_bits().hash(state),
            Self::String(v) => v.hash(state),
            Self::Bytes(v) => v.hash(state),
            Self::Decimal(v) => v.hash(state),
            Self::Array(v) => v.hash(state),
            Self::Map(v) => v.hash(state),
            Self::Struct(v) => v.values().hash(state),
        }
    }
}

macro_rules! from {
    ($($from:ty => $value:ident => $make:expr),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $make
            }
        }
    )*};
}

from! {
    bool => v => Self::Boolean(v),
    i8 => v => Self::Int8(v),
    i16 => v => Self::Int16(v),
    i32 => v => Self::Int32(v),
    i64 => v => Self::Int64(v),
    f32 => v => Self::Float32(v),
    f64 => v => Self::Float64(v),
    &str => v => Self::String(v.into()),
    String => v => Self::String(v.into()),
    Arc<str> => v => Self::String(v),
    Bytes => v => Self::Bytes(v),
    Vec<u8> => v => Self::Bytes(v.into()),
    Decimal => v => Self::Decimal(v),
    Vec<Value> => v => Self::Array(v.into()),
    Vec<(Value, Value)> => v => Self::Map(Arc::new(v)),
    Struct => v => Self::Struct(v),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
