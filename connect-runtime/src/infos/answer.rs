//! From any configuration to its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use connect_api::config::{ConfigErrors, ConfigKey, ConfigType, Importance, Width};
use connect_api::{Error, Result};

use super::rows::Rows;
use super::{ConfigInfos, chain, clients, converters, framework};
use crate::config::{Build, Wrong};
use crate::plugins::{ConnectorEntry, PluginKind, version};
use crate::providers::Resolved;
use crate::worker::{Environment, VALIDATE_WITHIN, check_within};

/// A configuration as it was sent: a key may be there and have no value.
pub(crate) type Given = BTreeMap<String, Option<String>>;
type Properties = BTreeMap<String, String>;

impl Environment {
    /// Checks a configuration and tells everything about it. Nothing is started.
    ///
    /// # Errors
    /// A config error when it does not say which connector is meant, that is not the plugin it was sent to, or there is
    /// none of that class.
    pub(crate) async fn config_infos(&self, plugin: &str, given: &Given) -> Result<ConfigInfos> {
        let class = match given.get("connector.class") {
            Some(Some(class)) if is_plugin(class, plugin) => class,
            Some(Some(class)) => {
                return Err(Error::config(format!("connector.class {class:?} is not the plugin asked, {plugin:?}")));
            }
            _ => return Err(Error::config("connector.class is missing, it says which connector is to be checked")),
        };
        let connector = self.plugins.connector(class)?;
        let properties: Properties =
            given.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
        let wanted = properties.get("connector.plugin.version").map_or("", String::as_str);
        let missing = version::check(connector.info.class, connector.info.version, wanted).err();
        let (errors, variables) = self.errors(&properties).await;
        let mut rows = Rows::new(given, &variables, placed(errors));
        if missing.is_some() {
            framework::rows(&mut rows, self, &connector.info, true);
        } else {
            self.rows(&mut rows, connector, &properties);
        }
        Ok(rows.finish(class))
    }

    fn rows(&self, rows: &mut Rows<'_>, connector: &ConnectorEntry, properties: &Properties) {
        let kind = connector.info.kind;
        let own = (connector.definitions)();
        framework::rows(rows, self, &connector.info, false);
        chain::rows(rows, &self.plugins, PluginKind::Transformation);
        chain::rows(rows, &self.plugins, PluginKind::Predicate);
        for key in own {
            rows.define_own(key);
        }
        clients::rows(rows, kind, self.clients.topic_creation());
        converters::rows(rows, &self.plugins);
        for key in rows.wrong() {
            if let Some(definition) = topic_creation(&key) {
                rows.define("", "", definition);
            }
        }
        // What is left has no definition; only the connector knows which of it is secret.
        let rest = rows.rest();
        for row in (connector.rows)(properties, &rest) {
            let name = row.value.name.clone();
            match row.definition {
                Some(_) => rows.visible(&name, row.value.visible),
                None if name.is_empty() || rows.has(&name) => {
                    let key = if name.is_empty() { "connector.class" } else { &name };
                    row.value.errors.into_iter().for_each(|error| rows.blame(key, error));
                }
                None => rows.push(row),
            }
        }
        let nulls = rows.given().iter().filter(|(key, value)| value.is_none() && !rows.has(key));
        for key in nulls.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            rows.undefined(&key, None);
        }
    }

    /// Everything that is wrong, and the keys whose values have variables.
    async fn errors(&self, properties: &Properties) -> (ConfigErrors, BTreeSet<String>) {
        let resolved = match self.providers.resolve(properties).await {
            Ok(resolved) => resolved,
            Err(unread) => {
                // The rest is checked all the same, though not by the connector, which must not see variables.
                let mut rest = properties.clone();
                let keys: BTreeSet<String> = unread.iter().map(|error| error.key.clone()).collect();
                rest.retain(|key, _| !keys.contains(key));
                let mut errors = unread;
                if let Ok(resolved) = self.providers.resolve(&rest).await {
                    let (found, _) = self.build(&resolved);
                    found.into_iter().filter(|error| !keys.contains(&error.key)).for_each(|error| {
                        errors.add(error.key, error.value, error.message);
                    });
                }
                return (errors, keys);
            }
        };
        let changed = |(key, value): &(&String, &String)| properties.get(*key) != Some(*value);
        let variables = resolved.properties.iter().filter(changed).map(|(key, _)| key.clone()).collect();
        let (mut errors, instance) = self.build(&resolved);
        // The rows are to be there before whoever asked stops waiting.
        let limit = VALIDATE_WITHIN.min(self.config.request_timeout.duration());
        if let Some(instance) = instance
            && let Err(more) = check_within(&instance, limit).await
        {
            errors.merge(more);
        }
        (resolved.hide_errors(errors), variables)
    }

    /// What reading the configuration finds, and the connector, if it can be asked.
    fn build(&self, resolved: &Resolved) -> (ConfigErrors, Option<crate::plugins::Instance>) {
        let build = || Build::new(&self.plugins, &self.clients, &resolved.properties, &resolved.hidden).build();
        match catch_unwind(AssertUnwindSafe(build)) {
            Ok(Ok(built)) => (ConfigErrors::new(), Some(built.job.instance())),
            Ok(Err(Wrong { errors, instance })) => (errors, instance),
            Err(_) => {
                let mut errors = ConfigErrors::new();
                errors.add("", None, "a plugin panicked while it read its configuration");
                (errors, None)
            }
        }
    }
}

/// Whether a class is the plugin that was asked, as far as the end of its name tells.
fn is_plugin(class: &str, plugin: &str) -> bool {
    let simple = |name: &str| name.trim().strip_suffix("Connector").unwrap_or(name.trim()).to_owned();
    simple(class).ends_with(&simple(plugin)) && !simple(class).is_empty()
}

/// The errors on keys that have a row.
fn placed(errors: ConfigErrors) -> ConfigErrors {
    let mut placed = ConfigErrors::new();
    for error in errors {
        let alias = ["transforms.", "predicates."].iter().find_map(|list| error.key.strip_prefix(list));
        let key = match alias {
            Some(alias) if !alias.contains('.') => format!("{}.type", error.key),
            _ if error.key.is_empty() => "connector.class".to_owned(),
            _ => error.key,
        };
        placed.add(key, error.value, error.message);
    }
    placed
}

/// The row of a key of a group of topics. Kafka Connect looks at these keys when the connector starts; here they
/// have a row when something is wrong with them.
fn topic_creation(key: &str) -> Option<ConfigKey> {
    let (group, property) = key.strip_prefix("topic.creation.")?.split_once('.')?;
    let (config_type, order, display) = match property {
        "include" => (ConfigType::List, 1, "Inclusion Topic Pattern"),
        "exclude" => (ConfigType::List, 2, "Exclusion Topic Pattern"),
        "replication.factor" => (ConfigType::Short, 3, "Replication Factor"),
        "partitions" => (ConfigType::Int, 4, "Partition Count"),
        _ => return None,
    };
    Some(ConfigKey {
        required: group == "default" && order > 2,
        importance: Importance::Low,
        documentation: format!("What topics of the group {group} are like: {property}."),
        group: Some(format!("Topic Creation: {group}")),
        width: Width::Long,
        display_name: format!("{display} for {group}"),
        order_in_group: order,
        ..ConfigKey::new(key, config_type)
    })
}
