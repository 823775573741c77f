//! Checks and settings that both configurations share.

use std::collections::BTreeMap;
use std::time::Duration;

use connect_api::config::{ConfigErrors, Secret};

use super::choice::{Routing, VersionType, WriteMethod};
use super::extra::ExtraConfig;
use super::settings::Script;
use crate::client::{Auth, Node};

/// Collects what is wrong.
pub(super) struct Checker {
    pub(super) errors: ConfigErrors,
}

impl Checker {
    /// The same about several keys.
    pub(super) fn wrong(&mut self, keys: &[&str], message: &str) {
        for key in keys {
            self.errors.add(*key, None, message);
        }
    }

    pub(super) fn wrong_if(&mut self, wrong: bool, keys: &[&str], message: &str) {
        if wrong {
            self.wrong(keys, message);
        }
    }

    /// Pairs `left:right`, each once.
    pub(super) fn pairs(&mut self, key: &str, items: &[String], unique_right: bool) -> BTreeMap<String, String> {
        let mut pairs: BTreeMap<String, String> = BTreeMap::new();
        for item in items {
            let parts: Vec<&str> = item.split(':').map(str::trim).collect();
            let [left, right] = parts[..] else {
                self.wrong(&[key], &format!("{item:?} is no pair topic:resource"));
                continue;
            };
            if left.is_empty() || right.is_empty() {
                self.wrong(&[key], &format!("{item:?} is no pair topic:resource: a half of it is empty"));
                continue;
            }
            if unique_right && pairs.values().any(|known| known == right) {
                self.wrong(&[key], &format!("resource {right:?} is named more than once"));
            }
            if pairs.insert(left.to_owned(), right.to_owned()).is_some() {
                self.wrong(&[key], &format!("topic {left:?} is named more than once"));
            }
        }
        pairs
    }

    /// Whether the mapped topics are those of `topics`; with `topics.regex` nobody can tell.
    pub(super) fn topics_mapped(&mut self, key: &str, topics: &[String], pairs: &BTreeMap<String, String>) {
        if topics.is_empty() {
            return;
        }
        for topic in topics.iter().filter(|topic| !pairs.contains_key(*topic)) {
            self.wrong(&[key], &format!("topic {topic:?} of `topics` has no resource"));
        }
        for topic in pairs.keys().filter(|topic| !topics.contains(topic)) {
            self.wrong(&[key], &format!("topic {topic:?} is not among `topics`: {}", topics.join(", ")));
        }
    }

    /// Whether `index.template` and `index.settings.*` have an effect: on indices that are made, that is. `instead` says
    /// what has one elsewhere.
    pub(super) fn creation(&mut self, made: bool, settings: bool, extra: &ExtraConfig, instead: &str) {
        let message = format!("no index is made, so it would have no effect; {instead}");
        self.wrong_if(!made && extra.template().is_some(), &["index.template"], &message);
        self.wrong_if(!settings && !extra.index_settings.is_empty(), &["index.settings"], &message);
    }

    /// The nodes of the URLs, and the path that these have.
    pub(super) fn nodes(&mut self, urls: &[String], extra: &ExtraConfig) -> (Vec<Node>, String) {
        let mut nodes: Vec<Node> = Vec::new();
        let mut path = extra.path_prefix.trim_matches('/').to_owned();
        if let Some(id) = &extra.cloud_id {
            match Node::of_cloud_id(id) {
                Ok(node) => nodes.push(node),
                Err(message) => self.errors.add("connection.cloud.id", Some(id.clone()), message),
            }
            self.wrong_if(
                !urls.is_empty(),
                &["connection.url", "connection.cloud.id"],
                "connection.url and connection.cloud.id name the cluster both; set one of them",
            );
        } else if urls.is_empty() {
            self.wrong(&["connection.url"], "missing: the URL of at least one node, such as http://localhost:9200");
        }
        for url in urls {
            match Node::parse(url) {
                Ok((node, own)) => {
                    if !own.is_empty() && !path.is_empty() && own != path {
                        self.wrong(
                            &["connection.url"],
                            "all URLs must have the same path, that of the proxy before the cluster",
                        );
                    }
                    if !own.is_empty() {
                        path = own;
                    }
                    if !nodes.contains(&node) {
                        nodes.push(node);
                    }
                }
                Err(message) => self.errors.add("connection.url", Some(url.clone()), message),
            }
        }
        (nodes, if path.is_empty() { path } else { format!("/{path}") })
    }

    /// Who we say we are.
    pub(super) fn auth(
        &mut self,
        username: Option<&String>,
        password: Option<&Secret<String>>,
        extra: &ExtraConfig,
    ) -> Auth {
        self.wrong_if(
            username.is_some() != password.is_some(),
            &["connection.username", "connection.password"],
            "connection.username and connection.password must be set both, or neither",
        );
        let mut ways = Vec::new();
        if username.is_some() || password.is_some() {
            ways.push("connection.username");
        }
        if extra.api_key.is_some() {
            ways.push("connection.api.key");
        }
        if extra.bearer_token.is_some() {
            ways.push("connection.bearer.token");
        }
        if ways.len() > 1 {
            let message = format!("set only one of {}", ways.join(", "));
            self.wrong(&ways, &message);
        }
        let auth = match (username, password, &extra.api_key, &extra.bearer_token) {
            (Some(user), Some(password), ..) => Auth::basic(user, password.expose()),
            (_, _, Some(key), _) => Auth::api_key(key.expose()),
            (.., Some(token)) => Auth::bearer(token.expose()),
            _ => Some(Auth::none()),
        };
        if auth.is_none() {
            self.wrong(&ways, "it has characters that no HTTP header can have");
        }
        auth.unwrap_or_else(Auth::none)
    }

    pub(super) fn script(&mut self, method: WriteMethod, extra: &ExtraConfig, method_key: &str) -> Option<Script> {
        let script = match (&extra.script_id, &extra.script_source) {
            (Some(id), None) => Some(Script::Stored(id.clone())),
            (None, Some(source)) => Some(Script::Source(source.clone())),
            (Some(_), Some(_)) => {
                self.wrong(&["script.id", "script.source"], "set only one of script.id, script.source");
                None
            }
            (None, None) => {
                self.wrong_if(
                    method == WriteMethod::ScriptedUpsert,
                    &[method_key],
                    "scripted_upsert needs script.id or script.source",
                );
                return None;
            }
        };
        self.wrong_if(
            method != WriteMethod::ScriptedUpsert,
            &["script.id", "script.source"],
            &format!("a script is used with {method_key}=scripted_upsert alone"),
        );
        script
    }

    /// Where versions come from, with the name of the header or field.
    pub(super) fn version(&mut self, header: &str, extra: &ExtraConfig) -> (VersionType, String) {
        match extra.version_type {
            VersionType::Header if header.is_empty() => {
                self.wrong(&["version.type"], "header needs external.version.header");
            }
            VersionType::Field if extra.version_field.is_none() => {
                self.wrong(&["version.type"], "field needs version.field");
            }
            VersionType::Field => {
                return (VersionType::Field, extra.version_field.clone().unwrap_or_default());
            }
            VersionType::Offset if !header.is_empty() => return (VersionType::Header, header.to_owned()),
            _ => {}
        }
        (extra.version_type, header.to_owned())
    }

    pub(super) fn routing_path(&mut self, extra: &ExtraConfig) -> Vec<String> {
        let Some(path) = extra.routing_path.as_deref().filter(|path| !path.is_empty()) else {
            self.wrong_if(
                extra.routing == Routing::Value,
                &["routing.type.record.value.path"],
                "routing.type=value needs the path of the value, such as /customer/id",
            );
            return Vec::new();
        };
        self.wrong_if(
            !path.starts_with('/'),
            &["routing.type.record.value.path"],
            "it is no JSON pointer: one begins with a slash",
        );
        path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
    }
}

/// Bytes that a task holds at most. While all requests are under way the next one is made up; more would only wait.
pub(super) fn most_bytes(extra: &ExtraConfig, request: usize, in_flight: u32) -> usize {
    // Documents may be larger than requests are to be.
    const LEAST: usize = 8 << 20;
    const MOST: usize = 64 << 20;
    let requests = usize::try_from(in_flight).unwrap_or(usize::MAX).saturating_add(1);
    match extra.max_in_flight_bytes {
        Some(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
        None => request.saturating_mul(requests).clamp(LEAST, MOST),
    }
}

/// The path of bulk requests, with what is to be answered.
pub(super) fn bulk_path(extra: &ExtraConfig) -> String {
    let mut path = "/_bulk?filter_path=errors,items.*.status,items.*.error,items.*.failure_store".to_owned();
    if let Some(pipeline) = extra.pipeline.as_deref().filter(|pipeline| !pipeline.is_empty()) {
        path += "&pipeline=";
        path += &crate::client::escape(pipeline);
    }
    if extra.require_alias {
        path += "&require_alias=true";
    }
    if extra.require_data_stream {
        path += "&require_data_stream=true";
    }
    path
}

pub(super) fn positive(millis: i64) -> Option<Duration> {
    u64::try_from(millis).ok().map(Duration::from_millis)
}
