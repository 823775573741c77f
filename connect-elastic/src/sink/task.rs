//! The task: records in, documents on their way.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use connect_api::{
    Delivery, ErrantRecordReporter, Error, Offsets, Result, Schema, SinkRecord, SinkTask, SinkTaskContext, Task,
    TopicPartition, async_trait,
};

use super::Resources;
use crate::bulk::{Backoff, Engine, LONGEST, Parts};
use crate::client::Client;
use crate::config::{Policies, Refused, Settings, Target};
use crate::document::{Composer, Plan, Refusal, Step};

/// Room for lines that is not kept for the next record.
const LONG: usize = 1 << 20;

/// Writes the records of its partitions as documents.
///
/// Records are delivered in the background: a put is done when they wait for their request, and an offset may be
/// committed when all records before it are written, skipped or reported.
pub struct ElasticTask {
    engine: Engine,
    resources: Arc<Resources>,
    composer: Composer,
    target: Target,
    policies: Policies,
    reporter: Option<ErrantRecordReporter>,
    context: SinkTaskContext,
    plans: BTreeMap<Arc<str>, Arc<Plan>>,
    recent: Option<Arc<Plan>>,
    /// For what nothing has to be asked: the plan and schema of the record before.
    ready: Option<(Arc<Plan>, Option<Arc<Schema>>)>,
    /// The lines of the record at hand.
    lines: BytesMut,
    /// The last answer to `pre_commit`.
    proven: Offsets,
}

impl ElasticTask {
    pub(super) async fn start(settings: Settings, context: SinkTaskContext) -> Result<Self> {
        let Settings { client, bulk, documents, target, policies } = settings;
        let client = Arc::new(Client::new(client)?);
        match client.server().await {
            Ok(Some(server)) => {
                if let Some(message) = server.unsupported(target.data_stream) {
                    return Err(Error::config(message));
                }
                tracing::info!(task = %context.id(), %server, "connected");
            }
            Ok(None) => {
                tracing::warn!(task = %context.id(), "the server does not say what it is; it is taken as it comes")
            }
            // It may be starting as this worker is, and then longer: the start is tried again until it answers.
            Err(trouble) if trouble.is_passing() => {
                return Err(Error::retriable(format!("the server does not answer: {trouble}")));
            }
            Err(trouble) if trouble.of_keys().is_some() => return Err(Error::config(trouble.to_string())),
            Err(trouble) => {
                tracing::warn!(task = %context.id(), %trouble, "the server cannot be asked what it is; it is taken as it comes")
            }
        }
        let reporter = context.errant_record_reporter();
        if reporter.is_none() {
            tracing::info!(task = %context.id(), "there is no dead letter queue: records that are skipped are gone");
        }
        // Tasks of one connector wait for different times, and each for the same in every run.
        let backoff = Backoff::new(bulk.retries, context.id().task as u64);
        let resources = Arc::new(Resources::new(
            Arc::clone(&client),
            target.clone(),
            documents.compact_maps,
            policies.sensitive,
            backoff.clone(),
        ));
        let composer = Composer::new(documents, policies.on_null, target.data_stream);
        let engine = Engine::new(Parts {
            client,
            settings: bulk,
            policies: policies.clone(),
            data_stream: target.data_stream,
            resources: Arc::clone(&resources),
            reporter: reporter.clone(),
            context: context.clone(),
            backoff,
        });
        Ok(Self {
            engine,
            resources,
            composer,
            target,
            policies,
            reporter,
            context,
            plans: BTreeMap::new(),
            recent: None,
            ready: None,
            lines: BytesMut::new(),
            proven: Offsets::new(),
        })
    }

    fn plan(&mut self, topic: &Arc<str>) -> Result<Arc<Plan>> {
        if let Some(recent) =
            self.recent.as_ref().filter(|plan| Arc::ptr_eq(&plan.topic, topic) || plan.topic == *topic)
        {
            return Ok(Arc::clone(recent));
        }
        let plan = match self.plans.get(topic) {
            Some(plan) => Arc::clone(plan),
            None => {
                let plan = Arc::new(Plan::of(topic, &self.target, self.composer.settings())?);
                self.plans.insert(Arc::clone(topic), Arc::clone(&plan));
                plan
            }
        };
        self.recent = Some(Arc::clone(&plan));
        Ok(plan)
    }

    async fn take(&mut self, record: &SinkRecord) -> Result<()> {
        let plan = self.plan(&record.topic)?;
        let prepared = match self.composer.prepare(&plan, record) {
            Ok(Step::Write(prepared)) => prepared,
            Ok(Step::Skip { report }) => {
                if let Some(reporter) = self.reporter.as_ref().filter(|_| report && self.policies.report_null) {
                    reporter.report(record, Error::data("the record has no value, and is skipped")).await?;
                }
                return Ok(());
            }
            Err(error) => return self.invalid(&plan, record, error).await,
        };
        if let Err(error) = self.prepare_place(&plan, record).await {
            return match error.kind() {
                connect_api::ErrorKind::Data => self.invalid(&plan, record, error).await,
                _ => Err(error),
            };
        }
        if self.lines.capacity() > LONG {
            self.lines = BytesMut::new();
        }
        self.lines.clear();
        match self.composer.write(&plan, record, &prepared, &mut self.lines) {
            Ok(()) => {}
            Err(Refusal::Invalid(error)) => return self.invalid(&plan, record, error).await,
            Err(Refusal::Malformed(error)) => return self.malformed(&plan, record, error).await,
        }
        if self.lines.len() > LONGEST {
            let message = format!("the document has {} bytes, and {LONGEST} are the most", self.lines.len());
            return self.malformed(&plan, record, Error::data(message)).await;
        }
        let lane = self.engine.room(prepared.lane(&plan)).await?;
        self.engine.add(lane, &plan, record, &prepared, &self.lines);
        Ok(())
    }

    async fn prepare_place(&mut self, plan: &Arc<Plan>, record: &SinkRecord) -> Result<()> {
        let wanted = Composer::needs_schema(plan, record);
        let schema = record.value.schema.as_ref().filter(|_| wanted);
        let same = |a: &Option<Arc<Schema>>, b: Option<&Arc<Schema>>| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        if self.ready.as_ref().is_some_and(|(ready, of)| Arc::ptr_eq(ready, plan) && same(of, schema))
            && (schema.is_some() || !wanted)
        {
            return Ok(());
        }
        if wanted && schema.is_none() {
            return Err(Error::data(
                "no mapping can be made of a value without a schema; schema.ignore=true makes none",
            ));
        }
        if !self.resources.is_ready(plan, schema) {
            self.resources.ready(plan, schema).await?;
        }
        self.ready = Some((Arc::clone(plan), schema.cloned()));
        Ok(())
    }

    /// A record that cannot be converted.
    async fn invalid(&self, plan: &Plan, record: &SinkRecord, error: Error) -> Result<()> {
        let policy = if self.policies.drop_invalid { Refused::Warn } else { Refused::Fail };
        let error = error.with_detail("error.type", "invalid_record").with_detail("index", plan.index.as_str());
        self.refuse(record, error, policy).await
    }

    /// A record whose document the server would refuse.
    async fn malformed(&self, plan: &Plan, record: &SinkRecord, error: Error) -> Result<()> {
        let error = error.with_detail("error.type", "malformed_document").with_detail("index", plan.index.as_str());
        self.refuse(record, error, self.policies.on_malformed).await
    }

    async fn refuse(&self, record: &SinkRecord, error: Error, policy: Refused) -> Result<()> {
        let origin = record.origin();
        let place =
            format!("record of topic {}, partition {}, offset {}", origin.topic, origin.partition, record.offset());
        let message = format!("{place}: {error}");
        if policy == Refused::Warn {
            tracing::warn!(task = %self.context.id(), why = %message, "a record cannot be written, and is skipped");
        }
        if let Some(reporter) = &self.reporter {
            reporter.report(record, error).await?;
        }
        match policy {
            Refused::Ignore | Refused::Warn => Ok(()),
            Refused::Report if self.reporter.is_some() => Ok(()),
            Refused::Report | Refused::Fail => Err(Error::fatal(message)),
        }
    }
}

#[async_trait]
impl Task for ElasticTask {}

#[async_trait]
impl SinkTask for ElasticTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        for record in records {
            self.take(record).await?;
        }
        self.engine.put_ended();
        Ok(Delivery::Buffered)
    }

    async fn flush(&mut self) -> Result<()> {
        self.engine.flush().await;
        self.engine.error().map_or(Ok(()), Err)
    }

    async fn pre_commit(&mut self, seen: Offsets) -> Result<Offsets> {
        self.engine.flush().await;
        let done = self.engine.done_of(&seen);
        let Some(error) = self.engine.error() else {
            self.proven = done.clone();
            return Ok(done);
        };
        // What is done is committed before the task fails; being asked to stop is no failure.
        if error.is_retriable() || done != self.proven {
            self.proven = done.clone();
            self.context.request_commit();
            return Ok(done);
        }
        Err(error)
    }

    async fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.engine.forget(partitions);
        Ok(())
    }

    async fn close(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.engine.forget(partitions);
        Ok(())
    }
}

impl fmt::Debug for ElasticTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElasticTask").field("id", self.context.id()).finish_non_exhaustive()
    }
}
