#![doc = include_str!("../README.md")]

mod byte_array;
mod codec;
mod encoding;
mod string;

pub use byte_array::{ByteArrayConverter, ByteArrayConverterConfig};
pub use string::{StringConverter, StringConverterConfig};
