//! A closure as a connector, for hosts that start connectors from code.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use connect_api::{
    Delivery, OffsetMap, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, SourceConnector,
    SourceRecord, SourceTask, SourceTaskContext, Task, async_trait,
};

/// A sink whose `put` is a closure; its configuration is `()`.
///
/// The closure gets the records in order, and says whether the target has them; its errors mean what they mean in
/// [`SinkTask::put`], and after a retriable one it gets the same records again. It is shared by all tasks of the
/// connector. A sink that buffers, or that wants to know of its partitions, implements the traits instead.
///
/// ```
/// use connect_api::{Delivery, SinkRecord};
/// use connect_runtime::{SinkOptions, sink_fn, testing::TestWorker};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let worker = TestWorker::start().await;
/// let print = sink_fn(async |records: Vec<SinkRecord>| {
///     for record in &records {
///         println!("{}", record.value.value);
///     }
///     Ok(Delivery::Durable)
/// });
/// worker.start_sink(SinkOptions::new("print", ["greetings"]), print, ()).await;
/// worker.send("greetings", "key", "hello").await;
/// worker.drained().await;
/// # }
/// ```
pub fn sink_fn<F, P>(put: F) -> SinkFn<F>
where
    F: Fn(Vec<SinkRecord>) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Delivery>> + Send + 'static,
{
    SinkFn(Arc::new(put))
}

/// A source whose `poll` is a closure; its configuration is `()`.
///
/// The closure is given the offset of the last record it returned, after a restart the stored one, and `None` when
/// there is none yet; it answers with the records after that, each with its own offset. So it needs no state of its
/// own, and goes on where it was after a crash. It should wait while there is nothing; when it answers with nothing
/// instead, the source counts as idle, and the closure is called again after a moment.
///
/// There is one task, and one source partition. A source with more of them implements the traits instead.
///
/// ```
/// use connect_api::{OffsetMap, Record};
/// use connect_runtime::{SourceOptions, source_fn, testing::TestWorker};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let worker = TestWorker::start().await;
/// let count = source_fn(async |after: Option<OffsetMap>| {
///     let next = after.and_then(|offset| offset.get_i64("n")).map_or(1, |n| n + 1);
///     let record = |n: i64| (Record::new("numbers", n.to_string()), OffsetMap::of("n", n));
///     Ok((next..=3).map(record).collect())
/// });
/// worker.start_source(SourceOptions::new("count"), count, ()).await;
/// worker.drained().await;
/// assert_eq!(worker.values("numbers"), ["1", "2", "3"]);
/// # }
/// ```
pub fn source_fn<F, P>(poll: F) -> SourceFn<F>
where
    F: Fn(Option<OffsetMap>) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Vec<(Record, OffsetMap)>>> + Send + 'static,
{
    SourceFn(Arc::new(poll))
}

/// See [`sink_fn`].
pub struct SinkFn<F>(Arc<F>);

/// See [`source_fn`].
pub struct SourceFn<F>(Arc<F>);

/// The task of [`sink_fn`].
pub struct SinkFnTask<F>(Arc<F>);

/// The task of [`source_fn`].
pub struct SourceFnTask<F> {
    poll: Arc<F>,
    partition: Arc<OffsetMap>,
    last: Option<OffsetMap>,
}

#[async_trait]
impl<F, P> SinkConnector for SinkFn<F>
where
    F: Fn(Vec<SinkRecord>) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Delivery>> + Send + 'static,
{
    const NAME: &'static str = "closure";
    type Config = ();
    type Task = SinkFnTask<F>;

    async fn task(&self, (): &(), _context: SinkTaskContext) -> Result<Self::Task> {
        Ok(SinkFnTask(Arc::clone(&self.0)))
    }
}

#[async_trait]
impl<F: Send + Sync + 'static> Task for SinkFnTask<F> {}

#[async_trait]
impl<F, P> SinkTask for SinkFnTask<F>
where
    F: Fn(Vec<SinkRecord>) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Delivery>> + Send + 'static,
{
    // A closure cannot say that its future borrows from its argument and is `Send`, so it owns the records. A
    // record's clone shares its data.
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        (self.0)(records.to_vec()).await
    }
}

#[async_trait]
impl<F, P> SourceConnector for SourceFn<F>
where
    F: Fn(Option<OffsetMap>) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Vec<(Record, OffsetMap)>>> + Send + 'static,
{
    const NAME: &'static str = "closure";
    type Config = ();
    type Split = ();
    type Task = SourceFnTask<F>;

    async fn splits(&self, (): &(), _max_tasks: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, (): &(), (): (), context: SourceTaskContext) -> Result<Self::Task> {
        let partition = Arc::new(OffsetMap::of("source", "closure"));
        let last = context.offset(&partition).await?;
        Ok(SourceFnTask { poll: Arc::clone(&self.0), partition, last })
    }
}

#[async_trait]
impl<F: Send + Sync + 'static> Task for SourceFnTask<F> {}

#[async_trait]
impl<F, P> SourceTask for SourceFnTask<F>
where
    F: Fn(Option<OffsetMap>) -> P + Send + Sync + 'static,
    P: Future<Output = Result<Vec<(Record, OffsetMap)>>> + Send + 'static,
{
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        let records = (self.poll)(self.last.clone()).await?;
        if let Some((_, offset)) = records.last() {
            self.last = Some(offset.clone());
        }
        let place = |(record, offset)| SourceRecord::new(record, Arc::clone(&self.partition), offset);
        Ok(records.into_iter().map(place).collect())
    }

    fn is_idle(&self) -> Option<bool> {
        // Asked only after an answer without records.
        Some(true)
    }
}

macro_rules! debug {
    ($($name:ident),*) => {$(
        impl<F> fmt::Debug for $name<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}

debug!(SinkFn, SourceFn, SinkFnTask, SourceFnTask);
