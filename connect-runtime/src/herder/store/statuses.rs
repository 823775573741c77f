//! What the status topic says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The keys that have a value, and what follows of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StatusState {
    /// Keys with their values, of connectors, tasks and topics.
    pub(crate) values: BTreeMap<String, String>,
}

/// A topic that a connector used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) connector: String,
    pub(crate) topic: String,
    pub(crate) task: usize,
    pub(crate) timestamp: i64,
}

impl StatusState {
    /// Takes a record; what is none of the topic's is left aside.
    pub(crate) fn apply(&mut self, key: Option<&[u8]>, value: Option<&[u8]>) {
        let Some(key) = key.and_then(|key| std::str::from_utf8(key).ok()) else { return };
        if !["status-connector-", "status-task-", "status-topic-"].iter().any(|prefix| key.starts_with(prefix)) {
            return;
        }
        match value.map(|value| std::str::from_utf8(value).ok()) {
            Some(Some(value)) => {
                self.values.insert(key.to_owned(), value.to_owned());
            }
            Some(None) => {}
            None => {
                self.values.remove(key);
            }
        }
    }

    /// The topics that connectors used.
    pub(crate) fn topics(&self) -> Vec<Used> {
        let topics = self.values.range("status-topic-".to_owned()..);
        let topics = topics.take_while(|(key, _)| key.starts_with("status-topic-"));
        topics
            .filter_map(|(_, value)| {
                let value: Value = serde_json::from_str(value).ok()?;
                let topic = value.get("topic")?;
                Some(Used {
                    connector: topic.get("connector")?.as_str()?.to_owned(),
                    topic: topic.get("name")?.as_str()?.to_owned(),
                    task: usize::try_from(topic.get("task")?.as_u64()?).ok()?,
                    timestamp: topic.get("discoverTimestamp")?.as_i64()?,
                })
            })
            .collect()
    }

    /// The connectors that anything is said of.
    pub(crate) fn connectors(&self) -> BTreeSet<String> {
        self.values.keys().filter_map(|key| owner(key)).map(str::to_owned).collect()
    }

    /// The keys of a connector: its own, its tasks', its topics'.
    pub(crate) fn keys_of(&self, connector: &str) -> Vec<String> {
        self.values.keys().filter(|key| owner(key) == Some(connector)).cloned().collect()
    }
}

/// The connector that a key is about.
pub(crate) fn owner(key: &str) -> Option<&str> {
    if let Some(connector) = key.strip_prefix("status-connector-") {
        return Some(connector);
    }
    if let Some(task) = key.strip_prefix("status-task-") {
        let (connector, number) = task.rsplit_once('-')?;
        return number.parse::<usize>().is_ok().then_some(connector);
    }
    // A topic has no colon; a connector's name may.
    key.strip_prefix("status-topic-")?.split_once(':')?.1.strip_prefix("connector-")
}
