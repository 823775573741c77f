//! Secrets that are written in configurations, and not only named in them.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use connect_api::config::ConfigType;
use regex::{Captures, Regex};

use crate::plugins::Plugins;

/// What stands for a secret.
pub(crate) const HIDDEN: &str = "[hidden]";

/// Names of keys whose values are secret wherever nobody says otherwise.
static SECRET_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = "passw(or)?d|passphrase|secret|credential|token|jaas|api[._-]?key|private[._-]?key|access[._-]?key|keystore[._-]key";
    Regex::new(&format!("(?i)(^|[._-])[a-z0-9]*({words})s?([._-]|$)|(?i)(password|secret)$|basic[._-]auth.*info")).ok()
});
/// Secrets in the middle of a value: of a user in a URL, of a parameter, of a JAAS configuration.
static SECRET_PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let user = r#"([a-zA-Z][a-zA-Z0-9+.:-]*://[^/?#\s:@]*:)([^/?#\s@]+)(@)"#;
    let parameter =
        r#"((?i:password|passwd|pwd|secret|token|access[._-]?key|api[._-]?key)\s*=\s*)("[^"]*"|'[^']*'|[^&;,\s"']+)()"#;
    Regex::new(&format!("{user}|{parameter}")).ok()
});
/// A value, or a part of one, that only names its secret.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\$\{[^{}]*\}\s*)+$").ok());

/// What is secret in the configurations of one class.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// Keys that the connector defines as secret, and as something else.
    secret: BTreeSet<String>,
    open: BTreeSet<String>,
}

impl Secrets {
    /// What is secret for a connector's class, or for one that is not known.
    pub(crate) fn of(plugins: &Plugins, class: Option<&str>) -> Self {
        let mut secrets = Self::default();
        for key in class.and_then(|class| plugins.definitions(class).ok()).into_iter().flatten() {
            let is_secret = key.config_type == ConfigType::Password;
            if is_secret { &mut secrets.secret } else { &mut secrets.open }.insert(key.name);
        }
        secrets
    }

    fn is_secret(&self, key: &str) -> bool {
        self.secret.contains(key)
            || !self.open.contains(key) && SECRET_NAME.as_ref().is_none_or(|names| names.is_match(key))
    }

    /// A value as it may be shown.
    pub(crate) fn shown(&self, key: &str, value: &str) -> String {
        if is_named(value) || value.is_empty() {
            value.to_owned()
        } else if self.is_secret(key) {
            HIDDEN.to_owned()
        } else {
            parts(value)
        }
    }

    /// Every secret of a configuration.
    pub(crate) fn values<'a>(&self, config: &'a BTreeMap<String, String>) -> Vec<&'a str> {
        let mut values = Vec::new();
        for (key, value) in config.iter().filter(|(_, value)| !is_named(value)) {
            if self.is_secret(key) {
                values.push(value.trim());
            }
            // A JAAS configuration is a secret with secrets in it.
            let all = SECRET_PART.as_ref().into_iter().flat_map(|secrets| secrets.captures_iter(value));
            let found = all.filter_map(|found| found.get(2).or_else(|| found.get(5)));
            values.extend(found.map(|found| found.as_str().trim_matches(['"', '\''])).filter(|value| !is_named(value)));
        }
        values.retain(|value| !value.is_empty());
        values
    }
}

/// Whether a value consists of variables.
fn is_named(value: &str) -> bool {
    value.contains("${") && VARIABLE.as_ref().is_some_and(|variable| variable.is_match(value.trim()))
}

/// A text without the secrets that can be told by what is around them.
pub(crate) fn parts(text: &str) -> String {
    let Some(secrets) = SECRET_PART.as_ref() else { return HIDDEN.to_owned() };
    let hide = |found: &Captures<'_>| {
        let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
        let (before, secret, after) =
            if found.get(1).is_some() { (group(1), group(2), group(3)) } else { (group(4), group(5), group(6)) };
        let bare = secret.trim_matches(['"', '\'']);
        if is_named(bare) { group(0).to_owned() } else { format!("{before}{HIDDEN}{after}") }
    };
    secrets.replace_all(text, hide).into_owned()
}
