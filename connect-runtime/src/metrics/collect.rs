//! From what tasks and workers measure to samples.

use std::sync::Arc;
use std::time::Duration;

use connect_kafka::TopicPartition;
use tokio::time::Instant;

use super::families::*;
use super::histogram::Histogram;
use super::snapshot::{Labels, MetricsSnapshot, Reading, Sample};
use super::worker::{StartsSeen, WorkerMetrics};
use crate::config::WorkerConfig;
use crate::health::{Health, TaskHealth};
use crate::progress::{Taken, TaskProgress};
use crate::worker::{ConnectorKind, ConnectorStatus, State};

/// Gathers samples.
pub(crate) struct Collect {
    samples: Vec<Sample>,
    connectors: usize,
    tasks: usize,
}

impl Collect {
    /// Begins with the worker's own.
    pub(crate) fn new(metrics: &WorkerMetrics, config: &WorkerConfig) -> Self {
        let mut collect = Self { samples: Vec::new(), connectors: 0, tasks: 0 };
        let id: Arc<str> = config.worker_id.as_str().into();
        collect.number(&START_TIME, &labels(&[("clientId", &id)]), metrics.built_ms as f64 / 1000.0);
        let version = env!("CARGO_PKG_VERSION").into();
        collect.number(&VERSION, &labels(&[("clientId", &id), ("version", &version)]), 1.0);
        let none = labels(&[]);
        let mut starts = |seen: StartsSeen, families: [&'static Family; 5]| {
            let [attempts, success, success_share, failure, failure_share] = families;
            collect.number(attempts, &none, seen.attempts as f64);
            collect.number(success, &none, seen.success.0 as f64);
            collect.number(success_share, &none, seen.success.1);
            collect.number(failure, &none, seen.failure.0 as f64);
            collect.number(failure_share, &none, seen.failure.1);
        };
        starts(
            metrics.connectors.look(),
            [
                &CONNECTOR_ATTEMPTS,
                &CONNECTOR_SUCCESS,
                &CONNECTOR_SUCCESS_SHARE,
                &CONNECTOR_FAILURE,
                &CONNECTOR_FAILURE_SHARE,
            ],
        );
        starts(
            metrics.tasks.look(),
            [&TASK_ATTEMPTS, &TASK_SUCCESS, &TASK_SUCCESS_SHARE, &TASK_FAILURE, &TASK_FAILURE_SHARE],
        );
        collect
    }

    fn number(&mut self, family: &'static Family, labels: &Labels, number: f64) {
        self.samples.push(Sample { family, labels: Arc::clone(labels), reading: Reading::Number(number) });
    }

    fn histogram(&mut self, family: &'static Family, labels: &Labels, histogram: Histogram) {
        let reading = Reading::Histogram(Box::new(histogram));
        self.samples.push(Sample { family, labels: Arc::clone(labels), reading });
    }

    pub(crate) fn memory(&mut self, budget: usize, used: usize) {
        self.number(&MEMORY_BUDGET, &labels(&[]), budget as f64);
        self.number(&MEMORY_USED, &labels(&[]), used as f64);
    }

    /// A connector; its tasks follow.
    pub(crate) fn connector(&mut self, status: &ConnectorStatus, class: &str, version: &str) {
        self.connectors += 1;
        self.tasks += status.tasks.len();
        let connector = labels(&[("connector", &status.name)]);
        let count = |state| status.tasks.iter().filter(|task| task.state == state).count() as f64;
        self.number(&TASKS_TOTAL, &connector, status.tasks.len() as f64);
        self.number(&TASKS_RUNNING, &connector, count(State::Running));
        self.number(&TASKS_PAUSED, &connector, count(State::Paused));
        self.number(&TASKS_FAILED, &connector, count(State::Failed));
        self.number(&TASKS_UNASSIGNED, &connector, count(State::Unassigned));
        self.number(&TASKS_DESTROYED, &connector, 0.0);
        self.number(&TASKS_RESTARTING, &connector, count(State::Restarting));
        let info = labels(&[
            ("connector", &status.name),
            ("connector_class", &class.into()),
            ("connector_type", &status.kind.to_string().into()),
            ("connector_version", &version.into()),
            ("status", &lower(status.state)),
        ]);
        self.number(&CONNECTOR_INFO, &info, 1.0);
        for (family, label) in [(&CONNECTOR_CLASS, 1), (&CONNECTOR_TYPE, 2), (&CONNECTOR_VERSION, 3)] {
            self.number(family, &[info[0].clone(), info[label].clone()].into(), 1.0);
        }
    }

    /// A task.
    pub(crate) fn task(
        &mut self,
        status: &ConnectorStatus,
        number: usize,
        state: State,
        health: TaskHealth,
        progress: &TaskProgress,
    ) {
        let now = Instant::now();
        let connector = &status.name;
        let number: Arc<str> = number.to_string().into();
        let task = labels(&[("connector", connector), ("task", &number)]);
        let with = |name, value: Arc<str>| labels(&[("connector", connector), ("task", &number), (name, &value)]);
        self.number(&TASK_STATUS, &with("status", lower(state)), 1.0);
        self.number(&TASK_STATUS_TOO, &with("status", lower(state)), 1.0);
        self.number(&STALLED, &task, f64::from(u8::from(health.health == Health::Stalled)));
        if health.health != Health::Down {
            self.number(&STAGE_AGE, &with("stage", health.stage.into()), health.since.as_secs_f64());
        }
        for (stage, spent) in progress.lanes.spent() {
            self.number(&STAGE_SECONDS, &with("stage", stage.into()), spent.as_secs_f64());
        }
        for (family, count) in [
            (&BYTES, progress.bytes.get()),
            (&DROPPED, progress.dropped.get()),
            (&FAILURES, progress.failures.get()),
            (&ERRORS, progress.errors.get()),
            (&SKIPPED, progress.skipped.get()),
            (&RETRIES, progress.retries.get()),
            (&LOGGED, progress.logged.get()),
            (&DLQ_REQUESTS, progress.dead_letters.get()),
            (&DLQ_FAILURES, progress.dead_letter_failures.get()),
        ] {
            self.number(family, &task, count as f64);
        }
        progress.metrics.look(|seen| {
            let (running, paused) = seen.ratios();
            self.number(&RUNNING_RATIO, &task, running);
            self.number(&PAUSE_RATIO, &task, paused);
            self.number(&COMMIT_MAX, &task, seen.commit.max(now));
            self.number(&COMMIT_AVG, &task, seen.commit.avg(now));
            let well = seen.commits.avg(now);
            self.number(&COMMIT_SUCCESS, &task, if well.is_nan() { 0.0 } else { well });
            self.number(&COMMIT_FAILURE, &task, if well.is_nan() { 0.0 } else { 1.0 - well });
            self.number(&BATCH_MAX, &task, seen.batch.max(now));
            self.number(&BATCH_AVG, &task, seen.batch.avg(now));
            self.number(&LAST_ERROR, &task, seen.last_error_ms as f64);
            self.histogram(&LATENCY, &task, seen.latency.clone());
            for (cause, count) in &seen.restarts {
                self.number(&RESTARTS, &with("cause", (*cause).into()), *count as f64);
            }
            let source = status.kind == ConnectorKind::Source;
            let families = if source {
                [
                    &POLL_RATE,
                    &POLL_TOTAL,
                    &WRITE_RATE,
                    &WRITE_TOTAL,
                    &POLL_TIME_MAX,
                    &POLL_TIME_AVG,
                    &SOURCE_ACTIVE,
                    &SOURCE_ACTIVE_MAX,
                    &SOURCE_ACTIVE_AVG,
                ]
            } else {
                [
                    &READ_RATE,
                    &READ_TOTAL,
                    &SEND_RATE,
                    &SEND_TOTAL,
                    &PUT_TIME_MAX,
                    &PUT_TIME_AVG,
                    &SINK_ACTIVE,
                    &SINK_ACTIVE_MAX,
                    &SINK_ACTIVE_AVG,
                ]
            };
            let numbers = [
                seen.read.rate(now),
                progress.read.get() as f64,
                seen.sent.rate(now),
                progress.written.get() as f64,
                seen.call.max(now),
                seen.call.avg(now),
                seen.active_now as f64,
                seen.active.max(now),
                seen.active.avg(now),
            ];
            for (family, number) in families.into_iter().zip(numbers) {
                self.number(family, &task, number);
            }
            if !source {
                self.number(&COMMIT_SEQ, &task, seen.commit_seq as f64);
                self.number(&COMPLETION_RATE, &task, seen.completions.1.rate(now));
                self.number(&COMPLETION_TOTAL, &task, seen.completions.0 as f64);
                self.number(&SKIP_RATE, &task, seen.skips.1.rate(now));
                self.number(&SKIP_TOTAL, &task, seen.skips.0 as f64);
            }
        });
        if status.kind == ConnectorKind::Sink {
            self.partitions(connector, &number, &task, progress);
        }
    }

    fn partitions(&mut self, connector: &Arc<str>, number: &Arc<str>, task: &Labels, progress: &TaskProgress) {
        let behind = progress.behind();
        self.number(&PARTITION_COUNT, task, behind.len() as f64);
        for (partition, records, age) in behind {
            let partition_number = partition.partition.to_string().into();
            let labels = labels(&[
                ("connector", connector),
                ("task", number),
                ("topic", &partition.topic),
                ("partition", &partition_number),
            ]);
            if let Some(records) = records {
                self.number(&LAG_RECORDS, &labels, records as f64);
            }
            if let Some(age) = age {
                self.number(&LAG_SECONDS, &labels, age.as_secs_f64());
            }
        }
    }

    pub(crate) fn done(mut self) -> MetricsSnapshot {
        let none = labels(&[]);
        self.number(&CONNECTOR_COUNT, &none, self.connectors as f64);
        self.number(&TASK_COUNT, &none, self.tasks as f64);
        let place = |family: &Family| FAMILIES.iter().position(|known| std::ptr::eq(*known, family));
        self.samples.sort_by_cached_key(|sample| place(sample.family));
        MetricsSnapshot { samples: self.samples }
    }
}

fn labels(labels: &[(&'static str, &Arc<str>)]) -> Labels {
    labels.iter().map(|(name, value)| (*name, Arc::clone(value))).collect()
}

fn lower(state: State) -> Arc<str> {
    state.name().to_ascii_lowercase().into()
}

impl TaskProgress {
    /// Of each partition that is read: records between what the connector has taken and the log's end, and the age of
    /// the oldest of them; none where that is not known.
    pub(crate) fn behind(&self) -> Vec<(TopicPartition, Option<u64>, Option<Duration>)> {
        let quiet = self.is_quiet();
        let taken = self.taken();
        let behind = self.reach().into_iter().map(|(partition, position, end)| {
            let here = connect_api::TopicPartition::new(Arc::clone(&partition.topic), partition.partition);
            let taken = taken.get(&here).copied().unwrap_or_default();
            let Taken { offset, timestamp, waiting, committed, .. } = taken;
            // With nothing in hand all that was read is taken, also what is no record: the end of a transaction.
            let at = if quiet { position } else { offset.or(committed).unwrap_or(position).min(position) };
            let records = end.map(|end| u64::try_from(end - at).unwrap_or(0));
            let age = match records {
                None => None,
                Some(0) => Some(Duration::ZERO),
                Some(_) => waiting.or(timestamp).map(|timestamp| self.metrics.age(timestamp)),
            };
            (partition, records, age)
        });
        behind.collect()
    }
}
