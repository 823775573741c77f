//! Positions, and the fetch that runs ahead of the caller.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::sync::Arc;

use crate::{Broker, TopicPartition};

use super::fetch_round::{Outcome, fetch_round, unpack_round};
use super::unpack::Packed;
use super::{ConsumerError, FetchConfig, FetchedBatch, FetchedBatches};
use crate::task::Task;

#[derive(Debug)]
pub(super) struct Fetcher {
    broker: Arc<dyn Broker>,
    config: Arc<FetchConfig>,
    partitions: BTreeMap<TopicPartition, Part>,
    round: Option<Task<Vec<Outcome>>>,
    /// Whether the running fetch lacks something that may be fetched by now.
    stale: bool,
    /// Where the next fetch begins, so that the byte limit starves no partition.
    turn: usize,
    failures: VecDeque<ConsumerError>,
}

#[derive(Debug)]
struct Part {
    shared: Arc<TopicPartition>,
    position: i64,
    paused: bool,
    high_watermark: Option<i64>,
    /// Fetched already, and not unpacked yet.
    packed: Option<Packed>,
}

impl Part {
    fn new(partition: &TopicPartition, position: i64, paused: bool) -> Self {
        Self { shared: Arc::new(partition.clone()), position, paused, high_watermark: None, packed: None }
    }
}

impl Fetcher {
    pub(super) fn new(broker: Arc<dyn Broker>, config: FetchConfig) -> Self {
        Self {
            broker,
            config: Arc::new(config),
            partitions: BTreeMap::new(),
            round: None,
            stale: false,
            turn: 0,
            failures: VecDeque::new(),
        }
    }

    pub(super) fn config(&self) -> &FetchConfig {
        &self.config
    }

    /// Reads these and nothing else. What stays keeps its pause, not its position.
    pub(super) fn assign(&mut self, partitions: impl IntoIterator<Item = (TopicPartition, i64)>) {
        let mut old = std::mem::take(&mut self.partitions);
        for (partition, position) in partitions {
            let paused = old.remove(&partition).is_some_and(|old| old.paused);
            let part = Part::new(&partition, position, paused);
            self.partitions.insert(partition, part);
        }
        self.round = None;
        self.failures.clear();
    }

    /// Adds partitions; those already there are left alone.
    pub(super) fn add(&mut self, partitions: impl IntoIterator<Item = (TopicPartition, i64)>) {
        for (partition, position) in partitions {
            let part = Part::new(&partition, position, false);
            self.partitions.entry(partition).or_insert(part);
        }
        self.stale = true;
    }

    /// Reads these no more; the others are left alone.
    pub(super) fn remove(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.partitions.remove(partition);
        }
        self.failures.clear();
    }

    pub(super) fn pause(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(part) = self.partitions.get_mut(partition) {
                part.paused = true;
            }
        }
    }

    pub(super) fn resume(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(part) = self.partitions.get_mut(partition) {
                self.stale |= std::mem::replace(&mut part.paused, false);
            }
        }
    }

    /// `false` when the partition is not assigned.
    pub(super) fn seek(&mut self, partition: &TopicPartition, offset: i64) -> bool {
        let Some(part) = self.partitions.get_mut(partition) else { return false };
        self.stale |= part.position != offset;
        part.position = offset;
        self.failures.clear();
        true
    }

    pub(super) fn assigned(&self) -> Vec<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    pub(super) fn positions(&self) -> Vec<(TopicPartition, i64)> {
        self.partitions.iter().map(|(partition, part)| (partition.clone(), part.position)).collect()
    }

    pub(super) fn position(&self, partition: &TopicPartition) -> Option<i64> {
        self.partitions.get(partition).map(|part| part.position)
    }

    pub(super) fn lag(&self) -> Vec<(TopicPartition, Option<i64>)> {
        let lag = |part: &Part| part.high_watermark.map(|end| (end - part.position).max(0));
        self.partitions.iter().map(|(partition, part)| (partition.clone(), lag(part))).collect()
    }

    pub(super) fn reach(&self) -> Vec<(TopicPartition, i64, Option<i64>)> {
        let reach =
            |(partition, part): (&TopicPartition, &Part)| (partition.clone(), part.position, part.high_watermark);
        self.partitions.iter().map(reach).collect()
    }

    /// The next batches; waits for ever while nothing may be fetched. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<FetchedBatches, ConsumerError> {
        loop {
            let batches = self.step().await?;
            if !batches.is_empty() {
                return Ok(batches);
            }
        }
    }

    /// One fetch, which may bring nothing and still move positions. Cancel-safe.
    pub(super) async fn step(&mut self) -> Result<FetchedBatches, ConsumerError> {
        if let Some(failure) = self.failures.pop_front() {
            return Err(failure);
        }
        if std::mem::take(&mut self.stale) && self.round.as_ref().is_some_and(|round| !round.is_finished()) {
            self.round = None;
        }
        if self.round.is_none() {
            self.start();
        }
        let Some(round) = &mut self.round else { return pending().await };
        let outcomes = round.await;
        // No await from here on: what was fetched must reach the caller.
        self.round = None;
        let batches = self.take(outcomes?);
        if batches.is_empty()
            && let Some(failure) = self.failures.pop_front()
        {
            return Err(failure);
        }
        if self.config.ahead && self.failures.is_empty() {
            self.start();
        }
        Ok(batches)
    }

    fn start(&mut self) {
        let (mut wanted, mut packed) = (Vec::new(), Vec::new());
        for (partition, part) in self.partitions.iter_mut().filter(|(_, part)| !part.paused) {
            wanted.push((partition.clone(), part.position));
            // What lies elsewhere than the position, after a seek, is of no use.
            let usable = part.packed.take().filter(|packed| packed.from == part.position);
            packed.extend(usable.map(|usable| (partition.clone(), usable)));
        }
        if wanted.is_empty() {
            return;
        }
        if !packed.is_empty() {
            self.round = Some(Task::spawn(unpack_round(self.config.clone(), packed)));
            return;
        }
        let turn = self.turn % wanted.len();
        self.turn = turn + 1;
        wanted.rotate_left(turn);
        self.round = Some(Task::spawn(fetch_round(self.broker.clone(), self.config.clone(), wanted)));
    }

    fn take(&mut self, outcomes: Vec<Outcome>) -> FetchedBatches {
        let mut all = FetchedBatches::default();
        for Outcome { partition, asked, result } in outcomes {
            // Revoked, paused or moved meanwhile: fetched again when it is wanted again.
            let Some(part) = self.partitions.get_mut(&partition) else { continue };
            if part.paused || part.position != asked {
                continue;
            }
            let read = match result {
                Ok(read) => read,
                Err(error) => {
                    self.failures.push_back(error);
                    continue;
                }
            };
            part.position = read.next;
            part.packed = read.rest;
            part.high_watermark = read.high_watermark.or(part.high_watermark);
            let high_watermark = part.high_watermark.unwrap_or(read.next);
            all.batches.extend(read.batches.into_iter().map(|batch| FetchedBatch {
                partition: part.shared.clone(),
                batch,
                from: asked,
                high_watermark,
            }));
        }
        all
    }
}
