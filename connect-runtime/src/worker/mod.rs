//! A worker: connectors and their tasks, started, watched and stopped.

mod actor;
mod builder;
mod connector;
mod drain;
mod handle;
mod linked;
mod running;
mod spawn;
mod status;

pub use builder::WorkerBuilder;
pub(crate) use connector::Job;
pub use drain::Drained;
pub use handle::{InitialState, RestartOptions, Worker};
pub(crate) use linked::{Linked, retry_start};
pub(crate) use running::{Running, Target};
pub use status::{ConnectorKind, ConnectorStatus, State, TaskCounts, TaskStatus};
