//! The rows that every connector has.

use connect_api::config::{ConfigKey, ConfigType, Importance, Width, definitions};

use super::rows::Rows;
use crate::config::{Common, Sink, Source};
use crate::plugins::{PluginInfo, PluginKind, Plugins};
use crate::worker::Environment;

const DEAD_LETTERS: &str = "errors.deadletterqueue.";
const RESTARTS: &str = "restart.";

/// The rows of keys that the runtime reads, as Kafka Connect 4.1 has them. The plugins' versions and converters have no
/// defaults yet.
pub(super) fn keys(kind: PluginKind) -> Vec<ConfigKey> {
    let (mut after, mut keys) = (Vec::new(), Vec::new());
    for key in definitions::<Common>() {
        match key.name.as_str() {
            name if name.starts_with(DEAD_LETTERS) || name.starts_with(RESTARTS) => after.push(key),
            "connector.class" => {
                keys.push(key);
                keys.push(version("connector", 3, Width::Medium, Importance::Medium, "Connector version"));
            }
            "key.converter" | "value.converter" | "header.converter" => {
                let (converter, order) = (key.name.clone(), key.order_in_group + 1);
                let display = format!("{} version", key.display_name.trim_end_matches(" class"));
                keys.push(key);
                keys.push(version(&converter, order, Width::Short, Importance::Low, &display));
            }
            _ => keys.push(key),
        }
    }
    match kind {
        PluginKind::Sink => keys.extend(definitions::<Sink>()),
        _ => {
            keys.push(ConfigKey {
                default_value: Some(String::new()),
                importance: Importance::Low,
                documentation: "Names of groups of topics that are made with settings of their own, \
                                `topic.creation.<group>.*`; the group `default` is always there."
                    .into(),
                group: Some("Topic Creation".into()),
                width: Width::Long,
                display_name: "Topic Creation Groups".into(),
                order_in_group: 1,
                ..ConfigKey::new("topic.creation.groups", ConfigType::List)
            });
            keys.extend(definitions::<Source>());
        }
    }
    keys.append(&mut after);
    // A form offers what Kafka Connect offers.
    keys.iter_mut().for_each(|key| key.recommended.clear());
    keys
}

fn version(owner: &str, order: i32, width: Width, importance: Importance, display: &str) -> ConfigKey {
    ConfigKey {
        importance,
        documentation: "Which version is wanted: a version, or a range as Maven writes it; any when absent.".into(),
        group: Some("Common".into()),
        width,
        display_name: display.into(),
        order_in_group: order,
        ..ConfigKey::new(format!("{owner}.plugin.version"), ConfigType::String)
    }
}

/// Whether Kafka Connect has such a key for connectors of this kind.
pub(super) fn is_kafkas(kind: PluginKind, key: &str) -> bool {
    !key.starts_with(RESTARTS) && (kind == PluginKind::Sink || !key.starts_with(DEAD_LETTERS))
}

/// The keys up to those of the kind: all that is looked at when there is no such version of the connector.
pub(super) fn is_common(key: &str) -> bool {
    !key.starts_with(DEAD_LETTERS)
        && (!key.starts_with("topic") && !key.starts_with("transaction.") && !key.starts_with("offsets."))
        && key != "exactly.once.support"
}

/// Adds the rows.
pub(super) fn rows(rows: &mut Rows<'_>, environment: &Environment, connector: &PluginInfo, only_common: bool) {
    let wrong = rows.wrong();
    for mut key in keys(connector.kind) {
        let name = key.name.clone();
        let asked = rows.given().contains_key(&name) || wrong.contains(&name);
        if (!is_kafkas(connector.kind, &name) && !asked) || (only_common && !is_common(&name)) {
            continue;
        }
        let owner = name.strip_suffix(".plugin.version").unwrap_or(&name).to_owned();
        match owner.as_str() {
            "connector" => {
                key.default_value = Some(connector.version.to_owned());
                key.recommended = vec![connector.version.to_owned()];
                rows.define("", &name, key);
            }
            "key.converter" | "value.converter" | "header.converter" => {
                let converter = Converter::of(environment, &owner, rows.text(&owner));
                if name == owner {
                    key.default_value = Some(converter.workers);
                    key.recommended = environment.plugins.classes(converter.kind);
                    let given = rows.text(&owner).is_some();
                    let value = rows.define("", &name, key);
                    if given {
                        value.value = converter.class;
                    }
                } else {
                    let visible = converter.version.is_some() && rows.given().get(&owner) != Some(&None);
                    key.default_value.clone_from(&converter.version);
                    key.recommended = converter.version.into_iter().filter(|_| visible).collect();
                    rows.define("", &name, key).visible = visible;
                }
            }
            _ => {
                rows.define("", &name, key);
            }
        }
    }
}

/// A converter as a row shows it.
struct Converter {
    kind: PluginKind,
    /// The full name of the worker's.
    workers: String,
    /// The full name of the one that was given, if there is such a plugin.
    class: Option<String>,
    /// The version of that, or of the worker's when none was given.
    version: Option<String>,
}

impl Converter {
    fn of(environment: &Environment, key: &str, given: Option<&str>) -> Self {
        let plugins: &Plugins = &environment.plugins;
        let (kind, workers) = match key {
            "key.converter" => (PluginKind::Converter, &environment.config.key_converter),
            "value.converter" => (PluginKind::Converter, &environment.config.value_converter),
            _ => (PluginKind::HeaderConverter, &environment.config.header_converter),
        };
        let found = |class: &str| plugins.keyed(kind, class).map(|(info, _)| (info.class, info.version));
        let class = given.and_then(found);
        let version = class.or_else(|| found(workers).filter(|_| given.is_none()));
        Self {
            kind,
            workers: plugins.class_of(workers),
            class: class.map(|(class, _)| class.to_owned()),
            version: version.map(|(_, version)| version.to_owned()),
        }
    }
}
