//! Drops records.

use connect_api::{Flow, Record, Result, Transform, TransformPlugin};

connect_api::config! {
    /// Configuration of [`Filter`]: nothing.
    #[derive(Clone, Default)]
    pub struct FilterConfig {}
}

/// Drops every record; with a predicate, every record for which it holds.
#[derive(Debug)]
pub struct Filter;

impl TransformPlugin for Filter {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.Filter";
    type Config = FilterConfig;

    fn new(_: FilterConfig) -> Result<Self> {
        Ok(Self)
    }
}

impl Transform for Filter {
    fn transform(&self, _: &mut Record) -> Result<Flow> {
        Ok(Flow::Drop)
    }
}
