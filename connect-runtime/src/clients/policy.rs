//! Which properties of its clients a connector may set.

use std::collections::{BTreeMap, BTreeSet};

use connect_api::config::ConfigErrors;

use super::is_override;

pub(super) const KEY: &str = "connector.client.config.override.policy";
const CLASS: (&str, &str) = ("org.apache.kafka.connect.connector.policy.", "ConnectorClientConfigOverridePolicy");
const PRINCIPAL: [&str; 3] = ["sasl.jaas.config", "sasl.mechanism", "security.protocol"];

/// `connector.client.config.override.policy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Policy {
    All,
    /// The name it is known by, and the properties that may be set.
    Only(&'static str, BTreeSet<String>),
}

impl Policy {
    /// # Errors
    /// There is no such policy.
    pub(super) fn read(name: &str, allowlist: &[String]) -> Result<Self, ConfigErrors> {
        let short = name.trim();
        let short = short.strip_prefix(CLASS.0).unwrap_or(short);
        match short.strip_suffix(CLASS.1).unwrap_or(short) {
            "All" => Ok(Self::All),
            "None" => Ok(Self::Only("None", BTreeSet::new())),
            "Principal" => Ok(Self::Only("Principal", PRINCIPAL.map(str::to_owned).into())),
            "Allowlist" => Ok(Self::Only("Allowlist", allowlist.iter().cloned().collect())),
            _ => {
                let mut errors = ConfigErrors::new();
                errors.add(KEY, Some(name.to_owned()), "possible: All, None, Principal, Allowlist");
                Err(errors)
            }
        }
    }

    /// What a connector sets and may not.
    pub(super) fn check(&self, connector: &BTreeMap<String, String>) -> ConfigErrors {
        let mut errors = ConfigErrors::new();
        let Self::Only(name, allowed) = self else { return errors };
        for key in connector.keys().filter(|key| is_override(key)) {
            let property = key.split_once(".override.").map_or(key.as_str(), |(_, property)| property);
            if !allowed.contains(property) {
                let list = allowed.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let list = if list.is_empty() { "nothing".to_owned() } else { list };
                errors.add(key, None, format!("the worker's {KEY} {name} does not allow it; allowed: {list}"));
            }
        }
        errors
    }
}
