//! Properties of clients as they were written.

use std::collections::BTreeMap;
use std::fmt;

use connect_api::JsonSchema;
use serde::Deserialize;

/// Kafka client properties, such as `linger.ms` or `sasl.jaas.config`, by name. `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ClientProperties(pub BTreeMap<String, String>);

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for ClientProperties {
    fn from(entries: [(K, V); N]) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl fmt::Debug for ClientProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
