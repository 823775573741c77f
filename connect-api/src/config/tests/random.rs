//! No map of strings makes the parser panic, and no secret is ever told.

use std::collections::BTreeMap;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Millis, Secret, parse, validate};

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Everything {
    a: i8,
    b: Option<bool>,
    c: Vec<u64>,
    d: Option<f32>,
    e: Millis,
    s: Secret<u32>,
    t: Option<Inner>,
    #[serde(default)]
    m: BTreeMap<String, i16>,
    #[serde(flatten)]
    choice: Choice,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code)]
struct Inner {
    a: String,
    b: Option<u8>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "k", rename_all = "lowercase")]
#[allow(dead_code)]
enum Choice {
    X { x: u8 },
    Y { y: Vec<String> },
}

const KEYS: &str = "a|b|c|d|e|s|t|t\\.a|t\\.b|t\\.|m|m\\.|m\\.z|k|x|y|\\PC{0,3}";

proptest! {
    #[test]
    fn never_panics(props in prop::collection::btree_map(KEYS, "-?[0-9]{0,3}|true|x|y|1,2|\\PC*", 0..16)) {
        if let Err(errors) = parse::<Everything>(&props) {
            prop_assert!(!errors.is_empty());
            prop_assert_eq!(errors.to_string().lines().count(), errors.len() + 1);
        }
        prop_assert!(validate::<Everything>(&props).len() >= 11);
    }

    #[test]
    fn never_tells_a_secret(mut props in prop::collection::btree_map(KEYS, "[0-9]{0,3}|x|y", 0..16), n in 0..9u8) {
        let secret = format!("hunter{n}two");
        props.insert("s".to_owned(), secret.clone());
        let told = parse::<Everything>(&props).unwrap_err().to_string();
        prop_assert!(!told.contains(&secret));
        let rows = serde_json::to_string(&validate::<Everything>(&props)).unwrap();
        prop_assert!(!rows.contains(&secret));
    }
}
