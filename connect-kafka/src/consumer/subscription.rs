//! Which topics a member wants, and whether that changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::TopicInfo;

/// Which topics to consume.
#[derive(Clone)]
pub enum Subscription {
    /// These, whether they exist already or not.
    Topics(Vec<Arc<str>>),
    /// All for which this says yes, new ones too (a regular expression of the caller's).
    Matching(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topics(topics) => f.debug_tuple("Topics").field(topics).finish(),
            Self::Matching(_) => f.write_str("Matching(..)"),
        }
    }
}

impl Subscription {
    /// The topics wanted, sorted, given those that exist.
    pub(super) fn wanted(&self, existing: &[TopicInfo]) -> BTreeSet<Arc<str>> {
        match self {
            Self::Topics(topics) => topics.iter().cloned().collect(),
            Self::Matching(matches) => {
                existing.iter().map(|topic| &topic.name).filter(|name| matches(name)).cloned().collect()
            }
        }
    }
}

/// What an assignment was made from; when it looks different, the group must rebalance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    wanted: BTreeSet<Arc<str>>,
    /// Partitions of what all members want; the leader watches them, others have none here.
    counts: BTreeMap<Arc<str>, i32>,
}

impl Snapshot {
    /// As things are; `all` is what all members want, on the leader.
    pub(super) fn take(existing: &[TopicInfo], own: &Subscription, all: Option<&BTreeSet<Arc<str>>>) -> Self {
        Self::of(own.wanted(existing), existing, all)
    }

    /// The same, but the member joined wanting this.
    pub(super) fn of(wanted: BTreeSet<Arc<str>>, existing: &[TopicInfo], all: Option<&BTreeSet<Arc<str>>>) -> Self {
        let counts = all.map(|all| counts(existing, all)).unwrap_or_default();
        Self { wanted, counts }
    }
}

impl Snapshot {
    /// Whether one of the topics that all members want was not there.
    pub(super) fn lacks(&self, all: &BTreeSet<Arc<str>>) -> bool {
        all.len() > self.counts.len()
    }
}

/// Partitions of those of `topics` that exist.
pub(super) fn counts(existing: &[TopicInfo], topics: &BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, i32> {
    let there = existing.iter().filter(|topic| topics.contains(&topic.name));
    there.map(|topic| (topic.name.clone(), topic.partitions)).collect()
}
