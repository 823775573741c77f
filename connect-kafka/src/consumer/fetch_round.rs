//! One fetch: the request, what is unpacked of its answer, and new positions where the old ones are out of range.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::{sleep, timeout};

use crate::backoff::Backoff;
use crate::batch::Batch;
use crate::{Broker, BrokerError, Code, FetchPartition, FetchRequest, OffsetSpec, TopicPartition};

use super::unpack::{Packed, Read};
use super::{ConsumerError, FetchConfig, OffsetReset};

/// What became of one partition.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) partition: TopicPartition,
    /// The position that was asked for.
    pub(super) asked: i64,
    pub(super) result: Result<Read, ConsumerError>,
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
    let mut room = config.max_bytes;
    for answer in fetched {
        let Some(&offset) = asked.get(&answer.partition) else { continue };
        let result = match answer.result {
            Ok(data) => unpack(&mut room, &answer.partition, Packed::new(data, offset, config.isolation), &config),
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

/// Goes on with what earlier rounds left packed, without the broker.
pub(super) async fn unpack_round(config: Arc<FetchConfig>, left: Vec<(TopicPartition, Packed)>) -> Vec<Outcome> {
    let mut room = config.max_bytes;
    let unpacked = left.into_iter().map(|(partition, packed)| {
        let asked = packed.from;
        Outcome { result: unpack(&mut room, &partition, packed, &config), partition, asked }
    });
    unpacked.collect()
}

/// Takes what is unpacked from the room that all partitions of a round share. Each has a batch, whatever the room: a
/// round moves every partition on.
fn unpack(
    room: &mut usize,
    partition: &TopicPartition,
    packed: Packed,
    config: &FetchConfig,
) -> Result<Read, ConsumerError> {
    let read = packed.unpack(partition, config.partition_max_bytes.min(*room), config)?;
    *room = room.saturating_sub(read.batches.iter().map(Batch::memory_len).sum());
    Ok(read)
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
