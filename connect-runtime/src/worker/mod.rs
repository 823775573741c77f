//! A worker: connectors and their tasks, started, watched and stopped.

mod actor;
mod builder;
mod changes;
mod commands;
mod concerns;
mod connector;
mod create;
mod drain;
mod handle;
mod herded;
mod lease;
mod linked;
mod made;
mod reach;
mod renewal;
mod running;
mod spawn;
mod status;
mod stopping;
mod view;

pub use builder::WorkerBuilder;
pub(crate) use changes::{Changes, Uses};
pub(crate) use concerns::Difference;
pub(crate) use connector::Job;
pub use create::InitialState;
pub use drain::Drained;
pub use handle::{RestartOptions, Worker};
pub(crate) use linked::{Linked, retry_start};
pub(crate) use made::{Doubts, Made, VALIDATE_WITHIN, check_within};
pub(crate) use running::Running;
pub(crate) use running::Target;
pub(crate) use spawn::{Environment, TaskParts};
pub use status::{ConnectorKind, ConnectorStatus, PartitionLag, State, TaskCounts, TaskStatus};
