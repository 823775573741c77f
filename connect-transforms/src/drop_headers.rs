//! Removes headers.

use connect_api::{Flow, Record, Result, Transform, TransformPlugin};

connect_api::config! {
    /// Configuration of [`DropHeaders`].
    #[derive(Clone)]
    pub struct DropHeadersConfig {
        /// Names of the headers to remove.
        #[schemars(length(min = 1))]
        pub headers: Vec<String>,
    }
}

/// Removes all headers of the names given.
#[derive(Debug)]
pub struct DropHeaders {
    headers: Vec<String>,
}

impl TransformPlugin for DropHeaders {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.DropHeaders";
    type Config = DropHeadersConfig;

    fn new(config: DropHeadersConfig) -> Result<Self> {
        Ok(Self { headers: config.headers })
    }
}

impl Transform for DropHeaders {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        for header in &self.headers {
            record.headers.remove(header);
        }
        Ok(Flow::Keep)
    }
}
