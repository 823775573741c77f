//! Text.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use connect_api::{Datum, Error, Result, Schema, Type, Value, Written};

use crate::codec::{Codec, converter};
use crate::encoding::Encoding;

connect_api::config! {
    /// Configuration of a [`StringConverter`].
    pub struct StringConverterConfig {
        /// The name of the character encoding of the text, as Java knows it: UTF-8, UTF-16, ISO-8859-1, windows-1252, ...
        #[serde(rename = "converter.encoding", default = "utf8")]
        #[schemars(extend("x-importance" = "high", "x-width" = "medium", "x-display-name" = "Encoding"))]
        pub encoding: String,
    }
}

fn utf8() -> String {
    "UTF-8".into()
}

impl Default for StringConverterConfig {
    fn default() -> Self {
        Self { encoding: utf8() }
    }
}

/// Writes the text Java gives a value and reads text.
///
/// A string is its own text. Anything else is written as Java's `toString` has it, whatever the schema:
/// `Struct{a=1}`, `{a=1, b=[x, null]}`; bytes are written as base64, where Java writes an address. This is for people, not for programs.
#[derive(Debug)]
pub struct StringConverter {
    encoding: Encoding,
    schema: Arc<Schema>,
}

impl StringConverter {
    fn make(config: StringConverterConfig) -> Result<Self> {
        Ok(Self::of(Encoding::named(&config.encoding).map_err(|error| error.context("converter.encoding"))?))
    }

    fn of(encoding: Encoding) -> Self {
        Self { encoding, schema: Schema::optional(Type::String) }
    }
}

impl Default for StringConverter {
    /// One for UTF-8.
    fn default() -> Self {
        Self::of(Encoding::Utf8)
    }
}

impl Codec for StringConverter {
    fn encode(&self, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
        match &datum.value {
            Value::Null => return Ok(Written::Null),
            Value::String(text) => self.encoding.encode(text, out),
            value => self
                .encoding
                .display(value, out)
                .map_err(|error| Error::data("the value has no text").with_source(error))?,
        }
        Ok(Written::Bytes)
    }

    fn decode(&self, bytes: Option<&Bytes>) -> Result<Datum> {
        let value = bytes.map(|bytes| Arc::<str>::from(&*self.encoding.decode(bytes)));
        Ok(Datum::new(Arc::clone(&self.schema), value))
    }
}

converter!(
    StringConverter,
    StringConverterConfig,
    "org.apache.kafka.connect.storage.StringConverter",
    ["StringConverter", "String"]
);
