//! Checks that ask the cluster.

use std::sync::Arc;

use connect_api::config::ConfigErrors;
use hyper::Method;
use serde_json::{Value as Json, json};

use super::resources::TEMPLATES;
use crate::client::{Call, Client, escape};
use crate::config::{Settings, Target, TargetKind};
use crate::document::Plan;

/// What the configuration says that settings do not, and the keys that may be to blame.
pub(super) struct Blamed<'a> {
    /// The topics, unless transforms may rename them.
    pub(super) topics: &'a [String],
    /// The key with which the user is known to the server.
    pub(super) who: &'static str,
    /// The key of the mapping to resources.
    pub(super) mapping: &'static str,
    pub(super) user: bool,
    pub(super) protocol: bool,
    pub(super) proxy: bool,
}

/// Whether the cluster answers, is of a version that serves, and has what is said to be there.
pub(super) async fn check(settings: Settings, blamed: Blamed<'_>) -> Result<(), ConfigErrors> {
    let mut errors = ConfigErrors::new();
    let Settings { client, target, documents, .. } = settings;
    let urls: Vec<String> = client.nodes.iter().map(ToString::to_string).collect();
    let has_auth = client.auth.is_set();
    let signed = client.aws.as_ref().map(|aws| aws.source.blamed());
    let client = match Client::new(client) {
        Ok(client) => Arc::new(client),
        Err(error) => {
            errors.add("connection.url", None, error.to_string());
            return Err(errors);
        }
    };
    let reached = client.call(&Call::bare(Method::HEAD, "/")).await;
    let passing = match &reached {
        Ok(reply) => reply.is_passing(),
        Err(trouble) => trouble.is_passing(),
    };
    if let Err(trouble) = &reached
        && let Some(key) = trouble.of_keys()
    {
        let add = if passing { ConfigErrors::add_passing } else { ConfigErrors::add };
        add(&mut errors, key, None, trouble.to_string());
        return Err(errors);
    }
    if let Ok(reply) = &reached
        && reply.status == 403
        && let Some(key) = signed
        && let Some(why) = signature(&client).await
    {
        errors.add(key, None, format!("the server refuses the signature (status 403): {why}"));
        return Err(errors);
    }
    let unreachable = match &reached {
        // A user may write without being allowed to look, and a node may lack what answers here.
        Ok(reply) if reply.is_fine() || matches!(reply.status, 403..=405) => None,
        Ok(reply) if reply.status == 401 && has_auth => {
            Some((format!("the server does not know this user (status 401); check {}", blamed.who), vec![blamed.who]))
        }
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
        let add = if passing { ConfigErrors::add_passing } else { ConfigErrors::add };
        add(&mut errors, "connection.url", Some(urls.join(",")), message.clone());
        keys.into_iter().for_each(|key| add(&mut errors, key, None, message.clone()));
        return Err(errors);
    }
    if let Ok(Some(server)) = client.server().await
        && let Some(message) = server.unsupported(target.data_stream)
    {
        errors.add("connection.url", Some(urls.join(",")), message);
        return Err(errors);
    }
    if has_auth {
        let plans = blamed.topics.iter().filter_map(|topic| Plan::of(&topic.as_str().into(), &target, &documents).ok());
        let indices: Vec<_> = plans.map(|plan| plan.index).collect();
        privileges(&client, &target, &indices, blamed.who, &mut errors).await;
    }
    if let Some(name) = &target.template {
        template(&client, name, &mut errors).await;
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
                    let add = if reply.is_passing() { ConfigErrors::add_passing } else { ConfigErrors::add };
                    add(&mut errors, blamed.mapping, None, message);
                }
                Err(trouble) => {
                    let add = if trouble.is_passing() { ConfigErrors::add_passing } else { ConfigErrors::add };
                    add(&mut errors, blamed.mapping, None, format!("cannot ask for the {what} {name:?}: {trouble}"));
                }
            }
            break;
        }
    }
    errors.into_result()
}

/// What AWS says of a signature that it refuses. That a user may not look is said with the same status, and is no
/// mistake.
async fn signature(client: &Client) -> Option<String> {
    const LONGEST: usize = 500;
    let reply = client.call(&Call::bare(Method::GET, "/")).await.ok().filter(|reply| reply.status == 403)?;
    let answer: Json = serde_json::from_slice(&reply.body).ok()?;
    let said = answer.get("message").or_else(|| answer.get("Message"))?.as_str()?;
    let text = said.to_ascii_lowercase();
    let of_signature = text.contains("signature") || text.contains("security token");
    of_signature.then(|| said.chars().filter(|c| !c.is_control()).take(LONGEST).collect())
}

/// Whether there is the template of `index.template`, and indices can be made of it.
async fn template(client: &Client, name: &str, errors: &mut ConfigErrors) {
    let asked = client.call(&Call::bare(Method::GET, format!("/_index_template/{}", escape(name)))).await;
    let (message, passing) = match asked {
        Ok(reply) if reply.is_fine() => {
            let answer: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
            if answer.pointer("/index_templates/0/index_template/data_stream").is_none() {
                return;
            }
            (format!("the index template {name:?} is one of data streams; name one without `data_stream`"), false)
        }
        Ok(reply) if reply.status == 404 => {
            let message = format!(
                "there is no index template {name:?}; make it first (PUT /_index_template), or leave this key out"
            );
            (message, false)
        }
        Ok(reply) if matches!(reply.status, 401 | 403) => {
            (format!("the user may not see the index template {name:?} (status {}){TEMPLATES}", reply.status), false)
        }
        Ok(reply) => {
            let message =
                format!("the server answers with status {} when asked for the index template {name:?}", reply.status);
            (message, reply.is_passing())
        }
        Err(trouble) => (format!("cannot ask for the index template {name:?}: {trouble}"), trouble.is_passing()),
    };
    let add = if passing { ConfigErrors::add_passing } else { ConfigErrors::add };
    add(errors, "index.template", Some(name.to_owned()), message);
}

/// Whether the user may do what the task will do. Only servers with Elasticsearch's security can tell.
async fn privileges(
    client: &Client,
    target: &Target,
    indices: &[Arc<String>],
    who: &'static str,
    errors: &mut ConfigErrors,
) {
    if indices.is_empty() {
        return;
    }
    let write = if target.data_stream { "create_doc" } else { "write" };
    let wanted = [write, "view_index_metadata", "create_index"];
    let names: Vec<&str> = indices.iter().map(|index| index.as_str()).collect();
    let body = json!({ "index": [{ "names": names, "privileges": wanted }] });
    let asked = client.call(&Call::json(Method::POST, "/_security/user/_has_privileges", &body)).await;
    let Ok(reply) = asked else { return };
    if !reply.is_fine() {
        return;
    }
    let answer: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
    for index in names {
        let lacks = |privilege: &&str| answer["index"][index][*privilege] == false;
        let mut missing: Vec<&str> = wanted.into_iter().filter(lacks).collect();
        if missing.contains(&"create_index") {
            // What is there, or is made by a template, need not be made.
            let exists = client.call(&Call::bare(Method::HEAD, format!("/{}", escape(index)))).await;
            // Who may not look cannot tell.
            let is_there = exists.is_ok_and(|reply| reply.is_fine());
            let made = !is_there && !target.data_stream && !matches!(target.kind, TargetKind::External { .. });
            missing.retain(|privilege| *privilege != "create_index" || made);
        }
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let message =
                format!("this user may not write to {index:?}: it lacks {missing}; grant it a role that has them");
            errors.add(who, None, message);
        }
    }
}
