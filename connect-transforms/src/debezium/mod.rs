//! Debezium's transforms, under `io.debezium.transforms`.
//!
//! They are for what Debezium's connectors send: envelopes, structs whose schema's name ends in `.Envelope`. Where
//! Debezium passes data without a schema, a map that looks like an envelope (`op`, `source`, `before` or `after`) is
//! taken for one here.

mod by_logical_table_router;
mod envelope;
mod extract_new_record_state;
mod options;
mod schema_names;

pub use by_logical_table_router::{ByLogicalTableRouter, ByLogicalTableRouterConfig};
pub use extract_new_record_state::{ExtractNewRecordState, ExtractNewRecordStateConfig};
