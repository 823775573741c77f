//! Records that are read once more, for dead letters of what a task reports late.
//!
//! Bytes are held until a `put` has returned. A task that delivers in the background may find out later that a record
//! is bad; keeping everything until then would take memory that nobody has counted, and records are rarely bad.

use std::sync::Arc;
use std::time::Duration;

use connect_api::{Result, TopicPartition};
use connect_kafka::batch::FetchedRecord;
use connect_kafka::consumer::{FetchConfig, FetchedBatch, OffsetReset, PartitionConsumer};
use connect_kafka::{Broker, Isolation};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::lot::raw_record;
use super::task::consumer_error;

/// How long a cluster that does not answer is asked. Dead letters cannot be written then either.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes another client like that of the consumer.
pub(crate) type MakeClient = Box<dyn Fn() -> Result<Arc<dyn Broker>> + Send + Sync>;

/// Reads single records, through a client of its own: that of the consumer is busy waiting for new ones.
pub(super) struct Reread {
    make: MakeClient,
    config: FetchConfig,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    /// Made when it is needed first.
    broker: Option<Arc<dyn Broker>>,
    /// The batch of the record before, as bad records come in groups.
    last: Vec<FetchedBatch>,
}

impl Reread {
    /// Reads as this consumer does.
    pub(super) fn new(make: MakeClient, consumer: &FetchConfig) -> Self {
        let config = FetchConfig {
            // One batch is enough, and a broker answers with one at least.
            max_bytes: 1,
            partition_max_bytes: 1,
            min_bytes: 1,
            // The record was seen: it is no matter how its transaction ended.
            isolation: Isolation::ReadUncommitted,
            offset_reset: OffsetReset::None,
            ahead: false,
            ..consumer.clone()
        };
        Self { make, config, read: Mutex::default() }
    }

    /// The record at an offset, unless it is gone, or the cluster does not answer.
    pub(super) async fn record(&self, origin: &TopicPartition, offset: i64) -> Option<FetchedRecord> {
        let mut read = self.read.lock().await;
        if let Some(found) = raw_record(&read.last, origin, offset) {
            return Some(found);
        }
        read.last.clear();
        let why = match timeout(PATIENCE, self.batch(&mut read, origin, offset)).await {
            Ok(Ok(())) => match raw_record(&read.last, origin, offset) {
                Some(found) => return Some(found),
                None => "it is gone".to_owned(),
            },
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {PATIENCE:?}"),
        };
        tracing::warn!(%origin, offset, why, "the bytes of a bad record cannot be read once more; its dead letter has what converters make of it");
        None
    }

    async fn batch(&self, read: &mut Read, origin: &TopicPartition, offset: i64) -> Result<()> {
        let broker = match &read.broker {
            Some(broker) => Arc::clone(broker),
            None => Arc::clone(read.broker.insert((self.make)()?)),
        };
        let mut consumer = PartitionConsumer::new(broker, self.config.clone());
        let partition = connect_kafka::TopicPartition::new(Arc::clone(&origin.topic), origin.partition);
        consumer.assign([(partition, offset)]);
        read.last = consumer.next().await.map_err(consumer_error)?.batches;
        Ok(())
    }
}
