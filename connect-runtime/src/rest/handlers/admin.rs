//! Loggers.

use std::collections::BTreeMap;

use hyper::StatusCode;

use super::Ask;
use crate::rest::api::Api;
use crate::rest::body;
use crate::rest::loggers::LoggerLevel;
use crate::rest::reply::{Failure, Reply, empty, ok};

fn all(api: &Api) -> BTreeMap<String, LoggerLevel> {
    api.loggers.as_ref().map(|loggers| loggers.loggers()).unwrap_or_default()
}

pub(super) fn list(api: &Api) -> Reply {
    ok(&all(api))
}

pub(super) fn get(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let name = ask.variable(0);
    let level = all(api).get(name).copied();
    Ok(ok(&level.ok_or_else(|| Failure::not_found(format!("Logger {name} not found.")))?))
}

pub(super) fn set(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let name = ask.variable(0);
    let level = body::text_member(&ask.body, "level")?
        .ok_or_else(|| Failure::bad_request("Desired 'level' parameter was not specified in request."))?;
    let possible = "possible: OFF, ERROR, WARN, INFO, DEBUG, TRACE";
    let parsed = level.trim().parse();
    let level = parsed.map_err(|()| Failure::not_found(format!("invalid log level '{level}'; {possible}")))?;
    let Some(loggers) = &api.loggers else {
        return Err(Failure::not_found(format!(
            "Logger {name} not found: this program lets nobody change its loggers"
        )));
    };
    let changed = loggers.set_level(name, level);
    let scope = ask.values("scope").next().unwrap_or("worker");
    // There is one worker, so its loggers are all there are.
    Ok(if scope.eq_ignore_ascii_case("cluster") { empty(StatusCode::NO_CONTENT) } else { ok(&changed) })
}
