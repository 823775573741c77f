//! The task that numbers, sends and repeats batches.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::backoff::Backoff;
use crate::{Acks, Broker, BrokerError, Code, ProduceBatch, ProduceRequest, Produced, ProducerId, Txn};

use super::adding::{Adding, Asked};
use super::lane::Lane;
use super::open::Sealed;
use super::{Ack, ProducerConfig};

/// The owner's handle; the task ends with it.
#[derive(Debug)]
pub(super) struct SenderTask {
    messages: mpsc::UnboundedSender<Message>,
    task: AbortHandle,
}

/// What the owner tells the task.
#[derive(Debug)]
pub(super) enum Message {
    Batches(Vec<Sealed>),
    /// The transactional producer has this id now, and sequences begin anew.
    Id(ProducerId),
    /// A transaction begins: no partition is part of it yet.
    Begin,
    /// The transaction is being aborted: what is not under way is not sent.
    GiveUp,
}

impl SenderTask {
    /// Hands batches over. Unbounded, because the owner bounds what is not acknowledged.
    pub(super) fn send(&self, sealed: Vec<Sealed>) {
        if !sealed.is_empty() {
            self.tell(Message::Batches(sealed));
        }
    }

    pub(super) fn tell(&self, message: Message) {
        // Fails only while the runtime shuts down.
        let _ = self.messages.send(message);
    }
}

impl Drop for SenderTask {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn spawn(
    broker: Arc<dyn Broker>,
    config: Arc<ProducerConfig>,
) -> (SenderTask, mpsc::UnboundedReceiver<Ack>) {
    let (messages, inbox) = mpsc::unbounded_channel();
    let (acks, answers) = mpsc::unbounded_channel();
    let id = if config.is_idempotent() { None } else { Some(ProducerId::NONE) };
    let id_backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
    let adding = Adding::new(&config);
    let sender = Sender {
        broker,
        config,
        lanes: Vec::new(),
        active: BTreeSet::new(),
        id,
        id_asked: false,
        id_retry_at: None,
        id_backoff,
        adding,
        giving_up: false,
        under_way: FuturesUnordered::new(),
        acks,
    };
    let task = tokio::spawn(sender.run(inbox)).abort_handle();
    (SenderTask { messages, task }, answers)
}

enum Answer {
    Produced(Vec<(usize, u64)>, crate::Result<Vec<Produced>>),
    Id(crate::Result<ProducerId>),
    Added(Asked, crate::Result<()>),
}

struct Sender {
    broker: Arc<dyn Broker>,
    config: Arc<ProducerConfig>,
    lanes: Vec<Option<Lane>>,
    /// Lanes that have batches.
    active: BTreeSet<usize>,
    /// The id that lanes begin with.
    id: Option<ProducerId>,
    id_asked: bool,
    id_retry_at: Option<Instant>,
    id_backoff: Backoff,
    adding: Option<Adding>,
    giving_up: bool,
    under_way: FuturesUnordered<BoxFuture<'static, Answer>>,
    acks: mpsc::UnboundedSender<Ack>,
}

impl Sender {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        loop {
            let now = Instant::now();
            self.settle(now);
            self.ask_for_id(now);
            self.add_partitions(now);
            self.send(now);
            let wake = self.wake_at(now);
            tokio::select! {
                biased;
                Some(answer) = self.under_way.next() => self.answered(answer),
                message = inbox.recv() => match message {
                    None => return,
                    Some(message) => {
                        self.told(message);
                        // All that is there, so that a request carries many partitions.
                        while let Ok(more) = inbox.try_recv() {
                            self.told(more);
                        }
                    }
                },
                () = sleep_until(wake.unwrap_or(now)), if wake.is_some() => {}
            }
        }
    }

    fn told(&mut self, message: Message) {
        match message {
            Message::Batches(batches) => self.take(batches),
            Message::Id(id) => {
                self.id = Some(id);
                self.lanes.iter_mut().flatten().for_each(|lane| lane.set_id(id));
            }
            Message::Begin => {
                self.giving_up = false;
                self.adding.iter_mut().for_each(Adding::begin);
            }
            Message::GiveUp => {
                self.giving_up = true;
                self.give_up();
            }
        }
    }

    /// Gives up what is not under way. A partition that the broker may be adding at this moment is waited for: added
    /// after the end of the transaction, it would open the next one.
    fn give_up(&mut self) {
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let Some(lane) = lane else { continue };
            if !self.adding.as_ref().is_some_and(|adding| adding.is_open(index)) {
                lane.give_up();
            }
        }
    }

    fn take(&mut self, batches: Vec<Sealed>) {
        let deadline = Instant::now() + self.config.delivery_timeout;
        for batch in batches {
            let index = batch.lane;
            if self.lanes.len() <= index {
                self.lanes.resize_with(index + 1, || None);
            }
            let lane =
                self.lanes[index].get_or_insert_with(|| Lane::new(batch.partition.clone(), self.id, &self.config));
            lane.push(batch, deadline);
            self.active.insert(index);
        }
    }

    fn settle(&mut self, now: Instant) {
        let Self { active, lanes, config, acks, .. } = self;
        active.retain(|index| {
            let Some(lane) = &mut lanes[*index] else { return false };
            lane.settle(now, config, |ack| {
                if let Err(error) = &ack.result {
                    let partition = tracing::field::display(&ack.partition);
                    tracing::debug!(client_id = config.client_id, partition, %error, "batch failed");
                }
                // Fails only while the owner is being dropped.
                let _ = acks.send(ack);
            });
            lane.renew(now);
            !lane.is_empty()
        });
    }

    fn ask_for_id(&mut self, now: Instant) {
        if self.adding.is_some() || self.id_asked || self.id_retry_at.is_some_and(|at| at > now) {
            return;
        }
        if self.active.iter().any(|index| self.lanes[*index].as_ref().is_some_and(Lane::needs_id)) {
            self.id_asked = true;
            let broker = self.broker.clone();
            let within = self.config.request_timeout;
            self.under_way.push(async move { Answer::Id(guarded(within, broker.init_producer(None)).await) }.boxed());
        }
    }

    /// Makes the partitions of what waits part of the transaction.
    fn add_partitions(&mut self, now: Instant) {
        let (Some(adding), Some(producer)) = (&mut self.adding, self.id) else { return };
        let Some(asked) = adding.ask(&self.active, now) else { return };
        let lanes = asked.lanes.iter().filter_map(|index| self.lanes[*index].as_ref());
        let partitions: Vec<_> = lanes.map(|lane| lane.partition.clone()).collect();
        let (broker, within) = (self.broker.clone(), self.config.request_timeout);
        let txn = Txn { id: adding.id().to_owned(), producer };
        self.under_way.push(
            async move {
                let added = guarded(within, broker.add_partitions(&txn, &partitions)).await;
                Answer::Added(asked, added)
            }
            .boxed(),
        );
    }

    /// Sends what may be sent: at most one batch a partition in a request.
    fn send(&mut self, now: Instant) {
        let limit = self.config.in_flight();
        loop {
            let (mut numbers, mut batches, mut bytes) = (Vec::new(), Vec::new(), 0);
            for index in &self.active {
                if self.adding.as_ref().is_some_and(|adding| !adding.has(*index)) {
                    continue;
                }
                let Some(lane) = &mut self.lanes[*index] else { continue };
                let Some(size) = lane.sendable(now, limit) else { continue };
                if bytes > 0 && bytes + size > self.config.max_request_bytes {
                    continue;
                }
                let Some((number, data)) = lane.send() else { continue };
                bytes += data.len();
                numbers.push((*index, number));
                batches.push(ProduceBatch { partition: lane.partition.clone(), data });
            }
            if batches.is_empty() {
                return;
            }
            let broker = self.broker.clone();
            let within = self.config.request_timeout;
            let request = ProduceRequest {
                batches,
                acks: if self.config.is_idempotent() { Acks::All } else { self.config.acks },
                timeout: within,
                transactional_id: self.config.transactional_id.clone(),
            };
            self.under_way
                .push(async move { Answer::Produced(numbers, guarded(within, broker.produce(request)).await) }.boxed());
        }
    }

    fn answered(&mut self, answer: Answer) {
        let now = Instant::now();
        match answer {
            Answer::Produced(numbers, Ok(mut produced)) => {
                for (at, (index, number)) in numbers.into_iter().enumerate() {
                    let Some(lane) = &mut self.lanes[index] else { continue };
                    // Mostly in the order asked for.
                    let at = match produced.get(at) {
                        Some(answer) if answer.partition == lane.partition => Some(at),
                        _ => produced.iter().position(|answer| answer.partition == lane.partition),
                    };
                    let missing = || Err(BrokerError::new(Code::NetworkException, "the answer lacks a partition"));
                    let result = at.map_or_else(missing, |at| std::mem::replace(&mut produced[at].result, Ok(-1)));
                    lane.answer(number, result, now);
                }
            }
            Answer::Produced(numbers, Err(error)) => {
                for (index, number) in numbers {
                    if let Some(lane) = &mut self.lanes[index] {
                        lane.answer(number, Err(error.clone()), now);
                    }
                }
            }
            Answer::Added(asked, result) => self.added(asked, result, now),
            Answer::Id(Ok(id)) => {
                self.id_asked = false;
                self.id_backoff.reset();
                self.id = Some(id);
                self.without_id(|lane| lane.set_id(id));
            }
            Answer::Id(Err(error)) => {
                self.id_asked = false;
                self.id_retry_at = Some(now + self.id_backoff.next());
                let retriable = error.is_retriable();
                self.without_id(|lane| if retriable { lane.note(&error) } else { lane.refuse(&error) });
            }
        }
    }

    fn added(&mut self, asked: Asked, result: crate::Result<()>, now: Instant) {
        let Some(adding) = &mut self.adding else { return };
        if let Some((lanes, error)) = adding.answered(asked, result, now) {
            for lane in lanes {
                if let Some(lane) = &mut self.lanes[lane] {
                    if error.is_retriable() { lane.note(&error) } else { lane.refuse(&error) }
                }
            }
        }
        if self.giving_up {
            self.give_up();
        }
    }

    fn without_id(&mut self, mut each: impl FnMut(&mut Lane)) {
        for index in &self.active {
            if let Some(lane) = self.lanes[*index].as_mut().filter(|lane| lane.needs_id()) {
                each(lane);
            }
        }
    }

    fn wake_at(&self, now: Instant) -> Option<Instant> {
        let lanes = self.active.iter().filter_map(|index| self.lanes[*index].as_ref()?.wake_at(now));
        let adding = self.adding.as_ref().and_then(Adding::retry_at);
        lanes.chain(self.id_retry_at.into_iter().chain(adding).filter(|at| *at > now)).min()
    }
}

/// A call that ends in time and whose panic fails its batches only.
async fn guarded<T>(within: std::time::Duration, call: impl Future<Output = crate::Result<T>>) -> crate::Result<T> {
    match timeout(within, AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(BrokerError::new(Code::Unknown, "the broker call panicked")),
        Err(_) => Err(BrokerError::new(Code::RequestTimedOut, format!("no answer within {within:?}"))),
    }
}
