//! Dropping old data: by size at each append, by age now and then, by request.

use std::time::Duration;

use super::change::{Change, LogId};
use super::log::Entry;
use super::{BrokerState, Moment};
use crate::{BrokerError, Code, Result, TopicPartition};

/// `log.retention.check.interval.ms`
pub(crate) const AGE_CHECK_INTERVAL: Duration = Duration::from_mins(5);

impl BrokerState {
    /// Drops the oldest batches as long as `retention.bytes` remain without them.
    pub(crate) fn retain_bytes(&mut self, partition: &TopicPartition) {
        let Ok(topic) = self.topic(&partition.topic) else { return };
        let Ok(keep) = u64::try_from(topic.config.retention_bytes) else { return };
        if !topic.config.delete {
            return;
        }
        let Ok(log) = self.log(partition) else { return };
        let mut left = log.bytes;
        let mut start = log.start;
        for entry in log.entries() {
            let size = u64::from(entry.size);
            if left - size < keep || entry.end() > log.high {
                break;
            }
            left -= size;
            start = entry.end();
        }
        let id = log.id;
        self.move_start(id, start);
    }

    /// Drops batches older than `retention.ms`, if the last such check is five minutes old.
    pub(crate) fn retain_ages_sometimes(&mut self, now: Moment) {
        if now.since_start >= self.next_age_check {
            self.next_age_check = now.since_start + AGE_CHECK_INTERVAL;
            self.retain_ages(now);
        }
    }

    /// Drops batches older than `retention.ms`, and producers not heard of for a day.
    pub(crate) fn retain_ages(&mut self, now: Moment) {
        let mut starts = Vec::new();
        for topic in self.topics.values().filter(|topic| topic.config.delete && topic.config.retention_ms >= 0) {
            let oldest = now.wall_ms.saturating_sub(topic.config.retention_ms);
            for log in topic.record.logs().filter_map(|id| self.logs.get(&id)) {
                // A batch without timestamps has no age.
                let is_old = |entry: &Entry| (0..oldest).contains(&entry.max_timestamp) && entry.end() <= log.high;
                let old = log.entries().take_while(|entry| is_old(entry));
                starts.extend(old.last().map(|entry| (log.id, entry.end())));
            }
        }
        for (log, start) in starts {
            self.move_start(log, start);
        }
        for log in self.logs.values_mut() {
            log.producers.expire(now.wall_ms);
        }
    }

    /// Kafka's DeleteRecords: the log starts at `offset` afterwards.
    pub(crate) fn truncate_before(&mut self, partition: &TopicPartition, offset: i64) -> Result<()> {
        let log = self.log(partition)?;
        if offset > log.high {
            let message = format!("cannot delete below {offset} of {partition}: it ends at {}", log.high);
            return Err(BrokerError::new(Code::OffsetOutOfRange, message));
        }
        let id = log.id;
        self.move_start(id, offset);
        Ok(())
    }

    fn move_start(&mut self, id: LogId, offset: i64) {
        let Some(log) = self.logs.get_mut(&id).filter(|log| log.start < offset) else { return };
        let gone = log.entries().take_while(|entry| entry.end() <= offset).map(|entry| entry.base).collect();
        let freed = log.start_at(offset);
        self.cached_bytes -= freed;
        self.record(Change::Start { log: id, offset, gone });
        self.wake_fetches(id);
    }
}
