//! The batches of one partition, in order: what may be sent next, and what an answer means.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use crate::backoff::Backoff;
use crate::batch::{BatchBuilder, Compressor, set_producer};
use crate::{BrokerError, Code, ProducerId, TopicPartition};

use super::open::Sealed;
use super::split::{advance, halves};
use super::{Ack, ProduceError, ProducerConfig, Tickets};

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) partition: TopicPartition,
    /// Under whom batches are numbered; `None` until the broker gave an id.
    id: Option<ProducerId>,
    next_sequence: i32,
    /// Whether batches are part of transactions; then one that cannot be written is for the owner to deal with.
    transactional: bool,
    /// Whether the broker acknowledged a batch under this id. Until then one batch is under way at a time,
    /// because a broker that knows nothing of an id accepts any sequence number and so could reorder.
    proven: bool,
    entries: VecDeque<Entry>,
    next_number: u64,
    compression: Compressor,
    retry_at: Option<Instant>,
    backoff: Backoff,
    renewals: u32,
    last_error: Option<BrokerError>,
}

#[derive(Debug)]
struct Entry {
    /// By which its answer finds it.
    number: u64,
    tickets: Tickets,
    bytes: usize,
    deadline: Instant,
    data: Data,
    state: State,
    /// Whether an attempt under this id ended without the broker's word, so that it may have been written.
    unknown: bool,
}

#[derive(Debug)]
enum Data {
    Open(BatchBuilder),
    Encoded { data: Bytes, records: i32 },
    Gone,
}

#[derive(Debug)]
enum State {
    Queued,
    /// `alone`: everything before it had been answered when it was sent.
    InFlight {
        alone: bool,
    },
    /// To be repeated as it was. `gap`: the broker said, with everything before it answered, that the sequence
    /// has a gap, so it was not written, unless the broker has forgotten it, see `probe`.
    Retry {
        gap: bool,
    },
    Done(Result<i64, ProduceError>),
}

impl Lane {
    pub(super) fn new(partition: TopicPartition, id: Option<ProducerId>, config: &ProducerConfig) -> Self {
        Self {
            partition,
            id,
            next_sequence: 0,
            transactional: config.transactional_id.is_some(),
            proven: false,
            entries: VecDeque::new(),
            next_number: 0,
            compression: config.compression,
            retry_at: None,
            backoff: Backoff::new(config.retry_backoff, config.retry_backoff_max),
            renewals: 0,
            last_error: None,
        }
    }

    pub(super) fn push(&mut self, batch: Sealed, deadline: Instant) {
        let Sealed { builder, tickets, .. } = batch;
        let (bytes, number) = (builder.len(), self.number());
        self.entries.push_back(Entry {
            number,
            tickets,
            bytes,
            deadline,
            data: Data::Open(builder),
            state: State::Queued,
            unknown: false,
        });
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn needs_id(&self) -> bool {
        self.id.is_none() && !self.entries.is_empty()
    }

    /// Numbers everything that waits anew, from 0.
    pub(super) fn set_id(&mut self, id: ProducerId) {
        self.id = Some(id);
        self.next_sequence = 0;
        self.proven = false;
        for entry in self.entries.iter_mut().filter(|entry| !matches!(entry.state, State::Done(_))) {
            let Data::Encoded { data, records } = &mut entry.data else { continue };
            let mut changed = BytesMut::from(std::mem::take(data));
            set_producer(&mut changed, id, self.next_sequence);
            *data = changed.freeze();
            self.next_sequence = advance(self.next_sequence, *records);
            entry.unknown = false;
            if matches!(entry.state, State::Retry { .. }) {
                entry.state = State::Retry { gap: false };
            }
        }
    }

    /// After a gap at the front: the batch that tells whether the front was written after all.
    ///
    /// A broker that was restarted remembers the last batch of a producer only. Of several that were written when it
    /// went, it takes the repetition of the first for a gap. If it accepts a later one, as new or as a repetition,
    /// everything before that is in the log.
    fn probe(&self) -> Option<usize> {
        let front = self.entries.front()?;
        let open = matches!(front.state, State::Retry { gap: true }) && front.unknown;
        let untried = |entry: &Entry| entry.unknown && matches!(entry.state, State::Retry { gap: false });
        open.then(|| self.entries.iter().position(untried)).flatten()
    }

    fn in_flight(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry.state, State::InFlight { .. })).count()
    }

    /// Bytes of the batch that may be sent now.
    pub(super) fn sendable(&self, now: Instant, limit: usize) -> Option<usize> {
        self.id?;
        if self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        // Done entries at the front are taken out at once, so the front is the first one not answered.
        let front = self.entries.front()?;
        if let State::Retry { gap } = front.state {
            if !gap {
                return Some(front.bytes);
            }
            // A gap is mended under a new id, see `renew`, once it is certain.
            let probe = self.probe().filter(|_| self.in_flight() == 0)?;
            return Some(self.entries[probe].bytes);
        }
        let limit = if self.proven { limit } else { 1 };
        let mut under_way = 0;
        for entry in &self.entries {
            match entry.state {
                // Later ones wait until it is their turn to be the first.
                State::Retry { .. } => return None,
                // Answered ones behind an open one count too: the broker must still know the open one's sequence
                // when it is repeated, and it remembers only so many batches after it.
                State::InFlight { .. } | State::Done(_) => under_way += 1,
                State::Queued if under_way < limit => return Some(entry.bytes),
                State::Queued => return None,
            }
        }
        None
    }

    /// Takes the batch that [`sendable`](Self::sendable) spoke of, with its number.
    pub(super) fn send(&mut self) -> Option<(u64, Bytes)> {
        let id = self.id?;
        let probe = self.probe();
        let waits = |entry: &Entry| matches!(entry.state, State::Queued | State::Retry { .. });
        let at = probe.or_else(|| self.entries.iter().position(waits))?;
        let idempotent = id != ProducerId::NONE;
        let entry = &mut self.entries[at];
        if let Data::Open(_) = entry.data {
            // Numbered when first sent, so that nothing that fails before it leaves a gap.
            if let Data::Open(builder) = std::mem::replace(&mut entry.data, Data::Gone) {
                let records = builder.count();
                let sequence = if idempotent { self.next_sequence } else { -1 };
                let data = if self.transactional {
                    builder.finish_in_transaction(id, sequence)
                } else {
                    builder.finish(id, sequence)
                };
                self.next_sequence = advance(self.next_sequence, records);
                entry.data = Data::Encoded { data, records };
            }
        }
        let Data::Encoded { data, .. } = &entry.data else { return None };
        entry.state = State::InFlight { alone: at == 0 || probe.is_some() };
        Some((entry.number, data.clone()))
    }

    /// Takes in the answer to a batch.
    pub(super) fn answer(&mut self, number: u64, result: crate::Result<i64>, now: Instant) {
        let idempotent = self.id != Some(ProducerId::NONE);
        let Some(at) = self.entries.iter().position(|entry| entry.number == number) else { return };
        let entry = &mut self.entries[at];
        let State::InFlight { alone } = entry.state else { return };
        let error = match result {
            Err(error) if error.code == Code::DuplicateSequence => return self.succeeded(at, -1),
            Ok(offset) => return self.succeeded(at, offset),
            Err(error) => error,
        };
        let gap = match error.code {
            Code::OutOfOrderSequence => true,
            Code::UnknownProducerId | Code::InvalidProducerEpoch => !self.transactional,
            _ => false,
        };
        if idempotent && gap {
            entry.state = State::Retry { gap: alone };
            if error.code != Code::OutOfOrderSequence {
                // A broker that knows nothing of the id accepts any sequence, which proves nothing.
                self.entries.iter_mut().for_each(|entry| entry.unknown = false);
            }
        } else if error.is_retriable() {
            entry.state = State::Retry { gap: false };
            entry.unknown = true;
            self.retry_at = Some(now + self.backoff.next());
        } else if error.code == Code::MessageTooLarge && self.split(at) {
            // Halves are sent at once, the first before the second.
        } else {
            let (partition, entry) = (self.partition.clone(), &mut self.entries[at]);
            entry.state = State::Done(Err(ProduceError::Refused { partition, error: error.clone() }));
        }
        self.last_error = Some(error);
    }

    /// Puts two halves in the place of a batch that is too large; `false` when it has one record.
    fn split(&mut self, at: usize) -> bool {
        let Data::Encoded { data, .. } = &self.entries[at].data else { return false };
        let Some([(first, first_records), (second, second_records)]) = halves(data, self.compression) else {
            return false;
        };
        let number = self.number();
        let whole = &mut self.entries[at];
        let front = Entry {
            number,
            tickets: whole.tickets.split_off_front(first_records.unsigned_abs().into()),
            bytes: whole.bytes / 2,
            deadline: whole.deadline,
            data: Data::Encoded { data: first, records: first_records },
            state: State::Retry { gap: false },
            unknown: false,
        };
        whole.bytes -= front.bytes;
        whole.data = Data::Encoded { data: second, records: second_records };
        whole.state = State::Retry { gap: false };
        whole.unknown = false;
        self.entries.insert(at, front);
        true
    }

    fn succeeded(&mut self, at: usize, offset: i64) {
        self.entries[at].state = State::Done(Ok(offset));
        for earlier in self.entries.iter_mut().take(at) {
            if matches!(earlier.state, State::Retry { gap: true }) {
                // There, but the broker no longer knows where.
                earlier.state = State::Done(Ok(-1));
            }
        }
        self.proven = true;
        self.renewals = 0;
        self.retry_at = None;
        self.backoff.reset();
        self.last_error = None;
    }

    /// Gives up the id when the broker sees a gap before the first batch and nothing is under way.
    pub(super) fn renew(&mut self, now: Instant) {
        let gap = self.entries.front().is_some_and(|entry| matches!(entry.state, State::Retry { gap: true }));
        if gap && self.in_flight() == 0 && self.id.is_some() && self.probe().is_none() {
            self.id = None;
            if self.renewals > 0 {
                self.retry_at = Some(now + self.backoff.next());
            }
            self.renewals += 1;
        }
    }

    /// Takes out what is answered, in order, and what is too late.
    pub(super) fn settle(&mut self, now: Instant, config: &ProducerConfig, mut ack: impl FnMut(Ack)) {
        let settled = self.in_flight() == 0 && self.probe().is_none();
        while let Some(front) = self.entries.front_mut() {
            // A gap that only a new epoch mends.
            if self.transactional && settled && matches!(front.state, State::Retry { gap: true }) {
                let (partition, error) = (self.partition.clone(), self.last_error.clone());
                let error = error.unwrap_or_else(|| BrokerError::new(Code::OutOfOrderSequence, "a gap"));
                front.state = State::Done(Err(ProduceError::Refused { partition, error }));
            }
            let late = now >= front.deadline && matches!(front.state, State::Queued | State::Retry { .. });
            if late {
                front.state = State::Done(Err(ProduceError::TimedOut {
                    partition: self.partition.clone(),
                    after: config.delivery_timeout,
                    last: self.last_error.clone(),
                }));
            }
            if !matches!(front.state, State::Done(_)) {
                break;
            }
            let Some(Entry { tickets, bytes, state: State::Done(result), .. }) = self.entries.pop_front() else {
                break;
            };
            ack(Ack { tickets, partition: self.partition.clone(), result, bytes });
        }
    }

    /// Fails everything that is not under way, when no id can be had or the partition cannot be added.
    pub(super) fn refuse(&mut self, error: &BrokerError) {
        let partition = self.partition.clone();
        self.fail_waiting(&ProduceError::Refused { partition, error: error.clone() });
    }

    /// Fails everything that is not under way, when the transaction is aborted.
    pub(super) fn give_up(&mut self) {
        let partition = self.partition.clone();
        self.fail_waiting(&ProduceError::Aborted { partition });
    }

    fn fail_waiting(&mut self, error: &ProduceError) {
        for entry in self.entries.iter_mut().filter(|entry| matches!(entry.state, State::Queued | State::Retry { .. }))
        {
            entry.state = State::Done(Err(error.clone()));
        }
    }

    /// When to look at this lane again though nothing was answered.
    pub(super) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let front = self.entries.front()?;
        let deadline = (!matches!(front.state, State::InFlight { .. })).then_some(front.deadline);
        let retry = self.retry_at.filter(|at| *at > now);
        deadline.into_iter().chain(retry).min()
    }

    pub(super) fn note(&mut self, error: &BrokerError) {
        self.last_error = Some(error.clone());
    }
}

#[cfg(test)]
mod tests;
