//! What tests and hosts do to an embedded broker besides calling it.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::EmbeddedBroker;
use super::faults::{Api, Fault};
use super::state::group::GroupDescription;
use super::state::log::Piece;
use super::state::{Compaction, Rewritten};
use crate::{Code, NewTopic, Result, TopicPartition};

impl EmbeddedBroker {
    /// Offset after the partition's last visible record.
    ///
    /// # Errors
    /// `UnknownTopicOrPartition`.
    pub fn log_end(&self, partition: &TopicPartition) -> Result<i64> {
        self.inner.call(|shared, _| shared.state.log(partition).map(|log| log.high))
    }

    /// First offset of the partition.
    ///
    /// # Errors
    /// `UnknownTopicOrPartition`.
    pub fn log_start(&self, partition: &TopicPartition) -> Result<i64> {
        self.inner.call(|shared, _| shared.state.log(partition).map(|log| log.start))
    }

    /// Every visible batch of the partition, whole and in offset order.
    ///
    /// # Errors
    /// `UnknownTopicOrPartition`; `StorageError` of a durable broker.
    pub async fn batches(&self, partition: &TopicPartition) -> Result<Vec<Bytes>> {
        let pieces = self.inner.call(|shared, _| {
            let log = shared.state.log(partition)?;
            let visible = log.entries().take_while(|entry| entry.end() <= log.high).count();
            Ok((0..visible).filter_map(|index| log.piece(index)).collect())
        })?;
        self.read_pieces(pieces).await
    }

    /// Every committed offset of a group, sorted by partition; empty for a group that does not exist.
    #[must_use]
    pub fn committed(&self, group: &str) -> Vec<(TopicPartition, i64)> {
        self.inner.with(|shared, _| shared.state.committed_offsets(group, None))
    }

    /// Whether an open transaction is about to commit an offset of this partition for the group.
    #[must_use]
    pub fn has_pending_offset(&self, group: &str, partition: &TopicPartition) -> bool {
        self.inner.with(|shared, _| shared.state.has_pending_offset(group, partition))
    }

    /// What the group is like; `None` when it does not exist.
    pub(crate) fn describe_group(&self, group: &str) -> Option<GroupDescription> {
        self.inner.with(|shared, now| shared.state.describe_group(group, now))
    }

    /// The configs that were set when the topic was made, defaults aside.
    pub(crate) fn set_configs(&self, topic: &str) -> Result<BTreeMap<String, String>> {
        self.inner.call(|shared, _| Ok(shared.state.topic(topic)?.record.configs.clone()))
    }

    /// Whether this topic could be made now.
    pub(crate) fn check_topic(&self, topic: &NewTopic) -> Result<()> {
        self.inner.call(|shared, _| shared.state.checked_topic(topic).map(|_| ()))
    }

    /// Ids of the group's members, sorted.
    #[must_use]
    pub fn members(&self, group: &str) -> Vec<String> {
        self.inner.with(|shared, now| shared.state.group_members(group, now))
    }

    /// Ends a member's session, as if it had sent no heartbeat for too long.
    ///
    /// # Errors
    /// `GroupIdNotFound`, `UnknownMemberId`.
    pub fn expire_member(&self, group: &str, member_id: &str) -> Result<()> {
        self.inner.call(|shared, now| shared.state.expire_member(group, member_id, now))
    }

    /// Makes a group's members join again.
    ///
    /// # Errors
    /// `GroupIdNotFound`.
    pub fn rebalance(&self, group: &str) -> Result<()> {
        self.inner.call(|shared, now| shared.state.force_rebalance(group, now))
    }

    /// Moves the partition to another node: the next produce, fetch and offset lookup of it each answer
    /// `NotLeaderOrFollower` once.
    pub fn move_leader(&self, partition: &TopicPartition) {
        for api in [Api::Produce, Api::Fetch, Api::ListOffsets] {
            self.faults().inject(Fault::fail(api, Code::NotLeaderOrFollower).partition(partition).times(1));
        }
    }

    /// Moves the group to another node: the next call of each kind about it answers `NotCoordinator` once.
    pub fn move_coordinator(&self, group: &str) {
        for api in
            [Api::JoinGroup, Api::SyncGroup, Api::Heartbeat, Api::LeaveGroup, Api::CommitOffsets, Api::CommittedOffsets]
        {
            self.faults().inject(Fault::fail(api, Code::NotCoordinator).group(group).times(1));
        }
    }

    /// Deletes the partition's records below `offset` (Kafka's DeleteRecords).
    ///
    /// # Errors
    /// `UnknownTopicOrPartition`; `OffsetOutOfRange` beyond the high watermark.
    pub fn truncate_before(&self, partition: &TopicPartition, offset: i64) -> Result<()> {
        self.inner.call(|shared, _| shared.state.truncate_before(partition, offset))
    }

    /// Drops batches older than their topic's `retention.ms` now, instead of within five minutes.
    /// `retention.bytes` holds at every append.
    pub fn enforce_retention(&self) {
        self.inner.with(|shared, now| shared.state.retain_ages(now));
    }

    /// Compacts every partition of the topic now, whatever its `cleanup.policy`: of the visible records of a key
    /// the newest stays. Offsets remain; a partition's last batch may remain without records. Compressed batches
    /// are left as they are.
    ///
    /// # Errors
    /// `UnknownTopicOrPartition`; `StorageError` of a durable broker.
    pub async fn compact(&self, topic: &str) -> Result<()> {
        let partitions = self.inner.call(|shared, _| {
            let topic = (topic, shared.state.topic(topic)?.record.partitions);
            Ok((0..topic.1).map(|partition| TopicPartition::new(topic.0, partition)).collect::<Vec<_>>())
        })?;
        for partition in partitions {
            let this = self.clone();
            self.off_thread(move || this.inner.compact_partition(&partition)).await?;
        }
        let ack = self.inner.call(|shared, _| {
            let last = shared.state.journal().issued();
            Ok(shared.ack(last))
        })?;
        super::shared::durable(ack).await
    }

    /// Waits until what was asked for so far is on disk, and closes a durable broker: its directory can be
    /// opened again, and every later call on any handle answers `NetworkException`.
    pub async fn close(&self) {
        let ack = {
            let mut shared = self.inner.lock();
            shared.closed = true;
            let last = shared.state.journal().issued();
            shared.ack(last)
        };
        // A disk that refuses now refused the calls concerned as well.
        let _ = super::shared::durable(ack).await;
        let this = self.clone();
        let closed = self.off_thread(move || {
            if let Some(store) = &this.inner.store {
                store.close();
            }
            Ok(())
        });
        let _ = closed.await;
    }

    pub(super) async fn read_piece(&self, piece: Piece) -> Result<Option<Bytes>> {
        Ok(self.read_pieces(vec![piece]).await?.pop())
    }

    /// Reads what is not at hand. A batch that fell to retention or compaction meanwhile is left out.
    pub(super) async fn read_pieces(&self, pieces: Vec<Piece>) -> Result<Vec<Bytes>> {
        let inner = self.inner.clone();
        if pieces.iter().any(|piece| matches!(piece, Piece::Stored { .. })) {
            return self.off_thread(move || inner.read(pieces)).await;
        }
        inner.read(pieces)
    }

    /// Runs something that may block; on this thread if the broker has no store.
    async fn off_thread<T: Send + 'static>(&self, act: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        if self.inner.store.is_none() {
            return act();
        }
        tokio::task::spawn_blocking(act).await.unwrap_or_else(|panicked| {
            Err(crate::BrokerError::new(Code::StorageError, format!("the store's thread ended: {panicked}")))
        })
    }
}

impl super::shared::Inner {
    fn read(&self, pieces: Vec<Piece>) -> Result<Vec<Bytes>> {
        let mut batches = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match (piece, &self.store) {
                (Piece::Data(data), _) => batches.push(data),
                (Piece::Stored { log, base }, Some(store)) => batches.extend(store.read(log, base)?),
                // Without a store everything is at hand.
                (Piece::Stored { .. }, None) => {}
            }
        }
        Ok(batches)
    }

    /// Compacts one partition. Blocks on a durable broker.
    pub(super) fn compact_partition(self: &std::sync::Arc<Self>, partition: &TopicPartition) -> Result<()> {
        let (mut compaction, batches): (Compaction, _) =
            self.call(|shared, now| shared.state.start_compaction(partition, now))?;
        for (piece, _) in &batches {
            for batch in self.read(vec![piece.clone()])? {
                compaction.see(&batch);
            }
        }
        for (piece, keep_header) in batches {
            for batch in self.read(vec![piece])? {
                let rewritten = compaction.rewrite(&batch, keep_header);
                if rewritten != Rewritten::Same {
                    self.call(|shared, _| {
                        shared.state.rewrite(compaction.log, &batch, rewritten);
                        Ok(())
                    })?;
                }
            }
        }
        Ok(())
    }
}
