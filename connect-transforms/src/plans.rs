//! What a transform found out about a schema, kept for the next record.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use connect_api::{Result, Schema};

/// As many as Java's transforms keep.
const KEPT: usize = 16;

/// Plans by the schema they were made for. Records of one source share their schema by address, so that a look-up is
/// one comparison; schemas that are equal share a plan, so that what comes out is shared by address too.
pub(crate) struct Plans<P>(Mutex<Vec<(Arc<Schema>, Arc<P>)>>);

impl<P> Plans<P> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The plan for this schema, made when there is none.
    pub(crate) fn get(&self, schema: &Arc<Schema>, make: impl FnOnce(&Arc<Schema>) -> Result<P>) -> Result<Arc<P>> {
        // A panic while making a plan leaves the list as it was.
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, plan)) = plans.iter().find(|(known, _)| Arc::ptr_eq(known, schema)) {
            return Ok(Arc::clone(plan));
        }
        let plan = match plans.iter().find(|(known, _)| known == schema) {
            Some((_, plan)) => Arc::clone(plan),
            None => Arc::new(make(schema)?),
        };
        if plans.len() == KEPT {
            plans.remove(0);
        }
        plans.push((Arc::clone(schema), Arc::clone(&plan)));
        Ok(plan)
    }
}

impl<P> fmt::Debug for Plans<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plans")
    }
}
