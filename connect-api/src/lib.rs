#![doc = include_str!("../README.md")]

pub mod config;
mod context;
mod converter;
mod data;
mod error;
pub mod host;
mod record;
mod sink;
mod source;
mod task;
mod transform;
pub mod values;

pub use config::Config;
pub use context::{Boundary, ErrantRecordReporter, SinkTaskContext, SourceTaskContext, TransactionContext};
pub use converter::{
    Converter, ConverterKind, ConverterPlugin, HeaderConverter, HeaderConverterPlugin, RawHeaders, Written,
};
pub use data::{
    Datum, Decimal, Field, Header, Headers, IntoSchema, Schema, SchemaBuilder, Struct, StructBuilder, Type, Unscaled,
    Value, calendar, java_double, java_float, logical,
};
pub use error::{Error, ErrorKind, Result};
pub use record::{OffsetKey, OffsetMap, Offsets, Record, SinkRecord, SourceRecord, TimestampType, TopicPartition};
pub use sink::{Delivery, SinkConnector, SinkTask};
pub use source::{ExactlyOnce, SourceConnector, SourceTask};
pub use task::{StopHandle, StopSignal, Task, TaskId};
pub use transform::{Batch, Flow, Outcome, Predicate, PredicatePlugin, Transform, TransformPlugin};

// What connectors are written with, so that one dependency is enough and versions agree.
pub use async_trait::async_trait;
pub use bytes;
pub use schemars::{self, JsonSchema};
pub use serde::{self, Deserialize, Serialize};

/// Declares the configuration of a plugin: a struct that derives what [`Config`] needs from this crate's own
/// serde and schemars, so that the plugin's crate needs neither.
///
/// It derives `Debug`, `Deserialize` and `JsonSchema`; other derives, such as `#[derive(Clone)]`, go inside the macro.
/// It is for structs. An enum in a configuration derives `Deserialize`, `Serialize` (its default is shown in the docs)
/// and `JsonSchema` itself, with `#[serde(crate = "connect_api::serde")]` and
/// `#[schemars(crate = "connect_api::schemars")]`.
///
/// ```
/// connect_api::config! {
///     /// Where lines go.
///     pub struct LineSinkConfig {
///         /// File to append to; standard output when absent.
///         pub file: Option<String>,
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! config {
    ($(#[$attribute:meta])* $visibility:vis struct $($rest:tt)*) => {
        $(#[$attribute])*
        #[derive(Debug, $crate::Deserialize, $crate::JsonSchema)]
        #[serde(crate = "connect_api::serde")]
        #[schemars(crate = "connect_api::schemars")]
        $visibility struct $($rest)*
    };
}
