//! Checks that ask the cluster.

use std::sync::Arc;

use connect_api::config::ConfigErrors;
use hyper::Method;

use crate::client::{Call, Client, escape};
use crate::config::{Settings, TargetKind};

/// The keys that may be to blame when the cluster cannot be reached.
pub(super) struct Blamed {
    /// The key of the mapping to resources.
    pub(super) mapping: &'static str,
    pub(super) user: bool,
    pub(super) protocol: bool,
    pub(super) proxy: bool,
}

/// Whether the cluster answers, is of a version that serves, and has what is said to be there.
pub(super) async fn check(settings: Settings, blamed: Blamed) -> Result<(), ConfigErrors> {
    let mut errors = ConfigErrors::new();
    let Settings { client, target, .. } = settings;
    let urls: Vec<String> = client.nodes.iter().map(ToString::to_string).collect();
    let has_auth = client.auth.is_set();
    let client = match Client::new(client) {
        Ok(client) => Arc::new(client),
        Err(error) => {
            errors.add("connection.url", None, error.to_string());
            return Err(errors);
        }
    };
    let reached = client.call(&Call::bare(Method::HEAD, "/")).await;
    let unreachable = match &reached {
        // A user may write without being allowed to look, and a node may lack what answers here.
        Ok(reply) if reply.is_fine() || matches!(reply.status, 403..=405) => None,
        Ok(reply) if reply.status == 401 && has_auth => Some((
            "the server does not know this user (status 401); check user and password, or the API key".to_owned(),
            vec!["connection.username", "connection.password"],
        )),
        Ok(reply) if reply.status == 401 => Some((
            "the server wants to know who asks (status 401); set connection.username and connection.password, or \
             connection.api.key"
                .to_owned(),
            vec!["connection.username", "connection.password"],
        )),
        Ok(reply) => Some((format!("the server answers with status {}", reply.status), vec![])),
        Err(trouble) => {
            let mut keys = Vec::new();
            if trouble.is_tls() || blamed.protocol {
                keys.push("elastic.security.protocol");
            }
            if blamed.user && !trouble.is_tls() {
                keys.extend(["connection.username", "connection.password"]);
            }
            if blamed.proxy {
                keys.push("proxy.host");
            }
            Some((trouble.to_string(), keys))
        }
    };
    if let Some((message, keys)) = unreachable {
        errors.add("connection.url", Some(urls.join(",")), message.clone());
        keys.into_iter().for_each(|key| errors.add(key, None, message.clone()));
        return Err(errors);
    }
    if let Ok(Some(server)) = client.server().await
        && let Some(message) = server.unsupported(target.data_stream)
    {
        errors.add("connection.url", Some(urls.join(",")), message);
        return Err(errors);
    }
    if let TargetKind::External { names, alias } = &target.kind {
        for name in names.values() {
            let (what, path) = match alias {
                true => ("alias", format!("/_alias/{}", escape(name))),
                false => ("index or data stream", format!("/{}", escape(name))),
            };
            match client.call(&Call::bare(Method::HEAD, path)).await {
                Ok(reply) if reply.is_fine() => continue,
                Ok(reply) if reply.status == 404 => {
                    errors.add(blamed.mapping, None, format!("there is no {what} {name:?}; make it first"));
                }
                Ok(reply) => {
                    let message =
                        format!("the server answers with status {} when asked for the {what} {name:?}", reply.status);
                    errors.add(blamed.mapping, None, message);
                }
                Err(trouble) => {
                    errors.add(blamed.mapping, None, format!("cannot ask for the {what} {name:?}: {trouble}"))
                }
            }
            break;
        }
    }
    errors.into_result()
}
