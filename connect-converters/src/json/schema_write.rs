//! Schemas as JSON, with the keys in Kafka's order.

use bytes::{BufMut, BytesMut};
use connect_api::{Result, Schema, Type};

use super::text::string;
use super::write::{Writer, text};

/// Connect's JSON name of a type; of the floats it is another one than [`Type::name`].
pub(super) const fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Float32 => "float",
        Type::Float64 => "double",
        _ => ty.name(),
    }
}

impl Writer {
    /// Writes a schema.
    pub(super) fn schema(self, schema: &Schema, out: &mut BytesMut) -> Result<()> {
        self.open(schema, out)?;
        out.put_u8(b'}');
        Ok(())
    }

    /// Writes all of a schema but the closing brace: in a struct the name of the field follows.
    fn open(self, schema: &Schema, out: &mut BytesMut) -> Result<()> {
        out.put_slice(b"{\"type\":");
        string(type_name(schema.ty()), out);
        match schema.ty() {
            Type::Array => self.part("items", schema.value_schema().map(AsRef::as_ref), out)?,
            Type::Map => {
                self.part("keys", schema.key_schema().map(AsRef::as_ref), out)?;
                self.part("values", schema.value_schema().map(AsRef::as_ref), out)?;
            }
            Type::Struct => {
                out.put_slice(b",\"fields\":[");
                for field in schema.fields() {
                    if field.index > 0 {
                        out.put_u8(b',');
                    }
                    self.open(&field.schema, out)?;
                    key("field", out);
                    string(&field.name, out);
                    out.put_u8(b'}');
                }
                out.put_u8(b']');
            }
            _ => {}
        }
        key("optional", out);
        text(out, &schema.is_optional())?;
        if let Some(name) = schema.name() {
            key("name", out);
            string(name, out);
        }
        if let Some(version) = schema.version() {
            key("version", out);
            text(out, &version)?;
        }
        if let Some(doc) = schema.doc() {
            key("doc", out);
            string(doc, out);
        }
        for (index, (name, value)) in schema.parameters().iter().enumerate() {
            if index == 0 {
                key("parameters", out);
            }
            out.put_u8(if index == 0 { b'{' } else { b',' });
            string(name, out);
            out.put_u8(b':');
            string(value, out);
        }
        if !schema.parameters().is_empty() {
            out.put_u8(b'}');
        }
        if let Some(default) = schema.default_value() {
            key("default", out);
            self.value(Some(schema), default, out).map_err(|error| error.context("default"))?;
        }
        Ok(())
    }

    fn part(self, name: &str, schema: Option<&Schema>, out: &mut BytesMut) -> Result<()> {
        key(name, out);
        match schema {
            Some(schema) => self.schema(schema, out),
            None => {
                out.put_slice(b"null");
                Ok(())
            }
        }
    }
}

fn key(name: &str, out: &mut BytesMut) {
    out.put_u8(b',');
    string(name, out);
    out.put_u8(b':');
}
