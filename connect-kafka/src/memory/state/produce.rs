//! Appending batches.

use super::change::{Change, Ticket};
use super::header::CheckedBatch;
use super::producers::Verdict;
use super::{BrokerState, Moment};
use crate::{BrokerError, Code, ProducerId, Result, TopicPartition};

/// Kafka's controller gives producer ids out in such blocks; only the block's end is stored.
const ID_BLOCK: i64 = 1000;

impl BrokerState {
    /// A producer id, and when it may be used.
    pub(crate) fn init_producer(&mut self) -> (ProducerId, Ticket) {
        let id = self.next_producer;
        self.next_producer += 1;
        let ticket = if id >= self.producer_block_end {
            self.producer_block_end = id + ID_BLOCK;
            self.record(Change::ProducerIds { next: self.producer_block_end })
        } else {
            self.journal.issued()
        };
        (ProducerId { id, epoch: 0 }, ticket)
    }

    /// Appends one batch: its base offset, and the ticket after which it is durable.
    pub(crate) fn append(
        &mut self,
        partition: &TopicPartition,
        batch: CheckedBatch,
        now: Moment,
    ) -> Result<(i64, Ticket)> {
        let limit = self.topic(&partition.topic)?.config.max_message_bytes;
        let id = self.log_id(partition)?;
        if batch.meta.is_transactional() {
            self.txns.check_write(batch.meta.producer, id)?;
        }
        let Some(log) = self.logs.get_mut(&id) else { return Err(super::unknown_partition(partition)) };
        if !batch.meta.is_transactional() && log.txns.is_open(batch.meta.producer.id) {
            let message = format!("a batch for {partition} that is not part of its producer's open transaction");
            return Err(BrokerError::new(Code::InvalidTxnState, message));
        }
        let size = batch.meta.size as usize;
        if size > limit {
            let message = format!("a batch of {size} bytes for {partition}, max.message.bytes is {limit}");
            return Err(BrokerError::new(Code::MessageTooLarge, message));
        }
        if let Verdict::Duplicate(base) = log.producers.check(&batch.meta)? {
            return Ok((base, log.last_append));
        }
        let (meta, data) = batch.at(log.next);
        log.append(&meta, data.clone(), now.wall_ms);
        self.cached_bytes += data.len();
        if let Some(order) = &mut self.cache_order {
            order.push_back(id);
        }
        let ticket = self.record(Change::Append { log: id, meta, data });
        if let Some(log) = self.logs.get_mut(&id) {
            log.last_append = ticket;
        }
        self.retain_bytes(partition);
        self.evict();
        Ok((meta.base, ticket))
    }

    /// Keeps the cached data of a durable broker within its budget.
    pub(crate) fn evict(&mut self) {
        let Some(order) = &mut self.cache_order else { return };
        while self.cached_bytes > self.limits.tail_cache_bytes {
            let Some(id) = order.front() else { return };
            let Some(log) = self.logs.get_mut(id).filter(|log| log.has_cache()) else {
                order.pop_front();
                continue;
            };
            let Some(freed) = log.evict_one() else { return };
            self.cached_bytes -= freed;
            order.pop_front();
        }
    }
}
