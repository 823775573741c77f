//! What members of a `consumer` group tell each other, in Kafka's encoding, so that Java members understand it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use crate::group::{Input, put_string};
use crate::{BrokerError, Code, TopicPartition};

/// Kafka's `ConsumerProtocolSubscription`: written as version 3, read in any version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionMetadata {
    /// Topics wanted.
    pub topics: BTreeSet<Arc<str>>,
    /// Partitions that the member still has; empty when all are revoked before a rebalance.
    pub owned: Vec<TopicPartition>,
    /// The generation in which it got them; -1 for none.
    pub generation: i32,
    /// Where the member is; none when it does not say.
    pub rack: Option<String>,
}

impl Default for SubscriptionMetadata {
    fn default() -> Self {
        Self { topics: BTreeSet::new(), owned: Vec::new(), generation: -1, rack: None }
    }
}

/// Kafka's `ConsumerProtocolAssignment`: written as version 3, read in any version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    /// Partitions of the member.
    pub partitions: Vec<TopicPartition>,
}

impl SubscriptionMetadata {
    /// The bytes for JoinGroup.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::new();
        out.put_i16(3);
        out.put_i32(self.topics.len() as i32);
        self.topics.iter().for_each(|topic| put_string(&mut out, topic));
        // Clients before version 2 look for the generation among the assignor's data.
        match self.generation {
            -1 => out.put_i32(-1),
            generation => {
                out.put_i32(4);
                out.put_i32(generation);
            }
        }
        put_partitions(&mut out, &self.owned);
        out.put_i32(self.generation);
        match &self.rack {
            None => out.put_i16(-1),
            Some(rack) => put_string(&mut out, rack),
        }
        out.freeze()
    }

    /// Reads a member's bytes.
    ///
    /// # Errors
    /// `InvalidRequest` when they are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, BrokerError> {
        let mut input = Input(bytes);
        let read = |input: &mut Input<'_>| {
            let version = input.i16()?;
            let topics = (0..input.i32()?).map(|_| input.string()).collect::<Option<_>>()?;
            let data = input.bytes()?;
            let owned = if version >= 1 { partitions(input)? } else { Vec::new() };
            let generation = match version {
                2.. => input.i32()?,
                _ => data.try_into().map_or(-1, i32::from_be_bytes),
            };
            let rack = if version >= 3 { input.nullable_string()? } else { None };
            Some(Self { topics, owned, generation, rack: rack.map(|rack| rack.to_string()) })
        };
        read(&mut input).ok_or_else(|| BrokerError::new(Code::InvalidRequest, "malformed consumer subscription"))
    }
}

impl Assignment {
    /// The bytes for SyncGroup.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::new();
        out.put_i16(3);
        put_partitions(&mut out, &self.partitions);
        out.put_i32(-1); // no user data
        out.freeze()
    }

    /// Reads a leader's bytes; no bytes are no partitions.
    ///
    /// # Errors
    /// `InvalidRequest` when they are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, BrokerError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut input = Input(bytes);
        let partitions = input.i16().and_then(|_version| partitions(&mut input));
        let malformed = || BrokerError::new(Code::InvalidRequest, "malformed consumer assignment");
        partitions.map(|partitions| Self { partitions }).ok_or_else(malformed)
    }
}

fn put_partitions(out: &mut BytesMut, partitions: &[TopicPartition]) {
    let mut by_topic: BTreeMap<&Arc<str>, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        by_topic.entry(&partition.topic).or_default().push(partition.partition);
    }
    out.put_i32(by_topic.len() as i32);
    for (topic, numbers) in by_topic {
        put_string(out, topic);
        out.put_i32(numbers.len() as i32);
        numbers.into_iter().for_each(|number| out.put_i32(number));
    }
}

fn partitions(input: &mut Input<'_>) -> Option<Vec<TopicPartition>> {
    let mut all = Vec::new();
    for _ in 0..input.i32()? {
        let topic = input.string()?;
        for _ in 0..input.i32()? {
            all.push(TopicPartition { topic: topic.clone(), partition: input.i32()? });
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests;
