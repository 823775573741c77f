//! Rows under way: what defines them, what was given, what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use connect_api::config::{ConfigErrors, ConfigInfo, ConfigKey, ConfigType, ConfigValue};

use super::ConfigInfos;
use super::answer::Given;
use super::values::{refuses_null, shown};
use crate::clients::is_override;

const NULL: &str = "null is no value";

/// The rows, in order, and the errors that are not on a row yet.
pub(super) struct Rows<'a> {
    given: &'a Given,
    /// Keys whose values have variables, which are shown as they are written.
    variables: &'a BTreeSet<String>,
    errors: ConfigErrors,
    rows: Vec<ConfigInfo>,
    at: BTreeMap<String, usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(given: &'a Given, variables: &'a BTreeSet<String>, errors: ConfigErrors) -> Self {
        Self { given, variables, errors, rows: Vec::new(), at: BTreeMap::new() }
    }

    pub(super) fn given(&self) -> &'a Given {
        self.given
    }

    /// The value of a key, if one was given and is not null.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.given.get(key)?.as_deref()
    }

    /// A row of the runtime, or of a plugin of this class, for which null is no value.
    pub(super) fn define(&mut self, class: &str, own: &str, key: ConfigKey) -> &mut ConfigValue {
        self.row(class, own, key, false)
    }

    /// A row of the connector's own, for which null is the same as nothing.
    pub(super) fn define_own(&mut self, key: ConfigKey) -> &mut ConfigValue {
        let own = key.name.clone();
        self.row("connector", &own, key, true)
    }

    fn row(&mut self, class: &str, own: &str, key: ConfigKey, null_is_nothing: bool) -> &mut ConfigValue {
        let given = self.given.get(&key.name);
        let value = match given {
            None => key.default_value.clone(),
            Some(None) => None,
            Some(Some(text)) if self.variables.contains(&key.name) && key.config_type != ConfigType::Password => {
                Some(text.trim().to_owned())
            }
            Some(Some(text)) => shown(&key, text),
        };
        let is_null = matches!(given, Some(None)) && !null_is_nothing;
        let mut errors = self.take(&key.name);
        // That there is no value is said once; what a sink reads is asked of two keys together.
        if is_null && !key.name.starts_with("topics") {
            errors.clear();
        }
        if refuses_null(class, own) && value.is_none() && (is_null || !errors.is_empty()) {
            errors.push("expected a value that can be checked, there is none".to_owned());
        }
        if is_null {
            errors.push(NULL.to_owned());
        }
        let name = key.name.clone();
        let recommended_values = key.recommended.clone();
        let value = ConfigValue { name: name.clone(), value, recommended_values, errors, visible: true };
        let at = match self.at.get(&name) {
            // A key that two define is the later one's.
            Some(at) => {
                let earlier = std::mem::take(&mut self.rows[*at].value.errors);
                self.rows[*at] = ConfigInfo { definition: Some(key), value };
                self.rows[*at].value.errors.extend(earlier);
                *at
            }
            None => {
                self.rows.push(ConfigInfo { definition: Some(key), value });
                self.at.insert(name, self.rows.len() - 1);
                self.rows.len() - 1
            }
        };
        &mut self.rows[at].value
    }

    /// A row of a key that nobody defines.
    pub(super) fn undefined(&mut self, name: &str, value: Option<String>) {
        let mut errors = self.take(name);
        if matches!(self.given.get(name), Some(None)) {
            errors.push(NULL.to_owned());
        }
        let value = ConfigValue { name: name.to_owned(), value, recommended_values: Vec::new(), errors, visible: true };
        self.rows.push(ConfigInfo { definition: None, value });
        self.at.insert(name.to_owned(), self.rows.len() - 1);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.at.contains_key(key)
    }

    /// The errors of a key, which is about to have its row.
    fn take(&mut self, key: &str) -> Vec<String> {
        let (mine, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.errors).into_iter().partition(|error| error.key == key);
        for error in others {
            self.errors.add(error.key, error.value, error.message);
        }
        mine.iter().map(ToString::to_string).collect()
    }

    /// Keys that have an error and no row yet, sorted.
    pub(super) fn wrong(&self) -> BTreeSet<String> {
        self.errors.iter().map(|error| error.key.clone()).collect()
    }

    /// The errors that are on no row, without those of keys that are given as null, which say that already.
    pub(super) fn rest(&mut self) -> ConfigErrors {
        std::mem::take(&mut self.errors)
    }

    /// An error for a row that is there.
    pub(super) fn blame(&mut self, key: &str, message: String) {
        if let Some(at) = self.at.get(key) {
            self.rows[*at].value.errors.push(message);
        }
    }

    /// Takes over a row as it is.
    pub(super) fn push(&mut self, row: ConfigInfo) {
        self.at.insert(row.value.name.clone(), self.rows.len());
        self.rows.push(row);
    }

    /// Sets whether a row's key has a meaning together with the other values.
    pub(super) fn visible(&mut self, key: &str, visible: bool) {
        if let Some(at) = self.at.get(key) {
            self.rows[*at].value.visible = visible;
        }
    }

    pub(super) fn finish(self, name: &str) -> ConfigInfos {
        // As in Kafka Connect what is only a value comes first.
        let (undefined, mut defined): (Vec<_>, Vec<_>) = self
            .rows
            .into_iter()
            .partition(|row| row.definition.is_none() && (row.value.value.is_none() || !is_override(&row.value.name)));
        let mut configs = undefined;
        configs.append(&mut defined);
        let mut groups: Vec<String> = Vec::new();
        for group in configs.iter().filter_map(|row| row.definition.as_ref()?.group.as_ref()) {
            if !groups.contains(group) {
                groups.push(group.clone());
            }
        }
        let error_count = configs.iter().map(|row| row.value.errors.len()).sum();
        ConfigInfos { name: name.to_owned(), error_count, groups, configs }
    }
}
