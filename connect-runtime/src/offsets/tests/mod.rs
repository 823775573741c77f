//! What every store has to do, and what each does its own way.

mod contract;
mod file;
mod java;
mod json;
mod topic;

use connect_api::{OffsetMap, Value};

/// A map of strings and integers, in this order.
fn map(entries: &[(&'static str, Value)]) -> OffsetMap {
    OffsetMap::from_entries(entries.iter().map(|(name, value)| ((*name).into(), value.clone())))
}

fn file(name: &str) -> OffsetMap {
    OffsetMap::of("filename", name)
}

fn position(position: i64) -> OffsetMap {
    OffsetMap::of("position", position)
}
