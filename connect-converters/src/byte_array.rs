//! Bytes as they are.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use connect_api::{Datum, Error, Result, Schema, Type, Value, Written};

use crate::codec::{Codec, converter};

connect_api::config! {
    /// Configuration of a [`ByteArrayConverter`]: there is nothing to configure.
    #[derive(Default)]
    pub struct ByteArrayConverterConfig {}
}

/// Passes bytes through; what it reads is a slice of what Kafka gave, not a copy.
#[derive(Debug)]
pub struct ByteArrayConverter {
    schema: Arc<Schema>,
}

impl ByteArrayConverter {
    fn make(ByteArrayConverterConfig {}: ByteArrayConverterConfig) -> Result<Self> {
        Ok(Self::default())
    }
}

impl Default for ByteArrayConverter {
    fn default() -> Self {
        Self { schema: Schema::optional(Type::Bytes) }
    }
}

impl Codec for ByteArrayConverter {
    fn encode(&self, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
        if let Some(schema) = datum.schema.as_ref().filter(|schema| schema.ty() != Type::Bytes) {
            return Err(Error::data(format!("only bytes can be written, the schema is of type {schema}")));
        }
        match &datum.value {
            Value::Null => Ok(Written::Null),
            Value::Bytes(bytes) => {
                out.put_slice(bytes);
                Ok(Written::Bytes)
            }
            value => Err(Error::data(format!("only bytes can be written, the value is of type {}", value.kind()))),
        }
    }

    fn decode(&self, bytes: Option<&Bytes>) -> Result<Datum> {
        Ok(Datum::new(Arc::clone(&self.schema), bytes.cloned()))
    }
}

converter!(
    ByteArrayConverter,
    ByteArrayConverterConfig,
    "org.apache.kafka.connect.converters.ByteArrayConverter",
    ["ByteArrayConverter", "ByteArray"]
);
