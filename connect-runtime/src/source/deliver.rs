//! The second half of a source: transforms, converts and produces what was polled, and keeps track of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use connect_api::{Error, Result, SourceRecord};
use connect_kafka::Code;
use connect_kafka::producer::{Ack, ProduceError, Producer};

use tokio::time::Instant;

use super::poller::Polled;
use super::topics::TopicMaker;
use super::tracker::{Pending, Tracker};
use crate::budget::Share;
use crate::chain::{Chain, Changed};
use crate::convert::{ConvertError, Converters, Encoded};
use crate::failures::{Failure, Failures, Origin, Stage};
use crate::health::Lane;
use crate::progress::TaskProgress;
use crate::spans;
use crate::worker::Uses;

/// Everything between the poller and the broker.
pub(super) struct Delivery {
    pub(super) chain: Chain,
    pub(super) converters: Converters,
    pub(super) producer: Producer,
    /// Makes topics before they are written to, if the connector says how.
    pub(super) topics: Option<TopicMaker>,
    pub(super) tracker: Tracker,
    pub(super) failures: Arc<Failures>,
    pub(super) progress: Arc<TaskProgress>,
    pub(super) encoded: Encoded,
    /// The records under way by ticket, for reports of failed sends; kept only when there is somebody to read them.
    pub(super) keep_sent: bool,
    pub(super) sent: BTreeMap<u64, SourceRecord>,
    /// Batches under way, each with the ticket before which all must be acknowledged.
    pub(super) held: VecDeque<Held>,
    pub(super) seed: u64,
    pub(super) uses: Uses,
}

/// A batch under way.
pub(super) struct Held {
    /// The ticket before which all must be acknowledged.
    until: u64,
    /// How many of its records were produced.
    produced: u64,
    /// When its poll began.
    at: Instant,
    /// Its share of the memory budget.
    _share: Option<Share>,
}

impl Delivery {
    /// Sends a batch on its way: each record is produced, dropped, or given up. Its share of the memory budget is given
    /// back when that has an end.
    ///
    /// # Errors
    /// What the task must end with. Records before the one that failed are on their way.
    pub(super) async fn batch(&mut self, polled: Polled) -> Result<()> {
        let Polled { records, share, at } = polled;
        let first = self.tracker.next_ticket();
        let progress = Arc::clone(&self.progress);
        progress.lanes.producing(|| progress.bytes.get(), self.send(records)).await?;
        let until = self.tracker.next_ticket();
        self.held.push_back(Held { until, produced: until - first, at, _share: share });
        self.progress.lanes.moved(Lane::Way);
        self.give_back();
        Ok(())
    }

    fn give_back(&mut self) {
        let acknowledged = self.tracker.first_ticket();
        while let Some(held) = self.held.pop_front_if(|held| held.until <= acknowledged) {
            self.progress.metrics.took(held.produced, held.at.elapsed());
        }
        let unfinished = self.tracker.unfinished();
        self.progress.metrics.active(i64::try_from(unfinished).unwrap_or(i64::MAX));
        if unfinished == 0 {
            self.progress.lanes.clear(Lane::Way);
        } else {
            self.progress.lanes.enter(Lane::Way, "produce");
        }
    }

    async fn send(&mut self, mut records: Vec<SourceRecord>) -> Result<()> {
        let lanes = Arc::clone(&self.progress);
        let lanes = &lanes.lanes;
        lanes.enter(Lane::Way, if self.chain.is_empty() { "convert" } else { "transform" });
        if self.chain.is_empty() {
            for record in &records {
                let pending = self.tracker.submit(record);
                self.produce(record, pending).await?;
            }
        } else if !self.needs_originals() {
            let span = spans::batch("transform", records.len());
            let changed = span.in_scope(|| self.chain.apply_batch(records.iter_mut().map(|record| &mut record.record)));
            lanes.enter(Lane::Way, "convert");
            match changed {
                None => {
                    for record in &records {
                        let pending = self.tracker.submit(record);
                        self.produce(record, pending).await?;
                    }
                }
                Some(changed) => {
                    for (record, changed) in records.iter().zip(changed) {
                        self.changed(record, None, changed).await?;
                    }
                }
            }
        } else {
            for record in &mut records {
                let original = record.record.clone();
                let changing = self.chain.apply_with_retries(&mut record.record, &original, &self.failures, self.seed);
                let changed = lanes.during("transform", changing).await;
                let original =
                    SourceRecord::new(original, Arc::clone(&record.source_partition), record.source_offset.clone());
                self.changed(record, Some(&original), changed).await?;
            }
        }
        self.producer.flush_batches();
        Ok(())
    }

    /// Retries, dead letters and the task's `commit` need the record as it was.
    fn needs_originals(&self) -> bool {
        let options = self.failures.options();
        !options.retry.is_none() || options.dead_letters.is_some() || self.tracker.keeps_records()
    }

    async fn changed(
        &mut self,
        record: &SourceRecord,
        original: Option<&SourceRecord>,
        changed: Changed,
    ) -> Result<()> {
        let pending = self.tracker.submit(original.unwrap_or(record));
        match changed {
            Changed::Kept => self.produce(record, pending).await,
            Changed::Dropped => {
                self.progress.dropped.add(1);
                self.tracker.ended(pending);
                Ok(())
            }
            Changed::Failed(failed) => {
                let origin = self.origin(original.unwrap_or(record));
                let failure =
                    Failure { stage: Stage::Transformation, class: failed.class, error: failed.error, origin };
                self.progress.lanes.during("give up", self.failures.give_up(failure)).await?;
                self.tracker.ended(pending);
                Ok(())
            }
        }
    }

    async fn produce(&mut self, record: &SourceRecord, pending: Pending) -> Result<()> {
        if let Err(first) = self.converters.encode(record, &mut self.encoded)
            && let Err(failed) = {
                let progress = Arc::clone(&self.progress);
                progress.lanes.during("convert", self.encode_again(record, first)).await
            }
        {
            let origin = self.origin(record);
            let ConvertError { stage, class, error } = failed;
            let given_up = self.failures.give_up(Failure { stage, class, error, origin });
            self.progress.lanes.during("give up", given_up).await?;
            self.tracker.ended(pending);
            return Ok(());
        }
        if let Some(topics) = &mut self.topics
            && !topics.knows(&record.topic)
        {
            self.progress.lanes.during("make topic", topics.ensure(&record.topic)).await?;
        }
        let encoded = &self.encoded;
        let appended = self.producer.append(
            &record.topic,
            record.partition,
            record.timestamp,
            encoded.key(),
            encoded.value(),
            encoded.headers(),
        );
        match appended.await {
            Ok(ticket) => {
                let bytes = self.encoded.key().map_or(0, <[u8]>::len) + self.encoded.value().map_or(0, <[u8]>::len);
                self.progress.bytes.add(bytes as u64);
                if self.keep_sent {
                    self.sent.insert(ticket, record.clone());
                }
                self.tracker.sent(pending, ticket);
                Ok(())
            }
            Err(error) => {
                let origin = self.origin(record);
                self.refused(error, origin).await?;
                self.tracker.ended(pending);
                Ok(())
            }
        }
    }

    /// Converts once more as `errors.retry.timeout` allows, after a first attempt failed.
    async fn encode_again(&mut self, record: &SourceRecord, first: ConvertError) -> Result<(), ConvertError> {
        if !first.error.is_retriable() || self.failures.options().retry.is_none() {
            self.progress.failed(1);
            return Err(first);
        }
        let mut last = (first.stage, Arc::clone(&first.class));
        let mut first = Some(first.error);
        let (converters, encoded) = (&self.converters, &mut self.encoded);
        let attempt = || match first.take() {
            Some(error) => Err(error),
            None => converters.encode(record, encoded).map_err(|failed| {
                last = (failed.stage, failed.class);
                failed.error
            }),
        };
        let result = self.failures.retry(self.seed, attempt).await;
        result.map_err(|error| ConvertError { stage: last.0, class: last.1, error })
    }

    /// Takes an answer of the broker.
    ///
    /// # Errors
    /// What the task must end with.
    pub(super) async fn answered(&mut self, ack: Ack) -> Result<()> {
        match ack.result {
            Ok(_) => {
                self.uses.note(&ack.partition.topic);
                self.progress.written.add(ack.tickets.len());
                self.progress.metrics.acknowledged(ack.tickets.len());
                for ticket in ack.tickets.iter() {
                    self.tracker.acknowledged(ticket);
                    if self.keep_sent {
                        self.sent.remove(&ticket);
                    }
                }
            }
            Err(error) => {
                for ticket in ack.tickets.iter() {
                    let origin = match self.sent.remove(&ticket) {
                        Some(record) => self.origin(&record),
                        None => Origin::Source {
                            topic: Arc::clone(&ack.partition.topic),
                            place: format!("a batch of {} records", ack.tickets.len()),
                            key: None,
                            value: None,
                        },
                    };
                    self.refused(error.clone(), origin).await?;
                    self.tracker.acknowledged(ticket);
                }
            }
        }
        self.progress.lanes.moved(Lane::Way);
        self.give_back();
        Ok(())
    }

    async fn refused(&self, error: ProduceError, origin: Origin) -> Result<()> {
        let class = "org.apache.kafka.connect.runtime.WorkerSourceTask".into();
        let unwritten = error.is_retriable();
        let no_topic = match &error {
            ProduceError::UnknownTopic { .. } => true,
            ProduceError::Metadata { error, .. } => error.code != Code::InvalidTopic,
            _ => false,
        };
        let error = Error::data(error.to_string()).with_class("org.apache.kafka.common.KafkaException");
        if unwritten {
            // The broker was away for the whole delivery timeout: that is no fault of the record.
            return Err(Error::retriable(format!("{} was not produced", origin.place())).with_source(error));
        }
        if no_topic {
            // Nor is that one: whatever comes for the topic would fail as well.
            return Err(Error::fatal(format!("{} has nowhere to go", origin.place())).with_source(error));
        }
        self.failures.give_up(Failure { stage: Stage::KafkaProduce, class, error, origin }).await
    }

    /// A record as reports show it: its bytes where its converters can make them, its text where not.
    fn origin(&self, record: &SourceRecord) -> Origin {
        let mut encoded = Encoded::default();
        let (key, value) = if self.converters.encode(record, &mut encoded).is_ok() {
            (encoded.key().map(Bytes::copy_from_slice), encoded.value().map(Bytes::copy_from_slice))
        } else {
            let text = |datum: &connect_api::Datum| (!datum.is_null()).then(|| Bytes::from(datum.value.to_string()));
            (text(&record.key), text(&record.value))
        };
        let place = format!("{} at {}", record.source_partition, record.source_offset);
        Origin::Source { topic: Arc::clone(&record.topic), place, key, value }
    }
}
