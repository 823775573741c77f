//! Each type of value.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check;
use crate::config::{Config, Millis, Secret};

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct One<T> {
    v: T,
}

#[track_caller]
fn rows<T>(rows: &[(&str, Result<&str, &str>)])
where
    One<T>: Config + std::fmt::Debug,
{
    for (given, expect) in rows {
        match expect {
            Ok(value) => check::<One<T>>(&[("v", given)], Ok(&format!("One {{ v: {value} }}"))),
            Err(message) => {
                check::<One<T>>(&[("v", given)], Err(&[&format!("v: invalid value {given:?}: {message}")]));
            }
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Mode {
    #[serde(rename = "insert")]
    Insert,
    /// Documented on its own.
    #[serde(rename = "upsert")]
    Upsert,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum CountOrWord {
    Count(u8),
    Word(Mode),
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Pair {
    a: i32,
}

#[test]
fn booleans() {
    let wrong = Err("expected true or false");
    rows::<bool>(&[("true", Ok("true")), (" FALSE ", Ok("false")), ("yes", wrong), ("", wrong), ("1", wrong)]);
}

#[test]
fn integers() {
    let wrong = Err("expected a whole number from 0 to 255");
    rows::<u8>(&[("7", Ok("7")), (" +7 ", Ok("7")), ("256", wrong), ("-1", wrong), ("1.0", wrong), ("", wrong)]);
    rows::<i64>(&[
        ("-9223372036854775808", Ok("-9223372036854775808")),
        ("9223372036854775808", Err("expected a whole number of 64 bits")),
    ]);
    rows::<u64>(&[("18446744073709551615", Ok("18446744073709551615"))]);
    rows::<usize>(&[("-1", Err("expected a whole number of at least 0"))]);
    rows::<std::num::NonZeroU16>(&[("0", Err("expected a whole number from 1 to 65535")), ("1", Ok("1"))]);
    rows::<Millis>(&[("1500", Ok("Millis(1500)")), ("1s", Err("expected a whole number of at least 0"))]);
}

#[test]
fn numbers() {
    let wrong = Err("expected a number");
    rows::<f64>(&[("1e3", Ok("1000.0")), (" .5 ", Ok("0.5")), ("7", Ok("7.0")), ("NaN", wrong), ("inf", wrong)]);
}

#[test]
fn texts() {
    rows::<String>(&[(" a b ", Ok("\"a b\"")), ("", Ok("\"\"")), ("12", Ok("\"12\""))]);
    rows::<PathBuf>(&[(" /tmp/x ", Ok("\"/tmp/x\""))]);
    rows::<Option<String>>(&[("x", Ok("Some(\"x\")")), ("null", Ok("Some(\"null\")"))]);
    rows::<serde_json::Value>(&[("12", Ok("String(\"12\")"))]);
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Verbatim {
    #[schemars(extend("x-verbatim" = true))]
    a: Option<String>,
    #[schemars(extend("x-verbatim" = true), length(min = 1))]
    b: String,
}

#[test]
fn verbatim_texts_keep_their_blanks() {
    check::<Verbatim>(&[("a", " a "), ("b", " ")], Ok(r#"Verbatim { a: Some(" a "), b: " " }"#));
    let wrong = "b: invalid value \"\": expected text of at least 1 characters";
    check::<Verbatim>(&[("b", "")], Err(&[wrong]));
}

#[test]
fn enums() {
    let wrong = r#"expected one of "insert", "upsert""#;
    rows::<Mode>(&[
        ("insert", Ok("Insert")),
        (" upsert", Ok("Upsert")),
        ("update", Err(wrong)),
        ("Insert", Err(&format!(r#"{wrong} (did you mean "insert"?)"#))),
    ]);
    rows::<Option<Mode>>(&[("upsert", Ok("Some(Upsert)")), ("", Err(wrong))]);
    rows::<CountOrWord>(&[
        ("3", Ok("Count(3)")),
        ("insert", Ok("Word(Insert)")),
        ("300", Err(r#"expected a whole number from 0 to 255, or one of "insert", "upsert""#)),
    ]);
}

#[test]
fn lists() {
    rows::<Vec<String>>(&[("", Ok("[]")), ("a", Ok("[\"a\"]")), (" a , b,,c ", Ok("[\"a\", \"b\", \"\", \"c\"]"))]);
    rows::<Vec<i32>>(&[
        ("1, 2", Ok("[1, 2]")),
        ("1,x", Err("item 2: expected a whole number from -2147483648 to 2147483647")),
    ]);
    rows::<BTreeSet<u8>>(&[
        ("2,1", Ok("{1, 2}")),
        ("1,2,1", Err("item 3 repeats an earlier one: expected each item once")),
    ]);
    rows::<Option<Vec<String>>>(&[("", Ok("Some([])"))]);
    rows::<Vec<Mode>>(&[("upsert,insert", Ok("[Upsert, Insert]"))]);
    rows::<Vec<Pair>>(&[(r#"[{"a": 1}]"#, Ok("[Pair { a: 1 }]")), ("a=1", Err("expected JSON"))]);
}

#[test]
fn secrets() {
    let hidden = "[hidden]";
    check::<One<Secret<String>>>(&[("v", "hunter2")], Ok(&format!("One {{ v: {hidden} }}")));
    check::<One<Option<Secret<String>>>>(&[("v", "hunter2")], Ok(&format!("One {{ v: Some({hidden}) }}")));
    let wrong = "v: invalid value [hidden]: expected a whole number from 0 to 65535";
    check::<One<Secret<u16>>>(&[("v", "hunter2")], Err(&[wrong]));
    let wrong = r#"v: invalid value [hidden]: expected one of "insert", "upsert""#;
    check::<One<Secret<Mode>>>(&[("v", "inser")], Err(&[wrong]));
    check::<One<Option<Secret<Mode>>>>(&[("v", "inser")], Err(&[wrong]));
    let wrong = "v: invalid value [hidden]: item 2: expected a whole number from 0 to 255";
    check::<One<Vec<Secret<u8>>>>(&[("v", "1,hunter2")], Err(&[wrong]));
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Limited {
    #[schemars(range(min = 1, max = 5))]
    n: Option<i32>,
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0))]
    f: Option<f64>,
    #[schemars(length(min = 2, max = 3))]
    s: Option<String>,
    #[schemars(length(min = 1))]
    l: Option<Vec<String>>,
    c: Option<char>,
}

#[test]
fn limits() {
    let fine = [("n", "5"), ("f", "1"), ("s", "äöü"), ("l", "a"), ("c", ";")];
    let expect = r#"Limited { n: Some(5), f: Some(1.0), s: Some("äöü"), l: Some(["a"]), c: Some(';') }"#;
    check::<Limited>(&fine, Ok(expect));
    check::<Limited>(
        &[("n", "6"), ("f", "0"), ("s", "x"), ("l", ""), ("c", "ab")],
        Err(&[
            "n: invalid value \"6\": expected a whole number from 1 to 5",
            "f: invalid value \"0\": expected a number above 0 and of at most 1",
            "s: invalid value \"x\": expected text of 2 to 3 characters",
            "l: invalid value \"\": expected a comma-separated list of at least 1 items",
            "c: invalid value \"ab\": expected text of exactly 1 characters",
        ]),
    );
}
