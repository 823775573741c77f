//! Configs by data: what goes in, what comes out.

mod errors;
mod random;
mod rows;
mod structure;
mod values;

use std::collections::BTreeMap;
use std::fmt::Debug;

use super::{Config, parse};

pub(super) fn props(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Parses `pairs` and compares the config as `{:?}`, or the error lines after the count.
#[track_caller]
pub(super) fn check<C: Config + Debug>(pairs: &[(&str, &str)], expect: Result<&str, &[&str]>) {
    match (parse::<C>(&props(pairs)), expect) {
        (Ok(parsed), Ok(expect)) => assert_eq!(format!("{:?}", parsed.config), expect, "{pairs:?}"),
        (Err(errors), Err(expect)) => {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            assert_eq!(lines, expect, "{pairs:?}");
        }
        (got, expect) => panic!("{pairs:?}\n got {got:?}\nwant {expect:?}"),
    }
}

/// The warnings of a config that is fine.
#[track_caller]
pub(super) fn warnings<C: Config + Debug>(pairs: &[(&str, &str)]) -> Vec<String> {
    parse::<C>(&props(pairs)).unwrap().warnings
}
