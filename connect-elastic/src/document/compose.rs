//! What is to be done for a record.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use connect_api::{Error, Result, SinkRecord};

use super::id::{self, Id};
use super::{Kind, Plan, version};
use crate::config::{DocumentSettings, NullBehavior, WriteMethod};

/// Makes actions of records.
#[derive(Debug)]
pub(crate) struct Composer {
    pub(super) settings: DocumentSettings,
    pub(super) on_null: NullBehavior,
    pub(super) data_stream: bool,
}

/// What a record comes to.
#[derive(Debug)]
pub(crate) enum Step<'r> {
    /// Nothing, as it has no value; whether that is worth a report.
    Skip { report: bool },
    /// An action.
    Write(Prepared<'r>),
}

/// An action whose document is not written yet.
#[derive(Debug)]
pub(crate) struct Prepared<'r> {
    pub(crate) kind: Kind,
    pub(super) id: Id<'r>,
    pub(super) version: Option<i64>,
    pub(super) routing: Option<String>,
}

/// Why there is no action.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The record cannot be converted.
    Invalid(Error),
    /// The server would refuse the document.
    Malformed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

impl Prepared<'_> {
    /// Whether the server refuses it when it has something newer.
    pub(crate) const fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// Whether nobody else writes this document.
    pub(crate) const fn is_own(&self) -> bool {
        matches!(self.id, Id::Own(_))
    }

    /// The same number for the same document; `None` when no two records write the same one.
    pub(crate) fn lane(&self, plan: &Plan) -> Option<u64> {
        let Id::Key(key) = &self.id else { return None };
        // A hasher of fixed keys: the same records make the same requests in every run.
        let mut hasher = DefaultHasher::new();
        plan.index.hash(&mut hasher);
        key.hash(&mut hasher);
        // Zero says that there is no other.
        Some(hasher.finish() | 1)
    }
}

impl Composer {
    /// Makes actions by these settings.
    pub(crate) const fn new(settings: DocumentSettings, on_null: NullBehavior, data_stream: bool) -> Self {
        Self { settings, on_null, data_stream }
    }

    /// How records become documents.
    pub(crate) const fn settings(&self) -> &DocumentSettings {
        &self.settings
    }

    /// Whether values need a schema, of which a mapping is made.
    pub(crate) fn needs_schema(plan: &Plan, record: &SinkRecord) -> bool {
        !plan.ignore_schema && !record.value.is_null()
    }

    /// What is to be done for a record.
    ///
    /// # Errors
    /// A data error: the record cannot be converted.
    pub(crate) fn prepare<'r>(&self, plan: &Plan, record: &'r SinkRecord) -> Result<Step<'r>> {
        let tombstone = record.value.is_null();
        let kind = match (tombstone, self.on_null) {
            (true, NullBehavior::Ignore) => return Ok(Step::Skip { report: true }),
            (true, NullBehavior::Delete) if record.key.is_null() => return Ok(Step::Skip { report: false }),
            (true, NullBehavior::Delete) => Kind::Delete,
            (true, NullBehavior::Fail) => {
                return Err(Error::data(
                    "the record has no value; behavior.on.null.values=ignore skips such records, delete deletes documents",
                ));
            }
            (false, _) if self.data_stream => Kind::Create,
            (false, _) if self.settings.method == WriteMethod::Insert => Kind::Index,
            (false, _) => Kind::Update,
        };
        let id = id::id(&self.settings, plan, record, tombstone)?;
        let versioned = !self.data_stream && matches!(id, Id::Key(_)) && matches!(kind, Kind::Index | Kind::Delete);
        let version = if versioned { version::version(&self.settings, record)? } else { None };
        let routing = self.routing(record, tombstone)?;
        Ok(Step::Write(Prepared { kind, id, version, routing }))
    }
}
