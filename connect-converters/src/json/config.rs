//! How JSON is written and read.

use connect_api::{Error, Result};

connect_api::config! {
    /// Configuration of a [`JsonConverter`](crate::JsonConverter).
    #[derive(Clone)]
    pub struct JsonConverterConfig {
        /// Write each message together with its schema, and require one when reading.
        #[serde(rename = "schemas.enable", default = "yes")]
        #[schemars(extend("x-group" = "Schemas", "x-order" = 0, "x-importance" = "high",
            "x-width" = "medium", "x-display-name" = "Enable Schemas"))]
        pub schemas_enable: bool,
        /// How many schemas are kept, for reading and for writing each.
        #[serde(rename = "schemas.cache.size", default = "thousand")]
        #[schemars(range(max = 2_147_483_647))]
        #[schemars(extend("x-group" = "Schemas", "x-order" = 1, "x-importance" = "high",
            "x-width" = "medium", "x-display-name" = "Schema Cache Size"))]
        pub schemas_cache_size: usize,
        /// How decimals are written: BASE64, the bytes of the unscaled integer, or NUMERIC, a JSON number.
        /// Both are read.
        #[serde(rename = "decimal.format", default = "base64")]
        #[schemars(extend("x-group" = "Serialization", "x-order" = 0, "x-importance" = "low",
            "x-width" = "medium", "x-display-name" = "Decimal Format"))]
        pub decimal_format: String,
        /// Write and read the schema's default where there is a null.
        #[serde(rename = "replace.null.with.default", default = "yes")]
        #[schemars(extend("x-group" = "Serialization", "x-order" = 1, "x-importance" = "low",
            "x-width" = "medium", "x-display-name" = "Replace null with default"))]
        pub replace_null_with_default: bool,
        /// The schema of every message read, as JSON, for messages that bring none. Used with schemas.enable.
        #[serde(rename = "schema.content", default)]
        #[schemars(extend("x-group" = "Schemas", "x-order" = 2, "x-importance" = "high",
            "x-width" = "medium", "x-display-name" = "Schema Content"))]
        pub schema_content: Option<String>,
        /// Read as Kafka Connect does: numbers, booleans and strings of the wrong JSON type become 0, false and
        /// null, numbers too large wrap around, what follows the first JSON value is ignored, and an empty
        /// message is null. Otherwise all of these are errors.
        #[serde(default)]
        #[schemars(extend("x-group" = "Serialization", "x-order" = 2, "x-importance" = "low",
            "x-width" = "medium", "x-display-name" = "Read leniently"))]
        pub lenient: bool,
    }
}

const fn yes() -> bool {
    true
}

const fn thousand() -> usize {
    1000
}

fn base64() -> String {
    "BASE64".into()
}

impl Default for JsonConverterConfig {
    fn default() -> Self {
        Self {
            schemas_enable: yes(),
            schemas_cache_size: thousand(),
            decimal_format: base64(),
            replace_null_with_default: yes(),
            schema_content: None,
            lenient: false,
        }
    }
}

impl JsonConverterConfig {
    /// Whether decimals are written as numbers.
    pub(super) fn numeric(&self) -> Result<bool> {
        let is = |name: &str| self.decimal_format.eq_ignore_ascii_case(name);
        if is("NUMERIC") || is("BASE64") {
            return Ok(is("NUMERIC"));
        }
        let given = &self.decimal_format;
        Err(Error::config(format!("decimal.format: no format named {given:?}; possible: BASE64, NUMERIC")))
    }
}
