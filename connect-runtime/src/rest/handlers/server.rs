//! The worker itself.

use connect_api::JsonSchema;
use hyper::StatusCode;
use serde::{Deserialize, Serialize};

use crate::KAFKA_VERSION;
use crate::rest::api::Api;
use crate::rest::reply::{Reply, json, ok, text};

/// What answers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ServerInfo {
    /// The version of Kafka whose REST API this is.
    version: String,
    /// The program and its version.
    commit: String,
    /// The Kafka cluster.
    kafka_cluster_id: String,
}

/// How the worker is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WorkerHealth {
    /// `healthy`, or `starting`.
    status: String,
    /// The same in words.
    message: String,
}

pub(super) fn info(api: &Api) -> Reply {
    ok(&ServerInfo {
        version: KAFKA_VERSION.into(),
        commit: concat!("connect-rust-", env!("CARGO_PKG_VERSION")).into(),
        kafka_cluster_id: api.herder.cluster_id().to_owned(),
    })
}

pub(super) fn health(api: &Api) -> Reply {
    let (code, status, message) = if api.herder.is_ready() {
        (StatusCode::OK, "healthy", "Worker has completed startup and is ready to handle requests.")
    } else {
        let message = "Worker is still starting up: it reads what was kept, and starts its connectors.";
        (StatusCode::SERVICE_UNAVAILABLE, "starting", message)
    };
    json(code, &WorkerHealth { status: status.into(), message: message.into() })
}

pub(super) fn openapi(api: &Api) -> Reply {
    ok(api.openapi())
}

/// All numbers, as Prometheus reads them.
pub(super) fn metrics(api: &Api) -> Reply {
    text(StatusCode::OK, crate::metrics::MetricsSnapshot::CONTENT_TYPE, api.herder.worker().metrics().render())
}
