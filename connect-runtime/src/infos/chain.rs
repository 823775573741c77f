//! The rows of transforms and predicates.

use connect_api::config::{ConfigKey, ConfigType, Importance, Width};

use super::rows::Rows;
use crate::plugins::{PluginInfo, PluginKind, Plugins, version};

/// Adds the rows of one list of aliases.
pub(super) fn rows(rows: &mut Rows<'_>, plugins: &Plugins, kind: PluginKind) {
    let (list, what, group) = match kind {
        PluginKind::Transformation => ("transforms", "Transformation", "Transforms"),
        _ => ("predicates", "Predicate", "Predicates"),
    };
    for alias in aliases(rows.text(list)) {
        let prefix = format!("{list}.{alias}.");
        let group = format!("{group}: {alias}");
        let type_key = format!("{prefix}type");
        let given = rows.text(&type_key);
        let found = given.filter(|class| !class.trim().is_empty()).and_then(|class| plugins.keyed(kind, class));
        let key = ConfigKey {
            required: true,
            importance: Importance::High,
            documentation: format!("Class or alias of the {}.", what.to_lowercase()),
            group: Some(group.clone()),
            width: Width::Long,
            display_name: format!("{what} type for {alias}"),
            order_in_group: 0,
            recommended: plugins.classes(kind),
            ..ConfigKey::new(&type_key, ConfigType::Class)
        };
        rows.define("", "", key).value = found.as_ref().map(|(info, _)| info.class.to_owned());
        let version = found.as_ref().map(|(info, _)| info.version.to_owned());
        let key = ConfigKey {
            default_value: version.clone(),
            importance: Importance::High,
            documentation: format!("Which version of the {} is wanted.", what.to_lowercase()),
            group: Some(group.clone()),
            width: Width::Long,
            display_name: format!("{what} version for {alias}"),
            order_in_group: 1,
            recommended: version.into_iter().collect(),
            ..ConfigKey::new(format!("{prefix}plugin.version"), ConfigType::String)
        };
        let asked = rows.text(&key.name).unwrap_or_default();
        rows.define("", "", key);
        let there = |(info, _): &(&PluginInfo, _)| version::check(info.class, info.version, asked).is_ok();
        let Some((info, mut own)) = found.filter(there) else { continue };
        if kind == PluginKind::Transformation {
            // They are the chain's; a transform's own keys of these names cannot be set.
            own.retain(|key| !matches!(key.name.as_str(), "negate" | "predicate"));
            own.extend(chains_own());
        }
        sort(&mut own);
        for (order, key) in (2..).zip(own) {
            let name = key.name.clone();
            let key =
                ConfigKey { name: format!("{prefix}{name}"), group: Some(group.clone()), order_in_group: order, ..key };
            rows.define(info.class, &name, key);
        }
    }
}

/// Each alias once.
fn aliases(list: Option<&str>) -> Vec<String> {
    let text = list.map(str::trim).unwrap_or_default();
    let mut aliases: Vec<String> = Vec::new();
    if !text.is_empty() {
        for alias in text.split(',').map(str::trim) {
            if !aliases.iter().any(|known| known == alias) {
                aliases.push(alias.to_owned());
            }
        }
    }
    aliases
}

fn chains_own() -> [ConfigKey; 2] {
    [
        ConfigKey {
            default_value: Some("false".into()),
            documentation: "Whether it is for the records that the predicate is not true of.".into(),
            ..ConfigKey::new("negate", ConfigType::Boolean)
        },
        ConfigKey {
            documentation: "Alias of the predicate that says which records it is for; all when absent.".into(),
            ..ConfigKey::new("predicate", ConfigType::String)
        },
    ]
}

/// In the order of Kafka Connect's documentation: what is required, then by importance, then by name.
fn sort(keys: &mut [ConfigKey]) {
    let rank = |importance| match importance {
        Importance::High => 0,
        Importance::Medium => 1,
        Importance::Low => 2,
    };
    keys.sort_by(|a, b| (!a.required, rank(a.importance), &a.name).cmp(&(!b.required, rank(b.importance), &b.name)));
}
