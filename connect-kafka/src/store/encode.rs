//! Keys and values of the store. Numbers are big-endian, so that keys sort as the numbers do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::memory::state::change::{LogId, TopicRecord};
use crate::memory::state::txn::{TxnRecord, TxnState};
use crate::{ProducerId, TopicPartition};

/// First byte of a key in the keyspace of everything but batches.
pub(super) const TOPIC: u8 = b't';
pub(super) const START: u8 = b's';
pub(super) const HEADER: u8 = b'h';
pub(super) const OFFSET: u8 = b'o';
pub(super) const TXN: u8 = b'x';
pub(super) const CLUSTER_ID: &[u8] = b"c";
pub(super) const NEXT_PRODUCER: &[u8] = b"p";
pub(super) const NEXT_LOG: &[u8] = b"l";

pub(super) fn topic_key(name: &str) -> Vec<u8> {
    [&[TOPIC], name.as_bytes()].concat()
}

pub(super) fn start_key(log: LogId) -> Vec<u8> {
    [&[START], &log.to_be_bytes()[..]].concat()
}

/// Key of a batch's data. Offsets are never negative.
pub(super) fn batch_key(log: LogId, base: i64) -> Vec<u8> {
    [&log.to_be_bytes()[..], &base.to_be_bytes()].concat()
}

/// Key of a batch's header.
pub(super) fn header_key(log: LogId, base: i64) -> Vec<u8> {
    [&[HEADER][..], &log.to_be_bytes(), &base.to_be_bytes()].concat()
}

/// Prefix of the headers of a log.
pub(super) fn headers_of(log: LogId) -> Vec<u8> {
    [&[HEADER][..], &log.to_be_bytes()].concat()
}

pub(super) fn header_key_parts(key: &[u8]) -> Option<(LogId, i64)> {
    let mut rest = key.strip_prefix(&[HEADER])?;
    Some((u32::from_be_bytes(take(&mut rest)?), i64::from_be_bytes(take(&mut rest)?)))
}

pub(super) fn start_key_log(key: &[u8]) -> Option<LogId> {
    take(&mut key.strip_prefix(&[START])?).map(u32::from_be_bytes)
}

/// Prefix of the offsets of a group.
pub(super) fn offsets_of(group: &str) -> Vec<u8> {
    let mut key = vec![OFFSET];
    put_text(&mut key, group);
    key
}

pub(super) fn offset_key(group: &str, partition: &TopicPartition) -> Vec<u8> {
    let mut key = offsets_of(group);
    put_text(&mut key, &partition.topic);
    key.extend(partition.partition.to_be_bytes());
    key
}

pub(super) fn offset_key_parts(key: &[u8]) -> Option<(Arc<str>, TopicPartition)> {
    let mut rest = key.strip_prefix(&[OFFSET])?;
    let group = take_text(&mut rest)?;
    let topic = take_text(&mut rest)?;
    Some((group.into(), TopicPartition::new(topic, i32::from_be_bytes(take(&mut rest)?))))
}

pub(super) fn number(value: &[u8]) -> Option<i64> {
    take(&mut &*value).map(i64::from_be_bytes)
}

pub(super) fn topic_value(topic: &TopicRecord) -> Vec<u8> {
    let mut value = Vec::new();
    value.extend(topic.first_log.to_be_bytes());
    value.extend(topic.partitions.to_be_bytes());
    for (name, config) in &topic.configs {
        put_text(&mut value, name);
        put_text(&mut value, config);
    }
    value
}

pub(super) fn topic_parts(key: &[u8], mut value: &[u8]) -> Option<(Arc<str>, TopicRecord)> {
    let name = std::str::from_utf8(key.strip_prefix(&[TOPIC])?).ok()?;
    let first_log = u32::from_be_bytes(take(&mut value)?);
    let partitions = i32::from_be_bytes(take(&mut value)?);
    let mut configs = BTreeMap::new();
    while !value.is_empty() {
        configs.insert(take_text(&mut value)?, take_text(&mut value)?);
    }
    Some((name.into(), TopicRecord { first_log, partitions, configs }))
}

pub(super) fn txn_key(id: &str) -> Vec<u8> {
    [&[TXN], id.as_bytes()].concat()
}

pub(super) fn txn_value(record: &TxnRecord) -> Vec<u8> {
    let mut value = vec![match record.state {
        TxnState::Empty => 0,
        TxnState::Ongoing => 1,
        TxnState::Committed => 2,
        TxnState::Aborted => 3,
    }];
    for producer in [record.producer, record.before.unwrap_or(ProducerId::NONE)] {
        value.extend(producer.id.to_be_bytes());
        value.extend(producer.epoch.to_be_bytes());
    }
    value.extend(u64::try_from(record.timeout.as_millis()).unwrap_or(u64::MAX).to_be_bytes());
    value.extend(u32::try_from(record.logs.len()).unwrap_or(u32::MAX).to_be_bytes());
    record.logs.iter().for_each(|log| value.extend(log.to_be_bytes()));
    for (group, offsets) in &record.groups {
        put_text(&mut value, group);
        value.extend(u32::try_from(offsets.len()).unwrap_or(u32::MAX).to_be_bytes());
        for (partition, offset) in offsets {
            put_text(&mut value, &partition.topic);
            value.extend(partition.partition.to_be_bytes());
            value.extend(offset.to_be_bytes());
        }
    }
    value
}

pub(super) fn txn_parts(key: &[u8], mut value: &[u8]) -> Option<(Arc<str>, TxnRecord)> {
    let id = std::str::from_utf8(key.strip_prefix(&[TXN])?).ok()?;
    let value = &mut value;
    let state = match take::<1>(value)? {
        [0] => TxnState::Empty,
        [1] => TxnState::Ongoing,
        [2] => TxnState::Committed,
        [3] => TxnState::Aborted,
        _ => return None,
    };
    let (producer, before) = (take_producer(value)?, take_producer(value)?);
    let timeout = Duration::from_millis(u64::from_be_bytes(take(value)?));
    let mut logs = BTreeSet::new();
    for _ in 0..u32::from_be_bytes(take(value)?) {
        logs.insert(u32::from_be_bytes(take(value)?));
    }
    let mut groups = BTreeMap::new();
    while !value.is_empty() {
        let group = take_text(value)?;
        let mut offsets = BTreeMap::new();
        for _ in 0..u32::from_be_bytes(take(value)?) {
            let topic = take_text(value)?;
            let partition = TopicPartition::new(topic, i32::from_be_bytes(take(value)?));
            offsets.insert(partition, i64::from_be_bytes(take(value)?));
        }
        groups.insert(group.into(), offsets);
    }
    let before = (before != ProducerId::NONE).then_some(before);
    Some((id.into(), TxnRecord { producer, before, timeout, state, logs, groups }))
}

fn take_producer(from: &mut &[u8]) -> Option<ProducerId> {
    Some(ProducerId { id: i64::from_be_bytes(take(from)?), epoch: i16::from_be_bytes(take(from)?) })
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    to.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    to.extend(text.as_bytes());
}

fn take_text(from: &mut &[u8]) -> Option<String> {
    let length = u32::from_be_bytes(take(from)?);
    let (text, rest) = from.split_at_checked(usize::try_from(length).ok()?)?;
    *from = rest;
    String::from_utf8(text.to_vec()).ok()
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*head)
}
