//! Every endpoint, in one table.

use hyper::Method;

/// What an endpoint does; named after the method that does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    ServerInfo,
    Health,
    OpenApi,
    Metrics,
    ListConnectors,
    CreateConnector,
    GetConnector,
    DeleteConnector,
    GetConfig,
    PutConfig,
    PatchConfig,
    PlanConfig,
    ConnectorStatus,
    RestartConnector,
    PauseConnector,
    ResumeConnector,
    StopConnector,
    ListTasks,
    PutTaskConfigs,
    FenceZombies,
    TaskStatus,
    RestartTask,
    ActiveTopics,
    ResetActiveTopics,
    GetOffsets,
    AlterOffsets,
    ResetOffsets,
    ListPlugins,
    PluginConfig,
    ValidateConfig,
    ListLoggers,
    GetLogger,
    SetLogger,
}

/// Who may call an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// One endpoint.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// `{name}` is a segment of any text.
    pub(crate) path: &'static str,
    pub(crate) operation: Operation,
    pub(crate) access: Access,
}

const fn route(method: Method, path: &'static str, operation: Operation, access: Access) -> Route {
    Route { method, path, operation, access }
}

/// What is served. Paths that begin with `/admin` may have listeners of their own.
pub(crate) static ROUTES: &[Route] = {
    use Access::{Read, Write};
    use Operation as O;
    &[
        route(Method::GET, "/", O::ServerInfo, Read),
        route(Method::GET, "/health", O::Health, Read),
        route(Method::GET, "/openapi.json", O::OpenApi, Read),
        route(Method::GET, "/metrics", O::Metrics, Read),
        route(Method::GET, "/connectors", O::ListConnectors, Read),
        route(Method::POST, "/connectors", O::CreateConnector, Write),
        route(Method::GET, "/connectors/{connector}", O::GetConnector, Read),
        route(Method::DELETE, "/connectors/{connector}", O::DeleteConnector, Write),
        route(Method::GET, "/connectors/{connector}/config", O::GetConfig, Read),
        route(Method::PUT, "/connectors/{connector}/config", O::PutConfig, Write),
        route(Method::PATCH, "/connectors/{connector}/config", O::PatchConfig, Write),
        // It has the connector look around, with whatever the configuration says.
        route(Method::POST, "/connectors/{connector}/config/plan", O::PlanConfig, Write),
        route(Method::GET, "/connectors/{connector}/status", O::ConnectorStatus, Read),
        route(Method::POST, "/connectors/{connector}/restart", O::RestartConnector, Write),
        route(Method::PUT, "/connectors/{connector}/pause", O::PauseConnector, Write),
        route(Method::PUT, "/connectors/{connector}/resume", O::ResumeConnector, Write),
        route(Method::PUT, "/connectors/{connector}/stop", O::StopConnector, Write),
        route(Method::PUT, "/connectors/{connector}/fence", O::FenceZombies, Write),
        route(Method::GET, "/connectors/{connector}/tasks", O::ListTasks, Read),
        route(Method::POST, "/connectors/{connector}/tasks", O::PutTaskConfigs, Write),
        route(Method::GET, "/connectors/{connector}/tasks/{task}/status", O::TaskStatus, Read),
        route(Method::POST, "/connectors/{connector}/tasks/{task}/restart", O::RestartTask, Write),
        route(Method::GET, "/connectors/{connector}/topics", O::ActiveTopics, Read),
        route(Method::PUT, "/connectors/{connector}/topics/reset", O::ResetActiveTopics, Write),
        route(Method::GET, "/connectors/{connector}/offsets", O::GetOffsets, Read),
        route(Method::PATCH, "/connectors/{connector}/offsets", O::AlterOffsets, Write),
        route(Method::DELETE, "/connectors/{connector}/offsets", O::ResetOffsets, Write),
        route(Method::GET, "/connector-plugins", O::ListPlugins, Read),
        route(Method::GET, "/connector-plugins/{plugin}/config", O::PluginConfig, Read),
        // The same as with plan.
        route(Method::PUT, "/connector-plugins/{plugin}/config/validate", O::ValidateConfig, Write),
        route(Method::GET, "/admin/loggers", O::ListLoggers, Read),
        route(Method::GET, "/admin/loggers/{logger}", O::GetLogger, Read),
        route(Method::PUT, "/admin/loggers/{logger}", O::SetLogger, Write),
    ]
};

impl Route {
    pub(crate) fn is_admin(&self) -> bool {
        self.path.starts_with("/admin")
    }

    /// The texts that stand for the path's variables, if it is this path.
    fn matches(&self, segments: &[String]) -> Option<Vec<String>> {
        let mut pattern = self.path.split('/').filter(|part| !part.is_empty());
        let mut variables = Vec::new();
        for segment in segments {
            let part = pattern.next()?;
            if part.starts_with('{') {
                variables.push(segment.clone());
            } else if part != segment {
                return None;
            }
        }
        pattern.next().is_none().then_some(variables)
    }
}

/// All endpoints of a path, with the texts of its variables.
pub(crate) fn of_path(segments: &[String]) -> Vec<(&'static Route, Vec<String>)> {
    ROUTES.iter().filter_map(|route| Some((route, route.matches(segments)?))).collect()
}

/// The methods of a path, as `Allow` has them.
pub(crate) fn methods(routes: &[(&'static Route, Vec<String>)]) -> Vec<&'static str> {
    let mut methods: Vec<_> = routes.iter().map(|(route, _)| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.insert(0, "HEAD");
    }
    methods.push("OPTIONS");
    methods
}
