#![doc = include_str!("../README.md")]

mod boolean;
mod byte_array;
mod codec;
mod encoding;
mod json;
mod number;
mod simple_header;
mod string;

pub use boolean::{BooleanConverter, BooleanConverterConfig};
pub use byte_array::{ByteArrayConverter, ByteArrayConverterConfig};
pub use json::{JsonConverter, JsonConverterConfig};
pub use number::{
    DoubleConverter, DoubleConverterConfig, FloatConverter, FloatConverterConfig, IntegerConverter,
    IntegerConverterConfig, LongConverter, LongConverterConfig, ShortConverter, ShortConverterConfig,
};
pub use simple_header::{SimpleHeaderConverter, SimpleHeaderConverterConfig};
pub use string::{StringConverter, StringConverterConfig};
