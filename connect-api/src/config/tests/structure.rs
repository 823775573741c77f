//! Structs within structs, maps, and enums with fields.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{check, props, warnings};
use crate::config::{Secret, parse_with};

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Login {
    user: String,
    #[serde(rename = "user.password")]
    password: Option<Secret<String>>,
    #[serde(default = "five")]
    tries: u8,
}

fn five() -> u8 {
    5
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Flattened {
    url: String,
    #[serde(flatten)]
    login: Login,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[test]
fn a_flattened_struct_and_a_map_for_the_rest() {
    let expect =
        "Flattened { url: \"u\", login: Login { user: \"me\", password: None, tries: 9 }, rest: {\"z\": \" 1 \"} }";
    check::<Flattened>(&[("url", "u"), ("user", "me"), ("tries", "9"), ("z", " 1 ")], Ok(expect));
    check::<Flattened>(
        &[("tries", "many")],
        Err(&[
            "tries: invalid value \"many\": expected a whole number from 0 to 255",
            "url: missing, and it has no default",
            "user: missing, and it has no default",
        ]),
    );
    let given = props(&[("url", "u"), ("user", "me"), ("name", "c"), ("z", "1")]);
    let parsed = parse_with::<Flattened>(&given, &|key| key == "name" || key == "url").unwrap();
    assert_eq!(parsed.config.rest, props(&[("z", "1")]));
    assert_eq!(parsed.config.url, "u");
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct FlattenedOption {
    #[serde(flatten)]
    login: Option<Login>,
}

#[test]
fn a_flattened_option_is_there_when_its_keys_are() {
    check::<FlattenedOption>(&[], Ok("FlattenedOption { login: None }"));
    let expect = "FlattenedOption { login: Some(Login { user: \"me\", password: None, tries: 5 }) }";
    check::<FlattenedOption>(&[("user", "me")], Ok(expect));
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Nested {
    login: Login,
    proxy: Option<Login>,
    #[serde(rename = "producer.override.", default)]
    overrides: BTreeMap<String, String>,
    #[serde(default)]
    weights: BTreeMap<String, u8>,
}

#[test]
fn a_struct_or_map_takes_the_keys_below_its_name() {
    check::<Nested>(
        &[("login.user", "me"), ("producer.override.acks", "1"), ("weights.a.b", "3"), ("weights.c", "4")],
        Ok("Nested { login: Login { user: \"me\", password: None, tries: 5 }, proxy: None, \
            overrides: {\"acks\": \"1\"}, weights: {\"a.b\": 3, \"c\": 4} }"),
    );
    check::<Nested>(
        &[("proxy.tries", "1"), ("weights.a", "-1")],
        Err(&[
            "weights.a: invalid value \"-1\": expected a whole number from 0 to 255",
            "login.user: missing, and it has no default",
            "proxy.user: missing, and it has no default",
        ]),
    );
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Size {
    width: u8,
    height: u8,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct WithDefault {
    #[serde(default = "square")]
    size: Size,
    #[serde(default)]
    name: String,
}

fn square() -> Size {
    Size { width: 1, height: 2 }
}

#[test]
fn a_default_of_a_struct_holds_for_each_of_its_keys() {
    check::<WithDefault>(&[], Ok("WithDefault { size: Size { width: 1, height: 2 }, name: \"\" }"));
    check::<WithDefault>(&[("size.width", "7")], Ok("WithDefault { size: Size { width: 7, height: 2 }, name: \"\" }"));
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
#[allow(dead_code)]
enum Mode {
    /// All rows each time.
    Bulk,
    Incrementing {
        column: String,
    },
    Timestamp {
        columns: Vec<String>,
        #[serde(default)]
        delay: u8,
    },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Tagged {
    #[serde(flatten)]
    mode: Mode,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct TaggedOption {
    #[serde(flatten)]
    mode: Option<Mode>,
    inner: Option<Mode>,
}

#[test]
fn a_tag_decides_which_keys_count() {
    check::<Tagged>(&[("mode", "bulk")], Ok("Tagged { mode: Bulk }"));
    check::<Tagged>(
        &[("mode", " timestamp "), ("columns", "a,b")],
        Ok("Tagged { mode: Timestamp { columns: [\"a\", \"b\"], delay: 0 } }"),
    );
    let modes = r#"expected one of "bulk", "incrementing", "timestamp""#;
    check::<Tagged>(&[], Err(&[&format!("mode: missing, and it has no default; {modes}")]));
    check::<Tagged>(&[("mode", "x")], Err(&[&format!("mode: invalid value \"x\": {modes}")]));
    check::<Tagged>(
        &[("mode", "incrementing")],
        Err(&["column: missing, and it has no default; mode = \"incrementing\" needs it"]),
    );
    assert_eq!(
        warnings::<Tagged>(&[("mode", "bulk"), ("delay", "x")]),
        ["key \"delay\" has no effect here; it is read when mode = \"timestamp\""]
    );
    check::<TaggedOption>(&[], Ok("TaggedOption { mode: None, inner: None }"));
    check::<TaggedOption>(
        &[("mode", "bulk"), ("inner.mode", "incrementing"), ("inner.column", "c")],
        Ok("TaggedOption { mode: Some(Bulk), inner: Some(Incrementing { column: \"c\" }) }"),
    );
    check::<TaggedOption>(
        &[("inner.column", "c")],
        Err(&[&format!("inner.mode: missing, and it has no default; {modes}")]),
    );
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Tree {
    name: String,
    left: Option<Box<Tree>>,
}

#[test]
fn a_type_that_holds_itself_is_read_from_json() {
    check::<Tree>(&[("name", "a")], Ok("Tree { name: \"a\", left: None }"));
    check::<Tree>(
        &[("name", "a"), ("left", r#"{"name":"b"}"#)],
        Ok("Tree { name: \"a\", left: Some(Tree { name: \"b\", left: None }) }"),
    );
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Nothing;

#[test]
fn a_config_may_have_no_keys_or_any() {
    check::<()>(&[], Ok("()"));
    check::<Nothing>(&[], Ok("Nothing"));
    assert_eq!(warnings::<Nothing>(&[("a", "1")]), ["unknown key \"a\""]);
    check::<BTreeMap<String, String>>(&[("a", "1")], Ok("{\"a\": \"1\"}"));
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
enum Place {
    Head,
    At { row: u8 },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Start {
    from: Place,
}

#[test]
fn an_externally_tagged_enum_is_a_name_or_json() {
    check::<Start>(&[("from", "Head")], Ok("Start { from: Head }"));
    check::<Start>(&[("from", r#"{"At": {"row": 3}}"#)], Ok("Start { from: At { row: 3 } }"));
    check::<Start>(&[("from", "Tail")], Err(&["from: invalid value \"Tail\": expected \"Head\", or JSON"]));
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Outer {
    size: Size,
    n: u8,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct DeepDefault {
    #[serde(default = "outer")]
    o: Outer,
}

fn outer() -> Outer {
    Outer { size: square(), n: 0 }
}

#[test]
fn a_default_reaches_structs_within_structs() {
    let expect = "DeepDefault { o: Outer { size: Size { width: 1, height: 2 }, n: 5 } }";
    check::<DeepDefault>(&[("o.n", "5")], Ok(expect));
    let expect = "DeepDefault { o: Outer { size: Size { width: 1, height: 9 }, n: 0 } }";
    check::<DeepDefault>(&[("o.size.height", "9")], Ok(expect));
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct SecretStructs {
    nested: Option<Secret<Size>>,
    map: Secret<BTreeMap<String, u8>>,
}

#[test]
fn a_secret_struct_has_secret_keys() {
    let wrong = |key: &str| format!("{key}: invalid value [hidden]: expected a whole number from 0 to 255");
    check::<SecretStructs>(
        &[("nested.width", "hunter2"), ("nested.height", "1"), ("map.a", "hunter2")],
        Err(&[&wrong("nested.width"), &wrong("map.a")]),
    );
}
