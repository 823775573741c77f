//! Values from text that looks like them, and back: Connect's `Values`.
//!
//! | Text | Value |
//! |---|---|
//! | `12`, `300`, `1e5` | the smallest integer type that holds it |
//! | `1.5` | `float32`, or `float64` when it is too large for that |
//! | `9223372036854775808` | a decimal |
//! | `true`, `null` | a boolean, null |
//! | `2019-08-23`, `14:34:54.346Z`, `2019-08-23T14:34:54.346Z` | a date, a time, a timestamp, in UTC |
//! | `[1, 2]`, `{"a": 1}` | an array, a map |
//! | anything else | itself |
//!
//! Where Java stops reading at the first thing it understands (`12:30` is 12 there), this reads all or takes
//! the whole text as a string.

mod containers;
mod convert;
mod parse;
mod print;
mod time;
mod token;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{Datum, Schema, Type, logical};

pub use print::print;

/// Reads values from text. Keep one: the schemas of what it reads are shared by address.
#[derive(Debug)]
pub struct Values {
    boolean: Arc<Schema>,
    int8: Arc<Schema>,
    int16: Arc<Schema>,
    int32: Arc<Schema>,
    int64: Arc<Schema>,
    float32: Arc<Schema>,
    float64: Arc<Schema>,
    string: Arc<Schema>,
    date: Arc<Schema>,
    time: Arc<Schema>,
    timestamp: Arc<Schema>,
}

impl Default for Values {
    fn default() -> Self {
        let build = |builder: crate::SchemaBuilder, ty| {
            // A builder of a logical type makes no mistake; its base type stands in for the impossible.
            builder.build().unwrap_or_else(|_| Schema::required(ty))
        };
        Self {
            boolean: Schema::required(Type::Boolean),
            int8: Schema::required(Type::Int8),
            int16: Schema::required(Type::Int16),
            int32: Schema::required(Type::Int32),
            int64: Schema::required(Type::Int64),
            float32: Schema::required(Type::Float32),
            float64: Schema::required(Type::Float64),
            string: Schema::required(Type::String),
            date: build(logical::date(), Type::Int32),
            time: build(logical::time(), Type::Int32),
            timestamp: build(logical::timestamp(), Type::Int64),
        }
    }
}

impl Values {
    /// The value a text looks like; the text itself when it looks like nothing else.
    #[must_use]
    pub fn parse(&self, text: &str) -> Datum {
        parse::parse(self, text)
    }
}
