//! From fetched bytes to the records of a lot: convert, transform, give up what fails.

use std::collections::VecDeque;
use std::sync::Arc;

use connect_api::{Error, Result, SinkRecord, TopicPartition};
use connect_kafka::batch::{Cursor, FetchedRecord};
use connect_kafka::consumer::{FetchedBatch, FetchedBatches};
use futures::future::try_join_all;

use super::lot::{Lot, raw_record};
use crate::budget::Share;
use crate::chain::{Chain, Changed, TransformError};
use crate::convert::{ConvertError, Converters};
use crate::failures::{Failure, Failures, Origin, Stage};
use crate::health::Lane;
use crate::progress::TaskProgress;
use crate::spans;
use crate::worker::Uses;

/// Decodes what was fetched, a lot at a time.
pub(super) struct Decoder {
    pub(super) converters: Converters,
    pub(super) chain: Chain,
    pub(super) failures: Arc<Failures>,
    pub(super) progress: Arc<TaskProgress>,
    pub(super) max_records: usize,
    pub(super) seed: u64,
    pub(super) queue: VecDeque<Queued>,
    /// The origin of the last batch, so that records of a partition share one.
    pub(super) origins: Vec<Arc<TopicPartition>>,
    pub(super) uses: Uses,
}

/// A fetched batch, and how far it is decoded.
pub(super) struct Queued {
    batch: FetchedBatch,
    cursor: Cursor,
    share: Arc<Share>,
}

impl Decoder {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.queue.iter().map(|queued| queued.batch.batch.memory_len()).sum()
    }

    pub(super) fn add(&mut self, fetched: FetchedBatches, share: Share) {
        let share = Arc::new(share);
        let queued = fetched.batches.into_iter().map(|batch| Queued {
            cursor: Cursor::new(batch.batch.clone()),
            batch,
            share: Arc::clone(&share),
        });
        self.queue.extend(queued);
    }

    /// Forgets what is queued of a partition.
    pub(super) fn forget(&mut self, gone: impl Fn(&connect_kafka::TopicPartition) -> bool) {
        self.queue.retain(|queued| !gone(&queued.batch.partition));
    }

    fn origin(&mut self, partition: &connect_kafka::TopicPartition) -> Arc<TopicPartition> {
        let same =
            |known: &&Arc<TopicPartition>| known.partition == partition.partition && known.topic == partition.topic;
        if let Some(known) = self.origins.iter().find(same) {
            return Arc::clone(known);
        }
        let origin = Arc::new(TopicPartition::new(Arc::clone(&partition.topic), partition.partition));
        self.origins.push(Arc::clone(&origin));
        origin
    }

    /// The next lot: at most `max_records`, from one or more batches. Failed records have been given up.
    ///
    /// # Errors
    /// What the task must end with: a failure that is not tolerated, or a batch that cannot be read.
    pub(super) async fn next_lot(&mut self, epoch: u64) -> Result<Lot> {
        let mut lot = Lot { epoch, ..Lot::default() };
        let mut failed: Vec<Failure> = Vec::new();
        let mut read = 0;
        self.progress.lanes.enter(Lane::Way, "convert");
        while read < self.max_records {
            let Some(mut queued) = self.queue.pop_front() else { break };
            let origin = self.origin(&queued.batch.partition);
            lot.records.reserve((self.max_records - read).min(queued.batch.record_count()));
            let mut end = None;
            let mut exhausted = true;
            let mut oldest = None;
            loop {
                if read == self.max_records {
                    exhausted = false;
                    break;
                }
                let Some(raw) = queued.cursor.next() else { break };
                let raw = raw.map_err(|error| {
                    Error::fatal(format!(
                        "{origin}: the batch at offset {} cannot be read",
                        queued.batch.batch.base_offset()
                    ))
                    .with_source(error)
                })?;
                if raw.offset < queued.batch.from {
                    continue;
                }
                read += 1;
                end = Some(raw.offset + 1);
                oldest.get_or_insert(raw.timestamp);
                // The usual case stays out of any future: it is per record.
                let decoded = match self.converters.decode(&raw, &origin) {
                    Ok(record) => Ok(record),
                    Err(first) => self.decode_again(&raw, &origin, first).await,
                };
                match decoded {
                    Ok(record) => lot.records.push(record),
                    Err(error) => {
                        let tolerated = self.failures.options().tolerate;
                        failed.push(failure(error.stage, error.class, error.error, &origin, raw));
                        if !tolerated {
                            give_up(&self.failures, failed).await?;
                            return Err(Error::fatal("a record failed"));
                        }
                    }
                }
            }
            lot.raw.push(queued.batch.clone());
            lot.share.push(Arc::clone(&queued.share));
            if exhausted {
                // Past records that compaction took from the end of the batch.
                end = end.max(Some(queued.batch.batch.last_offset() + 1));
            } else {
                self.queue.push_front(queued);
            }
            if let Some(end) = end {
                self.uses.note(&origin.topic);
                let oldest = oldest.filter(|timestamp| *timestamp >= 0);
                let oldest = oldest.map(|timestamp| (Arc::clone(&origin), timestamp)).into_iter().collect();
                lot.append(Lot { ends: vec![(origin, end)], oldest, ..Lot::default() });
            }
        }
        self.progress.read.add(read as u64);
        self.progress.metrics.fetched(read);
        if !self.chain.is_empty() {
            self.progress.lanes.enter(Lane::Way, "transform");
        }
        self.transform(&mut lot, &mut failed).await?;
        if !failed.is_empty() {
            self.progress.lanes.enter(Lane::Way, "give up");
            give_up(&self.failures, failed).await?;
        }
        self.progress.lanes.clear(Lane::Way);
        Ok(lot)
    }

    /// Converts once more as `errors.retry.timeout` allows, after a first attempt failed.
    async fn decode_again(
        &self,
        raw: &FetchedRecord,
        origin: &Arc<TopicPartition>,
        first: ConvertError,
    ) -> Result<SinkRecord, ConvertError> {
        if !first.error.is_retriable() || self.failures.options().retry.is_none() {
            self.progress.failed(1);
            return Err(first);
        }
        let mut last = (first.stage, first.class);
        let mut first = Some(first.error);
        let attempt = || match first.take() {
            Some(error) => Err(error),
            None => self.converters.decode(raw, origin).map_err(|failed| {
                last = (failed.stage, failed.class);
                failed.error
            }),
        };
        let decoded = self.failures.retry(self.seed, attempt).await;
        decoded.map_err(|error| ConvertError { stage: last.0, class: last.1, error })
    }

    async fn transform(&self, lot: &mut Lot, failed: &mut Vec<Failure>) -> Result<()> {
        if self.chain.is_empty() || lot.records.is_empty() {
            return Ok(());
        }
        let changed = if self.failures.options().retry.is_none() {
            let span = spans::batch("transform", lot.records.len());
            match span.in_scope(|| self.chain.apply_batch(lot.records.iter_mut().map(|record| &mut record.record))) {
                None => return Ok(()),
                Some(changed) => changed,
            }
        } else {
            let mut changed = Vec::with_capacity(lot.records.len());
            for record in &mut lot.records {
                let original = record.record.clone();
                let retried = self.chain.apply_with_retries(&mut record.record, &original, &self.failures, self.seed);
                changed.push(retried.await);
            }
            changed
        };
        let records = std::mem::take(&mut lot.records);
        for (record, changed) in records.into_iter().zip(changed) {
            match changed {
                Changed::Kept => lot.records.push(record),
                Changed::Dropped => self.progress.dropped.add(1),
                Changed::Failed(TransformError { class, error }) => {
                    let origin = record.origin();
                    let raw = raw_record(&lot.raw, origin, record.offset()).ok_or_else(|| {
                        Error::fatal(format!("{origin}: the bytes of offset {} are gone", record.offset()))
                    })?;
                    failed.push(failure(Stage::Transformation, class, error, origin, raw));
                    if !self.failures.options().tolerate {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

fn failure(stage: Stage, class: Arc<str>, error: Error, origin: &TopicPartition, raw: FetchedRecord) -> Failure {
    let origin = Origin::Sink { topic: Arc::clone(&origin.topic), partition: origin.partition, raw };
    Failure { stage, class, error, origin }
}

/// Gives records up, together, so that dead letters share batches; the queue keeps their order.
async fn give_up(failures: &Failures, failed: Vec<Failure>) -> Result<()> {
    try_join_all(failed.into_iter().map(|failure| failures.give_up(failure))).await.map(drop)
}
