//! What goes wrong in a watched task, and what was seen of it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use connect_api::Error;

use crate::progress::lock;

/// A call of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    Put,
    PreCommit,
    Poll,
}

/// Whether a call fails instead of being made, or is made and its answer lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

/// Shared by a rule and the tasks it watches, over all their lives.
#[derive(Debug, Default)]
pub(super) struct Script(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    calls: BTreeMap<Call, u32>,
    /// Calls by number, from 0, that go wrong.
    failing: Vec<(Call, u32, When)>,
    /// Whether a put said that it buffered.
    buffered: bool,
    /// What should not have been seen.
    wrong: Vec<String>,
}

impl Script {
    /// These calls go wrong with a retriable error.
    pub(super) fn fail(&self, call: Call, numbers: impl IntoIterator<Item = u32>, when: When) {
        lock(&self.0).failing.extend(numbers.into_iter().map(|number| (call, number, when)));
    }

    /// A call begins; says whether and when it goes wrong.
    pub(super) fn begin(&self, call: Call) -> Option<When> {
        let mut state = lock(&self.0);
        let number = state.calls.entry(call).or_default();
        let this = *number;
        *number += 1;
        state.failing.iter().find(|(of, number, _)| (*of, *number) == (call, this)).map(|(.., when)| *when)
    }

    pub(super) fn calls(&self, call: Call) -> u32 {
        lock(&self.0).calls.get(&call).copied().unwrap_or_default()
    }

    pub(super) fn set_buffered(&self) {
        lock(&self.0).buffered = true;
    }

    pub(super) fn buffered(&self) -> bool {
        lock(&self.0).buffered
    }

    pub(super) fn note_wrong(&self, what: String) {
        lock(&self.0).wrong.push(what);
    }

    pub(super) fn wrong(&self) -> Vec<String> {
        lock(&self.0).wrong.clone()
    }
}

/// The error of a call that goes wrong.
pub(super) fn injected(when: When) -> Error {
    Error::retriable(match when {
        When::Before => "injected by the test: the call was not made",
        When::After => "injected by the test: the call was made, and its answer lost",
    })
}
