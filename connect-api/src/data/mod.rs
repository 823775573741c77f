//! The data model: schemas, values, and what is built of them.

mod builder;
pub mod calendar;
mod datum;
mod decimal;
mod decimal_numbers;
pub(crate) mod digits;
mod headers;
pub(crate) mod project;
mod schema;
mod structs;
mod text;
mod validate;
mod value;

#[cfg(test)]
mod tests;

pub use builder::{IntoSchema, SchemaBuilder};
pub use datum::Datum;
pub use decimal::{Decimal, Unscaled};
pub use headers::{Header, Headers};
pub use schema::{Field, Schema, Type, logical};
pub use structs::{Struct, StructBuilder};
pub use text::{java_double, java_float};
pub use value::Value;
