//! What the config topic says, by the rules of Kafka Connect's readers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::records::Properties;
use crate::worker::Target;

/// Connectors, tasks and target states as the records up to an offset say.
///
/// Records are taken in order. What cannot be understood is left aside, so that nothing somebody else wrote keeps a worker
/// from reading the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigState {
    /// Offset after the last record; -1 before the first. Workers compare it to see who has read further.
    pub(crate) offset: i64,
    connectors: BTreeMap<String, Properties>,
    targets: BTreeMap<String, Target>,
    tasks: BTreeMap<String, BTreeMap<usize, Properties>>,
    counts: BTreeMap<String, usize>,
    generations: BTreeMap<String, u64>,
    /// Task configurations that no commit record has applied yet.
    buffered: BTreeMap<String, BTreeMap<usize, Properties>>,
    /// The connector's configuration when its tasks were last applied.
    applied: BTreeMap<String, Properties>,
    inconsistent: BTreeSet<String>,
    fenced: BTreeMap<String, usize>,
    pending_fencing: BTreeSet<String>,
    session_key: Option<SessionKey>,
}

/// The key with which a leader signs what it asks of other workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionKey {
    pub(crate) key: String,
    pub(crate) algorithm: String,
    pub(crate) created: i64,
}

/// What a record was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// A connector has a configuration, or another one.
    Connector(String),
    /// A connector was deleted.
    Gone(String),
    /// A connector has other tasks.
    Tasks(String),
    /// A connector has another target state.
    Target(String),
    /// Requests are signed with another key.
    SessionKey,
    /// Somebody asked for a restart.
    Restart { connector: String, include_tasks: bool, only_failed: bool },
    /// Tasks of a connector were fenced.
    Fenced(String),
    /// A logger is to have a level.
    Logger { logger: String, level: String },
}

impl Default for ConfigState {
    fn default() -> Self {
        Self {
            offset: -1,
            connectors: BTreeMap::new(),
            targets: BTreeMap::new(),
            tasks: BTreeMap::new(),
            counts: BTreeMap::new(),
            generations: BTreeMap::new(),
            buffered: BTreeMap::new(),
            applied: BTreeMap::new(),
            inconsistent: BTreeSet::new(),
            fenced: BTreeMap::new(),
            pending_fencing: BTreeSet::new(),
            session_key: None,
        }
    }
}

impl ConfigState {
    /// Takes the record at `offset`, and says what it was about, if it was understood.
    pub(crate) fn apply(&mut self, offset: i64, key: Option<&[u8]>, value: Option<&[u8]>) -> Option<News> {
        let parsed = value.map(serde_json::from_slice::<Value>).transpose();
        let Ok(value) = parsed else {
            tracing::warn!(offset, "ignoring a record of the config topic whose value is no JSON");
            return None;
        };
        self.offset = offset + 1;
        let key = key.and_then(|key| std::str::from_utf8(key).ok());
        let value = value.filter(|value| !value.is_null());
        let news = key.and_then(|key| self.take(key, value.as_ref()));
        if news.is_none() {
            tracing::debug!(offset, key, "a record of the config topic was left aside");
        }
        news
    }

    fn take(&mut self, key: &str, value: Option<&Value>) -> Option<News> {
        if let Some(name) = key.strip_prefix("target-state-") {
            self.target_state(name, value)
        } else if let Some(name) = key.strip_prefix("connector-") {
            self.connector(name, value)
        } else if let Some(task) = key.strip_prefix("task-") {
            let (name, number) = task.rsplit_once('-')?;
            let config = properties(value?)?;
            self.buffered.entry(name.to_owned()).or_default().insert(number.parse().ok()?, config);
            // It counts when it is committed.
            None
        } else if let Some(name) = key.strip_prefix("commit-") {
            self.commit(name, count(value?, "tasks")?)
        } else if let Some(connector) = key.strip_prefix("restart-connector-") {
            let flag = |name: &str| value?.get(name)?.as_bool();
            let (include_tasks, only_failed) = (flag("include-tasks")?, flag("only-failed")?);
            Some(News::Restart { connector: connector.to_owned(), include_tasks, only_failed })
        } else if let Some(name) = key.strip_prefix("tasks-fencing-") {
            self.fenced.insert(name.to_owned(), count(value?, "task-count")?);
            self.pending_fencing.remove(name);
            Some(News::Fenced(name.to_owned()))
        } else if key == "session-key" {
            let text = |name: &str| Some(value?.get(name)?.as_str()?.to_owned());
            let created = value?.get("creation-timestamp")?.as_i64()?;
            self.session_key = Some(SessionKey { key: text("key")?, algorithm: text("algorithm")?, created });
            Some(News::SessionKey)
        } else {
            let logger = key.strip_prefix("logger-cluster-")?.to_owned();
            Some(News::Logger { logger, level: value?.get("level")?.as_str()?.to_owned() })
        }
    }

    fn target_state(&mut self, name: &str, value: Option<&Value>) -> Option<News> {
        match value {
            Some(value) => {
                let text = |field: &str| value.get(field).and_then(Value::as_str);
                let target = match text("state.v2").or_else(|| text("state"))? {
                    "STARTED" => Target::Started,
                    "PAUSED" => Target::Paused,
                    "STOPPED" => Target::Stopped,
                    _ => return None,
                };
                self.targets.insert(name.to_owned(), target);
            }
            // Without a record of its own, a connector is to run.
            None if self.connectors.contains_key(name) => {
                self.targets.insert(name.to_owned(), Target::Started);
            }
            None => {
                self.targets.remove(name)?;
            }
        }
        Some(News::Target(name.to_owned()))
    }

    fn connector(&mut self, name: &str, value: Option<&Value>) -> Option<News> {
        match value {
            Some(value) => {
                self.connectors.insert(name.to_owned(), properties(value)?);
                self.targets.entry(name.to_owned()).or_insert(Target::Started);
                Some(News::Connector(name.to_owned()))
            }
            None => {
                self.connectors.remove(name);
                self.tasks.remove(name);
                self.counts.remove(name);
                self.buffered.remove(name);
                self.applied.remove(name);
                Some(News::Gone(name.to_owned()))
            }
        }
    }

    fn commit(&mut self, name: &str, count: usize) -> Option<News> {
        let buffered = self.buffered.remove(name).unwrap_or_default();
        let config = self.connectors.get(name)?;
        // Numbers are few, whatever count is claimed: the first that is missing ends the search.
        if (0..count).all(|task| buffered.contains_key(&task)) {
            self.tasks.entry(name.to_owned()).or_default().extend(buffered);
            let generation = self.generations.get(name).map_or(0, |generation| generation + 1);
            self.generations.insert(name.to_owned(), generation);
            self.inconsistent.remove(name);
            self.applied.insert(name.to_owned(), config.clone());
        } else {
            self.inconsistent.insert(name.to_owned());
        }
        self.counts.insert(name.to_owned(), count);
        self.pending_fencing.insert(name.to_owned());
        Some(News::Tasks(name.to_owned()))
    }

    /// Names and configurations of all connectors.
    pub(crate) fn connectors(&self) -> &BTreeMap<String, Properties> {
        &self.connectors
    }

    /// What each connector is to do. There may be some without a configuration.
    pub(crate) fn targets(&self) -> &BTreeMap<String, Target> {
        &self.targets
    }

    /// The tasks of a connector; none while they are not known for sure.
    pub(crate) fn tasks(&self, name: &str) -> Vec<&Properties> {
        if self.inconsistent.contains(name) {
            return Vec::new();
        }
        let count = self.counts.get(name).copied().unwrap_or_default();
        let tasks = self.tasks.get(name).into_iter().flatten();
        tasks.take_while(|(task, _)| **task < count).map(|(_, config)| config).collect()
    }

    /// Whether a group of distributed workers has signed requests of its own.
    pub(crate) fn session_key(&self) -> Option<&SessionKey> {
        self.session_key.as_ref()
    }
}

/// A map of texts or nulls.
fn properties(value: &Value) -> Option<Properties> {
    let map = value.get("properties")?.as_object()?;
    map.iter()
        .map(|(key, value)| match value {
            Value::Null => Some((key.clone(), None)),
            Value::String(text) => Some((key.clone(), Some(text.clone()))),
            _ => None,
        })
        .collect()
}

fn count(value: &Value, field: &str) -> Option<usize> {
    usize::try_from(value.get(field)?.as_u64()?).ok()
}
