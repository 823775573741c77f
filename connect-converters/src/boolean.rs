//! Truth values.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use connect_api::{Datum, Error, Result, Schema, Type, Value, Written};

use crate::codec::{Codec, converter};

connect_api::config! {
    /// Configuration of a [`BooleanConverter`]: there is nothing to configure.
    #[derive(Default)]
    pub struct BooleanConverterConfig {}
}

/// Writes a boolean as one byte, 0 or 1, and reads no other.
#[derive(Debug)]
pub struct BooleanConverter {
    schema: Arc<Schema>,
}

impl BooleanConverter {
    fn make(BooleanConverterConfig {}: BooleanConverterConfig) -> Result<Self> {
        Ok(Self::default())
    }
}

impl Default for BooleanConverter {
    fn default() -> Self {
        Self { schema: Schema::optional(Type::Boolean) }
    }
}

impl Codec for BooleanConverter {
    fn encode(&self, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
        if let Some(schema) = datum.schema.as_ref().filter(|schema| schema.ty() != Type::Boolean) {
            return Err(Error::data(format!("only a boolean can be written, the schema is of type {schema}")));
        }
        match datum.value {
            Value::Null => Ok(Written::Null),
            Value::Boolean(truth) => {
                out.put_u8(truth.into());
                Ok(Written::Bytes)
            }
            ref value => {
                Err(Error::data(format!("only a boolean can be written, the value is of type {}", value.kind())))
            }
        }
    }

    fn decode(&self, bytes: Option<&Bytes>) -> Result<Datum> {
        let value = match bytes.map(|bytes| &bytes[..]) {
            None => Value::Null,
            Some([0]) => Value::Boolean(false),
            Some([1]) => Value::Boolean(true),
            Some([byte]) => return Err(Error::data(format!("a boolean is 0 or 1, the byte is {byte}"))),
            Some(other) => return Err(Error::data(format!("a boolean is 1 byte long, not {}", other.len()))),
        };
        Ok(Datum::new(Arc::clone(&self.schema), value))
    }
}

converter!(
    BooleanConverter,
    BooleanConverterConfig,
    "org.apache.kafka.connect.converters.BooleanConverter",
    ["BooleanConverter", "Boolean"]
);
