//! Connectors and their configurations.

use std::collections::BTreeMap;

use hyper::StatusCode;
use hyper::header::{HeaderValue, LOCATION};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::Ask;
use super::plugins::texts;
use crate::herder::{ConfigInput, ConnectorConfig, ConnectorInfo, ConnectorStateInfo, HerderError};
use crate::rest::api::Api;
use crate::rest::body;
use crate::rest::mask::Mask;
use crate::rest::path::encode;
use crate::rest::reply::{Failure, Reply, empty, json, ok};
use crate::worker::{InitialState, RestartOptions};

/// What `expand` asks for of a connector, in the order of the query.
#[derive(Debug, Default)]
struct Expanded {
    status: Option<ConnectorStateInfo>,
    info: Option<ConnectorInfo>,
    info_first: bool,
}

impl Serialize for Expanded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let info = self.info.as_ref();
        info.filter(|_| self.info_first).map_or(Ok(()), |info| map.serialize_entry("info", info))?;
        self.status.as_ref().map_or(Ok(()), |status| map.serialize_entry("status", status))?;
        info.filter(|_| !self.info_first).map_or(Ok(()), |info| map.serialize_entry("info", info))?;
        map.end()
    }
}

pub(super) fn list(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let names = api.herder.connectors();
    let expand: Vec<_> = ask.values("expand").collect();
    if expand.is_empty() {
        return Ok(ok(&names.iter().map(AsRef::as_ref).collect::<Vec<&str>>()));
    }
    let info_first = expand.iter().find(|what| ["status", "info"].contains(what)) == Some(&"info");
    let mut all = BTreeMap::new();
    for name in names {
        let mut expanded = Expanded { info_first, ..Expanded::default() };
        if expand.contains(&"status") {
            // It may be gone meanwhile, or have no status yet.
            let Ok(status) = api.herder.status(&name) else { continue };
            expanded.status = Some(shown_status(api, status));
        }
        if expand.contains(&"info") {
            let Ok(info) = api.herder.connector(&name) else { continue };
            expanded.info = Some(shown(api, info));
        }
        all.insert(name.to_string(), expanded);
    }
    Ok(ok(&all))
}

pub(super) async fn create(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let create = body::create(&ask.body)?;
    let state: InitialState = match &create.initial_state {
        Some(state) => state.parse().map_err(|error: connect_api::Error| Failure::bad_request(error.to_string()))?,
        None => InitialState::default(),
    };
    let mask = mask_of(api, &create.config);
    let config = mask.restore(create.config, &ConnectorConfig::new())?;
    let created = api.herder.create(&create.name, config.clone(), state).await;
    let info = created.map_err(|error| hidden(&mask, &config, error))?;
    Ok(located(ask, shown(api, info)))
}

pub(super) fn get(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    Ok(ok(&shown(api, api.herder.connector(ask.variable(0))?)))
}

pub(super) async fn delete(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    done(api, ask, api.herder.delete(ask.variable(0)).await, StatusCode::NO_CONTENT)
}

pub(super) fn config(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let config = api.herder.config(ask.variable(0))?;
    Ok(ok(&mask_of_stored(api, &config).config(&config)))
}

pub(super) async fn put_config(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let name = ask.variable(0);
    let (mask, config) = given(api, name, body::config(&ask.body)?)?;
    let put = api.herder.put_config(name, config.clone()).await.map_err(|error| hidden(&mask, &config, error))?;
    let info = shown(api, put.info);
    Ok(if put.created { located(ask, info) } else { ok(&info) })
}

pub(super) async fn patch_config(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let name = ask.variable(0);
    let (mask, patch) = given(api, name, body::config(&ask.body)?)?;
    let patched = api.herder.patch_config(name, patch.clone()).await;
    Ok(ok(&shown(api, patched.map_err(|error| hidden(&mask, &patch, error))?)))
}

pub(super) async fn plan(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let name = ask.variable(0);
    let (mask, config) = given(api, name, body::config(&ask.body)?)?;
    let plan = api.herder.plan(name, config.clone()).await;
    Ok(ok(&plan.map_err(|error| hidden(&mask, &config, error))?))
}

pub(super) fn status(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    Ok(ok(&shown_status(api, api.herder.status(ask.variable(0))?)))
}

pub(super) async fn restart(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let options =
        RestartOptions { include_tasks: ask.flag("includeTasks", false), only_failed: ask.flag("onlyFailed", false) };
    match api.herder.restart(ask.variable(0), options).await {
        Ok(Some(status)) => Ok(json(StatusCode::ACCEPTED, &shown_status(api, status))),
        other => done(api, ask, other.map(drop), StatusCode::NO_CONTENT),
    }
}

pub(super) async fn pause(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    done(api, ask, api.herder.pause(ask.variable(0)).await, StatusCode::ACCEPTED)
}

pub(super) async fn resume(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    done(api, ask, api.herder.resume(ask.variable(0)).await, StatusCode::ACCEPTED)
}

pub(super) async fn stop(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    done(api, ask, api.herder.stop(ask.variable(0)).await, StatusCode::NO_CONTENT)
}

/// An answer without a body to what was done with a connector, or why it was not.
pub(super) fn done(
    api: &Api,
    ask: &Ask,
    result: Result<(), HerderError>,
    status: StatusCode,
) -> Result<Reply, Failure> {
    result.map(|()| empty(status)).map_err(|error| told(api, ask.variable(0), error))
}

/// An error about a connector, without its secrets.
pub(super) fn told(api: &Api, name: &str, error: HerderError) -> Failure {
    let (mask, stored) = Mask::of_connector(api, name);
    let mut failure = Failure::from(error);
    failure.message = mask.text(&stored, &failure.message);
    failure
}

/// A connector as it may be shown.
fn shown(api: &Api, mut info: ConnectorInfo) -> ConnectorInfo {
    info.config = mask_of_stored(api, &info.config).config(&info.config);
    info
}

fn shown_status(api: &Api, mut status: ConnectorStateInfo) -> ConnectorStateInfo {
    let traces = || std::iter::once(&status.connector.trace).chain(status.tasks.iter().map(|task| &task.trace));
    if traces().all(Option::is_none) {
        return status;
    }
    let (mask, config) = Mask::of_connector(api, &status.name);
    let tasks = status.tasks.iter_mut().map(|task| &mut task.trace);
    for trace in std::iter::once(&mut status.connector.trace).chain(tasks).flatten() {
        *trace = mask.text(&config, trace);
    }
    status
}

fn located(ask: &Ask, info: ConnectorInfo) -> Reply {
    let mut reply = json(StatusCode::CREATED, &info);
    let location = format!("{}/connectors/{}", ask.location, encode(&info.name));
    if let Ok(value) = HeaderValue::from_str(&location) {
        reply.headers_mut().insert(LOCATION, value);
    }
    reply
}

/// A configuration for a connector, with the secrets it has where these are hidden.
fn given(api: &Api, name: &str, config: ConfigInput) -> Result<(Mask, ConfigInput), Failure> {
    let stored = api.herder.config(name).unwrap_or_default();
    let class = config.get("connector.class").cloned().flatten().or_else(|| stored.get("connector.class").cloned());
    let config = mask_of_stored(api, &stored).restore(config, &stored)?;
    Ok((Mask::of(api, class.as_deref()), config))
}

pub(super) fn mask_of(api: &Api, config: &ConfigInput) -> Mask {
    Mask::of(api, config.get("connector.class").and_then(Option::as_deref))
}

fn mask_of_stored(api: &Api, config: &ConnectorConfig) -> Mask {
    Mask::of(api, config.get("connector.class").map(String::as_str))
}

/// An error about a configuration, without the secrets in it.
pub(super) fn hidden(mask: &Mask, config: &ConfigInput, error: HerderError) -> Failure {
    let mut failure = Failure::from(error);
    failure.message = mask.text(&texts(config), &failure.message);
    failure
}
