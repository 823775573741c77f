//! What is known of the cluster: brokers, topics, and who leads what.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::messages::MetadataResponse;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use tokio::time::Instant;

use super::answer::refusal;
use super::config::HostPort;
use crate::{BrokerError, Code, Result, TopicInfo, TopicPartition};

/// The cluster, as of the last answers.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) cluster_id: Option<String>,
    pub(super) controller: Option<i32>,
    pub(super) brokers: BTreeMap<i32, HostPort>,
    topics: BTreeMap<Arc<str>, Topic>,
}

#[derive(Debug)]
struct Topic {
    /// Unique among topics of the same name that were deleted and created again; 0 from old brokers.
    id: u128,
    partitions: BTreeMap<i32, Partition>,
    error: Option<BrokerError>,
    fetched: Instant,
    /// Something showed that this is out of date.
    stale: bool,
}

#[derive(Debug, Clone, Copy)]
struct Partition {
    leader: i32,
    epoch: i32,
}

/// Who leads a partition, and since which election.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leader {
    pub(super) node: i32,
    pub(super) epoch: i32,
}

impl Metadata {
    /// Takes an answer in.
    pub(super) fn update(&mut self, response: &MetadataResponse, now: Instant) {
        if let Some(id) = &response.cluster_id {
            self.cluster_id = Some(id.to_string());
        }
        self.controller = Some(response.controller_id.0).filter(|id| *id >= 0);
        let brokers = response.brokers.iter().filter_map(|broker| {
            let port = u16::try_from(broker.port).ok()?;
            Some((broker.node_id.0, HostPort { host: broker.host.to_string(), port }))
        });
        self.brokers = brokers.collect();
        for topic in &response.topics {
            let Some(name) = &topic.name else { continue };
            self.update_topic(Arc::from(&*name.0), topic, now);
        }
    }

    fn update_topic(&mut self, name: Arc<str>, topic: &MetadataResponseTopic, now: Instant) {
        let id = topic.topic_id.as_u128();
        let old = self.topics.get(&name).filter(|old| old.id == id && id != 0);
        let partitions = topic.partitions.iter().map(|partition| {
            let leader = Partition { leader: partition.leader_id.0, epoch: partition.leader_epoch };
            // A broker that lags behind does not undo what is known of a later election.
            let known = old.and_then(|old| old.partitions.get(&partition.partition_index));
            let leader = known.filter(|known| known.epoch > leader.epoch).copied().unwrap_or(leader);
            (partition.partition_index, leader)
        });
        let partitions = partitions.collect();
        let error = (topic.error_code != 0).then(|| refusal(topic.error_code, None, format_args!("topic {name:?}")));
        self.topics.insert(name, Topic { id, partitions, error, fetched: now, stale: false });
    }

    /// The next look at the topic's leaders asks the cluster.
    pub(super) fn invalidate(&mut self, topic: &str) {
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.stale = true;
        }
    }

    pub(super) fn forget(&mut self, topic: &str) {
        self.topics.remove(topic);
    }

    /// When the topic was looked up, if nothing speaks against what was found.
    pub(super) fn good_since(&self, partition: &TopicPartition) -> Option<Instant> {
        let topic = self.topics.get(&partition.topic).filter(|topic| !topic.stale && topic.error.is_none())?;
        let known = topic.partitions.get(&partition.partition)?;
        (known.leader >= 0).then_some(topic.fetched)
    }

    /// Whether the cluster was asked about the topic after this time, whatever it said.
    pub(super) fn looked_up_after(&self, topic: &str, time: Instant) -> bool {
        self.topics.get(topic).is_some_and(|topic| !topic.stale && topic.fetched >= time)
    }

    /// The topic's name when it was looked up longer than `limit` ago; then it counts as looked up now.
    pub(super) fn outlived(&mut self, topic: &Arc<str>, now: Instant, limit: std::time::Duration) -> Option<Arc<str>> {
        let known = self.topics.get_mut(topic)?;
        if now.saturating_duration_since(known.fetched) < limit {
            return None;
        }
        known.fetched = now;
        Some(topic.clone())
    }

    /// The topic's partitions, with or without a leader; `None` when the topic does not exist.
    pub(super) fn partitions(&self, name: &str) -> Option<Vec<TopicPartition>> {
        let (name, topic) = self.topics.get_key_value(name)?;
        let gone = topic.error.as_ref().is_some_and(|error| error.code == Code::UnknownTopicOrPartition);
        let partitions = topic.partitions.keys().map(|partition| TopicPartition::new(name.clone(), *partition));
        (!gone).then(|| partitions.collect())
    }

    pub(super) fn leader(&self, partition: &TopicPartition) -> Result<Leader> {
        let unknown =
            || BrokerError::new(Code::UnknownTopicOrPartition, format!("{partition} is not known in the cluster"));
        let topic = self.topics.get(&partition.topic).ok_or_else(unknown)?;
        if let Some(error) = &topic.error {
            return Err(error.clone());
        }
        let found = topic.partitions.get(&partition.partition).ok_or_else(unknown)?;
        if found.leader < 0 {
            let message = format!("{partition} has no leader at present");
            return Err(BrokerError::new(Code::LeaderNotAvailable, message));
        }
        Ok(Leader { node: found.leader, epoch: found.epoch })
    }
}

/// The topics of an answer that exist, sorted; Kafka's own only if they were asked for by name.
pub(super) fn infos(response: &MetadataResponse, all: bool) -> Result<Vec<TopicInfo>> {
    let mut infos = Vec::new();
    for topic in &response.topics {
        let Some(name) = &topic.name else { continue };
        match Code::from_number(topic.error_code) {
            _ if topic.error_code == 0 => {}
            Some(Code::UnknownTopicOrPartition | Code::InvalidTopic) => continue,
            // Exists, and has no leader yet.
            Some(Code::LeaderNotAvailable) if !topic.partitions.is_empty() => {}
            _ => return Err(refusal(topic.error_code, None, format_args!("looking up topic {:?}", &*name.0))),
        }
        if all && topic.is_internal {
            continue;
        }
        infos.push(TopicInfo {
            name: Arc::from(&*name.0),
            partitions: i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX),
        });
    }
    infos.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(infos)
}
