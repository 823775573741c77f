//! What all endpoints share.

use std::fmt;
use std::sync::{Arc, OnceLock};

use connect_kafka::Clock;
use serde_json::Value;

use super::limit::Limit;
use super::loggers::LoggerControl;
use super::openapi;
use super::settings::{Checked, RestConfig};
use crate::herder::Herder;

/// Wrong passwords of one address: so many at once, then one in so many seconds.
const WRONG_AT_ONCE: f64 = 10.0;
const SECONDS_FOR_ONE_MORE: f64 = 6.0;

pub(crate) struct Api {
    pub(crate) herder: Arc<dyn Herder>,
    pub(crate) config: RestConfig,
    pub(crate) checked: Checked,
    pub(crate) loggers: Option<Arc<dyn LoggerControl>>,
    /// None without a limit.
    pub(crate) requests: Option<Limit>,
    pub(crate) wrong_passwords: Limit,
    pub(crate) clock: Clock,
    openapi: OnceLock<Value>,
}

impl Api {
    pub(crate) fn new(herder: Arc<dyn Herder>, config: RestConfig, checked: Checked) -> Self {
        let requests = f64::from(config.requests_per_second);
        Self {
            herder,
            checked,
            loggers: None,
            requests: (requests > 0.0).then(|| Limit::new(requests, requests)),
            wrong_passwords: Limit::new(1.0 / SECONDS_FOR_ONE_MORE, WRONG_AT_ONCE),
            clock: Clock::system(),
            openapi: OnceLock::new(),
            config,
        }
    }

    /// The OpenAPI document, made when it is first asked for.
    pub(crate) fn openapi(&self) -> &Value {
        self.openapi.get_or_init(openapi::document)
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("config", &self.config).finish_non_exhaustive()
    }
}
