//! What records become, for those who only want to see it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use connect_api::bytes::BytesMut;
use connect_api::{Result, SinkRecord};

use crate::AwsEnvironment;
use crate::config::{ElasticsearchSinkConfig, Target};
use crate::document::{Composer, Plan, Refusal, Step};

/// Writes records as the lines of a bulk request, as [`ElasticsearchSink`](crate::ElasticsearchSink) does, and sends
/// nothing.
pub struct BulkLines {
    composer: Composer,
    target: Target,
    plans: BTreeMap<Arc<str>, Plan>,
}

impl BulkLines {
    /// Lines as this configuration has them. The cluster is not asked.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: &ElasticsearchSinkConfig) -> Result<Self> {
        let settings = config.settings(&AwsEnvironment::of_process())?;
        let composer = Composer::new(settings.documents, settings.policies.on_null, settings.target.data_stream);
        Ok(Self { composer, target: settings.target, plans: BTreeMap::new() })
    }

    /// Adds the lines of a record; says whether there are any, as records without a value may be skipped.
    ///
    /// # Errors
    /// A data error when the record cannot be a document, or a fatal one when its topic has no place; nothing is added
    /// then.
    pub fn write(&mut self, record: &SinkRecord, out: &mut BytesMut) -> Result<bool> {
        if !self.plans.contains_key(&record.topic) {
            let plan = Plan::of(&record.topic, &self.target, self.composer.settings())?;
            self.plans.insert(Arc::clone(&record.topic), plan);
        }
        let Some(plan) = self.plans.get(&record.topic) else { return Ok(false) };
        let Step::Write(prepared) = self.composer.prepare(plan, record)? else { return Ok(false) };
        let start = out.len();
        self.composer.write(plan, record, &prepared, out).map(|()| true).map_err(|refusal| {
            out.truncate(start);
            match refusal {
                Refusal::Invalid(error) | Refusal::Malformed(error) => error,
            }
        })
    }
}

impl fmt::Debug for BulkLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkLines").field("topics", &self.plans.keys()).finish_non_exhaustive()
    }
}
