//! Whether a record has a header.

use connect_api::{Predicate, PredicatePlugin, Record, Result};

connect_api::config! {
    /// Configuration of [`HasHeaderKey`].
    #[derive(Clone)]
    pub struct HasHeaderKeyConfig {
        /// Name of the header.
        #[schemars(extend("x-verbatim" = true, "x-importance" = "medium"), length(min = 1))]
        pub name: String,
    }
}

/// Holds for records with at least one header of the name.
#[derive(Debug)]
pub struct HasHeaderKey {
    name: String,
}

impl PredicatePlugin for HasHeaderKey {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.predicates.HasHeaderKey";
    type Config = HasHeaderKeyConfig;

    fn new(config: HasHeaderKeyConfig) -> Result<Self> {
        Ok(Self { name: config.name })
    }
}

impl Predicate for HasHeaderKey {
    fn test(&self, record: &Record) -> bool {
        record.headers.last(&self.name).is_some()
    }
}
