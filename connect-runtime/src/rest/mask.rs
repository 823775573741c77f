//! Secrets that are written in configurations: never shown, and kept when what is shown comes back.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use connect_api::config::ConfigType;
use regex::{Captures, Regex};

use super::api::Api;
use super::reply::Failure;
use crate::herder::{ConfigInput, ConnectorConfig};

/// What stands for a secret.
pub(crate) const HIDDEN: &str = "[hidden]";
/// A shorter value would be found in any text by chance.
const SHORTEST: usize = 4;

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
pub(crate) struct Mask {
    off: bool,
    /// Keys that the connector defines as secret, and as something else.
    secret: BTreeSet<String>,
    open: BTreeSet<String>,
}

impl Mask {
    /// The mask for a connector's class.
    pub(crate) fn of(api: &Api, class: Option<&str>) -> Self {
        let definitions = class.and_then(|class| api.herder.worker().plugins().definitions(class).ok());
        let (mut secret, mut open) = (BTreeSet::new(), BTreeSet::new());
        for key in definitions.into_iter().flatten() {
            let is_secret = key.config_type == ConfigType::Password;
            if is_secret { &mut secret } else { &mut open }.insert(key.name);
        }
        Self { off: api.config.show_secrets, secret, open }
    }

    /// The mask for the configuration of a connector that is there; for any configuration when it is not.
    pub(crate) fn of_connector(api: &Api, name: &str) -> (Self, ConnectorConfig) {
        let stored = api.herder.config(name).unwrap_or_default();
        (Self::of(api, stored.get("connector.class").map(String::as_str)), stored)
    }

    fn is_secret(&self, key: &str) -> bool {
        self.secret.contains(key)
            || !self.open.contains(key) && SECRET_NAME.as_ref().is_none_or(|names| names.is_match(key))
    }

    /// A value as it may be shown.
    pub(crate) fn value(&self, key: &str, value: &str) -> String {
        let names_it = VARIABLE.as_ref().is_some_and(|variable| variable.is_match(value.trim()));
        if self.off || names_it || value.is_empty() {
            value.to_owned()
        } else if self.is_secret(key) {
            HIDDEN.to_owned()
        } else {
            parts(value)
        }
    }

    /// A configuration as it may be shown.
    pub(crate) fn config(&self, config: &ConnectorConfig) -> ConnectorConfig {
        config.iter().map(|(key, value)| (key.clone(), self.value(key, value))).collect()
    }

    /// A text about a connector without the secrets of its configuration.
    pub(crate) fn text(&self, config: &ConnectorConfig, text: &str) -> String {
        let mut text = if self.off { text.to_owned() } else { parts(text) };
        for (key, value) in config.iter().filter(|(key, value)| self.value(key, value) == HIDDEN) {
            let value = value.trim();
            if value.len() >= SHORTEST && !key.is_empty() {
                text = text.replace(value, HIDDEN);
            }
        }
        text
    }

    /// A configuration that came back: where it reads as the present one is shown, it means the present value.
    ///
    /// # Errors
    /// `[hidden]` where there is nothing it could stand for.
    pub(crate) fn restore(&self, mut given: ConfigInput, stored: &ConnectorConfig) -> Result<ConfigInput, Failure> {
        if self.off {
            return Ok(given);
        }
        for (key, value) in &mut given {
            let Some(text) = value.as_deref().filter(|text| text.contains(HIDDEN)) else { continue };
            match stored.get(key).filter(|stored| self.value(key, stored) == text.trim()) {
                Some(stored) => *value = Some(stored.clone()),
                None => {
                    let why = format!(
                        "{key}: {HIDDEN} stands for a secret that is there already, and there is none it could stand for; \
                         give the value, or a variable such as ${{file:/path:key}}"
                    );
                    return Err(Failure::bad_request(why));
                }
            }
        }
        Ok(given)
    }
}

/// A text without the secrets that can be told by what is around them.
fn parts(text: &str) -> String {
    let Some(secrets) = SECRET_PART.as_ref() else { return HIDDEN.to_owned() };
    let hide = |found: &Captures<'_>| {
        let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
        let (before, secret, after) =
            if found.get(1).is_some() { (group(1), group(2), group(3)) } else { (group(4), group(5), group(6)) };
        let bare = secret.trim_matches(['"', '\'']);
        let names_it = VARIABLE.as_ref().is_some_and(|variable| variable.is_match(bare));
        if names_it { group(0).to_owned() } else { format!("{before}{HIDDEN}{after}") }
    };
    secrets.replace_all(text, hide).into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ConfigInput, ConnectorConfig, Mask, parts};

    fn mask() -> Mask {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>();
        Mask { off: false, secret: keys(&["pin"]), open: keys(&["token.field"]) }
    }

    #[test]
    fn values_are_shown_or_hidden() {
        for (key, value, shown) in [
            ("pin", "1234", "[hidden]"),
            ("pin", "", ""),
            ("pin", " ${file:/run/pin:pin} ", " ${file:/run/pin:pin} "),
            ("pin", "x${env:PIN}", "[hidden]"),
            ("token.field", "id", "id"),
            ("connection.password", "hunter2", "[hidden]"),
            ("producer.override.sasl.jaas.config", "x required password=\"y\";", "[hidden]"),
            ("producer.override.ssl.keystore.key", "-----BEGIN", "[hidden]"),
            ("ssl.keystore.location", "/a/b.pem", "/a/b.pem"),
            ("aws.secret.access.key", "x", "[hidden]"),
            ("aws_secret_access_key", "x", "[hidden]"),
            ("apiKey", "x", "[hidden]"),
            ("dbPassword", "x", "[hidden]"),
            ("value.converter.basic.auth.user.info", "u:p", "[hidden]"),
            ("key.converter", "org.x.StringConverter", "org.x.StringConverter"),
            ("transforms.tokenize.field", "a", "a"),
            (
                "connection.url",
                "jdbc:postgresql://u:hunter2@h:5432/db?a=b",
                "jdbc:postgresql://u:[hidden]@h:5432/db?a=b",
            ),
            (
                "connection.url",
                "jdbc:pg://h/db?user=u&password=hunter2&x=y",
                "jdbc:pg://h/db?user=u&password=[hidden]&x=y",
            ),
            ("connection.url", "http://u:${file:/p:k}@h", "http://u:${file:/p:k}@h"),
            ("connection.url", "http://h:9200/a", "http://h:9200/a"),
            ("topics", "a,b", "a,b"),
        ] {
            assert_eq!(mask().value(key, value), shown, "{key}");
        }
    }

    #[test]
    fn texts_lose_what_the_configuration_hides() {
        let config = ConnectorConfig::from([("pin".into(), "hunter2".into()), ("topics".into(), "lines".into())]);
        let text = mask().text(&config, "lines: hunter2 is refused by http://u:other@h, password=\"a b\" too");
        assert_eq!(text, "lines: [hidden] is refused by http://u:[hidden]@h, password=[hidden] too");
        assert_eq!(parts("password=${env:X}"), "password=${env:X}");
    }

    #[test]
    fn what_is_shown_may_come_back() {
        let stored = ConnectorConfig::from([
            ("pin".into(), "1234".into()),
            ("url".into(), "http://u:pw12@h".into()),
            ("topics".into(), "a".into()),
        ]);
        let mask = mask();
        let back: ConfigInput = mask.config(&stored).into_iter().map(|(key, value)| (key, Some(value))).collect();
        let back = mask.restore(back, &stored).unwrap();
        assert!(back.iter().all(|(key, value)| stored.get(key) == value.as_ref()), "{back:?}");
        for (key, value) in [("pin", "x[hidden]"), ("other.password", "[hidden]"), ("url", "http://v:[hidden]@h")] {
            let given = ConfigInput::from([(key.to_owned(), Some(value.to_owned()))]);
            assert!(mask.restore(given, &stored).unwrap_err().message.starts_with(key), "{key}");
        }
    }
}
