//! The owner's side.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use crate::batch::{BatchBuilder, Full};
use crate::{Broker, TopicPartition};

use super::lookup;
use super::open::{Open, Sealed, seal, seal_all};
use super::sender::{self, SenderTask};
use super::topics::Topics;
use super::transaction::Transaction;
use super::{Ack, ProduceError, ProducerConfig, Tickets};

/// How long open batches are kept for want of room.
const LONGEST_HOLD: Duration = Duration::from_millis(100);

/// Produces records to any topic, in batches; belongs to one task.
///
/// [`append`](Self::append) gives each record a ticket, [`next_ack`](Self::next_ack) answers every ticket
/// exactly once, those of one partition in the order of their offsets. With idempotence (the default) records
/// of a partition are written in the order appended and once each, whatever is repeated on the way; a batch
/// that fails for good fails alone and later ones are still written in order.
///
/// Dropping the producer gives up what is not acknowledged; it may or may not be written.
/// [`close`](Self::close) waits for it.
pub struct Producer {
    broker: Arc<dyn Broker>,
    config: Arc<ProducerConfig>,
    topics: Topics,
    next_ticket: u64,
    unacked_records: u64,
    unacked_bytes: usize,
    /// Those of them that are on their way; the others are in open batches.
    sealed_bytes: usize,
    /// Size of the last full buffer, so that the next one need not grow.
    capacity: usize,
    /// When the oldest open batch has lingered enough; an early guess does no harm.
    linger_end: Option<Instant>,
    ready: VecDeque<Ack>,
    transaction: Option<Transaction>,
    acks: mpsc::UnboundedReceiver<Ack>,
    sender: SenderTask,
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, next_ticket, unacked_records, unacked_bytes, .. } = self;
        f.debug_struct("Producer")
            .field("client_id", &config.client_id)
            .field("next_ticket", next_ticket)
            .field("unacked_records", unacked_records)
            .field("unacked_bytes", unacked_bytes)
            .finish_non_exhaustive()
    }
}

/// Why a record could not be appended at once.
enum Blocked {
    Room,
    Topic,
    Partition { partitions: usize },
    Failed(ProduceError),
}

impl Producer {
    /// A producer; nothing is asked of the broker yet.
    ///
    /// Panics outside a tokio runtime, where the sending task is spawned.
    #[must_use]
    pub fn new(broker: Arc<dyn Broker>, config: ProducerConfig) -> Self {
        let transaction = Transaction::of(&config);
        let config = Arc::new(config);
        let (sender, acks) = sender::spawn(broker.clone(), config.clone());
        Self {
            broker,
            topics: Topics::new(config.seed),
            config,
            next_ticket: 0,
            unacked_records: 0,
            unacked_bytes: 0,
            sealed_bytes: 0,
            capacity: 0,
            linger_end: None,
            ready: VecDeque::new(),
            transaction,
            acks,
            sender,
        }
    }

    /// Appends a record and returns its ticket: 0 for the first, one more for each.
    ///
    /// Returns at once unless the topic is not known yet or `buffer_bytes` are not acknowledged; then it waits. Without
    /// a partition, the key's murmur2 hash decides as in Kafka's clients; keyless records keep to one partition a batch.
    /// Without a timestamp the clock's is taken.
    ///
    /// # Errors
    /// The record was not appended and got no ticket; others are not concerned. See [`ProduceError`].
    ///
    /// # Cancellation
    /// Dropping the future leaves the record out.
    #[inline]
    pub async fn append<'a, H>(
        &mut self,
        topic: &Arc<str>,
        partition: Option<i32>,
        timestamp: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<u64, ProduceError>
    where
        H: IntoIterator<Item = (&'a [u8], Option<&'a [u8]>), IntoIter: Clone> + Clone + Send,
    {
        let mut looked_up = false;
        loop {
            let blocked = match self.append_now(topic, partition, timestamp, key, value, headers.clone()) {
                Ok(ticket) => return Ok(ticket),
                Err(blocked) => blocked,
            };
            match blocked {
                Blocked::Failed(error) => return Err(error),
                Blocked::Room => self.wait_for_room().await,
                Blocked::Partition { partitions } if looked_up => {
                    let partition = TopicPartition { topic: topic.clone(), partition: partition.unwrap_or(-1) };
                    return Err(ProduceError::UnknownPartition { partition, partitions: partitions as i32 });
                }
                Blocked::Topic | Blocked::Partition { .. } => {
                    looked_up = true;
                    self.look_up(topic).await?;
                }
            }
        }
    }

    /// Sends every batch that has records, full or not. Does not wait.
    pub fn flush_batches(&mut self) {
        let mut sealed = Vec::new();
        for topic in self.topics.iter_mut() {
            seal_all(topic, &self.config, &mut sealed, |_| true);
        }
        self.linger_end = None;
        self.hand_over(sealed);
    }

    /// Waits for the next batch to be answered; for ever when nothing was sent.
    ///
    /// # Cancellation
    /// Nothing is lost: the next call goes on.
    pub async fn next_ack(&mut self) -> Ack {
        loop {
            if let Some(ack) = self.try_ack() {
                return ack;
            }
            self.receive().await;
        }
    }

    /// The next answer, if one is there.
    pub fn try_ack(&mut self) -> Option<Ack> {
        if self.linger_end.is_some_and(|end| Instant::now() >= end) {
            self.flush_lingered();
        }
        while let Ok(ack) = self.acks.try_recv() {
            self.take(ack);
        }
        self.ready.pop_front()
    }

    /// Records and encoded bytes appended whose answer did not arrive yet.
    #[must_use]
    pub fn unacked(&self) -> (u64, usize) {
        (self.unacked_records, self.unacked_bytes)
    }

    /// Sends what is left, waits until all of it is answered, at most the delivery timeout, and returns the
    /// answers that nobody took yet.
    ///
    /// # Cancellation
    /// As if the producer was dropped.
    pub async fn close(mut self) -> Vec<Ack> {
        self.flush_batches();
        self.wait_for_answers().await;
        self.ready.into()
    }

    pub(super) async fn wait_for_answers(&mut self) {
        while self.unacked_records > 0 {
            self.receive().await;
        }
    }

    pub(super) fn transaction_mut(&mut self) -> Option<&mut Transaction> {
        self.transaction.as_mut()
    }

    pub(super) fn sender(&self) -> &SenderTask {
        &self.sender
    }

    pub(super) fn broker(&self) -> &Arc<dyn Broker> {
        &self.broker
    }

    pub(super) fn config(&self) -> &Arc<ProducerConfig> {
        &self.config
    }

    /// The ticket of the next record.
    pub(super) fn next_ticket(&self) -> u64 {
        self.next_ticket
    }

    #[inline]
    fn append_now<'a, H>(
        &mut self,
        name: &Arc<str>,
        partition: Option<i32>,
        timestamp: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<u64, Blocked>
    where
        H: IntoIterator<Item = (&'a [u8], Option<&'a [u8]>), IntoIter: Clone> + Clone,
    {
        if self.transaction.as_ref().is_some_and(|transaction| !transaction.is_open()) {
            return Err(Blocked::Failed(ProduceError::OutsideTransaction));
        }
        if self.unacked_bytes >= self.config.buffer_bytes {
            return Err(Blocked::Room);
        }
        let timestamp = timestamp.unwrap_or_else(|| self.config.clock.now_ms());
        let index = self.topics.find(name).ok_or(Blocked::Topic)?;
        loop {
            let Some(at) = self.topics.choose(index, partition, key) else {
                return Err(Blocked::Partition { partitions: self.topics.get(index).partitions.len() });
            };
            let topic = self.topics.get(index);
            let room = topic.room(self.config.batch_bytes, self.config.max_request_bytes);
            let Some(open) = &mut topic.partitions[at].open else {
                self.open_batch(index, at)?;
                continue;
            };
            // A record too large for a common batch gets one of its own.
            let first = open.builder.is_empty();
            let limit = if first { self.config.max_request_bytes } else { room };
            let before = if first { 0 } else { open.builder.len() };
            match open.builder.append_within(limit, timestamp, key, value, headers.clone()) {
                Ok(()) => {
                    let ticket = self.next_ticket;
                    open.tickets.push(ticket);
                    let len = open.builder.len();
                    self.next_ticket += 1;
                    self.unacked_records += 1;
                    self.unacked_bytes += len - before;
                    if len >= room {
                        self.send_full(index, at);
                    }
                    return Ok(ticket);
                }
                Err(Full { alone }) if alone > self.config.max_request_bytes => {
                    let limit = self.config.max_request_bytes;
                    return Err(Blocked::Failed(ProduceError::RecordTooLarge { size: alone, limit }));
                }
                // Not the first record, so the batch leaves and the record goes into the next one.
                Err(Full { .. }) => self.send_full(index, at),
            }
        }
    }

    fn open_batch(&mut self, index: usize, at: usize) -> Result<(), Blocked> {
        let now = Instant::now();
        let topic = self.topics.get(index);
        if now.duration_since(topic.loaded) > self.config.metadata_max_age {
            return Err(Blocked::Topic);
        }
        let builder = BatchBuilder::with_capacity(self.capacity);
        topic.partitions[at].open = Some(Open { builder, tickets: Tickets::default(), since: now });
        if !self.config.linger.is_zero() && self.linger_end.is_none() {
            self.linger_end = Some(now + self.config.linger);
        }
        Ok(())
    }

    fn send_full(&mut self, index: usize, at: usize) {
        let mut sealed = Vec::new();
        seal(self.topics.get(index), &self.config, at, &mut sealed);
        // A little room, since batches of one size vary by a record.
        let sizes = sealed.iter().map(|batch| batch.builder.len() + batch.saved + 1024);
        self.capacity = sizes.max().unwrap_or(self.capacity);
        self.hand_over(sealed);
    }

    fn hand_over(&mut self, sealed: Vec<Sealed>) {
        self.unacked_bytes -= sealed.iter().map(|batch| batch.saved).sum::<usize>();
        self.sealed_bytes += sealed.iter().map(|batch| batch.builder.len()).sum::<usize>();
        self.sender.send(sealed);
    }

    /// Sends the batches that lingered long enough and looks when the next one has.
    fn flush_lingered(&mut self) {
        let (now, linger) = (Instant::now(), self.config.linger);
        let mut sealed = Vec::new();
        let mut oldest: Option<Instant> = None;
        for topic in self.topics.iter_mut() {
            seal_all(topic, &self.config, &mut sealed, |open| open.since + linger <= now);
            let left = topic.partitions.iter().filter_map(|partition| partition.open.as_ref()).map(|open| open.since);
            oldest = oldest.into_iter().chain(left).min();
        }
        self.linger_end = oldest.map(|since| since + linger);
        self.hand_over(sealed);
    }

    /// Waits until something was answered or lingered long enough.
    async fn receive(&mut self) {
        let ack = match self.linger_end {
            Some(end) => match timeout_at(end, self.acks.recv()).await {
                Ok(ack) => ack,
                Err(_) => return self.flush_lingered(),
            },
            None => self.acks.recv().await,
        };
        match ack {
            Some(ack) => self.take(ack),
            // The sender never ends before its owner, save when the runtime is shutting down.
            None => pending().await,
        }
    }

    fn take(&mut self, ack: Ack) {
        self.unacked_records -= ack.tickets.len();
        self.unacked_bytes -= ack.bytes;
        self.sealed_bytes -= ack.bytes;
        if let (Some(transaction), Err(error)) = (&mut self.transaction, &ack.result) {
            transaction.lost(error);
        }
        self.ready.push_back(ack);
    }

    async fn wait_for_room(&mut self) {
        // What is on its way makes room. Batches that are still open stay so until they are full: sent for want of room,
        // each would make room for as little as it had, and from then on a record would go in each request.
        if timeout(LONGEST_HOLD, self.room()).await.is_err() {
            // Something is stuck, and need not keep back what goes elsewhere.
            self.flush_batches();
            self.room().await;
        }
    }

    /// Waits until something may be appended.
    async fn room(&mut self) {
        while self.unacked_bytes >= self.config.buffer_bytes {
            if self.sealed_bytes == 0 {
                self.flush_batches();
            }
            self.receive().await;
        }
    }

    async fn look_up(&mut self, topic: &Arc<str>) -> Result<(), ProduceError> {
        let partitions = lookup::partitions(&*self.broker, &self.config, topic).await?;
        self.topics.learn(topic, partitions);
        Ok(())
    }
}
