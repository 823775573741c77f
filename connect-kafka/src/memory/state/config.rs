//! Topic configs: the ones with a meaning here, their defaults, and what values they take.

use std::collections::BTreeMap;

use crate::{BrokerError, Code};

/// Kafka's names and defaults. Values other than those that [`TopicConfig::parse`] understands are kept and
/// reported, without effect.
const DEFAULTS: [(&str, &str); 11] = [
    ("cleanup.policy", "delete"),
    ("compression.type", "producer"),
    ("delete.retention.ms", "86400000"),
    ("max.message.bytes", "1048588"),
    ("message.timestamp.type", "CreateTime"),
    ("min.cleanable.dirty.ratio", "0.5"),
    ("min.compaction.lag.ms", "0"),
    ("min.insync.replicas", "1"),
    ("retention.bytes", "-1"),
    ("retention.ms", "604800000"),
    ("segment.bytes", "1073741824"),
];

/// The configs of a topic that steer the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicConfig {
    pub(crate) delete: bool,
    pub(crate) compact: bool,
    /// Bytes a partition keeps at least; negative for no limit.
    pub(crate) retention_bytes: i64,
    /// Milliseconds a batch is kept; negative for ever.
    pub(crate) retention_ms: i64,
    /// Milliseconds a tombstone outlives compaction.
    pub(crate) delete_retention_ms: i64,
    /// Milliseconds a record is safe from compaction.
    pub(crate) compaction_lag_ms: i64,
    pub(crate) max_message_bytes: usize,
}

impl TopicConfig {
    /// Reads the configs set at creation; `InvalidConfig` names the first bad one and what it may be.
    pub(crate) fn parse(set: &BTreeMap<String, String>) -> Result<Self, BrokerError> {
        let all = effective(set);
        let policies: Vec<&str> = all["cleanup.policy"].split(',').map(str::trim).collect();
        if let Some(wrong) = policies.iter().find(|policy| !["delete", "compact"].contains(policy)) {
            return Err(invalid("cleanup.policy", wrong, "a list of delete and compact"));
        }
        if all["message.timestamp.type"] != "CreateTime" {
            return Err(invalid("message.timestamp.type", &all["message.timestamp.type"], "CreateTime"));
        }
        let max_message_bytes = number(&all, "max.message.bytes")?;
        Ok(Self {
            delete: policies.contains(&"delete"),
            compact: policies.contains(&"compact"),
            retention_bytes: number(&all, "retention.bytes")?,
            retention_ms: number(&all, "retention.ms")?,
            delete_retention_ms: number(&all, "delete.retention.ms")?,
            compaction_lag_ms: number(&all, "min.compaction.lag.ms")?,
            max_message_bytes: usize::try_from(max_message_bytes)
                .map_err(|_| invalid("max.message.bytes", &max_message_bytes.to_string(), "0 or more"))?,
        })
    }
}

/// The configs as a topic shows them: defaults, overlaid by what was set.
pub(crate) fn effective(set: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all: BTreeMap<_, _> = DEFAULTS.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    all.extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
    all
}

fn number(all: &BTreeMap<String, String>, key: &str) -> Result<i64, BrokerError> {
    all[key].trim().parse().map_err(|_| invalid(key, &all[key], "a whole number"))
}

fn invalid(key: &str, value: &str, expected: &str) -> BrokerError {
    BrokerError::new(
        Code::InvalidConfig,
        format!("invalid value {value:?} for topic config {key}: expected {expected}"),
    )
}
