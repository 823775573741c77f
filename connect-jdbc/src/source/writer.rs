//! Who may still commit rows in front of those that are visible.

use std::collections::BTreeSet;
use std::fmt;

/// Somebody who may still commit rows in front of others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Writer {
    /// A transaction, by the database's name for it.
    Transaction {
        name: String,
        /// Whose it is, where the database tells and statements are watched too.
        session: Option<u64>,
    },
    /// A statement that runs, and may have drawn a number before its transaction shows.
    #[cfg(feature = "mysql")]
    Statement {
        session: u64,
        /// Between which of the server's counts it began: the number of the statement, or seconds.
        began: [u64; 2],
    },
}

impl Writer {
    /// A transaction that is known by its name alone.
    #[cfg(feature = "postgres")]
    pub(super) const fn transaction(name: String) -> Self {
        Self::Transaction { name, session: None }
    }

    /// Whether this one, seen before, is that one, seen now.
    pub(super) fn is(&self, now: &Self) -> bool {
        match (self, now) {
            (Self::Transaction { name, .. }, Self::Transaction { name: other, .. }) => name == other,
            #[cfg(feature = "mysql")]
            (Self::Statement { session, began }, Self::Statement { session: other, began: then }) => {
                session == other && began[0] <= then[1] && then[0] <= began[1]
            }
            #[cfg(feature = "mysql")]
            _ => false,
        }
    }

    /// Whether that one, seen now, may have what this one had drawn: a statement leaves it to its transaction.
    fn goes_on_as(&self, now: &Self) -> bool {
        match (self, now) {
            #[cfg(feature = "mysql")]
            (Self::Statement { session, .. }, Self::Transaction { session: owner, .. }) => Some(*session) == *owner,
            _ => self.is(now),
        }
    }
}

/// Who of those is still to be waited for, when these are open now.
pub(super) fn remaining(waited: &BTreeSet<Writer>, open: &BTreeSet<Writer>) -> BTreeSet<Writer> {
    open.iter().filter(|now| waited.iter().any(|one| one.goes_on_as(now))).cloned().collect()
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction { name, session: None } => write!(f, "transaction {name}"),
            Self::Transaction { name, session: Some(session) } => write!(f, "transaction {name} of session {session}"),
            #[cfg(feature = "mysql")]
            Self::Statement { session, .. } => write!(f, "the statement of session {session}"),
        }
    }
}

/// These, for a message.
pub(super) fn names(writers: &BTreeSet<Writer>) -> String {
    writers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
