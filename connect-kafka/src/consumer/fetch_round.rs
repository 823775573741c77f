//! One fetch: the request, its decoding, and new positions where the old ones are out of range.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::{sleep, timeout};

use crate::backoff::Backoff;
use crate::batch::{Batch, Batches};
use crate::{
    Broker, BrokerError, Code, FetchPartition, FetchRequest, FetchedData, Isolation, OffsetSpec, TopicPartition,
};

use super::{ConsumerError, FetchConfig, OffsetReset};

/// What became of one partition.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) partition: TopicPartition,
    /// The position that was asked for.
    pub(super) asked: i64,
    pub(super) result: Result<Read, ConsumerError>,
}

/// What was read of one partition.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) batches: Vec<Batch>,
    /// Where to go on: past everything looked at, shown to the user or not.
    pub(super) next: i64,
    pub(super) high_watermark: Option<i64>,
}

/// Fetches until the broker answers. Partitions with passing trouble are absent from the outcome.
pub(super) async fn fetch_round(
    broker: Arc<dyn Broker>,
    config: Arc<FetchConfig>,
    wanted: Vec<(TopicPartition, i64)>,
) -> Vec<Outcome> {
    let mut backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
    let fetched = loop {
        let partitions = wanted.iter().map(|(partition, offset)| FetchPartition {
            partition: partition.clone(),
            offset: *offset,
            max_bytes: config.partition_max_bytes,
        });
        let request = FetchRequest {
            partitions: partitions.collect(),
            min_bytes: config.min_bytes,
            max_wait: config.max_wait,
            max_bytes: config.max_bytes,
            isolation: config.isolation,
        };
        match timeout(config.max_wait + config.request_timeout, broker.fetch(request)).await {
            Ok(Ok(fetched)) => break fetched,
            Ok(Err(error)) if !error.is_retriable() => return all_failed(&wanted, &error),
            Ok(Err(_)) | Err(_) => sleep(backoff.next()).await,
        }
    };

    let asked: BTreeMap<&TopicPartition, i64> = wanted.iter().map(|(partition, offset)| (partition, *offset)).collect();
    let (mut outcomes, mut out_of_range, mut trouble) = (Vec::new(), Vec::new(), false);
    for answer in fetched {
        let Some(&offset) = asked.get(&answer.partition) else { continue };
        let result = match answer.result {
            Ok(data) => decode(&answer.partition, offset, data, &config),
            Err(error) if error.code == Code::OffsetOutOfRange => {
                out_of_range.push((answer.partition, offset));
                continue;
            }
            Err(error) if error.is_retriable() => {
                tracing::debug!(partition = %answer.partition, %error, "fetch will be repeated");
                trouble = true;
                continue;
            }
            Err(error) => Err(error.into()),
        };
        outcomes.push(Outcome { partition: answer.partition, asked: offset, result });
    }
    if !out_of_range.is_empty() {
        outcomes.extend(reset(&*broker, &config, out_of_range).await);
    }
    if trouble && outcomes.iter().all(|outcome| outcome.result.as_ref().is_ok_and(|read| read.batches.is_empty())) {
        // The broker did not wait for data, so this does.
        sleep(backoff.next()).await;
    }
    outcomes
}

fn all_failed(wanted: &[(TopicPartition, i64)], error: &BrokerError) -> Vec<Outcome> {
    let failed = |(partition, asked): &(TopicPartition, i64)| Outcome {
        partition: partition.clone(),
        asked: *asked,
        result: Err(error.clone().into()),
    };
    // One is enough to tell.
    wanted.iter().take(1).map(failed).collect()
}

/// Users' batches of a fetch. A bad batch is an error only when nothing before it makes progress.
fn decode(
    partition: &TopicPartition,
    offset: i64,
    data: FetchedData,
    config: &FetchConfig,
) -> Result<Read, ConsumerError> {
    let end = match config.isolation {
        Isolation::ReadUncommitted => data.high_watermark,
        Isolation::ReadCommitted => data.last_stable,
    };
    let mut read = Read { batches: Vec::new(), next: offset, high_watermark: Some(end) };
    let mut aborted = Aborted::new(data.aborted, config.isolation);
    let mut memory = 0_usize;
    let batches = |bytes| Batches::new(bytes, config.checksum).within(config.limits);
    for batch in data.batches.into_iter().flat_map(batches) {
        let batch = match batch {
            Ok(batch) => batch,
            Err(_) if read.next > offset => break,
            Err(error) => return Err(ConsumerError::Batch { partition: partition.clone(), offset, error }),
        };
        let visible = aborted.visible(&batch);
        if batch.last_offset() < offset {
            continue;
        }
        // Also past what is not shown: a log may end in markers or batches that compaction emptied.
        read.next = batch.last_offset().saturating_add(1);
        if visible && batch.header().record_count > 0 {
            memory = memory.saturating_add(batch.memory_len());
            read.batches.push(batch);
            // What decompressed to more than one batch may have is enough; the rest is fetched again.
            if memory > config.limits.decompressed.max(config.max_bytes) {
                break;
            }
        }
    }
    Ok(read)
}

/// Which transactional batches were aborted, found out by walking through them in offset order.
struct Aborted {
    /// Producer by first offset, ascending.
    ahead: std::vec::IntoIter<(i64, i64)>,
    next: Option<(i64, i64)>,
    now: BTreeSet<i64>,
}

impl Aborted {
    fn new(mut aborted: Vec<(i64, i64)>, isolation: Isolation) -> Self {
        if isolation == Isolation::ReadUncommitted {
            aborted.clear();
        }
        aborted.sort_by_key(|(_, first)| *first);
        let mut ahead = aborted.into_iter();
        Self { next: ahead.next(), ahead, now: BTreeSet::new() }
    }

    fn visible(&mut self, batch: &Batch) -> bool {
        while let Some((producer, _)) = self.next.filter(|(_, first)| *first <= batch.last_offset()) {
            self.now.insert(producer);
            self.next = self.ahead.next();
        }
        let header = batch.header();
        if batch.is_control() {
            if batch.is_abort_marker() {
                self.now.remove(&header.producer.id);
            }
            return false;
        }
        !(header.is_transactional() && self.now.contains(&header.producer.id))
    }
}

/// New positions for partitions whose old ones are out of range.
async fn reset(broker: &dyn Broker, config: &FetchConfig, partitions: Vec<(TopicPartition, i64)>) -> Vec<Outcome> {
    let old: BTreeMap<TopicPartition, i64> = partitions.into_iter().collect();
    let found = positions_by_policy(broker, config, old.keys().cloned().collect()).await;
    let outcome = |(partition, position): (TopicPartition, Result<i64, ConsumerError>)| {
        let asked = old.get(&partition).copied().unwrap_or(-1);
        let result = position.map(|next| {
            tracing::info!(%partition, old = asked, new = next, "offset out of range, position reset");
            Read { next, ..Read::default() }
        });
        let result = result.map_err(|error| match error {
            ConsumerError::NoOffset { partition, .. } => ConsumerError::NoOffset { partition, offset: Some(asked) },
            error => error,
        });
        Outcome { partition, asked, result }
    };
    found.into_iter().map(outcome).collect()
}

/// Where the reset policy says to begin. Retries until the broker answers.
pub(super) async fn positions_by_policy(
    broker: &dyn Broker,
    config: &FetchConfig,
    partitions: Vec<TopicPartition>,
) -> Vec<(TopicPartition, Result<i64, ConsumerError>)> {
    let spec = match config.offset_reset {
        OffsetReset::Earliest => OffsetSpec::Earliest,
        OffsetReset::Latest => OffsetSpec::Latest(config.isolation),
        OffsetReset::None => {
            let none = |partition: TopicPartition| {
                (partition.clone(), Err(ConsumerError::NoOffset { partition, offset: None }))
            };
            return partitions.into_iter().map(none).collect();
        }
    };
    let mut backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
    let (mut open, mut found) = (partitions, Vec::new());
    while !open.is_empty() {
        let wanted: Vec<_> = open.iter().map(|partition| (partition.clone(), spec)).collect();
        match timeout(config.request_timeout, broker.list_offsets(wanted)).await {
            Ok(Ok(answers)) => {
                let answered = answers.into_iter().filter(|(_, offset)| !matches!(offset, Err(e) if e.is_retriable()));
                for (partition, offset) in answered {
                    if let Some(at) = open.iter().position(|open| *open == partition) {
                        open.remove(at);
                        found.push((partition, offset.map_err(ConsumerError::from)));
                    }
                }
            }
            Ok(Err(error)) if !error.is_retriable() => {
                found.extend(open.drain(..).map(|partition| (partition, Err(error.clone().into()))));
            }
            Ok(Err(_)) | Err(_) => {}
        }
        if !open.is_empty() {
            sleep(backoff.next()).await;
        }
    }
    found
}
