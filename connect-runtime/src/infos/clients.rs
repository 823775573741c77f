//! The rows of what a connector tells its clients.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use connect_api::config::{ConfigKey, ConfigType, Importance};

use super::rows::Rows;
use super::values::{HIDDEN, looks_secret};
use crate::plugins::PluginKind;

/// Adds the rows of the clients that the connector has, as far as Kafka Connect checks them, and of those that have an
/// error.
pub(super) fn rows(rows: &mut Rows<'_>, kind: PluginKind, topic_creation: bool) {
    let filled = |key: &str| rows.text(key).is_some_and(|text| !text.trim().is_empty());
    let source = kind == PluginKind::Source;
    let dead_letters = !source && filled("errors.deadletterqueue.topic.name");
    let own_offsets = source && filled("offsets.storage.topic");
    let makes_topics = source && topic_creation && rows.given().keys().any(|key| key.starts_with("topic.creation."));
    let checked = [
        ("producer", source || dead_letters),
        ("consumer", !source || own_offsets),
        ("admin", makes_topics || own_offsets || dead_letters),
    ];
    let wrong = rows.wrong();
    for (client, has) in checked {
        let prefix = format!("{client}.override.");
        let given = rows.given().keys().filter(|key| key.starts_with(&prefix) && (has || wrong.contains(*key)));
        for key in given.cloned().collect::<Vec<_>>() {
            match definition(client, &key[prefix.len()..]) {
                Some(definition) => {
                    rows.define("client", "", ConfigKey { name: key, ..definition });
                }
                None => {
                    let text = rows.text(&key).map(|text| if looks_secret(&key) { HIDDEN } else { text });
                    rows.undefined(&key, text.map(str::to_owned));
                }
            }
        }
    }
}

/// The row of a property of Kafka's own.
fn definition(client: &str, property: &str) -> Option<ConfigKey> {
    let (clients, key) = table().get(property)?.iter().find(|(clients, _)| clients.contains(&client))?;
    debug_assert!(!clients.is_empty());
    Some(ConfigKey { documentation: format!("Kafka's {client} property {property}."), ..key.clone() })
}

type Table = BTreeMap<&'static str, Vec<(Vec<&'static str>, ConfigKey)>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::new();
        for line in include_str!("client_keys.tsv").lines().filter(|line| !line.starts_with('#')) {
            let [name, kind, default, importance, clients] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
            let key = ConfigKey {
                required: default == "\\N"
                    && matches!(
                        name,
                        "key.serializer" | "value.serializer" | "key.deserializer" | "value.deserializer"
                    ),
                default_value: (default != "\\N").then(|| default.to_owned()),
                importance: match importance {
                    "HIGH" => Importance::High,
                    "LOW" => Importance::Low,
                    _ => Importance::Medium,
                },
                ..ConfigKey::new(name, of_name(kind))
            };
            table.entry(name).or_default().push((clients.split(',').collect(), key));
        }
        table
    })
}

fn of_name(name: &str) -> ConfigType {
    match name {
        "BOOLEAN" => ConfigType::Boolean,
        "INT" => ConfigType::Int,
        "SHORT" => ConfigType::Short,
        "LONG" => ConfigType::Long,
        "DOUBLE" => ConfigType::Double,
        "LIST" => ConfigType::List,
        "CLASS" => ConfigType::Class,
        "PASSWORD" => ConfigType::Password,
        _ => ConfigType::String,
    }
}
