//! Makes deletions of records.

use connect_api::{Datum, Flow, Record, Result, Transform, TransformPlugin};

connect_api::config! {
    /// Configuration of [`MakeTombstone`]: nothing.
    #[derive(Clone, Default)]
    pub struct MakeTombstoneConfig {}
}

/// Sets a record's value and its schema to null.
#[derive(Debug)]
pub struct MakeTombstone;

impl TransformPlugin for MakeTombstone {
    const NAME: &'static str = "io.aiven.kafka.connect.transforms.MakeTombstone";
    type Config = MakeTombstoneConfig;

    fn new(_: MakeTombstoneConfig) -> Result<Self> {
        Ok(Self)
    }
}

impl Transform for MakeTombstone {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        record.value = Datum::NULL;
        Ok(Flow::Keep)
    }
}
