#![doc = include_str!("../README.md")]

pub mod aiven;
mod cast;
mod clock;
pub mod confluent;
mod date_format;
pub mod debezium;
mod drop_headers;
mod extract_field;
mod field_path;
mod filter;
mod flatten;
mod header_from;
mod hoist_field;
mod insert_field;
mod insert_header;
mod java_regex;
mod json_path;
mod layout;
mod logical_types;
mod look;
mod maps;
mod mask_field;
mod operand;
mod options;
mod parts;
mod path_tree;
mod plans;
mod predicates;
mod regex_router;
mod registry;
mod replace_field;
mod schemas;
mod set_schema_metadata;
mod timestamp_converter;
mod timestamp_router;
mod tombstones;
mod value_to_key;

pub use cast::{Cast, CastConfig};
pub use date_format::DateFormat;
pub use drop_headers::{DropHeaders, DropHeadersConfig};
pub use extract_field::{ExtractField, ExtractFieldConfig};
pub use field_path::{FieldPath, FieldSyntax};
pub use filter::{Filter, FilterConfig};
pub use flatten::{Flatten, FlattenConfig};
pub use header_from::{HeaderFrom, HeaderFromConfig, HeaderFromOperation};
pub use hoist_field::{HoistField, HoistFieldConfig};
pub use insert_field::{InsertField, InsertFieldConfig};
pub use insert_header::{InsertHeader, InsertHeaderConfig};
pub use java_regex::JavaRegex;
pub use mask_field::{MaskField, MaskFieldConfig};
pub use operand::{Key, Operand, Value};
pub use predicates::{
    HasHeaderKey, HasHeaderKeyConfig, RecordIsTombstone, RecordIsTombstoneConfig, TopicNameMatches,
    TopicNameMatchesConfig,
};
pub use regex_router::{RegexRouter, RegexRouterConfig};
pub use registry::{Registry, register};
pub use replace_field::{ReplaceField, ReplaceFieldConfig};
pub use set_schema_metadata::{SetSchemaMetadata, SetSchemaMetadataConfig};
pub use timestamp_converter::{TimestampConverter, TimestampConverterConfig, TimestampType, UnixPrecision};
pub use timestamp_router::{TimestampRouter, TimestampRouterConfig};
pub use value_to_key::{ValueToKey, ValueToKeyConfig};
