//! What members of a `consumer` group tell each other, in Kafka's encoding, so that Java members understand it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use crate::{BrokerError, Code, TopicPartition};

/// Kafka's `ConsumerProtocolSubscription`: written as version 1, read in any version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionMetadata {
    /// Topics wanted.
    pub topics: BTreeSet<Arc<str>>,
    /// Partitions that the member still has; empty here, since all are revoked before a rebalance.
    pub owned: Vec<TopicPartition>,
}

/// Kafka's `ConsumerProtocolAssignment`: written as version 1, read in any version.
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
        out.put_i16(1);
        out.put_i32(self.topics.len() as i32);
        self.topics.iter().for_each(|topic| put_string(&mut out, topic));
        out.put_i32(-1); // no user data
        put_partitions(&mut out, &self.owned);
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
            input.skip_bytes()?;
            let owned = if version >= 1 { input.partitions()? } else { Vec::new() };
            Some(Self { topics, owned })
        };
        read(&mut input).ok_or_else(|| BrokerError::new(Code::InvalidRequest, "malformed consumer subscription"))
    }
}

impl Assignment {
    /// The bytes for SyncGroup.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::new();
        out.put_i16(1);
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
        let partitions = input.i16().and_then(|_version| input.partitions());
        let malformed = || BrokerError::new(Code::InvalidRequest, "malformed consumer assignment");
        partitions.map(|partitions| Self { partitions }).ok_or_else(malformed)
    }
}

fn put_string(out: &mut BytesMut, value: &str) {
    // Topic names have at most 249 bytes.
    out.put_i16(value.len() as i16);
    out.put_slice(value.as_bytes());
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

/// Reads off the front; `None` when the bytes end. Allocates no more than the bytes account for.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<Arc<str>> {
        let length = usize::try_from(self.i16()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok().map(Into::into)
    }

    fn skip_bytes(&mut self) -> Option<()> {
        let length = self.i32()?;
        self.take(usize::try_from(length.max(0)).ok()?).map(drop)
    }

    fn partitions(&mut self) -> Option<Vec<TopicPartition>> {
        let mut all = Vec::new();
        for _ in 0..self.i32()? {
            let topic = self.string()?;
            for _ in 0..self.i32()? {
                all.push(TopicPartition { topic: topic.clone(), partition: self.i32()? });
            }
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_bytes() {
        let subscription = SubscriptionMetadata { topics: [Arc::from("ab")].into(), owned: Vec::new() };
        let bytes = b"\0\x01\0\0\0\x01\0\x02ab\xff\xff\xff\xff\0\0\0\0";
        assert_eq!(&subscription.encode()[..], bytes);
        assert_eq!(SubscriptionMetadata::decode(bytes).unwrap(), subscription);
        // Version 0, and version 3 with generation and rack behind what is read here.
        assert_eq!(SubscriptionMetadata::decode(b"\0\0\0\0\0\x01\0\x02ab\0\0\0\x01x").unwrap(), subscription);
        let third = b"\0\x03\0\0\0\x01\0\x02ab\xff\xff\xff\xff\0\0\0\0\0\0\0\x07\xff\xff";
        assert_eq!(SubscriptionMetadata::decode(third).unwrap(), subscription);

        let assignment = Assignment { partitions: vec![TopicPartition::new("t", 0), TopicPartition::new("t", 2)] };
        let bytes = b"\0\x01\0\0\0\x01\0\x01t\0\0\0\x02\0\0\0\0\0\0\0\x02\xff\xff\xff\xff";
        assert_eq!(&assignment.encode()[..], bytes);
        assert_eq!(Assignment::decode(bytes).unwrap(), assignment);
        assert_eq!(Assignment::decode(b"").unwrap(), Assignment::default());
        assert!(Assignment::decode(&bytes[..20]).is_err());
    }

    proptest! {
        #[test]
        fn hostile_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = SubscriptionMetadata::decode(&bytes);
            let _ = Assignment::decode(&bytes);
        }
    }
}
