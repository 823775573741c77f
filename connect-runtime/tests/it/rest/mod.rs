//! The REST interface over loopback.

mod client;
mod connectors;
mod hanging;
mod http;
mod loggers;
mod openapi;
mod safety;
mod taint;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use connect_runtime::rest::{Rest, RestConfig, RestServer};
use serde_json::Value;

use crate::herder::support::Rig;
use client::Answer;

/// A herder with its interface.
struct Place {
    rig: Rig,
    server: RestServer,
}

/// One request of a table, and what has to come: method, path, body, status, and what the body has to hold.
type Row<'a> = (&'a str, &'a str, Option<&'a str>, u16, &'a str);

impl Place {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut RestConfig)) -> Self {
        let rig = Rig::start().await;
        let mut config = RestConfig { listeners: vec!["http://127.0.0.1:0".into()], ..RestConfig::default() };
        change(&mut config);
        let rest = Rest::new(Arc::new(rig.herder.clone()), config).unwrap_or_else(|errors| panic!("{errors}"));
        let server = rest.serve().await.unwrap_or_else(|error| panic!("{error}"));
        Self { rig, server }
    }

    fn address(&self) -> SocketAddr {
        self.server.addresses()[0]
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        client::ask(self.address(), method, path, &[], body).await
    }

    async fn ask_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        client::ask(self.address(), method, path, headers, body).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, None).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// Asks one after the other. Errors have to say their status.
    async fn rows(&self, rows: &[Row<'_>]) {
        for (method, path, body, status, holds) in rows {
            let answer = self.ask(method, path, *body).await;
            assert_eq!(answer.status, *status, "{method} {path} {body:?}: {answer:?}");
            assert!(answer.body.contains(holds), "{method} {path} {body:?}: {holds} is not in {answer:?}");
            if *status >= 400 {
                answer.message();
            }
        }
    }
}
