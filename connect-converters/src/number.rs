//! Numbers, big endian.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use connect_api::{Datum, Error, Result, Schema, Type, Value, Written};

use crate::codec::{Codec, converter};

/// The converters of numbers differ in nothing but the type.
macro_rules! number {
    ($converter:ident, $config:ident, $ty:ident, $number:ty, $what:literal, $name:literal, $aliases:expr) => {
        connect_api::config! {
            #[doc = concat!("Configuration of a [`", stringify!($converter), "`]: there is nothing to configure.")]
            #[derive(Default)]
            pub struct $config {}
        }

        #[doc = concat!("Writes an `", $what, "` big endian, and reads nothing shorter or longer.")]
        #[derive(Debug)]
        pub struct $converter {
            schema: Arc<Schema>,
        }

        impl $converter {
            fn make($config {}: $config) -> Result<Self> {
                Ok(Self::default())
            }
        }

        impl Default for $converter {
            fn default() -> Self {
                Self { schema: Schema::optional(Type::$ty) }
            }
        }

        impl Codec for $converter {
            fn encode(&self, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
                match datum.value {
                    Value::Null => Ok(Written::Null),
                    Value::$ty(number) => {
                        out.put_slice(&number.to_be_bytes());
                        Ok(Written::Bytes)
                    }
                    ref value => Err(Error::data(format!(
                        concat!("only an ", $what, " can be written, the value is of type {}"),
                        value.kind()
                    ))),
                }
            }

            fn decode(&self, bytes: Option<&Bytes>) -> Result<Datum> {
                let number = match bytes {
                    None => None,
                    Some(bytes) => Some(<$number>::from_be_bytes(bytes[..].try_into().map_err(|_| {
                        let right = size_of::<$number>();
                        Error::data(format!(concat!("an ", $what, " is {} bytes long, not {}"), right, bytes.len()))
                    })?)),
                };
                Ok(Datum::new(Arc::clone(&self.schema), number))
            }
        }

        converter!($converter, $config, $name, $aliases);
    };
}

number!(
    ShortConverter,
    ShortConverterConfig,
    Int16,
    i16,
    "int16",
    "org.apache.kafka.connect.converters.ShortConverter",
    ["ShortConverter", "Short"]
);
number!(
    IntegerConverter,
    IntegerConverterConfig,
    Int32,
    i32,
    "int32",
    "org.apache.kafka.connect.converters.IntegerConverter",
    ["IntegerConverter", "Integer"]
);
number!(
    LongConverter,
    LongConverterConfig,
    Int64,
    i64,
    "int64",
    "org.apache.kafka.connect.converters.LongConverter",
    ["LongConverter", "Long"]
);
number!(
    FloatConverter,
    FloatConverterConfig,
    Float32,
    f32,
    "IEEE 754 float32",
    "org.apache.kafka.connect.converters.FloatConverter",
    ["FloatConverter", "Float"]
);
number!(
    DoubleConverter,
    DoubleConverterConfig,
    Float64,
    f64,
    "IEEE 754 float64",
    "org.apache.kafka.connect.converters.DoubleConverter",
    ["DoubleConverter", "Double"]
);
