//! Headers as text that shows its type.

use bytes::{Bytes, BytesMut};
use connect_api::{Datum, Error, Result, Value, Written};

use crate::codec::{Codec, header_converter};
use connect_api::values::{Values, print};

connect_api::config! {
    /// Configuration of a [`SimpleHeaderConverter`]: there is nothing to configure.
    #[derive(Default)]
    pub struct SimpleHeaderConverterConfig {}
}

/// Writes headers as text and reads from text what it looks like: `12` is an `int8`, `[1,2]` an array; see
/// [`values`](connect_api::values).
///
/// What is written need not read back as the same: bytes become base64 text, a string `12` a number.
#[derive(Debug, Default)]
pub struct SimpleHeaderConverter {
    values: Values,
}

impl SimpleHeaderConverter {
    fn make(SimpleHeaderConverterConfig {}: SimpleHeaderConverterConfig) -> Result<Self> {
        Ok(Self::default())
    }
}

impl Codec for SimpleHeaderConverter {
    fn encode(&self, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
        match &datum.value {
            Value::Null => Ok(Written::Null),
            value => {
                print(value, out).map_err(|error| Error::data("the value has no text").with_source(error))?;
                Ok(Written::Bytes)
            }
        }
    }

    fn decode(&self, bytes: Option<&Bytes>) -> Result<Datum> {
        Ok(bytes.map_or(Datum::NULL, |bytes| self.values.parse(&String::from_utf8_lossy(bytes))))
    }
}

header_converter!(
    SimpleHeaderConverter,
    SimpleHeaderConverterConfig,
    "org.apache.kafka.connect.storage.SimpleHeaderConverter",
    ["SimpleHeaderConverter", "Simple"]
);
