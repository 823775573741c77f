//! The plans of the schemas that have been seen.

use std::sync::Arc;

use connect_api::{Datum, Result, Schema, SinkRecord};

use super::config::JdbcSinkConfig;
use super::plan::Plan;
use super::route::Routes;

/// Plans that are kept; records with ever new schemas must not fill the memory.
const MOST: usize = 256;

/// What a plan was made for. Schemas are compared by address first: converters share them.
struct Seen {
    topic: Arc<str>,
    /// What the route goes by.
    target: Arc<str>,
    key: Option<Arc<Schema>>,
    /// `None` for a delete as well as for a value without a schema.
    value: Option<Arc<Schema>>,
    no_key: bool,
    no_value: bool,
    plan: Arc<Plan>,
}

/// Finds the plan of a record.
pub(super) struct Plans {
    seen: Vec<Seen>,
    truncates: Vec<Arc<Plan>>,
}

impl Plans {
    pub(super) fn new() -> Self {
        Self { seen: Vec::new(), truncates: Vec::new() }
    }

    /// The plan of a record that goes where the routes lead from `target`: its topic, or what stands in for it.
    ///
    /// # Errors
    /// A data error that says why such a record cannot be written.
    pub(super) fn of(
        &mut self,
        config: &JdbcSinkConfig,
        routes: &mut Routes,
        target: &Arc<str>,
        record: &SinkRecord,
    ) -> Result<Arc<Plan>> {
        let found =
            self.find(target, record, &|a, b| Arc::ptr_eq(a, b)).or_else(|| self.find(target, record, &|a, b| a == b));
        if let Some(at) = found {
            // What is used is found first.
            self.seen.swap(0, at);
            return Ok(Arc::clone(&self.seen[0].plan));
        }
        let plan = Plan::of(config, routes.table(target)?, record)?;
        // Schemas that differ in ways that no table shows share a plan, and so their statements.
        let plan = match self.seen.iter().find(|seen| seen.plan.is_like(&plan)) {
            Some(seen) => Arc::clone(&seen.plan),
            None => Arc::new(plan),
        };
        if self.seen.len() >= MOST {
            self.seen.clear();
        }
        self.seen.push(Seen {
            topic: Arc::clone(&record.topic),
            target: Arc::clone(target),
            key: record.key.schema.clone(),
            value: record.value.schema.clone(),
            no_key: record.key.is_null(),
            no_value: record.value.is_null(),
            plan: Arc::clone(&plan),
        });
        Ok(plan)
    }

    /// The plan that empties the table where the routes lead from `target`.
    ///
    /// # Errors
    /// A data error when they lead nowhere.
    pub(super) fn truncate(&mut self, routes: &mut Routes, target: &Arc<str>) -> Result<Arc<Plan>> {
        let table = routes.table(target)?;
        if let Some(known) = self.truncates.iter().find(|plan| plan.table == table) {
            return Ok(Arc::clone(known));
        }
        if self.truncates.len() >= MOST {
            self.truncates.clear();
        }
        let plan = Arc::new(Plan::truncate(table));
        self.truncates.push(Arc::clone(&plan));
        Ok(plan)
    }

    fn find(
        &self,
        target: &Arc<str>,
        record: &SinkRecord,
        same: &dyn Fn(&Arc<Schema>, &Arc<Schema>) -> bool,
    ) -> Option<usize> {
        let like = |seen: &Option<Arc<Schema>>, datum: &Datum| match (seen, &datum.schema) {
            (Some(seen), Some(given)) => same(seen, given),
            (None, None) => true,
            _ => false,
        };
        let is = |seen: &Arc<str>, given: &Arc<str>| Arc::ptr_eq(seen, given) || seen == given;
        self.seen.iter().position(|seen| {
            seen.no_key == record.key.is_null()
                && seen.no_value == record.value.is_null()
                && is(&seen.topic, &record.topic)
                && is(&seen.target, target)
                && like(&seen.key, &record.key)
                && like(&seen.value, &record.value)
        })
    }
}
