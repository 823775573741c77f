//! Adds a header.

use std::sync::Arc;

use connect_api::values::Values;
use connect_api::{Datum, Flow, Record, Result, Transform, TransformPlugin};

connect_api::config! {
    /// Configuration of [`InsertHeader`].
    #[derive(Clone)]
    pub struct InsertHeaderConfig {
        /// Name of the header.
        #[schemars(extend("x-verbatim" = true))]
        pub header: String,
        /// The header's value as text, whose type is what it looks like: `12` is an `int8`, `null` is null.
        #[serde(rename = "value.literal")]
        #[schemars(extend("x-verbatim" = true))]
        pub value_literal: String,
    }
}

/// Adds a header to every record, whether or not there is one of the name.
#[derive(Debug)]
pub struct InsertHeader {
    header: Arc<str>,
    value: Datum,
}

impl TransformPlugin for InsertHeader {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.InsertHeader";
    type Config = InsertHeaderConfig;

    fn new(config: InsertHeaderConfig) -> Result<Self> {
        Ok(Self { header: config.header.into(), value: Values::default().parse(&config.value_literal) })
    }
}

impl Transform for InsertHeader {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        record.headers.add(Arc::clone(&self.header), self.value.clone());
        Ok(Flow::Keep)
    }
}
