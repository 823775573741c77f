//! The spans in which tasks run: what is logged or traced there says which task it was, and in which stage.
//!
//! | span | fields |
//! |---|---|
//! | `task` | `connector`, `task`: the task's number |
//! | `stage` | `stage`: the connector's call (`start`, `poll`, `put`, `open`, `close`, `pre_commit`, `commit`, `stop`), or `transform`, for one batch; `records` where it has any |

use connect_api::TaskId;
use tracing::{Span, error_span, info_span};

/// A task, from its start to its end. Its level lets warnings say which task they are of where nothing below is logged.
pub(crate) fn task(id: &TaskId) -> Span {
    error_span!("task", connector = %id.connector, task = id.task)
}

/// A call of the connector.
pub(crate) fn stage(stage: &'static str) -> Span {
    info_span!("stage", stage)
}

/// A stage that has so many records.
pub(crate) fn batch(stage: &'static str, records: usize) -> Span {
    info_span!("stage", stage, records)
}
