//! The transforms, predicates and converters that a configuration names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connect_api::ConverterKind;
use connect_api::config::ConfigErrors;

use super::build::{Build, Properties, prefixed};
use super::common::Common;
use crate::chain::{Chain, Stage};
use crate::convert::Named;

impl Build<'_> {
    pub(super) fn converter(
        &mut self,
        class: Option<&str>,
        key: &str,
        kind: ConverterKind,
    ) -> Option<Named<dyn connect_api::Converter>> {
        let class = class?;
        let made = self.plugins.make_converter(class, &prefixed(self.properties, &format!("{key}.")), kind);
        self.made(made, key).map(|made| Named::new(self.plugins.class_of(class), made))
    }

    /// Takes what a plugin was made into, or its errors under the keys of the connector.
    pub(super) fn made<T: ?Sized>(
        &mut self,
        made: Result<(Arc<T>, Vec<String>), ConfigErrors>,
        key: &str,
    ) -> Option<Arc<T>> {
        match made {
            Ok((made, warnings)) => {
                self.warnings.extend(warnings.into_iter().map(|warning| format!("{key}: {warning}")));
                Some(made)
            }
            Err(errors) => {
                for error in errors {
                    let key = if error.key.is_empty() { key.to_owned() } else { format!("{key}.{}", error.key) };
                    self.errors.add(key, error.value, error.message);
                }
                None
            }
        }
    }

    pub(super) fn chain(&mut self, common: &Common) -> Chain {
        let mut chain = Chain::default();
        let transforms = self.unique("transforms", &common.transforms);
        let predicate_aliases = self.unique("predicates", &common.predicates);
        let mut predicates = BTreeMap::new();
        for alias in predicate_aliases {
            let prefix = format!("predicates.{alias}");
            let own = prefixed(self.properties, &format!("{prefix}."));
            if let Some(class) = self.class(&own, &prefix) {
                let made = self.plugins.make_predicate(&class, &own);
                if let Some(made) = self.made(made, &prefix) {
                    predicates.insert(alias.as_str(), made);
                }
            }
        }
        for alias in transforms {
            let prefix = format!("transforms.{alias}");
            let own = prefixed(self.properties, &format!("{prefix}."));
            let negate = self.negate(&own, &prefix);
            let predicate = own.get("predicate").and_then(|name| {
                let found = predicates.get(name.as_str()).cloned();
                if found.is_none() && !common.predicates.contains(name) {
                    let known = common.predicates.join(", ");
                    let known = if known.is_empty() { "none".into() } else { known };
                    self.errors.add(
                        format!("{prefix}.predicate"),
                        Some(name.clone()),
                        format!("no predicate of this alias; predicates: {known}"),
                    );
                }
                found.map(|found| (found, negate))
            });
            if let Some(class) = self.class(&own, &prefix) {
                let made = self.plugins.make_transform(&class, &own);
                if let Some(made) = self.made(made, &prefix) {
                    let stage = Stage::new(alias.as_str(), made, predicate).with_class(self.plugins.class_of(&class));
                    chain.push(stage.with_predicate_alias(own.get("predicate").map_or("", String::as_str)));
                }
            }
        }
        chain
    }

    /// Each alias once, in order; one error when some are there more often.
    fn unique<'c>(&mut self, key: &str, aliases: &'c [String]) -> Vec<&'c String> {
        let mut seen = BTreeSet::new();
        let (once, again): (Vec<_>, Vec<_>) = aliases.iter().partition(|alias| seen.insert(*alias));
        if let Some(alias) = again.first() {
            self.errors.add(key, None, format!("alias {alias:?} is there twice"));
        }
        once
    }

    fn class(&mut self, own: &Properties, prefix: &str) -> Option<String> {
        let class = own.get("type").map(|class| class.trim().to_owned()).filter(|class| !class.is_empty());
        if class.is_none() {
            self.errors.add(format!("{prefix}.type"), None, "is required");
        }
        class
    }

    fn negate(&mut self, own: &Properties, prefix: &str) -> bool {
        let Some(negate) = own.get("negate") else { return false };
        if !own.contains_key("predicate") {
            self.errors.add(format!("{prefix}.type"), None, "negate has no effect without predicate");
        }
        match negate.trim().to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => {
                self.errors.add(format!("{prefix}.negate"), Some(negate.clone()), "must be true or false");
                false
            }
        }
    }
}
