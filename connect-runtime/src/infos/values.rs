//! How a row shows a value.

use connect_api::config::{ConfigKey, ConfigType};

pub(super) const HIDDEN: &str = "[hidden]";

/// What was given, as its type writes it; none when it is not of its type. A secret is never shown.
pub(super) fn shown(key: &ConfigKey, given: &str) -> Option<String> {
    let text = given.trim();
    let within = |min: i64, max: i64| {
        // Java reads a sign of either kind.
        let number = text.parse::<i64>().ok().filter(|number| (min..=max).contains(number))?;
        Some(number.to_string())
    };
    match key.config_type {
        ConfigType::Password => Some(HIDDEN.to_owned()),
        ConfigType::Boolean => {
            ["true", "false"].into_iter().find(|word| text.eq_ignore_ascii_case(word)).map(str::to_owned)
        }
        ConfigType::Short => within(i16::MIN.into(), i16::MAX.into()),
        ConfigType::Int => within(i32::MIN.into(), i32::MAX.into()),
        ConfigType::Long => within(i64::MIN, i64::MAX),
        ConfigType::Double => text.parse::<f64>().ok().map(|number| format!("{number:?}")),
        ConfigType::List => Some(text.split(',').map(str::trim).collect::<Vec<_>>().join(",")),
        ConfigType::String | ConfigType::Class => Some(text.to_owned()),
    }
}

/// Whether a key that nobody defined looks like one whose value must not be shown.
pub(super) fn looks_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["password", "secret", "token", "credential", "jaas", "passphrase", "private", "api.key", "apikey"]
        .iter()
        .any(|word| key.contains(word))
}

/// Kafka Connect checks such a key's value also when there is none, so that it has a second error then.
pub(super) fn refuses_null(class: &str, key: &str) -> bool {
    let keys: &[&str] = match class.strip_prefix("org.apache.kafka.connect.transforms.").unwrap_or_default() {
        "" if class.is_empty() => &[
            "tasks.max",
            "transforms",
            "predicates",
            "config.action.reload",
            "errors.tolerance",
            "exactly.once.support",
            "transaction.boundary",
        ],
        "Cast$Key" | "Cast$Value" => &["spec"],
        "DropHeaders" => &["headers"],
        "HeaderFrom$Key" | "HeaderFrom$Value" => &["fields", "headers", "operation"],
        "InsertHeader" => &["header", "value.literal"],
        "MaskField$Key" | "MaskField$Value" | "ValueToKey" => &["fields"],
        "RegexRouter" => &["regex"],
        "TimestampConverter$Key" | "TimestampConverter$Value" => &["target.type"],
        "predicates.TopicNameMatches" => &["pattern"],
        _ => &[],
    };
    keys.contains(&key)
}
