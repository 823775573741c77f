#![doc = include_str!("../README.md")]

mod clock;
mod date_format;
mod drop_headers;
mod filter;
mod hoist_field;
mod insert_header;
mod java_regex;
mod operand;
mod plans;
mod predicates;
mod regex_router;
mod registry;
mod schemas;
mod timestamp_converter;
mod timestamp_router;

pub use date_format::DateFormat;
pub use drop_headers::{DropHeaders, DropHeadersConfig};
pub use filter::{Filter, FilterConfig};
pub use hoist_field::{HoistField, HoistFieldConfig};
pub use insert_header::{InsertHeader, InsertHeaderConfig};
pub use java_regex::JavaRegex;
pub use operand::{Key, Operand, Value};
pub use predicates::{
    HasHeaderKey, HasHeaderKeyConfig, RecordIsTombstone, RecordIsTombstoneConfig, TopicNameMatches,
    TopicNameMatchesConfig,
};
pub use regex_router::{RegexRouter, RegexRouterConfig};
pub use registry::{Registry, register};
pub use timestamp_converter::{TimestampConverter, TimestampConverterConfig, TimestampType, UnixPrecision};
pub use timestamp_router::{TimestampRouter, TimestampRouterConfig};
