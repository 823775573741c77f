//! A connector as a worker runs it, whichever way it was started.

use std::sync::Arc;

use connect_api::{Error, Result, TaskId};
use tokio::sync::Notify;

use crate::config::{SinkOptions, SourceOptions, TaskOptions};
use crate::metrics::Measure;
use crate::plugins::{Instance, RunningSink, RunningSource};
use crate::progress::TaskProgress;

use super::linked::retry_start;
use super::status::ConnectorKind;

/// Tasks of a sink beyond this are not started: a task without a partition does nothing, and any number can be asked
/// for.
const MOST_SINK_TASKS: usize = 10_000;

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

    /// The shares of the connector's tasks, as JSON. A source is asked for them, again after retriable errors.
    ///
    /// # Errors
    /// The connector's, or that it made too many.
    pub(crate) async fn splits(&self) -> Result<Vec<String>> {
        match self {
            Self::Source { options, connector } => {
                let (tasks, id) = (options.tasks_max, TaskId::new(Arc::clone(&options.name), 0));
                let splits = retry_start(&id, None, 0, || connector.splits(tasks)).await?;
                if splits.len() > tasks {
                    let made = format!("the connector made {} tasks, tasks.max allows {tasks}", splits.len());
                    if options.enforce_tasks_max {
                        return Err(Error::fatal(made));
                    }
                    tracing::warn!(connector = %id.connector, "{made}; all of them run");
                }
                Ok(splits)
            }
            Self::Sink { options, .. } => {
                let tasks = options.tasks_max.min(MOST_SINK_TASKS);
                if tasks < options.tasks_max {
                    let asked = options.tasks_max;
                    tracing::warn!(connector = %options.name, asked, "a sink has no more than {tasks} tasks");
                }
                Ok(vec!["null".to_owned(); tasks])
            }
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
