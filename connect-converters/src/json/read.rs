//! Values from JSON, by their schema.

use std::sync::Arc;

use bytes::Bytes;
use connect_api::{Decimal, Error, Result, Schema, Struct, Type, Value, logical};

use super::cursor::{Cursor, Kind};
use super::members::Members;
use super::text::bytes;
use super::write::{DAY_MS, scale};

/// How values are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// Make something of everything, as Kafka does, instead of refusing what is not of the schema's type.
    pub(super) lenient: bool,
    /// The default where there is null.
    pub(super) replace_null: bool,
}

impl Reader {
    /// Reads a value of the schema, or without one what the JSON says.
    pub(super) fn value(self, schema: Option<&Arc<Schema>>, cursor: &mut Cursor<'_>) -> Result<Value> {
        let kind = cursor.kind()?;
        let Some(schema) = schema else { return self.schemaless(kind, cursor) };
        if kind == Kind::Null {
            cursor.null()?;
            return self.absent(schema);
        }
        if let Some(name @ (logical::DECIMAL | logical::DATE | logical::TIME | logical::TIMESTAMP)) = schema.name() {
            return if name == logical::DECIMAL {
                decimal(schema, kind, cursor)
            } else {
                self.instant(schema, name, kind, cursor)
            };
        }
        #[expect(clippy::cast_possible_truncation, reason = "a lenient reader wraps around as Kafka does")]
        Ok(match schema.ty() {
            Type::Int8 => Value::Int8(self.integer(schema, kind, cursor, i8::MIN.into(), i8::MAX.into())? as i8),
            Type::Int16 => Value::Int16(self.integer(schema, kind, cursor, i16::MIN.into(), i16::MAX.into())? as i16),
            Type::Int32 => Value::Int32(self.integer(schema, kind, cursor, i32::MIN.into(), i32::MAX.into())? as i32),
            Type::Int64 => Value::Int64(self.integer(schema, kind, cursor, i64::MIN, i64::MAX)?),
            Type::Float32 => {
                let number: f32 = self.float(schema, kind, cursor)?;
                self.finite(number.is_finite() || number.is_nan(), kind)?;
                number.into()
            }
            Type::Float64 => {
                let number: f64 = self.float(schema, kind, cursor)?;
                self.finite(number.is_finite() || number.is_nan(), kind)?;
                number.into()
            }
            Type::Boolean if kind == Kind::Boolean => cursor.boolean()?.into(),
            Type::Boolean => self.other(schema, kind, cursor, false)?,
            Type::String if kind == Kind::String => Value::String(cursor.string()?.into()),
            Type::String => self.other(schema, kind, cursor, Value::Null)?,
            Type::Bytes if kind == Kind::String => Value::Bytes(Bytes::from(bytes(&cursor.string()?)?)),
            Type::Bytes => self.other(schema, kind, cursor, Value::Null)?,
            Type::Array => self.array(schema, kind, cursor)?,
            Type::Map => self.map(schema, kind, cursor)?,
            Type::Struct => self.structure(schema, kind, cursor)?,
        })
    }

    /// What stands for null, or for nothing at all.
    fn absent(self, schema: &Schema) -> Result<Value> {
        match schema.default_value() {
            Some(default) if self.replace_null => Ok(default.clone()),
            _ if schema.is_optional() => Ok(Value::Null),
            _ => Err(Error::data(format!("null is no value of the required type {schema}"))),
        }
    }

    /// A value of the wrong type: an error, or for a lenient reader this one.
    fn other(self, schema: &Schema, kind: Kind, cursor: &mut Cursor<'_>, instead: impl Into<Value>) -> Result<Value> {
        if !self.lenient {
            return Err(mismatch(schema, kind));
        }
        cursor.skip()?;
        Ok(instead.into())
    }

    /// An integer within the bounds, which a lenient reader leaves to be cut off.
    fn integer(self, schema: &Schema, kind: Kind, cursor: &mut Cursor<'_>, min: i64, max: i64) -> Result<i64> {
        if kind != Kind::Number {
            self.other(schema, kind, cursor, Value::Null)?;
            return Ok(0);
        }
        let text = cursor.number()?;
        let exact = match text.parse() {
            Ok(number) => Some(number),
            Err(_) => {
                let decimal: Decimal = text.parse()?;
                if self.lenient {
                    return Ok(decimal.wrapping_i64());
                }
                decimal.exact_i64()
            }
        };
        exact
            .filter(|number| self.lenient || (min..=max).contains(number))
            .ok_or_else(|| Error::data(format!("the number {text} is no value of type {schema}")))
    }

    /// A float; the ones that are no numbers are written as strings.
    fn float<F: std::str::FromStr + From<i8>>(self, schema: &Schema, kind: Kind, cursor: &mut Cursor<'_>) -> Result<F> {
        let parse = |text: &str| text.parse().map_err(|_| Error::data(format!("{text:?} is no number")));
        match kind {
            Kind::Number => parse(cursor.number()?),
            Kind::String => match &*cursor.string()? {
                special @ ("NaN" | "Infinity" | "-Infinity") => parse(special),
                _ if self.lenient => Ok(0.into()),
                text => Err(Error::data(format!("the string {text:?} is no value of type {schema}"))),
            },
            _ => self.other(schema, kind, cursor, Value::Null).map(|_| 0.into()),
        }
    }

    /// A number too large for its type is infinite only for a lenient reader.
    fn finite(self, finite: bool, kind: Kind) -> Result<()> {
        if finite || self.lenient || kind != Kind::Number {
            return Ok(());
        }
        Err(Error::data("the number is too large for its type"))
    }

    fn instant(self, schema: &Schema, name: &str, kind: Kind, cursor: &mut Cursor<'_>) -> Result<Value> {
        if kind != Kind::Number {
            return Err(mismatch(schema, kind));
        }
        let text = cursor.number()?;
        let bad = || Error::data(format!("the number {text} is no value of type {schema}"));
        let number: i64 = match text.parse() {
            Ok(number) => number,
            Err(_) if self.lenient && name == logical::TIMESTAMP && is_integer(text) => {
                text.parse::<Decimal>()?.wrapping_i64()
            }
            Err(_) => return Err(bad()),
        };
        match name {
            logical::DATE => {
                let days = i32::try_from(number).map_err(|_| bad())?;
                Ok(Value::Instant(i64::from(days) * DAY_MS))
            }
            logical::TIME if !(0..=DAY_MS).contains(&number) => Err(bad()),
            _ => Ok(Value::Instant(number)),
        }
    }

    fn array(self, schema: &Schema, kind: Kind, cursor: &mut Cursor<'_>) -> Result<Value> {
        if kind != Kind::Array {
            return self.other(schema, kind, cursor, Vec::<Value>::new());
        }
        let part = schema.value_schema();
        let mut elements = Vec::new();
        cursor.array(|cursor| {
            let element = self.value(part, cursor);
            elements.push(element.map_err(|error| error.context(format_args!("element {}", elements.len())))?);
            Ok(())
        })?;
        Ok(elements.into())
    }

    /// A map with string keys is an object, any other an array of pairs.
    fn map(self, schema: &Schema, kind: Kind, cursor: &mut Cursor<'_>) -> Result<Value> {
        let (keys, values) = (schema.key_schema(), schema.value_schema());
        let mut members = Members::default();
        if keys.is_some_and(|keys| keys.ty() == Type::String) {
            if kind != Kind::Object {
                return Err(mismatch(schema, kind));
            }
            cursor.object(|cursor, key| {
                let value =
                    self.value(values, cursor).map_err(|error| error.context(format_args!("map entry {key}")))?;
                members.put(Value::String(key.into()), value);
                Ok(())
            })?;
            return Ok(members.into());
        }
        if kind != Kind::Array {
            return Err(mismatch(schema, kind));
        }
        cursor.array(|cursor| {
            let mut pair = Vec::with_capacity(2);
            if cursor.kind()? == Kind::Array {
                cursor.array(|cursor| {
                    let part = [keys, values].get(pair.len()).copied().flatten();
                    pair.push(self.value(part, cursor)?);
                    Ok(())
                })?;
            }
            let [key, value] = <[Value; 2]>::try_from(pair)
                .map_err(|_| Error::data("a map entry is not an array of two elements, key and value"))?;
            members.put(key, value);
            Ok(())
        })?;
        Ok(members.into())
    }

    fn structure(self, schema: &Arc<Schema>, kind: Kind, cursor: &mut Cursor<'_>) -> Result<Value> {
        if kind != Kind::Object {
            return Err(mismatch(schema, kind));
        }
        let fields = schema.fields();
        let mut values = vec![Value::Null; fields.len()];
        // Most writers keep the order of the fields.
        let mut expected = 0;
        cursor.object(|cursor, key| {
            let field = fields.get(expected).filter(|field| *field.name == *key).or_else(|| schema.field(&key));
            let Some(field) = field else { return cursor.skip().map(drop) };
            expected = field.index + 1;
            values[field.index] = self
                .value(Some(&field.schema), cursor)
                .map_err(|error| error.context(format_args!("field {key:?}")))?;
            Ok(())
        })?;
        for (field, value) in fields.iter().zip(&mut values) {
            if value.is_null() {
                *value = self
                    .absent(&field.schema)
                    .map_err(|error| error.context(format_args!("field {:?}", field.name)))?;
            }
        }
        Ok(Struct::unchecked(schema, values).into())
    }

    fn schemaless(self, kind: Kind, cursor: &mut Cursor<'_>) -> Result<Value> {
        Ok(match kind {
            Kind::Null => {
                cursor.null()?;
                Value::Null
            }
            Kind::Boolean => cursor.boolean()?.into(),
            Kind::String => Value::String(cursor.string()?.into()),
            Kind::Number => self.number(cursor)?,
            Kind::Array => {
                let mut elements = Vec::new();
                cursor.array(|cursor| {
                    elements.push(self.value(None, cursor)?);
                    Ok(())
                })?;
                elements.into()
            }
            Kind::Object => {
                let mut members = Members::with_capacity(cursor.names.expected());
                cursor.shared(|cursor, key| {
                    members.put(Value::String(key), self.value(None, cursor)?);
                    Ok(())
                })?;
                members.into()
            }
        })
    }

    /// A number without a schema: an integer if it is written like one.
    fn number(self, cursor: &mut Cursor<'_>) -> Result<Value> {
        let (text, whole) = cursor.numeral()?;
        if !whole {
            let number: f64 = text.parse().map_err(|_| Error::data(format!("{text:?} is no number")))?;
            self.finite(number.is_finite(), Kind::Number)?;
            return Ok(number.into());
        }
        match text.parse::<i64>() {
            Ok(number) => Ok(number.into()),
            Err(_) if self.lenient => Ok(text.parse::<Decimal>()?.wrapping_i64().into()),
            Err(_) => Err(Error::data(format!("the number {text} has more than 64 bits"))),
        }
    }
}

/// A number keeps the digits it is written with, whatever the schema's scale; a string is base64.
fn decimal(schema: &Schema, kind: Kind, cursor: &mut Cursor<'_>) -> Result<Value> {
    match kind {
        Kind::Number => Ok(cursor.number()?.parse::<Decimal>()?.into()),
        Kind::String => {
            let unscaled = bytes(&cursor.string()?)?;
            if unscaled.is_empty() {
                return Err(Error::data(format!("the empty string is no value of type {schema}")));
            }
            Ok(Decimal::from_bytes(&unscaled, scale(schema)?).into())
        }
        _ => Err(mismatch(schema, kind)),
    }
}

fn is_integer(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

fn mismatch(schema: &Schema, kind: Kind) -> Error {
    Error::data(format!("{} was found where {schema} was expected", kind.name()))
}
