//! Calls a sink's task: one call at a time, puts in order, and between them whatever the loop asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Delivery, Error, ErrorKind, Result, SinkTask, TaskId, TopicPartition};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tracing::Instrument as _;

use super::asks::Ask;
use super::host::Host;
use super::lot::Lot;
use super::put::{Failed, Search, Step, give_up_all, sort_failed};
use super::watermark::Watermark;
use crate::health::Lane;
use crate::metrics::Run;
use crate::progress::{TaskProgress, lock};
use crate::retry::{Attempts, RetryPolicy};
use crate::spans;

/// What the driver tells the loop.
pub(super) enum Told {
    /// A lot is done with. It goes back to be freed where it was made: allocators are slow to free what another
    /// thread has allocated.
    Done(Box<Lot>),
    /// A request without an answer of its own, or a lot that joined another, is done with.
    Progressed,
    /// The task went elsewhere: records read before the epoch are stale.
    Sought { partition: TopicPartition, offset: i64, epoch: u64 },
    /// The task paused or resumed partitions.
    Pauses,
}

pub(super) struct Driver {
    pub(super) id: TaskId,
    pub(super) task: Box<dyn SinkTask>,
    pub(super) lots: mpsc::Receiver<Lot>,
    pub(super) asks: mpsc::Receiver<Ask>,
    pub(super) told: mpsc::UnboundedSender<Told>,
    pub(super) host: Arc<Host>,
    pub(super) watermark: Watermark,
    pub(super) max_records: usize,
    /// The newest epoch, and of each partition the first whose records are not stale.
    pub(super) epoch: u64,
    pub(super) fresh_from: BTreeMap<TopicPartition, u64>,
    pub(super) progress: Arc<TaskProgress>,
    pub(super) seed: u64,
    /// Timestamps of what was taken last; kept for its memory.
    pub(super) runs: Vec<Run>,
}

/// What became of a slice of which some records failed.
enum Partly {
    /// All of it is done with.
    Done,
    /// Some of it became stale meanwhile: what is left is put again, which may repeat some.
    Again,
    End,
}

/// Whether the driver goes on.
pub(super) enum Flow {
    On,
    End,
}

impl Driver {
    /// Serves until it is told to end, or the task fails. Gives the task back, to be stopped.
    pub(super) async fn run(mut self) -> (Box<dyn SinkTask>, Result<()>) {
        let ended = self.serve().await;
        (self.task, ended)
    }

    async fn serve(&mut self) -> Result<()> {
        loop {
            self.progress.rest("wait for records");
            tokio::select! {
                biased;
                ask = self.asks.recv() => match ask {
                    Some(ask) => if matches!(self.answer(ask).await?, Flow::End) { return Ok(()) },
                    None => return Ok(()),
                },
                lot = self.lots.recv() => match lot {
                    Some(lot) => if matches!(self.deliver(lot).await?, Flow::End) { return Ok(()) },
                    None => return Ok(()),
                },
            }
        }
    }

    fn without_stale(&self, mut lot: Lot) -> Lot {
        if lot.epoch < self.epoch {
            let epoch = lot.epoch;
            lot.forget(|partition| self.fresh_from.get(partition).is_some_and(|fresh| epoch < *fresh));
        }
        lot
    }

    /// A lot through `put`, whatever it takes.
    async fn deliver(&mut self, lot: Lot) -> Result<Flow> {
        let mut lot = self.without_stale(lot);
        self.note_given(&lot);
        lock(&self.host.raw).clone_from(&lot.raw);
        let mut search = Search::default();
        let mut attempts: Option<Attempts> = None;
        loop {
            match search.step(lot.records.len()) {
                Step::Put(range) => {
                    self.progress.enter("put");
                    let began = Instant::now();
                    let answer =
                        self.task.put(&lot.records[range.clone()]).instrument(spans::batch("put", range.len())).await;
                    let taken = if answer.is_ok() { range.len() } else { 0 };
                    self.progress.metrics.put(range.len(), taken, began.elapsed());
                    if self.host.failures.is_fatal() {
                        return Err(Error::fatal("the task reported a record that is not tolerated"));
                    }
                    match answer {
                        Ok(delivery) => {
                            attempts = None;
                            self.taken(&lot, range.clone(), Some(delivery));
                            search.taken(range.end);
                        }
                        Err(error) if !error.failed_records().is_empty() => {
                            attempts = None;
                            match self.partly(&lot, range.clone(), error).await? {
                                Partly::Done => search.taken(range.end),
                                Partly::Again => {}
                                Partly::End => return Ok(Flow::End),
                            }
                        }
                        Err(error) => match error.kind() {
                            ErrorKind::Retriable => match self.wait(&mut attempts, &error).await? {
                                Flow::On => {}
                                Flow::End => return Ok(Flow::End),
                            },
                            ErrorKind::Data => {
                                attempts = None;
                                self.progress.failed(1);
                                search.refused(range.end, error);
                            }
                            _ => return Err(error.context("put")),
                        },
                    }
                    self.after_call();
                }
                Step::Bad(index, error) => {
                    self.host.give_up(&lot.records[index], error).await?;
                    self.taken(&lot, index..index + 1, None);
                    search.given_up();
                    self.join_next(&mut lot, search.start());
                }
                Step::Done => break,
            }
            if lot.epoch < self.epoch {
                // A seek or a revocation in the middle of the lot: what is stale of the rest is left out.
                lot.records.drain(..search.start());
                search.restart();
                lot = self.without_stale(lot);
                lot.epoch = self.epoch;
            }
        }
        for (partition, end) in &lot.ends {
            self.watermark.seen(partition, *end);
        }
        self.note_done(&lot);
        self.watermark.settle_untouched();
        self.watermark.settle();
        lock(&self.host.raw).clear();
        let _ = self.told.send(Told::Done(Box::new(lot)));
        Ok(Flow::On)
    }

    /// What follows a bad record goes together with the next lot, if there is one, instead of by itself.
    fn join_next(&mut self, lot: &mut Lot, start: usize) {
        let left = lot.records.len() - start;
        if left == 0 || left >= self.max_records || lot.epoch != self.epoch {
            return;
        }
        if let Ok(next) = self.lots.try_recv() {
            lot.append(self.without_stale(next));
            self.note_given(lot);
            lock(&self.host.raw).clone_from(&lot.raw);
            let _ = self.told.send(Told::Progressed);
        }
    }

    /// The task took these records, or they have ended.
    fn taken(&mut self, lot: &Lot, range: std::ops::Range<usize>, delivery: Option<Delivery>) {
        let records = &lot.records[range];
        self.runs.clear();
        for (index, record) in records.iter().enumerate() {
            if let Some(timestamp) = record.timestamp {
                match self.runs.last_mut() {
                    Some((last, count)) if *last == timestamp => *count += 1,
                    _ => self.runs.push((timestamp, 1)),
                }
            }
            let last_of_run = records.get(index + 1).is_none_or(|next| !Arc::ptr_eq(next.origin(), record.origin()));
            if last_of_run {
                self.watermark.seen(record.origin(), record.offset() + 1);
                self.note_taken(record);
            }
        }
        self.progress.well();
        self.progress.lanes.moved(Lane::Call);
        match delivery {
            Some(delivery) => {
                self.progress.written.add(records.len() as u64);
                self.progress.metrics.taken(&self.runs, delivery == Delivery::Durable);
                self.watermark.said(delivery);
            }
            None => self.watermark.settle(),
        }
    }

    /// Some records of a slice failed: bad ones are given up, retriable ones put again until they are taken.
    async fn partly(&mut self, lot: &Lot, range: std::ops::Range<usize>, error: Error) -> Result<Partly> {
        let slice = &lot.records[range.clone()];
        let Failed { mut again, mut why, bad } = sort_failed(slice, error)?;
        self.progress.failed((again.len() + bad.len()) as u64);
        self.progress.written.add((slice.len() - again.len() - bad.len()) as u64);
        give_up_all(&self.host, slice, bad).await?;
        let (mut attempts, mut one_by_one) = (None, false);
        while !again.is_empty() {
            if let Some(error) = why.take() {
                match self.wait(&mut attempts, &error).await? {
                    Flow::On => {}
                    Flow::End => return Ok(Partly::End),
                }
                if lot.epoch < self.epoch {
                    return Ok(Partly::Again);
                }
            }
            let chosen = if one_by_one { 1 } else { again.len() };
            let records: Vec<_> = again[..chosen].iter().map(|index| slice[*index].clone()).collect();
            self.progress.enter("put");
            let began = Instant::now();
            let answer = self.task.put(&records).instrument(spans::batch("put", chosen)).await;
            self.progress.metrics.put(chosen, if answer.is_ok() { chosen } else { 0 }, began.elapsed());
            match answer {
                Ok(delivery) => {
                    self.watermark.said(delivery);
                    self.progress.written.add(chosen as u64);
                    again.drain(..chosen);
                    attempts = None;
                    self.progress.lanes.moved(Lane::Call);
                }
                Err(error) if !error.failed_records().is_empty() => {
                    let Failed { again: still, why: next, bad } = sort_failed(&records, error)?;
                    self.progress.written.add((chosen - still.len() - bad.len()) as u64);
                    give_up_all(&self.host, &records, bad).await?;
                    if still.len() < chosen {
                        attempts = None;
                    }
                    let still: Vec<_> = still.into_iter().map(|index| again[index]).collect();
                    again.splice(..chosen, still);
                    why = next;
                }
                Err(error) if error.is_retriable() => why = Some(error),
                Err(error) if error.kind() == ErrorKind::Data && chosen == 1 => {
                    self.host.give_up(&records[0], error).await?;
                    again.remove(0);
                }
                // Now it cannot tell which; there are few left.
                Err(error) if error.kind() == ErrorKind::Data => one_by_one = true,
                Err(error) => return Err(error.context("put")),
            }
            if self.host.failures.is_fatal() {
                return Err(Error::fatal("the task reported a record that is not tolerated"));
            }
        }
        self.watermark.said_partly();
        self.taken(lot, range, None);
        Ok(Partly::Done)
    }

    /// Waits before the next attempt, and answers the loop meanwhile.
    async fn wait(&mut self, attempts: &mut Option<Attempts>, error: &Error) -> Result<Flow> {
        let attempts = attempts.get_or_insert_with(|| RetryPolicy::FOREVER.begin(self.seed));
        let delay = attempts.next_delay(error.retry_delay()).unwrap_or_default();
        self.progress.failed(1);
        self.progress.retries.add(1);
        self.progress.in_trouble("put", error);
        tracing::warn!(task = %self.id, %error, ?delay, "put failed, trying again");
        self.progress.enter("wait before the next put");
        let until = Instant::now() + delay;
        loop {
            tokio::select! {
                biased;
                ask = self.asks.recv() => match ask {
                    Some(ask) => if matches!(self.answer(ask).await?, Flow::End) { return Ok(Flow::End) },
                    None => return Ok(Flow::End),
                },
                () = sleep_until(until) => return Ok(Flow::On),
            }
        }
    }

    /// After a call of the task: what it asked of its context takes effect.
    pub(super) fn after_call(&mut self) {
        let (seeks, pauses) = {
            let mut asked = lock(&self.host.asked);
            (std::mem::take(&mut asked.seeks), std::mem::take(&mut asked.pauses_changed))
        };
        for (partition, offset) in seeks {
            self.epoch += 1;
            self.fresh_from.insert(partition.clone(), self.epoch);
            self.watermark.start(partition.clone(), None);
            self.progress.taken().remove(&partition);
            let _ = self.told.send(Told::Sought { partition, offset, epoch: self.epoch });
        }
        if pauses {
            let _ = self.told.send(Told::Pauses);
        }
    }
}
