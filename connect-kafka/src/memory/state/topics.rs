//! Creating, describing and deleting topics.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::change::{Change, LogId, Ticket, TopicRecord};
use super::config::{TopicConfig, effective};
use super::log::Log;
use super::parking::Completion;
use super::{BrokerState, unknown_partition};
use crate::{BrokerError, Code, NewTopic, Result, TopicInfo, TopicPartition};

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) record: TopicRecord,
    pub(crate) config: TopicConfig,
    /// Deleted, but not yet in the store: nobody sees it any more.
    pub(crate) deleting: bool,
}

impl BrokerState {
    pub(crate) fn topic_infos(&self, names: Option<&[Arc<str>]>) -> Vec<TopicInfo> {
        let info =
            |(name, topic): (&Arc<str>, &Topic)| TopicInfo { name: name.clone(), partitions: topic.record.partitions };
        let wanted = |name: &Arc<str>| names.is_none_or(|names| names.contains(name));
        self.topics.iter().filter(|(name, topic)| !topic.deleting && wanted(name)).map(info).collect()
    }

    pub(crate) fn create_topic(&mut self, new: NewTopic) -> Result<Ticket> {
        let topic = self.checked_topic(&new)?;
        self.next_log = topic.logs().end;
        self.creating.insert(new.name.clone());
        Ok(self.record(Change::CreateTopic { name: new.name, topic }))
    }

    /// The topic as it would be made now.
    pub(crate) fn checked_topic(&self, new: &NewTopic) -> Result<TopicRecord> {
        check_name(&new.name)?;
        let taken = |name: &Arc<str>| self.topics.contains_key(name) || self.creating.contains(name);
        if taken(&new.name) {
            let message = format!("topic {:?} already exists", new.name);
            return Err(BrokerError::new(Code::TopicAlreadyExists, message));
        }
        let partitions = if new.partitions == -1 { self.limits.default_partitions } else { new.partitions };
        if partitions < 1 {
            let message = format!("topic {:?} needs at least one partition, not {partitions}", new.name);
            return Err(BrokerError::new(Code::InvalidPartitions, message));
        }
        if !matches!(new.replication_factor, -1 | 1) {
            let asked = new.replication_factor;
            let message = format!("topic {:?}: {asked} replicas asked, the embedded broker is a single one", new.name);
            return Err(BrokerError::new(Code::InvalidReplicationFactor, message));
        }
        let mut configs = self.limits.topic_defaults.clone();
        configs.extend(new.configs.clone());
        TopicConfig::parse(&configs)?;
        Ok(TopicRecord { first_log: self.next_log, partitions, configs })
    }

    pub(crate) fn delete_topic(&mut self, name: &str) -> Result<Ticket> {
        self.topic(name)?;
        let Some((name, topic)) = self.topics.get_key_value(name) else { return Ok(0) };
        let (name, record) = (name.clone(), topic.record.clone());
        if let Some(topic) = self.topics.get_mut(&name) {
            topic.deleting = true;
        }
        for log in record.logs() {
            self.wake_fetches(log);
        }
        Ok(self.record(Change::DeleteTopic { name, topic: record }))
    }

    pub(crate) fn topic_configs(&self, name: &str) -> Result<BTreeMap<String, String>> {
        Ok(effective(&self.topic(name)?.record.configs))
    }

    pub(crate) fn topic(&self, name: &str) -> Result<&Topic> {
        self.topics
            .get(name)
            .filter(|topic| !topic.deleting)
            .ok_or_else(|| BrokerError::new(Code::UnknownTopicOrPartition, format!("topic {name:?} does not exist")))
    }

    /// The log of a partition.
    pub(crate) fn log_id(&self, partition: &TopicPartition) -> Result<LogId> {
        let topic = self.topics.get(&partition.topic).filter(|topic| !topic.deleting);
        topic.and_then(|topic| topic.record.log(partition.partition)).ok_or_else(|| unknown_partition(partition))
    }

    pub(crate) fn log(&self, partition: &TopicPartition) -> Result<&Log> {
        let id = self.log_id(partition)?;
        self.logs.get(&id).ok_or_else(|| unknown_partition(partition))
    }

    /// The topic is in the store (or was loaded from it).
    pub(crate) fn topic_created(&mut self, name: Arc<str>, record: TopicRecord) {
        self.creating.remove(&name);
        // Checked when the topic was created; a later version may be stricter, and must still open the store.
        let Ok(config) = TopicConfig::parse(&record.configs).or_else(|_| TopicConfig::parse(&BTreeMap::new())) else {
            return;
        };
        for id in record.logs() {
            self.logs.insert(id, Log::new(id, 0));
            self.next_log = self.next_log.max(id + 1);
        }
        self.topics.insert(name, Topic { record, config, deleting: false });
    }

    /// The topic is gone from the store.
    pub(crate) fn topic_deleted(&mut self, name: &Arc<str>, record: &TopicRecord) {
        self.topics.remove(name);
        for id in record.logs() {
            if let Some(log) = self.logs.remove(&id) {
                self.cached_bytes -= log.cached_bytes();
                for watcher in log.watchers {
                    self.parking.complete(watcher, Completion::Fetch);
                }
            }
        }
        for group in self.groups.values_mut() {
            group.offsets.retain(|partition, _| partition.topic != *name);
        }
    }
}

/// Kafka's rules for topic names.
fn check_name(name: &str) -> Result<()> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let fault = match name {
        "" => "it is empty",
        "." | ".." => "it is a reserved name",
        _ if name.len() > 249 => "it has more than 249 characters",
        _ if !name.chars().all(legal) => "it has characters other than ASCII letters, digits, '.', '_' and '-'",
        _ => return Ok(()),
    };
    Err(BrokerError::new(Code::InvalidTopic, format!("topic name {name:?} is invalid: {fault}")))
}
