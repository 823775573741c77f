//! Plugins and their configurations.

use connect_api::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use super::connectors::mask_of;
use crate::herder::{ConfigInput, ConnectorConfig};
use crate::plugins::PluginKind;
use crate::rest::api::Api;
use crate::rest::body;
use crate::rest::reply::{Failure, Reply, ok};

/// A plugin in the list of plugins.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PluginRow {
    /// Its name.
    class: String,
    /// `sink`, `source`, `transformation`, `predicate`, `converter` or `header_converter`.
    #[serde(rename = "type")]
    kind: String,
    /// Its version, unless it has none.
    #[serde(default)]
    version: Option<String>,
}

pub(super) fn list(api: &Api, ask: &Ask) -> Reply {
    let connectors_only = ask.flag("connectorsOnly", true);
    let mut plugins = api.herder.worker().plugins().list();
    plugins.retain(|plugin| !connectors_only || matches!(plugin.kind, PluginKind::Sink | PluginKind::Source));
    ok(&plugins)
}

pub(super) fn config(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let plugin = ask.variable(0);
    let version = ask.values("version").next().filter(|version| !version.is_empty());
    let keys = api.herder.worker().plugin_config(plugin, version);
    let keys = keys.map_err(|error| Failure::bad_request(error.to_string()))?;
    Ok(ok(&keys.ok_or_else(|| Failure::not_found(format!("Unknown plugin {plugin}.")))?))
}

pub(super) async fn validate(api: &Api, ask: &Ask) -> Result<Reply, Failure> {
    let given = body::config(&ask.body)?;
    let mask = mask_of(api, &given);
    // What stands for a secret is the present one of the connector of this name, if there is one.
    let stored = given.get("name").and_then(|name| api.herder.config(name.as_deref()?).ok());
    let given = match stored {
        Some(stored) => mask.restore(given.clone(), &stored).unwrap_or(given),
        None => given,
    };
    let texts = texts(&given);
    let answer = api.herder.worker().config_infos(ask.variable(0), &given).await;
    let mut infos = answer.map_err(|error| Failure::bad_request(mask.text(&texts, &error.to_string())))?;
    for value in infos.configs.iter_mut().map(|row| &mut row.value) {
        value.value = value.value.take().map(|shown| mask.value(&value.name, &shown));
        for error in &mut value.errors {
            *error = mask.text(&texts, error);
        }
    }
    Ok(ok(&infos))
}

/// The keys that have a value.
pub(super) fn texts(given: &ConfigInput) -> ConnectorConfig {
    given.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect()
}
