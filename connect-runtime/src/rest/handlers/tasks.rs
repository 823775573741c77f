//! Tasks of connectors, their topics and their offsets.

use hyper::StatusCode;

use super::Ask;
use super::connectors::{done, told};
use crate::herder::ConnectorOffsets;
use crate::rest::api::Api;
use crate::rest::body;
use crate::rest::mask::Mask;
use crate::rest::reply::{Failure, Reply, empty, ok};

pub(super) fn list(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let mut tasks = api.herder.tasks(ask.variable(0))?;
    let (mask, _) = Mask::of_connector(api, ask.variable(0));
    for task in &mut tasks {
        task.config = mask.config(&task.config);
    }
    Ok(ok(&tasks))
}

pub(super) fn status(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let (name, number) = (ask.variable(0), ask.task()?);
    let missing = || Failure::not_found(format!("No status found for task {name}-{number}"));
    let mut status = api.herder.task_status(name, usize::try_from(number).map_err(|_| missing())?)?;
    if let Some(trace) = &mut status.trace {
        let (mask, config) = Mask::of_connector(api, name);
        *trace = mask.text(&config, trace);
    }
    Ok(ok(&status))
}

pub(super) async fn restart(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let (name, number) = (ask.variable(0), ask.task()?);
    let missing = || Failure::not_found(format!("Task {name}-{number} not found"));
    let number = usize::try_from(number).map_err(|_| missing())?;
    done(api, ask, api.herder.restart_task(name, number).await, StatusCode::NO_CONTENT)
}

pub(super) fn topics(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    Ok(ok(&api.herder.active_topics(ask.variable(0))?))
}

pub(super) async fn reset_topics(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    api.herder.reset_active_topics(ask.variable(0)).await?;
    Ok(empty(StatusCode::ACCEPTED))
}

pub(super) async fn offsets(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let name = ask.variable(0);
    Ok(ok(&api.herder.offsets(name).await.map_err(|error| told(api, name, error))?))
}

pub(super) async fn alter_offsets(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    body::object(&ask.body)?;
    let offsets: ConnectorOffsets = serde_json::from_slice(&ask.body).map_err(|error| {
        let shape = "{\"offsets\":[{\"partition\":{...},\"offset\":{...}}]}";
        Failure::bad_request(format!("the body holds no offsets: {error}; expected {shape}"))
    })?;
    if offsets.offsets.is_empty() {
        return Err(Failure::bad_request("Partitions / offsets need to be provided for an alter offsets request"));
    }
    let name = ask.variable(0);
    Ok(ok(&api.herder.alter_offsets(name, offsets).await.map_err(|error| told(api, name, error))?))
}

pub(super) async fn reset_offsets(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let name = ask.variable(0);
    Ok(ok(&api.herder.reset_offsets(name).await.map_err(|error| told(api, name, error))?))
}

/// What workers of a distributed cluster ask each other.
pub(super) fn standalone(what: &str) -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, format!("a standalone worker does not support {what}"))
}
