//! A herder: the connectors of a worker, or of many, as operators see them.
//!
//! A [`Herder`] is what a REST API, a command line or a host asks. It knows the connectors by their configurations, keeps
//! what it is told, has its [`Worker`] run it, and answers reads from what it knows: no read waits for a
//! connector. [`StandaloneHerder`] is the herder of one worker by itself.

mod error;
mod offsets;
mod plan;
mod standalone;
mod store;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::worker::{InitialState, RestartOptions, Worker};

pub use error::{HerderError, HerderErrorKind};
pub use offsets::{ConnectorOffset, ConnectorOffsets};
pub use plan::{ConfigPlan, ConnectorChange, KeyChange, TaskAction, TaskPlan};
pub use standalone::StandaloneHerder;
pub use types::{
    ActiveTopics, ConnectorInfo, ConnectorState, ConnectorStateInfo, ConnectorTaskId, ConnectorType, Message, Put,
    TaskInfo, TaskState,
};

/// What a herder answers.
pub type Result<T, E = HerderError> = std::result::Result<T, E>;

/// A connector's configuration as it is written, with variables and not their values.
pub type ConnectorConfig = BTreeMap<String, String>;

/// A configuration as a client sends it. No value is a mistake in a whole configuration, and removes the key in a
/// [patch](Herder::patch_config).
pub type ConfigInput = BTreeMap<String, Option<String>>;

/// Connectors as operators see them: Kafka Connect's REST API without HTTP.
///
/// Reads answer at once. Whatever may have to wait (for a connector, a broker, another worker) is async and has a
/// deadline: an error of [`HerderErrorKind::Timeout`] names the stage that did not end, and for how long it lasts.
///
/// *Cancellation*: a write that was begun goes on when its future is dropped.
///
/// # Errors
/// Of every method: [`HerderErrorKind::NotFound`] for connectors and tasks that are not there, besides what the method
/// says.
#[async_trait]
pub trait Herder: Debug + Send + Sync + 'static {
    /// The worker of this process: its plugins, its counts, its broker.
    fn worker(&self) -> &Worker;

    /// The id of the Kafka cluster, as it was when the herder started.
    fn cluster_id(&self) -> &str;

    /// Whether what was kept is read, and its connectors are started as far as they can be. Until then connectors may be
    /// missing.
    fn is_ready(&self) -> bool;

    /// Names of all connectors, sorted.
    fn connectors(&self) -> Vec<Arc<str>>;

    /// A connector's configuration and tasks.
    fn connector(&self, name: &str) -> Result<ConnectorInfo>;

    /// A connector's configuration.
    fn config(&self, name: &str) -> Result<ConnectorConfig>;

    /// What a connector and its tasks are doing. `NotFound` also while it has no status yet.
    fn status(&self, name: &str) -> Result<ConnectorStateInfo>;

    /// A connector's tasks and their configurations.
    fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>>;

    /// What a task is doing.
    fn task_status(&self, name: &str, task: usize) -> Result<TaskState>;

    /// Topics that a connector used since it was created, or since the last [reset](Self::reset_active_topics). Of an
    /// unknown connector there are none.
    ///
    /// # Errors
    /// `Forbidden` with `topic.tracking.enable=false`.
    fn active_topics(&self, name: &str) -> Result<ActiveTopics>;

    /// Forgets the topics a connector used.
    ///
    /// # Errors
    /// `Forbidden` with `topic.tracking.enable=false` or `topic.tracking.allow.reset=false`.
    async fn reset_active_topics(&self, name: &str) -> Result<()>;

    /// Creates a connector. Blanks around `name` do not count; `name` in the configuration has to be the same, or is
    /// put there.
    ///
    /// # Errors
    /// `BadRequest` with [everything that is wrong](HerderError::config_errors); `Conflict` when there is one.
    async fn create(&self, name: &str, config: ConfigInput, state: InitialState) -> Result<ConnectorInfo>;

    /// Creates a connector, or gives it another configuration. Only the tasks that the change concerns are restarted,
    /// see [`plan`](Self::plan).
    ///
    /// # Errors
    /// As [`create`](Self::create).
    async fn put_config(&self, name: &str, config: ConfigInput) -> Result<Put>;

    /// Changes keys of a configuration, and removes those without a value.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    async fn patch_config(&self, name: &str, patch: ConfigInput) -> Result<ConnectorInfo>;

    /// What [`put_config`](Self::put_config) would do, without doing it.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    async fn plan(&self, name: &str, config: ConfigInput) -> Result<ConfigPlan>;

    /// Ends a connector and forgets it. Its offsets stay.
    async fn delete(&self, name: &str) -> Result<()>;

    /// Has a connector's tasks wait; they stay.
    async fn pause(&self, name: &str) -> Result<()>;

    /// Ends [`pause`](Self::pause) or [`stop`](Self::stop).
    async fn resume(&self, name: &str) -> Result<()>;

    /// Ends a connector's tasks; it stays, STOPPED.
    async fn stop(&self, name: &str) -> Result<()>;

    /// Restarts a connector. Without options it waits for the restart and answers nothing. With any it answers at once
    /// with the status as planned, where RESTARTING stands for whatever is restarted, and does it then.
    async fn restart(&self, name: &str, options: RestartOptions) -> Result<Option<ConnectorStateInfo>>;

    /// Restarts a task.
    async fn restart_task(&self, name: &str, task: usize) -> Result<()>;

    /// Offsets of a connector: of a source those that are stored, of a sink those of its group.
    async fn offsets(&self, name: &str) -> Result<ConnectorOffsets>;

    /// Sets offsets, or resets those without an offset. The connector has to be STOPPED.
    ///
    /// # Errors
    /// `BadRequest` when the connector is not stopped, or does not take these offsets.
    async fn alter_offsets(&self, name: &str, offsets: ConnectorOffsets) -> Result<Message>;

    /// Resets all offsets. The connector has to be STOPPED.
    ///
    /// # Errors
    /// As [`alter_offsets`](Self::alter_offsets).
    async fn reset_offsets(&self, name: &str) -> Result<Message>;
}
