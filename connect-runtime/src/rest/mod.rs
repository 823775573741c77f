//! Kafka Connect's REST API for a [`Herder`], and what keeps it safe.
//!
//! ```no_run
//! use std::sync::Arc;
//! use connect_runtime::herder::Herder;
//! use connect_runtime::rest::{Rest, RestConfig};
//!
//! # async fn run(herder: Arc<dyn Herder>) -> Result<(), Box<dyn std::error::Error>> {
//! let mut config = RestConfig::default();
//! config.listeners = vec!["http://127.0.0.1:0".into()];
//! let server = Rest::new(herder, config)?.serve().await?;
//! println!("REST at {}", server.url());
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! A host that has an axum server of its own puts [`Rest::router`] into it instead, under any path.
//!
//! What every request goes through, in this order: the rate limit of its address, `Host` and `Origin` (a page of another
//! origin must not drive a worker through somebody's browser), authentication, the endpoint, the role, the types of
//! content, the size of its body, and the deadline. Secrets that are written in configurations are not shown, see
//! [`RestConfig::show_secrets`].

mod api;
mod auth;
mod body;
mod gate;
mod handlers;
mod limit;
mod loggers;
mod mask;
mod openapi;
mod path;
mod reply;
mod routes;
mod serve;
mod service;
mod settings;
mod ui;

use std::sync::Arc;

use axum::Router;
use connect_api::config::ConfigErrors;

pub use loggers::{LogLevel, LoggerControl, LoggerLevel};
pub use reply::ErrorMessage;
pub use serve::{RestListeners, RestServer};
pub use settings::{RestConfig, SslProperties};

use crate::herder::Herder;
use api::Api;

/// A REST interface that is not served yet.
#[derive(Debug)]
pub struct Rest {
    api: Api,
}

impl Rest {
    /// The interface of a herder.
    ///
    /// # Errors
    /// What is wrong with the settings, or with the files they name, by key.
    pub fn new(herder: Arc<dyn Herder>, config: RestConfig) -> Result<Self, ConfigErrors> {
        let checked = config.checked()?;
        Ok(Self { api: Api::new(herder, config, checked) })
    }

    /// Lets `/admin/loggers` see and change what is logged. Without it there are no loggers.
    #[must_use]
    pub fn loggers(mut self, control: Arc<dyn LoggerControl>) -> Self {
        self.api.loggers = Some(control);
        self
    }

    /// All endpoints, for a server of the host's. Listeners, TLS and the limits of connections are the host's then, and
    /// all requests share one rate limit.
    pub fn router(self) -> Router {
        service::router(Arc::new(self.api))
    }

    /// Listens and answers until it is [shut down](RestServer::shutdown).
    ///
    /// # Errors
    /// As [`RestListeners::bind`].
    pub async fn serve(self) -> connect_api::Result<RestServer> {
        let listeners = RestListeners::bind(&self.api.config).await?;
        Ok(self.serve_at(listeners))
    }

    /// Answers at addresses that are listened at already. They are those of the same settings.
    pub fn serve_at(self, listeners: RestListeners) -> RestServer {
        serve::serve(&Arc::new(self.api), listeners)
    }
}
