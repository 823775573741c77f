//! Whether a record deletes.

use connect_api::{Predicate, PredicatePlugin, Record, Result};

connect_api::config! {
    /// Configuration of [`RecordIsTombstone`]: nothing.
    #[derive(Clone, Default)]
    pub struct RecordIsTombstoneConfig {}
}

/// Holds for records whose value is null, whatever its schema.
#[derive(Debug)]
pub struct RecordIsTombstone;

impl PredicatePlugin for RecordIsTombstone {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone";
    type Config = RecordIsTombstoneConfig;

    fn new(_: RecordIsTombstoneConfig) -> Result<Self> {
        Ok(Self)
    }
}

impl Predicate for RecordIsTombstone {
    fn test(&self, record: &Record) -> bool {
        record.value.is_null()
    }
}
