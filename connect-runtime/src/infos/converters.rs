//! The rows of converters that the configuration names.

use connect_api::config::{ConfigKey, ConfigType, Importance};

use super::rows::Rows;
use crate::plugins::{PluginInfo, PluginKind, Plugins, version};

/// A converter without this key of every other.
const SIMPLE: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

/// Adds the rows.
pub(super) fn rows(rows: &mut Rows<'_>, plugins: &Plugins) {
    let converters =
        [("header", PluginKind::HeaderConverter), ("key", PluginKind::Converter), ("value", PluginKind::Converter)];
    for (what, kind) in converters {
        let owner = format!("{what}.converter");
        let found = rows.text(&owner).and_then(|class| plugins.keyed(kind, class));
        let asked = rows.text(&format!("{owner}.plugin.version")).unwrap_or_default();
        let there = |(info, _): &(&PluginInfo, _)| version::check(info.class, info.version, asked).is_ok();
        let Some((info, own)) = found.filter(there) else { continue };
        for key in keys(info.class, own) {
            let is_type = key.name == "converter.type";
            let name = key.name.clone();
            let value = rows.define(info.class, &name, ConfigKey { name: format!("{owner}.{name}"), ..key });
            if is_type {
                value.value = Some(what.to_owned());
            }
        }
    }
}

/// A converter's keys, with the one that says what it converts, which the runtime sets.
pub(super) fn keys(class: &str, own: Vec<ConfigKey>) -> Vec<ConfigKey> {
    let kind = ConfigKey {
        required: true,
        importance: Importance::Low,
        documentation: "What it converts: key, value or header. Set by the runtime.".into(),
        ..ConfigKey::new("converter.type", ConfigType::String)
    };
    (class != SIMPLE).then_some(kind).into_iter().chain(own).collect()
}
