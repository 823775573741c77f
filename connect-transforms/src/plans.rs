//! What a transform found out about a schema, kept for the next record.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use connect_api::{Result, Schema};

/// As many as Java's transforms keep.
const KEPT: usize = 16;

/// Schemas that are found without a lock; most connectors have no more.
const FIRST: usize = 4;

type Known<P> = (Arc<Schema>, Arc<P>);

/// Plans by the schema they were made for. Records of one source share their schema by address, so that a look-up is
/// one comparison; schemas that are equal share a plan, so that what comes out is shared by address too.
pub(crate) struct Plans<P> {
    /// The first different schemas that were seen; they stay.
    first: [OnceLock<Known<P>>; FIRST],
    /// The latest others, and the first ones' equals at other addresses.
    others: Mutex<Vec<Known<P>>>,
}

impl<P> Plans<P> {
    pub(crate) const fn new() -> Self {
        Self { first: [const { OnceLock::new() }; FIRST], others: Mutex::new(Vec::new()) }
    }

    /// The plan for this schema, made when there is none.
    pub(crate) fn get(
        &self,
        schema: &Arc<Schema>,
        make: impl FnOnce(&Arc<Schema>) -> Result<P>,
    ) -> Result<Plan<'_, P>> {
        match self.first().find(|(known, _)| Arc::ptr_eq(known, schema)) {
            Some((_, plan)) => Ok(Plan::First(plan)),
            None => self.other(schema, make).map(Plan::Other),
        }
    }

    fn first(&self) -> impl Iterator<Item = &Known<P>> {
        self.first.iter().map_while(OnceLock::get)
    }

    #[cold]
    fn other(&self, schema: &Arc<Schema>, make: impl FnOnce(&Arc<Schema>) -> Result<P>) -> Result<Arc<P>> {
        // A panic while making a plan leaves the list as it was.
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = others.iter().find(|(known, _)| Arc::ptr_eq(known, schema)) {
            return Ok(Arc::clone(plan));
        }
        let equal = self.first().chain(&*others).find(|(known, _)| known == schema);
        let plan = match equal.map(|(_, plan)| Arc::clone(plan)) {
            Some(plan) => plan,
            None => {
                let plan = Arc::new(make(schema)?);
                // Slots are filled under the lock only, in order.
                if let Some(slot) = self.first.iter().find(|slot| slot.get().is_none()) {
                    slot.get_or_init(|| (Arc::clone(schema), Arc::clone(&plan)));
                    return Ok(plan);
                }
                plan
            }
        };
        if others.len() == KEPT {
            others.remove(0);
        }
        others.push((Arc::clone(schema), Arc::clone(&plan)));
        Ok(plan)
    }
}

impl<P> fmt::Debug for Plans<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plans")
    }
}

/// A plan that was found.
pub(crate) enum Plan<'a, P> {
    First(&'a P),
    Other(Arc<P>),
}

impl<P> Deref for Plan<'_, P> {
    type Target = P;

    fn deref(&self) -> &P {
        match self {
            Self::First(plan) => plan,
            Self::Other(plan) => plan,
        }
    }
}

#[cfg(test)]
mod tests;
