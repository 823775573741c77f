//! What others see of a connector: written by its actor, read by anybody.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::connector::TaskRecord;
use super::made::Made;
use super::status::{ConnectorStatus, PartitionLag, State, TaskCounts, TaskStatus};
use crate::config::WorkerConfig;
use crate::health::TaskHealth;
use crate::metrics::Collect;
use crate::plugins::Plugins;
use crate::progress::lock;

/// What others may see of the connector without asking it.
pub(super) struct View {
    pub(super) made: Made,
    pub(super) state: State,
    pub(super) trace: Option<String>,
    /// The call of the connector itself that is under way, and since when.
    pub(super) stage: Option<(&'static str, Instant)>,
    pub(super) tasks: Vec<TaskView>,
}

impl View {
    pub(super) fn new(made: Made) -> Self {
        Self { made, state: State::Unassigned, trace: None, stage: None, tasks: Vec::new() }
    }
}

#[derive(Clone)]
pub(super) struct TaskView {
    pub(super) split: String,
    pub(super) record: Arc<TaskRecord>,
    pub(super) states: watch::Receiver<State>,
    /// Set when its end was seen.
    pub(super) ended: Option<(State, Option<String>)>,
    /// Set from a restart being asked for until its new life.
    pub(super) restarting: bool,
    pub(super) restarts: u64,
}

impl TaskView {
    pub(super) fn state(&self) -> (State, Option<String>) {
        match &self.ended {
            // A failure's trace stays for as long as nothing newer is known.
            ended if self.restarting => (State::Restarting, ended.as_ref().and_then(|(_, trace)| trace.clone())),
            Some(ended) => ended.clone(),
            // The sender lives in the task: without it there is no task that could run.
            None if self.states.has_changed().is_err() => (State::Unassigned, None),
            None => (*self.states.borrow(), None),
        }
    }
}

/// A connector's view, shared.
pub(super) type SharedView = Arc<Mutex<View>>;

/// What a connector and its tasks are doing; `deadline` is the worker's for their progress.
pub(super) fn status(worker_id: &str, deadline: Duration, view: &SharedView) -> ConnectorStatus {
    let view = lock(view);
    let deadline = view.made.job.tasks().progress_deadline.unwrap_or(deadline);
    let deadline = (!deadline.is_zero()).then_some(deadline);
    let tasks = view.tasks.iter().enumerate().map(|(id, task)| {
        let (state, trace) = task.state();
        let progress = &task.record.progress;
        let (doing, since) = progress.doing();
        TaskStatus {
            id,
            state,
            trace,
            // One that is being stopped may hang too, until it has ended.
            health: if task.ended.is_none() {
                progress.lanes.health(deadline, progress.is_quiet())
            } else {
                TaskHealth::default()
            },
            doing: (doing, since.elapsed()),
            // What has ended tries nothing.
            trouble: task.record.progress.trouble().filter(|_| task.ended.is_none()),
            restarts: task.restarts,
            counts: TaskCounts::of(&task.record.progress),
            partitions: PartitionLag::of(&task.record.progress),
        }
    });
    ConnectorStatus {
        name: Arc::clone(view.made.job.name()),
        kind: view.made.job.kind(),
        state: view.state,
        trace: view.trace.clone(),
        worker_id: worker_id.to_owned(),
        tasks: tasks.collect(),
    }
}

/// Adds what a connector and its tasks measure.
pub(super) fn measure(collect: &mut Collect, config: &WorkerConfig, plugins: &Plugins, view: &SharedView) {
    let status = status(&config.worker_id, config.progress_deadline.duration(), view);
    let (class, records) = {
        let view = lock(view);
        let class = view.made.properties.as_ref().and_then(|properties| properties.get("connector.class").cloned());
        let records: Vec<_> = view.tasks.iter().map(|task| Arc::clone(&task.record)).collect();
        (class, records)
    };
    let info = class.as_ref().and_then(|class| plugins.connector(class).ok()).map(|entry| &entry.info);
    let (class, version) = info.map_or(("", ""), |info| (info.class, info.version));
    collect.connector(&status, class, version);
    for (task, record) in status.tasks.iter().zip(records) {
        collect.task(&status, task.id, task.state, task.health, &record.progress);
    }
}

pub(super) fn records(view: &SharedView) -> Vec<Arc<TaskRecord>> {
    lock(view).tasks.iter().map(|task| Arc::clone(&task.record)).collect()
}
