//! A connector as a worker runs it, whichever way it was started.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::config::{SinkOptions, SourceOptions, TaskOptions};
use crate::metrics::Measure;
use crate::plugins::{Instance, RunningSink, RunningSource};
use crate::progress::TaskProgress;

use super::status::ConnectorKind;

/// What a connector is and how its tasks run.
#[derive(Clone)]
pub(crate) enum Job {
    Source { options: SourceOptions, connector: RunningSource },
    Sink { options: SinkOptions, connector: RunningSink },
}

impl Job {
    pub(crate) fn name(&self) -> &Arc<str> {
        match self {
            Self::Source { options, .. } => &options.name,
            Self::Sink { options, .. } => &options.name,
        }
    }

    pub(crate) fn kind(&self) -> ConnectorKind {
        match self {
            Self::Source { .. } => ConnectorKind::Source,
            Self::Sink { .. } => ConnectorKind::Sink,
        }
    }

    pub(crate) fn instance(&self) -> Instance {
        match self {
            Self::Source { connector, .. } => Instance::Source(Arc::clone(connector)),
            Self::Sink { connector, .. } => Instance::Sink(Arc::clone(connector)),
        }
    }

    pub(crate) fn tasks(&self) -> &TaskOptions {
        match self {
            Self::Source { options, .. } => &options.tasks,
            Self::Sink { options, .. } => &options.tasks,
        }
    }
}

/// What stays of a task over its restarts.
#[derive(Debug)]
pub(crate) struct TaskRecord {
    pub(crate) progress: Arc<TaskProgress>,
    /// Asks the running task for a commit.
    pub(crate) commit: Arc<Notify>,
}

impl TaskRecord {
    pub(crate) fn new(measure: Measure) -> Self {
        Self { progress: Arc::new(TaskProgress::new(measure)), commit: Arc::new(Notify::new()) }
    }
}
