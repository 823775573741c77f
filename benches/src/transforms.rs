//! Transforms that do next to nothing, so that what is measured is the chain.

use std::sync::Arc;

use connect_api::{Flow, Record, Result, Transform};

/// Sets the timestamp.
#[derive(Debug, Clone, Copy)]
pub struct Retime;

/// Sets the topic to the one it has.
#[derive(Debug, Clone)]
pub struct Route(pub Arc<str>);

/// Looks at the partition, and would drop the record if it were 7.
#[derive(Debug, Clone, Copy)]
pub struct Drop7;

impl Transform for Retime {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        record.timestamp = Some(1);
        Ok(Flow::Keep)
    }
}

impl Transform for Route {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        record.topic = Arc::clone(&self.0);
        Ok(Flow::Keep)
    }
}

impl Transform for Drop7 {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        Ok(if record.partition == Some(7) { Flow::Drop } else { Flow::Keep })
    }
}
