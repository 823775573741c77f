//! Connectors whose errors show variables for values: hidden where they come out of the connector's code, they
//! cannot be forgotten by anything that logs or shows them.

use std::sync::Arc;

use async_trait::async_trait;
use connect_api::config::ConfigErrors;
use connect_api::{
    Delivery, OffsetMap, Offsets, Result, SinkRecord, SinkTask, SinkTaskContext, SourceRecord, SourceTask,
    SourceTaskContext, Task, TopicPartition,
};

use super::Hidden;
use crate::plugins::{RunningSink, RunningSource, SinkInstance, SourceInstance};

/// The connector, or task, and what to hide.
struct Guarded<T> {
    inner: T,
    hidden: Hidden,
}

/// The source as it is when there is nothing to hide.
pub(crate) fn guard_source(inner: RunningSource, hidden: &Hidden) -> RunningSource {
    if hidden.is_empty() { inner } else { Arc::new(Guarded { inner, hidden: hidden.clone() }) }
}

/// The sink as it is when there is nothing to hide.
pub(crate) fn guard_sink(inner: RunningSink, hidden: &Hidden) -> RunningSink {
    if hidden.is_empty() { inner } else { Arc::new(Guarded { inner, hidden: hidden.clone() }) }
}

impl<T> Guarded<T> {
    fn hide<V>(&self, result: Result<V>) -> Result<V> {
        result.map_err(|error| self.hidden.error(error))
    }
}

#[async_trait]
impl SourceInstance for Guarded<RunningSource> {
    async fn validate(&self) -> Result<(), ConfigErrors> {
        self.inner.validate().await.map_err(|errors| self.hidden.config_errors(errors))
    }

    async fn splits(&self, max_tasks: usize) -> Result<Vec<String>> {
        self.hide(self.inner.splits(max_tasks).await)
    }

    async fn changed(&self) -> Result<()> {
        self.hide(self.inner.changed().await)
    }

    fn split_keys(&self) -> &'static [&'static str] {
        self.inner.split_keys()
    }

    async fn alter_offsets(&self, offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
        self.hide(self.inner.alter_offsets(offsets).await)
    }

    async fn task(&self, split: &str, context: SourceTaskContext) -> Result<Box<dyn SourceTask>> {
        let inner = self.hide(self.inner.task(split, context).await)?;
        Ok(Box::new(Guarded { inner, hidden: self.hidden.clone() }))
    }
}

#[async_trait]
impl SinkInstance for Guarded<RunningSink> {
    fn most_records(&self) -> usize {
        self.inner.most_records()
    }

    async fn validate(&self) -> Result<(), ConfigErrors> {
        self.inner.validate().await.map_err(|errors| self.hidden.config_errors(errors))
    }

    async fn alter_offsets(&self, offsets: &[(TopicPartition, Option<i64>)]) -> Result<()> {
        self.hide(self.inner.alter_offsets(offsets).await)
    }

    async fn task(&self, context: SinkTaskContext) -> Result<Box<dyn SinkTask>> {
        let inner = self.hide(self.inner.task(context).await)?;
        Ok(Box::new(Guarded { inner, hidden: self.hidden.clone() }))
    }
}

#[async_trait]
impl Task for Guarded<Box<dyn SourceTask>> {
    async fn stop(&mut self) -> Result<()> {
        let stopped = self.inner.stop().await;
        self.hide(stopped)
    }
}

#[async_trait]
impl SourceTask for Guarded<Box<dyn SourceTask>> {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        let polled = self.inner.poll().await;
        self.hide(polled)
    }

    async fn commit(&mut self, done: &[SourceRecord]) -> Result<()> {
        let committed = self.inner.commit(done).await;
        self.hide(committed)
    }

    fn wants_commit(&self) -> bool {
        self.inner.wants_commit()
    }

    fn is_idle(&self) -> Option<bool> {
        self.inner.is_idle()
    }
}

#[async_trait]
impl Task for Guarded<Box<dyn SinkTask>> {
    async fn stop(&mut self) -> Result<()> {
        let stopped = self.inner.stop().await;
        self.hide(stopped)
    }
}

#[async_trait]
impl SinkTask for Guarded<Box<dyn SinkTask>> {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        let put = self.inner.put(records).await;
        self.hide(put)
    }

    async fn flush(&mut self) -> Result<()> {
        let flushed = self.inner.flush().await;
        self.hide(flushed)
    }

    async fn pre_commit(&mut self, seen: Offsets) -> Result<Offsets> {
        let proven = self.inner.pre_commit(seen).await;
        self.hide(proven)
    }

    async fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let opened = self.inner.open(partitions).await;
        self.hide(opened)
    }

    async fn close(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let closed = self.inner.close(partitions).await;
        self.hide(closed)
    }
}
