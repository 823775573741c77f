//! What others see of a connector: written by its actor, read by anybody.

use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::connector::TaskRecord;
use super::made::Made;
use super::status::{ConnectorStatus, PartitionLag, State, TaskCounts, TaskStatus};
use crate::progress::lock;

/// What others may see of the connector without asking it.
pub(super) struct View {
    pub(super) made: Made,
    pub(super) state: State,
    pub(super) trace: Option<String>,
    pub(super) tasks: Vec<TaskView>,
}

#[derive(Clone)]
pub(super) struct TaskView {
    pub(super) record: Arc<TaskRecord>,
    pub(super) states: watch::Receiver<State>,
    /// Set when its end was seen.
    pub(super) ended: Option<(State, Option<String>)>,
    pub(super) restarts: u64,
}

impl TaskView {
    pub(super) fn state(&self) -> (State, Option<String>) {
        match &self.ended {
            Some(ended) => ended.clone(),
            // The sender lives in the task: without it there is no task that could run.
            None if self.states.has_changed().is_err() => (State::Unassigned, None),
            None => (*self.states.borrow(), None),
        }
    }
}

/// A connector's view, shared.
pub(super) type SharedView = Arc<Mutex<View>>;

pub(super) fn status(worker_id: &str, view: &SharedView) -> ConnectorStatus {
    let view = lock(view);
    let tasks = view.tasks.iter().enumerate().map(|(id, task)| {
        let (state, trace) = task.state();
        let (doing, since) = task.record.progress.doing();
        TaskStatus {
            id,
            state,
            trace,
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

pub(super) fn records(view: &SharedView) -> Vec<Arc<TaskRecord>> {
    lock(view).tasks.iter().map(|task| Arc::clone(&task.record)).collect()
}
