//! What a rule expects to have arrived, and what it says when that is not so.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::testing::TestWorker;

type Properties = BTreeMap<String, String>;

/// How often a record may arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copies {
    One,
    /// Somebody could not know whether it had arrived.
    Some,
}

/// A rule being checked.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) connector: &'static str,
    pub(super) name: &'static str,
}

/// How records that have the same order everywhere are told apart: by partition, by source, not at all.
pub(super) type Lane = fn(u32) -> u32;

impl Rule {
    /// The connector does not keep the rule.
    pub(super) fn broken(&self, what: impl std::fmt::Display) -> ! {
        panic!("{} breaks the rule `{}`: {what}", self.connector, self.name);
    }

    pub(super) fn check(&self, kept: bool, what: impl FnOnce() -> String) {
        if !kept {
            self.broken(what());
        }
    }

    /// Whether exactly the expected records arrived. `lane` says which of them keep their order; `None`: none does.
    pub(super) fn arrived(&self, arrived: &[u32], expected: Range<u32>, copies: Copies, lane: Option<Lane>) {
        let mut counts = BTreeMap::new();
        for number in arrived {
            *counts.entry(*number).or_insert(0) += 1;
        }
        let lost: Vec<_> = expected.clone().filter(|number| !counts.contains_key(number)).collect();
        self.check(lost.is_empty(), || format!("records {lost:?} are lost; arrived: {arrived:?}"));
        let strange: Vec<_> = counts.keys().filter(|number| !expected.contains(number)).collect();
        self.check(strange.is_empty(), || format!("records {strange:?} were never there; arrived: {arrived:?}"));
        let repeated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).map(|(number, _)| number).collect();
        self.check(copies == Copies::Some || repeated.is_empty(), || {
            format!("records {repeated:?} arrived more than once; arrived: {arrived:?}")
        });
        let Some(lane) = lane else { return };
        let mut highest: BTreeMap<u32, u32> = BTreeMap::new();
        let mut seen = std::collections::BTreeSet::new();
        for number in arrived.iter().filter(|number| seen.insert(**number)) {
            let before = highest.insert(lane(*number), *number);
            self.check(before.is_none_or(|before| before < *number), || {
                format!("record {number} came after record {before:?}, which is later in order; arrived: {arrived:?}")
            });
        }
    }
}

impl Rule {
    /// Whether a right configuration is taken, and all keys of broken ones are blamed, each set at once.
    pub(super) async fn config(&self, worker: &TestWorker, right: &Properties, broken: Vec<(Properties, Vec<String>)>) {
        if let Err(errors) = worker.worker().validate(right).await {
            self.broken(format!("the harness's own configuration {right:?} is refused: {errors}"));
        }
        for (wrong, keys) in broken {
            let mut properties = right.clone();
            properties.extend(wrong.clone());
            let Err(errors) = worker.worker().validate(&properties).await else {
                self.broken(format!("{wrong:?} is wrong in {keys:?}, but was taken"));
            };
            let missing: Vec<_> = keys.iter().filter(|key| errors.of(key).next().is_none()).collect();
            self.check(missing.is_empty(), || {
                format!("{wrong:?} is wrong in {keys:?}; {missing:?} is not among what was reported at once: {errors}")
            });
        }
    }
}
