//! What the endpoints do.

mod admin;
mod connectors;
mod plugins;
mod server;
mod tasks;

pub(crate) use plugins::PluginRow;
pub(crate) use server::{ServerInfo, WorkerHealth};

use bytes::Bytes;

use super::api::Api;
use super::reply::{Failure, JSON, Reply};
use super::routes::Operation;

/// A request that may be answered.
#[derive(Debug)]
pub(crate) struct Ask {
    /// The texts of the path's variables.
    pub(crate) variables: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Scheme and host, as the client reached us.
    pub(crate) location: String,
}

impl Ask {
    fn variable(&self, at: usize) -> &str {
        self.variables.get(at).map_or("", String::as_str)
    }

    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A boolean as Java reads one: whatever is not `true` is false.
    fn flag(&self, name: &str, default: bool) -> bool {
        self.values(name).next().map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    /// The number of a task. Whatever is no number is no path.
    fn task(&self) -> Result<i64, Failure> {
        let not_found = |_| Failure::http(hyper::StatusCode::NOT_FOUND).typed();
        self.variable(1).parse::<i32>().map(i64::from).map_err(not_found)
    }
}

/// The type of what an endpoint answers when all is well.
pub(crate) fn produces(operation: Operation) -> &'static str {
    match operation {
        Operation::Metrics => "text/plain",
        _ => JSON,
    }
}

/// Calls an endpoint.
pub(crate) async fn call(api: &Api, operation: Operation, ask: &Ask) -> Result<Reply, Failure> {
    use Operation as O;
    match operation {
        O::ServerInfo => Ok(server::info(api)),
        O::Health => Ok(server::health(api)),
        O::OpenApi => Ok(server::openapi(api)),
        O::Metrics => Ok(server::metrics(api)),
        O::ListConnectors => connectors::list(api, ask),
        O::CreateConnector => connectors::create(api, ask).await,
        O::GetConnector => connectors::get(api, ask),
        O::DeleteConnector => connectors::delete(api, ask).await,
        O::GetConfig => connectors::config(api, ask),
        O::PutConfig => connectors::put_config(api, ask).await,
        O::PatchConfig => connectors::patch_config(api, ask).await,
        O::PlanConfig => connectors::plan(api, ask).await,
        O::ConnectorStatus => connectors::status(api, ask),
        O::RestartConnector => connectors::restart(api, ask).await,
        O::PauseConnector => connectors::pause(api, ask).await,
        O::ResumeConnector => connectors::resume(api, ask).await,
        O::StopConnector => connectors::stop(api, ask).await,
        O::ListTasks => tasks::list(api, ask),
        O::PutTaskConfigs => Err(tasks::standalone("task configurations that come from elsewhere")),
        O::FenceZombies => Err(tasks::standalone("exactly-once sources, whose zombies would be fenced")),
        O::TaskStatus => tasks::status(api, ask),
        O::RestartTask => tasks::restart(api, ask).await,
        O::ActiveTopics => tasks::topics(api, ask),
        O::ResetActiveTopics => tasks::reset_topics(api, ask).await,
        O::GetOffsets => tasks::offsets(api, ask).await,
        O::AlterOffsets => tasks::alter_offsets(api, ask).await,
        O::ResetOffsets => tasks::reset_offsets(api, ask).await,
        O::ListPlugins => Ok(plugins::list(api, ask)),
        O::PluginConfig => plugins::config(api, ask),
        O::ValidateConfig => plugins::validate(api, ask).await,
        O::ListLoggers => Ok(admin::list(api)),
        O::GetLogger => admin::get(api, ask),
        O::SetLogger => admin::set(api, ask),
    }
}
