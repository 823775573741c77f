//! The chain of transforms of a connector.

use std::fmt;
use std::sync::Arc;

use connect_api::{Batch, Error, Flow, Outcome, Predicate, Record, Result, Transform};

use crate::failures::Failures;

/// The class of what was made in code.
const CUSTOM: &str = "custom";

/// A transform in a chain.
#[derive(Clone)]
pub(crate) struct Stage {
    alias: Arc<str>,
    class: Arc<str>,
    transform: Arc<dyn Transform>,
    /// Applies when the predicate's answer is not this.
    predicate: Option<(Arc<dyn Predicate>, bool)>,
    /// What the predicate is called.
    predicate_alias: Arc<str>,
}

impl Stage {
    pub(crate) fn new(
        alias: impl Into<Arc<str>>,
        transform: Arc<dyn Transform>,
        predicate: Option<(Arc<dyn Predicate>, bool)>,
    ) -> Self {
        Self { alias: alias.into(), class: CUSTOM.into(), transform, predicate, predicate_alias: CUSTOM.into() }
    }

    pub(crate) fn with_class(mut self, class: impl Into<Arc<str>>) -> Self {
        self.class = class.into();
        self
    }

    pub(crate) fn with_predicate_alias(mut self, alias: impl Into<Arc<str>>) -> Self {
        self.predicate_alias = alias.into();
        self
    }

    pub(crate) fn alias(&self) -> &Arc<str> {
        &self.alias
    }

    pub(crate) fn class(&self) -> &Arc<str> {
        &self.class
    }

    /// The predicate that keeps a record from this stage, and its answer.
    pub(crate) fn skipped_by(&self, record: &Record) -> Option<(Arc<str>, bool)> {
        let (predicate, negate) = self.predicate.as_ref()?;
        let answer = predicate.test(record);
        (answer == *negate).then(|| (Arc::clone(&self.predicate_alias), answer))
    }

    /// The transform alone, whatever the predicate says.
    pub(crate) fn transform(&self, record: &mut Record) -> Result<Flow, TransformError> {
        self.transform.transform(record).map_err(|error| self.failed(error))
    }

    fn applies(&self, record: &Record) -> bool {
        self.predicate.as_ref().is_none_or(|(predicate, negate)| predicate.test(record) != *negate)
    }

    fn failed(&self, error: Error) -> TransformError {
        // One made in code has no class to be found by.
        let place = match &*self.class {
            CUSTOM => format!("transform {:?}", self.alias),
            class => format!("transform {:?} ({class})", self.alias),
        };
        TransformError { class: Arc::clone(&self.class), error: error.context(place) }
    }

    fn one(&self, record: &mut Record) -> Result<Flow> {
        if self.applies(record) { self.transform.transform(record) } else { Ok(Flow::Keep) }
    }
}

/// A transform failed.
#[derive(Debug)]
pub(crate) struct TransformError {
    pub(crate) class: Arc<str>,
    pub(crate) error: Error,
}

/// What a chain made of a record.
#[derive(Debug)]
pub(crate) enum Changed {
    Kept,
    Dropped,
    Failed(TransformError),
}

/// Transforms in order.
#[derive(Clone, Default)]
pub(crate) struct Chain(Vec<Stage>);

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|stage| &stage.alias)).finish()
    }
}

impl Chain {
    pub(crate) fn push(&mut self, stage: Stage) {
        self.0.push(stage);
    }

    pub(crate) fn stages(&self) -> &[Stage] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One record through all stages; a failed one may be half changed.
    pub(crate) fn apply(&self, record: &mut Record) -> Changed {
        for stage in &self.0 {
            match stage.one(record) {
                Ok(Flow::Keep) => {}
                Ok(Flow::Drop) => return Changed::Dropped,
                Err(error) => return Changed::Failed(stage.failed(error)),
            }
        }
        Changed::Kept
    }

    /// One record through all stages, again and again as `errors.retry.timeout` allows, each time from how it was.
    pub(crate) async fn apply_with_retries(
        &self,
        record: &mut Record,
        original: &Record,
        failures: &Failures,
        seed: u64,
    ) -> Changed {
        let mut last: Option<Arc<str>> = None;
        let outcome = failures.retry(seed, || {
            if last.is_some() {
                record.clone_from(original);
            }
            match self.apply(record) {
                Changed::Failed(TransformError { class, error }) => {
                    last = Some(class);
                    Err(error)
                }
                changed => Ok(changed),
            }
        });
        match outcome.await {
            Ok(changed) => changed,
            Err(error) => Changed::Failed(TransformError { class: last.unwrap_or_else(|| CUSTOM.into()), error }),
        }
    }

    /// Many records, stage by stage; `None` when every record goes on.
    pub(crate) fn apply_batch<'a>(&self, records: impl IntoIterator<Item = &'a mut Record>) -> Option<Vec<Changed>> {
        let mut batch = Batch::new(records);
        // The stage at which each failed record failed; filled at the first failure.
        let mut failed_at: Vec<Option<usize>> = Vec::new();
        let mut failures = 0;
        for (number, stage) in self.0.iter().enumerate() {
            if stage.predicate.is_some() {
                for (record, outcome) in batch.pending() {
                    match stage.one(record) {
                        Ok(Flow::Keep) => {}
                        Ok(Flow::Drop) => *outcome = Outcome::Dropped,
                        Err(error) => *outcome = Outcome::Failed(error),
                    }
                }
            } else {
                stage.transform.transform_batch(&mut batch);
            }
            let failed = batch.outcomes().filter(|outcome| matches!(outcome, Outcome::Failed(_))).count();
            if failed > failures {
                failures = failed;
                failed_at.resize(batch.len(), None);
                for (outcome, at) in batch.outcomes().zip(&mut failed_at) {
                    if matches!(outcome, Outcome::Failed(_)) {
                        at.get_or_insert(number);
                    }
                }
            }
        }
        if batch.outcomes().all(|outcome| matches!(outcome, Outcome::Kept)) {
            return None;
        }
        let stage_of = |index: usize| failed_at.get(index).copied().flatten().unwrap_or(0);
        let changed = batch.into_outcomes().enumerate().map(|(index, outcome)| match outcome {
            Outcome::Kept => Changed::Kept,
            Outcome::Dropped => Changed::Dropped,
            Outcome::Failed(error) => Changed::Failed(self.0[stage_of(index)].failed(error)),
        });
        Some(changed.collect())
    }
}

#[cfg(test)]
mod tests;
