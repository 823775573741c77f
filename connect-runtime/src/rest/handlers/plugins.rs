//! Plugins and their configurations.

use connect_api::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ask;
use crate::plugins::PluginKind;
use crate::rest::api::Api;
use crate::rest::reply::{Reply, ok};

/// A plugin in the list of plugins.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PluginRow {
    /// Its name.
    class: String,
    /// `sink`, `source`, `transformation`, `predicate`, `converter` or `header_converter`.
    #[serde(rename = "type")]
    kind: String,
    /// Its version.
    version: String,
}

pub(super) fn list(api: &Api, ask: &Ask) -> Reply {
    let connectors_only = ask.flag("connectorsOnly", true);
    let mut plugins = api.herder.worker().plugins().list();
    plugins.retain(|plugin| !connectors_only || matches!(plugin.kind, PluginKind::Sink | PluginKind::Source));
    let row = |plugin: &crate::PluginInfo| PluginRow {
        class: plugin.class.to_owned(),
        kind: plugin.kind.to_string(),
        version: plugin.version.to_owned(),
    };
    ok(&plugins.iter().map(row).collect::<Vec<_>>())
}
