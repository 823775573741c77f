//! Values by their schemas.

use std::fmt::{Display, Write as _};

use bytes::{BufMut, BytesMut};
use connect_api::{Decimal, Error, Result, Schema, Struct, Type, Value, logical};

use super::moment;
use super::text::{base64, string};
use crate::config::{DateFormat, DecimalFormat};

/// How values are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    /// Schemas say nothing but what `JsonConverter` makes of them: no options hold.
    pub(crate) plain: bool,
    /// Maps with string keys are objects.
    pub(crate) compact: bool,
    pub(crate) decimals: DecimalFormat,
    pub(crate) dates: DateFormat,
    /// Fields of the document itself that are left out, as something else takes their place.
    pub(crate) without: [Option<&'a str>; 2],
}

impl Writer<'_> {
    /// Writes a whole document.
    pub(crate) fn document(self, schema: Option<&Schema>, value: &Value, out: &mut BytesMut) -> Result<()> {
        self.value(schema, value, out)
    }

    fn leaves_out(self, name: &str) -> bool {
        self.without.iter().any(|without| without.is_some_and(|without| without == name))
    }

    const fn inner(self) -> Self {
        Self { without: [None; 2], ..self }
    }

    fn value(self, schema: Option<&Schema>, value: &Value, out: &mut BytesMut) -> Result<()> {
        if value.is_null() {
            return self.null(schema, out);
        }
        if let Some(schema) = schema
            && let Some(name @ (logical::DECIMAL | logical::DATE | logical::TIME | logical::TIMESTAMP)) = schema.name()
        {
            return match value {
                Value::Decimal(decimal) if name == logical::DECIMAL => self.decimal(decimal, out),
                Value::Instant(ms) if name != logical::DECIMAL => {
                    let format = if self.plain { DateFormat::Legacy } else { self.dates };
                    moment::write(format, name, *ms, out)
                }
                _ => Err(mismatch(Some(schema), value)),
            };
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
                Some(default) if !default.is_null() => return self.value(Some(schema), default, out),
                _ if schema.is_optional() => {}
                _ => return Err(Error::data(format!("null is no value of the required type {schema}"))),
            }
        }
        out.put_slice(b"null");
        Ok(())
    }

    fn decimal(self, decimal: &Decimal, out: &mut BytesMut) -> Result<()> {
        match if self.plain { DecimalFormat::Base64 } else { self.decimals } {
            DecimalFormat::Double => {
                let nearest = decimal.to_f64();
                float(nearest, nearest, &Value::Float64(nearest), out)?;
            }
            DecimalFormat::String => print(out, &format_args!("\"{decimal}\""))?,
            DecimalFormat::Numeric => print(out, decimal)?,
            DecimalFormat::Base64 => base64(&decimal.to_bytes(), out),
        }
        Ok(())
    }

    fn array(self, schema: Option<&Schema>, elements: &[Value], out: &mut BytesMut) -> Result<()> {
        let part = schema.and_then(Schema::value_schema).map(AsRef::as_ref);
        out.put_u8(b'[');
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                out.put_u8(b',');
            }
            let written = self.inner().value(part, element, out);
            written.map_err(|error| error.context(format_args!("element {index}")))?;
        }
        out.put_u8(b']');
        Ok(())
    }

    fn map(self, schema: Option<&Schema>, entries: &[(Value, Value)], out: &mut BytesMut) -> Result<()> {
        let keys = schema.and_then(Schema::key_schema).map(AsRef::as_ref);
        let values = schema.and_then(Schema::value_schema).map(AsRef::as_ref);
        let texts = match keys {
            Some(keys) => keys.ty() == Type::String,
            None => entries.iter().all(|(key, _)| matches!(key, Value::String(_))),
        };
        let pairs = keys.is_some() && !self.plain;
        let form = match (texts, pairs) {
            (true, _) if self.compact || !pairs => Form::Object,
            (_, true) => Form::KeyValue,
            _ => Form::Pairs,
        };
        out.put_u8(if form == Form::Object { b'{' } else { b'[' });
        let mut first = true;
        for (key, value) in entries {
            if form == Form::Object && key.as_str().is_some_and(|key| self.leaves_out(key)) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.put_u8(b',');
            }
            let entry = |error: Error| error.context("map entry");
            let inner = self.inner();
            match form {
                Form::Object => {
                    match key {
                        Value::String(key) => string(key, out),
                        _ => return Err(entry(mismatch(keys, key))),
                    }
                    out.put_u8(b':');
                    inner.value(values, value, out).map_err(entry)?;
                }
                Form::KeyValue => {
                    out.put_slice(b"{\"key\":");
                    inner.value(keys, key, out).map_err(entry)?;
                    out.put_slice(b",\"value\":");
                    inner.value(values, value, out).map_err(entry)?;
                    out.put_u8(b'}');
                }
                Form::Pairs => {
                    out.put_u8(b'[');
                    inner.value(keys, key, out).map_err(entry)?;
                    out.put_u8(b',');
                    inner.value(values, value, out).map_err(entry)?;
                    out.put_u8(b']');
                }
            }
        }
        out.put_u8(if form == Form::Object { b'}' } else { b']' });
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
        let mut first = true;
        for (field, value) in own.fields().iter().zip(structure.values()) {
            if self.leaves_out(&field.name) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.put_u8(b',');
            }
            string(&field.name, out);
            out.put_u8(b':');
            let written = self.inner().value(Some(&field.schema), value, out);
            written.map_err(|error| error.context(format_args!("field {:?}", field.name)))?;
        }
        out.put_u8(b'}');
        Ok(())
    }
}

/// What a map becomes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Object,
    /// `[{"key":k,"value":v}]`
    KeyValue,
    /// `[[k,v]]`
    Pairs,
}

/// Writes an integer.
pub(super) fn integer(number: impl itoa::Integer, out: &mut BytesMut) {
    out.put_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Java's text of a float; `size` is about its value. In the range where Java writes no exponent, `zmij` writes the
/// same, and faster. What is no number is a string, as JSON has none of these.
fn float(size: f64, number: impl zmij::Float, value: &Value, out: &mut BytesMut) -> Result<()> {
    if (1e-3..1e7).contains(&size.abs()) {
        out.put_slice(zmij::Buffer::new().format_finite(number).as_bytes());
        Ok(())
    } else if size.is_finite() {
        print(out, value)
    } else {
        print(out, &format_args!("\"{value}\""))
    }
}

fn print(out: &mut BytesMut, what: &dyn Display) -> Result<()> {
    write!(out, "{what}").map_err(|error| Error::data("the document is too long").with_source(error))
}

fn mismatch(schema: Option<&Schema>, value: &Value) -> Error {
    Error::data(match schema {
        Some(schema) => format!("a value of type {} was found where {schema} was expected", value.kind()),
        None => format!("a value of type {} cannot be written without a schema", value.kind()),
    })
}
