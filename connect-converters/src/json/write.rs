//! Values as JSON, straight into the buffer.

use std::fmt::{Display, Write as _};

use bytes::{BufMut, BytesMut};
use connect_api::{Decimal, Error, Result, Schema, Struct, Type, Value, logical};

use super::text::{base64, string};

pub(super) const DAY_MS: i64 = 86_400_000;

/// How values are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer {
    /// Decimals as numbers, not as base64 of their unscaled bytes.
    pub(super) numeric: bool,
    /// The default where there is no value.
    pub(super) replace_null: bool,
}

impl Writer {
    /// Writes a value, which must be of the schema's very type.
    pub(super) fn value(self, schema: Option<&Schema>, value: &Value, out: &mut BytesMut) -> Result<()> {
        if value.is_null() {
            return self.null(schema, out);
        }
        if let Some(schema) = schema
            && let Some(name @ (logical::DECIMAL | logical::DATE | logical::TIME | logical::TIMESTAMP)) = schema.name()
        {
            match value {
                Value::Decimal(decimal) if name == logical::DECIMAL => self.decimal(schema, decimal, out)?,
                Value::Instant(ms) if name != logical::DECIMAL => integer(instant(name, *ms)?, out),
                _ => return Err(mismatch(Some(schema), value)),
            }
            return Ok(());
        }
        match (schema.map(Schema::ty), value) {
            (None | Some(Type::Int8), Value::Int8(n)) => integer(*n, out),
            (None | Some(Type::Int16), Value::Int16(n)) => integer(*n, out),
            (None | Some(Type::Int32), Value::Int32(n)) => integer(*n, out),
            (None | Some(Type::Int64), Value::Int64(n)) => integer(*n, out),
            (None | Some(Type::Float32), Value::Float32(n)) => float((*n).into(), *n, value, out)?,
            (None | Some(Type::Float64), Value::Float64(n)) => float(*n, *n, value, out)?,
            (None | Some(Type::Boolean), Value::Boolean(truth)) => {
                out.put_slice(if *truth { b"true" } else { b"false" });
            }
            (None | Some(Type::String), Value::String(text)) => string(text, out),
            (None | Some(Type::Bytes), Value::Bytes(bytes)) => base64(bytes, out),
            (None | Some(Type::Array), Value::Array(elements)) => self.array(schema, elements, out)?,
            (None | Some(Type::Map), Value::Map(entries)) => self.map(schema, entries, out)?,
            (Some(Type::Struct), Value::Struct(structure)) => self.structure(schema, structure, out)?,
            _ => return Err(mismatch(schema, value)),
        }
        Ok(())
    }

    fn null(self, schema: Option<&Schema>, out: &mut BytesMut) -> Result<()> {
        if let Some(schema) = schema {
            match schema.default_value() {
                Some(default) if self.replace_null => return self.value(Some(schema), default, out),
                _ if schema.is_optional() => {}
                _ => return Err(Error::data(format!("null is no value of the required type {schema}"))),
            }
        }
        out.put_slice(b"null");
        Ok(())
    }

    fn decimal(self, schema: &Schema, decimal: &Decimal, out: &mut BytesMut) -> Result<()> {
        if self.numeric {
            return text(out, decimal);
        }
        let scale = scale(schema)?;
        if decimal.scale() != scale {
            return Err(Error::data(format!("the decimal has scale {}, its schema {scale}", decimal.scale())));
        }
        base64(&decimal.to_bytes(), out);
        Ok(())
    }

    fn array(self, schema: Option<&Schema>, elements: &[Value], out: &mut BytesMut) -> Result<()> {
        let part = schema.and_then(Schema::value_schema).map(AsRef::as_ref);
        out.put_u8(b'[');
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                out.put_u8(b',');
            }
            self.value(part, element, out).map_err(|error| error.context(format_args!("element {index}")))?;
        }
        out.put_u8(b']');
        Ok(())
    }

    /// An object when the keys are strings, else an array of pairs.
    fn map(self, schema: Option<&Schema>, entries: &[(Value, Value)], out: &mut BytesMut) -> Result<()> {
        let keys = schema.and_then(Schema::key_schema).map(AsRef::as_ref);
        let values = schema.and_then(Schema::value_schema).map(AsRef::as_ref);
        let object = match keys {
            Some(keys) => keys.ty() == Type::String,
            None => entries.iter().all(|(key, _)| matches!(key, Value::String(_))),
        };
        out.put_u8(if object { b'{' } else { b'[' });
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                out.put_u8(b',');
            }
            let entry = |error: Error| error.context(format_args!("map entry {key}"));
            if object {
                match (key, keys.and_then(Schema::default_value)) {
                    (Value::String(key), _) => string(key, out),
                    (Value::Null, Some(Value::String(default))) if self.replace_null => string(default, out),
                    // Java asks the JSON null for its text.
                    (Value::Null, _) if keys.is_some_and(Schema::is_optional) => string("null", out),
                    _ => return Err(entry(mismatch(keys, key))),
                }
                out.put_u8(b':');
                self.value(values, value, out).map_err(entry)?;
            } else {
                out.put_u8(b'[');
                self.value(keys, key, out).map_err(entry)?;
                out.put_u8(b',');
                self.value(values, value, out).map_err(entry)?;
                out.put_u8(b']');
            }
        }
        out.put_u8(if object { b'}' } else { b']' });
        Ok(())
    }

    fn structure(self, schema: Option<&Schema>, structure: &Struct, out: &mut BytesMut) -> Result<()> {
        let own = structure.schema();
        if !schema.is_some_and(|schema| std::ptr::eq(schema, &raw const **own) || *schema == **own) {
            return Err(Error::data("the struct's schema is another one than that of its place"));
        }
        if own.fields().len() != structure.values().len() {
            return Err(Error::data("the struct has not as many values as fields"));
        }
        out.put_u8(b'{');
        for (field, value) in own.fields().iter().zip(structure.values()) {
            if field.index > 0 {
                out.put_u8(b',');
            }
            string(&field.name, out);
            out.put_u8(b':');
            self.value(Some(&field.schema), value, out)
                .map_err(|error| error.context(format_args!("field {:?}", field.name)))?;
        }
        out.put_u8(b'}');
        Ok(())
    }
}

/// The number that stands for a moment.
fn instant(name: &str, ms: i64) -> Result<i64> {
    match name {
        logical::DATE => {
            let days = ms.div_euclid(DAY_MS);
            let fits = ms.rem_euclid(DAY_MS) == 0 && i32::try_from(days).is_ok();
            fits.then_some(days).ok_or_else(|| Error::data("a date has no time of day, and 32 bits for its days"))
        }
        logical::TIME => {
            let fits = (0..=DAY_MS).contains(&ms);
            fits.then_some(ms).ok_or_else(|| Error::data("a time of day lies within one day"))
        }
        _ => Ok(ms),
    }
}

/// The scale that the schema of a decimal says.
pub(super) fn scale(schema: &Schema) -> Result<i32> {
    let text = schema.parameter(logical::SCALE).ok_or_else(|| Error::data("the decimal's schema has no scale"))?;
    text.parse().map_err(|error| Error::data(format!("{text:?} is no scale of a decimal")).with_source(error))
}

fn integer(number: impl itoa::Integer, out: &mut BytesMut) {
    out.put_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Java's text of a float; `size` is about its value. In the range where Java writes no exponent, `zmij` writes the
/// same, and faster.
fn float(size: f64, number: impl zmij::Float, value: &Value, out: &mut BytesMut) -> Result<()> {
    if (1e-3..1e7).contains(&size.abs()) {
        out.put_slice(zmij::Buffer::new().format_finite(number).as_bytes());
        Ok(())
    } else if size.is_finite() {
        text(out, value)
    } else {
        text(out, &format_args!("\"{value}\""))
    }
}

/// Appends what something displays.
pub(super) fn text(out: &mut BytesMut, what: &dyn Display) -> Result<()> {
    write!(out, "{what}").map_err(|error| Error::data("the message is too long").with_source(error))
}

fn mismatch(schema: Option<&Schema>, value: &Value) -> Error {
    Error::data(match schema {
        Some(schema) => format!("a value of type {} was found where {schema} was expected", value.kind()),
        None => format!("a value of type {} cannot be written without a schema", value.kind()),
    })
}
