//! The task behind a topic store: it alone reads, writes, and knows the table, so that all of it is in one order.

use std::collections::BTreeMap;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect_api::{Error, OffsetMap, Result};
use connect_kafka::consumer::{ConsumerError, LogReader};
use connect_kafka::producer::{ProduceError, Producer};
use connect_kafka::{Broker, Clock};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tracing::warn;

use super::super::table::{Entry, Keep, Table};
use super::TopicOffsetSettings;
use super::prepare::OFFSETS;

/// What the store's users ask for.
pub(super) enum Command {
    Store { connector: String, offsets: Vec<(OffsetMap, Option<OffsetMap>)>, reply: oneshot::Sender<Result<()>> },
    Load { connector: String, partitions: Vec<OffsetMap>, reply: oneshot::Sender<Result<Vec<Option<OffsetMap>>>> },
    All { connector: String, reply: oneshot::Sender<Result<Vec<(OffsetMap, OffsetMap)>>> },
}

pub(super) struct Keeper {
    topic: Arc<str>,
    read_timeout: Duration,
    /// The largest key and value that surely fit into a request.
    max_entry: usize,
    clock: Clock,
    reader: LogReader,
    producer: Producer,
    table: Table,
}

/// A call of `store` whose records are on their way.
struct Store {
    reply: oneshot::Sender<Result<()>>,
    result: Result<()>,
}

/// A record on its way.
struct Sent {
    /// Index of its store.
    store: usize,
    entry: Entry,
    timestamp: i64,
    acknowledged: bool,
}

impl Keeper {
    pub(super) fn new(broker: Arc<dyn Broker>, settings: TopicOffsetSettings) -> Self {
        let TopicOffsetSettings { topic, isolation, producer, read_timeout, .. } = settings;
        Self {
            reader: LogReader::new(broker.clone(), topic.clone(), isolation),
            topic,
            read_timeout,
            // A batch with one record has less than 100 bytes besides key and value.
            max_entry: producer.max_request_bytes.saturating_sub(128),
            clock: producer.clock,
            producer: Producer::new(broker, producer),
            table: Table::new(Keep::Live),
        }
    }

    /// Works until the last user is gone.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        while let Some(first) = commands.recv().await {
            // Whatever came in meanwhile shares one round of writing and one of reading.
            let waiting = iter::from_fn(|| commands.try_recv().ok());
            let (stores, reads) =
                iter::once(first).chain(waiting).partition(|command| matches!(command, Command::Store { .. }));
            self.write(stores).await;
            self.read(reads).await;
        }
    }

    /// Reads what is new in the topic.
    pub(super) async fn catch_up(&mut self) -> Result<()> {
        let Self { reader, table, topic, .. } = self;
        let read = reader.read_to_end(|record, partition| match record.key {
            // Copied, since a slice would keep its whole batch in memory.
            Some(key) => {
                let value = record.value.map(|value| Bytes::copy_from_slice(&value));
                table.apply((Bytes::copy_from_slice(&key), value), record.timestamp);
            }
            None => warn!(%topic, partition, offset = record.offset, "ignoring a record without a key"),
        });
        read.await.map_err(|error| match error {
            ConsumerError::Broker(error) => OFFSETS.refused("read", topic, error),
            error => Error::fatal(format!("offsets topic {topic:?} could not be read: {error}")).with_source(error),
        })
    }

    async fn read(&mut self, mut reads: Vec<Command>) {
        // Nobody waits for a call that was dropped.
        reads.retain(|command| match command {
            Command::Load { reply, .. } => !reply.is_closed(),
            Command::All { reply, .. } => !reply.is_closed(),
            Command::Store { .. } => false,
        });
        if reads.is_empty() {
            return;
        }
        let caught_up = match timeout(self.read_timeout, self.catch_up()).await {
            Ok(result) => result,
            Err(_) => Err(Error::retriable(format!(
                "offsets topic {:?} could not be read to its end within {:?}",
                self.topic, self.read_timeout
            ))),
        };
        for command in reads {
            let caught_up = caught_up.as_ref().map_err(same).copied();
            // A user that is gone by now needs no answer.
            match command {
                Command::Load { connector, partitions, reply } => {
                    let _ = reply.send(caught_up.and_then(|()| self.table.load(&connector, &partitions)));
                }
                Command::All { connector, reply } => {
                    let _ = reply.send(caught_up.and_then(|()| self.table.all(&connector)));
                }
                Command::Store { .. } => {}
            }
        }
    }

    async fn write(&mut self, commands: Vec<Command>) {
        let mut stores = Vec::with_capacity(commands.len());
        let mut sent = BTreeMap::new();
        for command in commands {
            let Command::Store { connector, offsets, reply } = command else { continue };
            let result = match self.plan(&connector, offsets) {
                Ok(entries) => self.send(entries, stores.len(), &mut sent).await,
                Err(error) => Err(error),
            };
            stores.push(Store { reply, result });
        }
        self.producer.flush_batches();
        self.take_acks(&mut stores, &mut sent).await;
        // In the order in which they were sent, not in that of the answers, so that the last store of a partition
        // wins under whatever keys.
        for record in sent.into_values().filter(|record| record.acknowledged) {
            self.table.apply(record.entry, record.timestamp);
        }
        for store in stores {
            let _ = store.reply.send(store.result);
        }
    }

    fn plan(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<Vec<Entry>> {
        let entries = self.table.plan(connector, offsets)?;
        // Seen here and not by the producer, so that all or nothing is sent.
        for (key, value) in &entries {
            let size = key.len() + value.as_ref().map_or(0, Bytes::len);
            if size > self.max_entry {
                return Err(Error::data(format!(
                    "a source partition with its offset has {size} bytes, at most {} can be stored: {}...",
                    self.max_entry,
                    key.slice(..key.len().min(200)).escape_ascii()
                )));
            }
        }
        Ok(entries)
    }

    async fn send(&mut self, entries: Vec<Entry>, store: usize, sent: &mut BTreeMap<u64, Sent>) -> Result<()> {
        let timestamp = self.clock.now_ms();
        for entry in entries {
            let (key, value) = (Some(&*entry.0), entry.1.as_deref());
            let none = iter::empty::<(&[u8], Option<&[u8]>)>();
            let appended = self.producer.append(&self.topic, None, Some(timestamp), key, value, none).await;
            let ticket = appended.map_err(|error| not_produced(&error, &self.topic))?;
            sent.insert(ticket, Sent { store, entry, timestamp, acknowledged: false });
        }
        Ok(())
    }

    /// Waits for the answer to every record sent.
    async fn take_acks(&mut self, stores: &mut [Store], sent: &mut BTreeMap<u64, Sent>) {
        let mut missing = sent.len();
        while missing > 0 {
            let ack = self.producer.next_ack().await;
            for ticket in ack.tickets.iter() {
                let Some(record) = sent.get_mut(&ticket) else { continue };
                missing -= 1;
                match &ack.result {
                    Ok(_) => record.acknowledged = true,
                    Err(error) => {
                        // Of several failures of a store the last one stands, unless one says that trying again
                        // is of no use.
                        let result = &mut stores[record.store].result;
                        if !result.as_ref().is_err_and(|error| !error.is_retriable()) {
                            *result = Err(not_produced(error, &self.topic));
                        }
                    }
                }
            }
        }
    }
}

fn not_produced(error: &ProduceError, topic: &str) -> Error {
    let message = format!("offsets could not be written to topic {topic:?}: {error}");
    let failed = if error.is_retriable() { Error::retriable(message) } else { Error::fatal(message) };
    failed.with_source(error.clone())
}

/// The error once more, for another caller; causes are in its message.
fn same(error: &Error) -> Error {
    Error::new(error.kind(), error.to_string())
}
