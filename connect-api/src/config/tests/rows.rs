//! The rows that Connect's tools see, and the documentation.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::props;
use crate::config::{ConfigErrors, Group, Millis, Secret, definitions, render_docs, validate, validation_rows};

#[derive(Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Sink {
    /// File to append to;
    /// standard output when absent.
    file: Option<String>,
    /// Records in one request.
    #[serde(rename = "batch.size", default = "two_thousand")]
    #[schemars(range(min = 1, max = 10_000), extend("x-importance" = "low", "x-group" = "Writes", "x-width" = "short"))]
    batch_size: u32,
    #[schemars(extend("x-group" = "Writes", "x-display-name" = "Write mode", "x-dependents" = ["pk"]))]
    mode: Mode,
    #[serde(default = "tables")]
    tables: Vec<String>,
    #[serde(default)]
    timeout: Millis,
    #[schemars(extend("x-type" = "class", "x-group" = "Writes", "x-order" = 9))]
    dialect: Option<String>,
    small: Option<i16>,
    #[serde(default)]
    ratio: f64,
    #[serde(default)]
    log: bool,
    #[serde(flatten)]
    connection: Connection,
    #[serde(flatten)]
    policy: Policy,
    extra: BTreeMap<String, String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(transform = Group("Connection"))]
#[allow(dead_code)]
struct Connection {
    url: String,
    #[serde(default)]
    password: Secret<String>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Insert,
    Upsert,
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "policy", rename_all = "lowercase")]
#[schemars(transform = Group("Policy"))]
#[allow(dead_code)]
enum Policy {
    /// Stop.
    Stop,
    /// Try again.
    Retry {
        /// How often | at most.
        times: u8,
    },
}

fn two_thousand() -> u32 {
    2000
}

fn tables() -> Vec<String> {
    vec!["a".to_owned(), "b".to_owned()]
}

#[test]
fn definitions_are_connects() {
    let rows: Vec<String> = definitions::<Sink>().iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    assert_eq!(rows.join("\n") + "\n", include_str!("definitions.jsonl"));
}

#[test]
fn documentation_is_a_table() {
    assert_eq!(render_docs::<Sink>(), include_str!("docs.md"));
}

#[test]
fn validation_puts_each_error_on_its_row() {
    let given = props(&[("batch.size", " 0 "), ("password", "hunter2"), ("url", "u"), ("policy", "stop")]);
    let rows = validate::<Sink>(&given);
    let row = |key: &str| serde_json::to_value(&rows.iter().find(|row| row.value.name == key).unwrap().value).unwrap();
    let expect = |value, recommended: &[&str], errors: &[&str], visible| serde_json::json!({"value": value, "recommended_values": recommended, "errors": errors, "visible": visible});
    for (key, value, recommended, errors, visible) in [
        (
            "batch.size",
            Some("0"),
            &[][..],
            &["batch.size: invalid value \" 0 \": expected a whole number from 1 to 10000"][..],
            true,
        ),
        (
            "mode",
            None,
            &["insert", "upsert"],
            &["mode: missing, and it has no default; expected one of \"insert\", \"upsert\""],
            true,
        ),
        ("password", Some("[hidden]"), &[], &[], true),
        ("tables", Some("a,b"), &[], &[], true),
        ("file", None, &[], &[], true),
        ("times", None, &[], &[], false),
    ] {
        let mut expect = expect(value, recommended, errors, visible);
        expect["name"] = key.into();
        assert_eq!(row(key), expect);
    }
}

#[test]
fn errors_of_other_keys_get_rows_of_their_own() {
    let mut errors = ConfigErrors::new();
    errors.add("url", None, "cannot be reached");
    errors.add("elsewhere", Some("x".to_owned()), "no");
    let rows = validation_rows::<Sink>(&props(&[("url", "u"), ("elsewhere", "x")]), &errors);
    let bad: Vec<_> = rows.iter().filter(|row| !row.value.errors.is_empty()).collect();
    assert_eq!(bad.len(), 2);
    assert_eq!(bad[0].value.errors, ["url: cannot be reached"]);
    assert_eq!(
        serde_json::to_string(bad[1]).unwrap(),
        r#"{"definition":null,"value":{"name":"elsewhere","value":"x","recommended_values":[],"errors":["elsewhere: invalid value \"x\": no"],"visible":true}}"#
    );
}
