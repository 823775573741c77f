//! What is told, to whom, and what is not.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error};

use super::{check, props, warnings};
use crate::config::{ConfigErrors, Secret, is_secret_key, parse, parse_with, redact};

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Sink {
    #[serde(rename = "connection.url")]
    url: String,
    #[serde(rename = "batch.size", default)]
    batch_size: u16,
    #[serde(rename = "connection.password")]
    password: Option<Secret<u16>>,
}

#[test]
fn all_errors_are_told_at_once() {
    let given = props(&[("batch.size", "big"), ("connection.password", "hunter2"), ("conection.url", "x")]);
    assert_eq!(
        parse::<Sink>(&given).unwrap_err().to_string(),
        "3 configuration errors\n\
         batch.size: invalid value \"big\": expected a whole number from 0 to 65535\n\
         connection.password: invalid value [hidden]: expected a whole number from 0 to 65535\n\
         connection.url: missing, and it has no default (is \"conection.url\" a misspelling of it?)"
    );
}

#[test]
fn unknown_keys_are_warned_of_once_and_name_the_nearest() {
    let rows: &[(&str, &[&str])] = &[
        ("batch_size", &["unknown key \"batch_size\" (did you mean \"batch.size\"?)"]),
        ("bacth.size", &["unknown key \"bacth.size\" (did you mean \"batch.size\"?)"]),
        ("Batch.Size", &["unknown key \"Batch.Size\" (did you mean \"batch.size\"?)"]),
        ("zebra", &["unknown key \"zebra\""]),
        ("batch.size", &[]),
    ];
    for (key, expect) in rows {
        assert_eq!(warnings::<Sink>(&[("connection.url", "u"), (key, "1")]), *expect);
    }
    let given = props(&[("connection.url", "u"), ("name", "n"), ("transforms.a.type", "t")]);
    let elsewhere = |key: &str| key == "name" || key.starts_with("transforms.");
    assert!(parse_with::<Sink>(&given, &elsewhere).unwrap().warnings.is_empty());
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Strict {
    a: Option<u8>,
}

#[test]
fn a_type_may_forbid_unknown_keys() {
    check::<Strict>(&[("a", "1"), ("bb", "1")], Err(&["bb: unknown key"]));
    parse_with::<Strict>(&props(&[("name", "n")]), &|key| key == "name").unwrap();
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Custom {
    #[serde(deserialize_with = "even")]
    first: u8,
    #[serde(default, deserialize_with = "even")]
    second: u8,
    #[serde(flatten)]
    group: Group,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Group {
    #[serde(default, deserialize_with = "even")]
    third: u8,
    secret: Option<Secret<Word>>,
}

#[derive(Debug, JsonSchema)]
struct Word(#[allow(dead_code)] String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.contains(' ') { Err(D::Error::custom(format!("{text} is not a word"))) } else { Ok(Word(text)) }
    }
}

fn even<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let n = u8::deserialize(deserializer)?;
    if n % 2 == 0 { Ok(n) } else { Err(D::Error::custom(format!("{n} is odd"))) }
}

#[test]
fn a_custom_deserialize_is_blamed_on_its_key() {
    check::<Custom>(&[("first", "1")], Err(&["first: invalid value \"1\": 1 is odd"]));
    check::<Custom>(&[("first", "2"), ("second", "3")], Err(&["second: invalid value \"3\": 3 is odd"]));
    check::<Custom>(
        &[("first", "2"), ("second", "3"), ("third", "5")],
        Err(&["second: invalid value \"3\": 3 is odd", "third: invalid value \"5\": 5 is odd"]),
    );
    check::<Custom>(
        &[("first", "2"), ("secret", "hunter two")],
        Err(&["secret: invalid value [hidden]: the secret is not of the expected form"]),
    );
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "RawChecked")]
struct Checked;

#[derive(Debug, Deserialize, JsonSchema)]
struct RawChecked {
    user: Option<String>,
    password: Option<Secret<String>>,
}

impl TryFrom<RawChecked> for Checked {
    type Error = String;

    fn try_from(raw: RawChecked) -> Result<Self, String> {
        match (raw.user, raw.password) {
            (Some(user), Some(password)) if user == *password.expose() => Err(format!("{user} is both")),
            (None, Some(_)) => Err("password without user".to_owned()),
            _ => Ok(Checked),
        }
    }
}

#[test]
fn a_check_over_several_keys_shows_no_secret() {
    check::<Checked>(&[("user", "a"), ("password", "b")], Ok("Checked"));
    check::<Checked>(&[("password", "b")], Err(&["password: invalid value [hidden]: password without user"]));
    let errors = parse::<Checked>(&props(&[("user", "hunter2"), ("password", "hunter2")])).unwrap_err();
    assert!(errors.iter().all(|error| !error.message.contains("hunter2")), "{errors}");
}

#[test]
fn errors_can_be_merged_and_prefixed() {
    let mut ours = ConfigErrors::new();
    ours.add("a", Some("1".to_owned()), "no");
    let mut plugin = ConfigErrors::new();
    plugin.add("field", None, "missing");
    plugin.add("", None, "cannot be used");
    ours.merge(plugin.prefixed("transforms.t."));
    assert_eq!(ours.len(), 3);
    assert_eq!(ours.of("transforms.t.field").count(), 1);
    let lines = "3 configuration errors\n\
                 a: invalid value \"1\": no\n\
                 transforms.t.field: missing\n\
                 transforms.t: cannot be used";
    assert_eq!(ours.to_string(), lines);
    assert_eq!(ours.clone().into_result(), Err(ours));
    assert_eq!(ConfigErrors::new().into_result(), Ok(()));
}

#[test]
fn a_long_or_hostile_value_stays_on_its_line() {
    let mut errors = ConfigErrors::new();
    errors.add("k", Some("a\nb".to_owned()), "no");
    errors.add("k", Some("é".repeat(500)), "no");
    let shown = errors.to_string();
    assert_eq!(shown.lines().count(), 3);
    assert!(shown.contains(r#""a\nb""#) && shown.len() < 400, "{shown}");
}

#[test]
fn secrets_can_be_taken_out_of_a_config() {
    let schema = schemars::schema_for!(Sink);
    assert!(is_secret_key(&schema, "connection.password"));
    assert!(!is_secret_key(&schema, "connection.url") && !is_secret_key(&schema, "nobody"));
    assert_eq!(
        redact::<Sink>(&props(&[("connection.password", "hunter2"), ("name", "n")])),
        props(&[("connection.password", "[hidden]"), ("name", "n")])
    );
}
