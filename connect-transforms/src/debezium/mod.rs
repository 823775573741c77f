//! Debezium's transforms, under `io.debezium.transforms`.
//!
//! They are for what Debezium's connectors send: envelopes, structs whose schema's name ends in `.Envelope`. Where
//! Debezium passes data without a schema, a map that looks like an envelope (`op`, `source`, `before` or `after`) is
//! taken for one here.

mod by_logical_table_router;
mod envelope;
mod extract_changed_record_state;
mod extract_new_record_state;
mod header_to_value;
mod options;
mod outbox;
mod partition_routing;
mod schema_change_event_filter;
mod schema_names;
mod timezone_converter;

pub use by_logical_table_router::{ByLogicalTableRouter, ByLogicalTableRouterConfig};
pub use extract_changed_record_state::{ExtractChangedRecordState, ExtractChangedRecordStateConfig};
pub use extract_new_record_state::{ExtractNewRecordState, ExtractNewRecordStateConfig};
pub use header_to_value::{HeaderToValue, HeaderToValueConfig};
pub use outbox::{EventRouter, EventRouterConfig};
pub use partition_routing::{PartitionRouting, PartitionRoutingConfig};
pub use schema_change_event_filter::{SchemaChangeEventFilter, SchemaChangeEventFilterConfig};
pub use timezone_converter::{TimezoneConverter, TimezoneConverterConfig};
