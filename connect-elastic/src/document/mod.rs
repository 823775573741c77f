//! From records to the lines of a bulk request.

mod compose;
mod id;
mod mapping;
mod names;
mod plan;
mod version;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use compose::{Composer, Prepared, Refusal, Step};
pub(crate) use mapping::{missing, of_schema};
pub(crate) use plan::Plan;

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Index,
    Create,
    Update,
    Delete,
}

impl Kind {
    /// The word in an action line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}
