//! A whole topic, to its end and again.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::{sleep, timeout};

use crate::backoff::Backoff;
use crate::batch::FetchedRecord;
use crate::{Broker, BrokerError, Code, Isolation, OffsetSpec, TopicPartition};

use super::fetcher::Fetcher;
use super::{ConsumerError, FetchConfig, OffsetReset};

/// Reads all partitions of a topic from the beginning, for topics that are stores, such as Connect's offsets.
#[derive(Debug)]
pub struct LogReader {
    broker: Arc<dyn Broker>,
    topic: Arc<str>,
    isolation: Isolation,
    fetcher: Fetcher,
}

impl LogReader {
    /// A reader at the beginning of `topic`; nothing is asked of the broker yet.
    #[must_use]
    pub fn new(broker: Arc<dyn Broker>, topic: impl Into<Arc<str>>, isolation: Isolation) -> Self {
        let config =
            FetchConfig { isolation, offset_reset: OffsetReset::Earliest, ahead: false, ..FetchConfig::default() };
        Self { fetcher: Fetcher::new(broker.clone(), config), broker, topic: topic.into(), isolation }
    }

    /// Hands every record between the last call's end (at first: the beginning) and the end that the topic has
    /// now to `each`, with its partition. Returns at once when there is nothing new. Partitions added to the
    /// topic meanwhile are read from their beginning. Tombstones are records too.
    ///
    /// # Errors
    /// `UnknownTopicOrPartition` when the topic does not exist; else see [`ConsumerError`]. Passing trouble is
    /// waited out.
    ///
    /// # Cancellation
    /// No record is handed over twice or left out: the next call goes on.
    pub async fn read_to_end(&mut self, mut each: impl FnMut(FetchedRecord, i32) + Send) -> Result<(), ConsumerError> {
        let ends = self.ends().await?;
        self.fetcher.add(ends.keys().map(|partition| (partition.clone(), 0)));
        let behind = |fetcher: &Fetcher| {
            ends.iter().any(|(partition, end)| fetcher.position(partition).is_some_and(|position| position < *end))
        };
        while behind(&self.fetcher) {
            let batches = self.fetcher.step().await?;
            for batch in &batches.batches {
                for record in batch.records() {
                    let record = record.map_err(|error| ConsumerError::Batch {
                        partition: (*batch.partition).clone(),
                        offset: batch.from,
                        error,
                    })?;
                    each(record, batch.partition.partition);
                }
            }
        }
        Ok(())
    }

    /// The next offset of each partition.
    #[must_use]
    pub fn positions(&self) -> Vec<(TopicPartition, i64)> {
        self.fetcher.positions()
    }

    async fn ends(&self) -> Result<BTreeMap<TopicPartition, i64>, ConsumerError> {
        let config = self.fetcher.config();
        let mut backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
        loop {
            match timeout(config.request_timeout, self.ask_for_ends()).await {
                Ok(Ok(ends)) => return Ok(ends),
                Ok(Err((error, known))) if known && error.is_retriable() => {}
                Ok(Err((error, false))) if error.code != Code::UnknownTopicOrPartition && error.is_retriable() => {}
                Ok(Err((error, _))) => return Err(error.into()),
                Err(_) => {}
            }
            sleep(backoff.next()).await;
        }
    }

    /// The error comes with whether the topic is known to exist.
    async fn ask_for_ends(&self) -> Result<BTreeMap<TopicPartition, i64>, (BrokerError, bool)> {
        let found =
            self.broker.topics(Some(std::slice::from_ref(&self.topic))).await.map_err(|error| (error, false))?;
        let Some(topic) = found.first() else {
            let message = format!("topic {:?} does not exist", self.topic);
            return Err((BrokerError::new(Code::UnknownTopicOrPartition, message), false));
        };
        let wanted = (0..topic.partitions)
            .map(|partition| (TopicPartition::new(self.topic.clone(), partition), OffsetSpec::Latest(self.isolation)));
        let ends = self.broker.list_offsets(wanted.collect()).await.map_err(|error| (error, true))?;
        ends.into_iter().map(|(partition, end)| Ok((partition, end.map_err(|error| (error, true))?))).collect()
    }
}
