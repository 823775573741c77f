//! Waiting until everything has arrived.

use std::sync::Arc;

use connect_api::Result;
use connect_kafka::consumer::{FetchConfig, GroupConfig};
use connect_kafka::{OffsetSpec, TopicPartition};
use tokio::time::{Duration, sleep};

use super::connector::{Job, TaskRecord};
use super::handle::Worker;
use super::status::{ConnectorStatus, State};
use crate::config::Topics;

/// How long to wait between two looks at the tasks.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long to wait at most before the cluster is asked again.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// What a look at all connectors has shown.
enum Look {
    /// Tasks are at work.
    Busy,
    /// All is quiet, but sinks have not come to the end of their topics.
    Behind,
    Arrived,
}

/// How a wait for everything to arrive ended.
#[derive(Debug, Clone)]
pub struct Drained {
    /// What the connectors look like.
    pub connectors: Vec<ConnectorStatus>,
}

impl Drained {
    /// Whether every record arrived: nothing has failed, and no record was given up.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.connectors.iter().all(|connector| {
            connector.worst_state() == State::Running && connector.tasks.iter().all(|task| task.counts.errors == 0)
        })
    }
}

impl Worker {
    /// Waits until all sources have nothing more to read and their records are acknowledged, and all sinks have
    /// delivered and committed everything that is in their topics. Offsets are stored on the way. What was in a
    /// source's system before the call is waited for.
    ///
    /// Returns early when something has failed and would not be restarted. Connectors that are paused or
    /// stopped are not waited for.
    ///
    /// # Errors
    /// What the broker answers.
    ///
    /// # Cancellation
    /// May be dropped at any time.
    pub async fn drained(&self) -> Result<Drained> {
        let before = self.looks();
        let mut wait = LOOK_EVERY;
        loop {
            let connectors = self.statuses();
            let failed = |status: &ConnectorStatus| {
                let restarts = self.job(&status.name).is_ok_and(|job| job.tasks().restart.is_some());
                status.state == State::Failed || (!restarts && status.worst_state() == State::Failed)
            };
            if connectors.iter().any(failed) {
                return Ok(Drained { connectors });
            }
            wait = match self.look(&connectors, &before).await? {
                Look::Busy => LOOK_EVERY,
                Look::Behind => ASK_EVERY.min(wait * 2),
                Look::Arrived => return Ok(Drained { connectors: self.statuses() }),
            };
            sleep(wait).await;
        }
    }

    /// Asks all tasks to commit what they can, now rather than at the next `offset.flush.interval.ms`.
    pub fn request_commit(&self) {
        for name in self.connectors() {
            for record in self.records(&name).unwrap_or_default() {
                record.commit.notify_one();
            }
        }
    }

    fn statuses(&self) -> Vec<ConnectorStatus> {
        self.connectors().iter().filter_map(|name| self.status(name).ok()).collect()
    }

    /// How often each task has found its source empty.
    fn looks(&self) -> Vec<(Arc<TaskRecord>, u64)> {
        let names = self.connectors().into_iter();
        let sources = names.filter(|name| matches!(self.job(name), Ok(Job::Source { .. })));
        let records = sources.flat_map(|name| self.records(&name).unwrap_or_default());
        records.map(|record| (Arc::clone(&record), record.progress.empty_looks.get())).collect()
    }

    async fn look(&self, connectors: &[ConnectorStatus], before: &[(Arc<TaskRecord>, u64)]) -> Result<Look> {
        // A source that was found empty before the wait may have got more since. The first look after that may
        // have begun before, so the second one counts.
        let stale = |record: &Arc<TaskRecord>| {
            let before = before.iter().find(|(known, _)| Arc::ptr_eq(known, record));
            before.is_some_and(|(_, looks)| record.progress.empty_looks.get() < looks + 2)
        };
        let waits = |status: &&ConnectorStatus| !matches!(status.state, State::Paused | State::Stopped);
        let mut idle = true;
        for status in connectors.iter().filter(waits) {
            let records = self.records(&status.name)?;
            idle &= status.worst_state() == State::Running;
            for record in records {
                if record.progress.is_quiet() && !record.progress.is_idle() {
                    record.commit.notify_one();
                }
                idle &= record.progress.is_idle() && !stale(&record);
            }
        }
        if !idle {
            return Ok(Look::Busy);
        }
        for status in connectors.iter().filter(waits) {
            if !self.has_caught_up(&status.name).await? {
                return Ok(Look::Behind);
            }
        }
        Ok(Look::Arrived)
    }

    /// Whether a sink has come to the end of all its topics, and committed. A source has nothing to catch up with.
    async fn has_caught_up(&self, name: &str) -> Result<bool> {
        let Ok(Job::Sink { options, .. }) = self.job(name) else { return Ok(true) };
        let broken = |error| connect_api::Error::retriable("the broker could not be asked").with_source(error);
        let broker = self.broker();
        let topics = match &options.topics {
            Topics::List(topics) => broker.topics(Some(topics)).await.map_err(broken)?,
            Topics::Regex(regex) => {
                let all = broker.topics(None).await.map_err(broken)?;
                all.into_iter().filter(|topic| regex.matches(&topic.name).unwrap_or(false)).collect()
            }
        };
        let partitions: Vec<_> = topics
            .iter()
            .flat_map(|topic| (0..topic.partitions).map(|number| TopicPartition::new(topic.name.clone(), number)))
            .collect();
        let GroupConfig { group, fetch: FetchConfig { isolation, .. }, .. } = self.consumer(&options)?.group;
        let committed = broker.committed_offsets(&group, Some(&partitions)).await.map_err(broken)?;
        let ends = partitions.iter().map(|p| (p.clone(), OffsetSpec::Latest(isolation))).collect();
        let starts = partitions.iter().map(|p| (p.clone(), OffsetSpec::Earliest)).collect();
        let ends = broker.list_offsets(ends).await.map_err(broken)?;
        let starts = broker.list_offsets(starts).await.map_err(broken)?;
        let tasks = self.records(name)?;
        for ((partition, end), (_, start)) in ends.into_iter().zip(starts) {
            let (end, start) = (end.map_err(broken)?, start.map_err(broken)?);
            let done =
                committed.iter().find(|(committed, _)| *committed == partition).map_or(start, |(_, offset)| *offset);
            let arrived = tasks.iter().filter_map(|task| task.progress.arrived(&partition)).max();
            if done.max(arrived.unwrap_or(start)) < end {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
