//! Transforms and predicates: what changes single records on their way.

use crate::config::Config;
use crate::{Error, Record, Result};

/// Whether a record goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a dropped record must not go on"]
pub enum Flow {
    /// It goes on.
    Keep,
    /// It ends here, which counts as delivered.
    Drop,
}

/// Changes records one by one. One instance serves a task's records, from one thread at a time or several.
pub trait Transform: Send + Sync {
    /// Changes a record, or drops it.
    ///
    /// *When it is called*: in a source before conversion, in a sink after it.
    ///
    /// *Retries*: a retriable error is tried again within `errors.retry.timeout`, on the record as it was.
    ///
    /// # Errors
    /// Any other error follows `errors.tolerance`.
    fn transform(&self, record: &mut Record) -> Result<Flow>;

    /// Changes many records. It must do what [`transform`](Self::transform) does on each; it is there for
    /// transforms that gain by seeing many.
    fn transform_batch(&self, batch: &mut Batch<'_>) {
        for (record, outcome) in batch.pending() {
            match self.transform(record) {
                Ok(Flow::Keep) => {}
                Ok(Flow::Drop) => *outcome = Outcome::Dropped,
                Err(error) => *outcome = Outcome::Failed(error),
            }
        }
    }
}

/// Answers yes or no of a record; decides whether a transform applies.
pub trait Predicate: Send + Sync {
    /// The answer.
    fn test(&self, record: &Record) -> bool;
}

/// A [`Transform`] that can be named in `transforms.<alias>.type` and configured.
pub trait TransformPlugin: Transform + Sized + 'static {
    /// The name; for the transforms of Kafka Connect the Java class name.
    const NAME: &'static str;
    /// Other names.
    const ALIASES: &'static [&'static str] = &[];
    /// Its configuration, without the prefix `transforms.<alias>.`.
    type Config: Config;

    /// Makes one.
    ///
    /// # Errors
    /// A config error.
    fn new(config: Self::Config) -> Result<Self>;
}

/// A [`Predicate`] that can be named in `predicates.<alias>.type` and configured.
pub trait PredicatePlugin: Predicate + Sized + 'static {
    /// The name; for the predicates of Kafka Connect the Java class name.
    const NAME: &'static str;
    /// Other names.
    const ALIASES: &'static [&'static str] = &[];
    /// Its configuration, without the prefix `predicates.<alias>.`.
    type Config: Config;

    /// Makes one.
    ///
    /// # Errors
    /// A config error.
    fn new(config: Self::Config) -> Result<Self>;
}

/// What became of a record of a [`Batch`].
#[derive(Debug, Default)]
pub enum Outcome {
    /// It goes on.
    #[default]
    Kept,
    /// It ends here.
    Dropped,
    /// It failed; the record may be half changed.
    Failed(Error),
}

/// Records under way through a chain of transforms.
#[derive(Debug)]
pub struct Batch<'a> {
    items: Vec<(&'a mut Record, Outcome)>,
}

impl<'a> Batch<'a> {
    /// A batch of these records, all to go on.
    pub fn new(records: impl IntoIterator<Item = &'a mut Record>) -> Self {
        Self { items: records.into_iter().map(|record| (record, Outcome::Kept)).collect() }
    }

    /// The records that go on, each with the place to say otherwise.
    pub fn pending(&mut self) -> impl Iterator<Item = (&mut Record, &mut Outcome)> {
        self.items
            .iter_mut()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Kept))
            .map(|(record, outcome)| (&mut **record, outcome))
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// What has become of each record so far, in order.
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.items.iter().map(|(_, outcome)| outcome)
    }

    /// What became of each record, in order.
    pub fn into_outcomes(self) -> impl Iterator<Item = Outcome> + use<> {
        self.items.into_iter().map(|(_, outcome)| outcome).collect::<Vec<_>>().into_iter()
    }
}
