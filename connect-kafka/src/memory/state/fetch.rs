//! Reading, at once or when enough is there.

use std::collections::BTreeMap;
use std::time::Duration;

use super::change::LogId;
use super::log::{Log, Piece};
use super::parking::{Completion, ParkId};
use super::{BrokerState, Moment};
use crate::{BrokerError, Code, FetchPartition, FetchRequest, Isolation, Result, TopicPartition};

/// What a fetch delivers, before stored pieces are read.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) partition: TopicPartition,
    pub(crate) result: Result<PlannedData>,
}

#[derive(Debug)]
pub(crate) struct PlannedData {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) high_watermark: i64,
    pub(crate) last_stable: i64,
    pub(crate) log_start: i64,
    pub(crate) aborted: Vec<(i64, i64)>,
}

/// Fetches that wait for data.
#[derive(Debug, Default)]
pub(crate) struct Waiting(BTreeMap<ParkId, Parked>);

#[derive(Debug)]
struct Parked {
    logs: Vec<LogId>,
    missing: usize,
    isolation: Isolation,
}

pub(crate) enum Fetching {
    Now(Vec<Planned>),
    /// Wait for the completion, or until the moment (on the broker's clock).
    Wait(ParkId, Duration),
}

impl BrokerState {
    pub(crate) fn fetch(&mut self, request: &FetchRequest, now: Moment) -> Fetching {
        let (planned, bytes) = self.plan(request);
        let must_answer = planned.iter().any(|planned| planned.result.is_err()) || planned.is_empty();
        if must_answer || bytes >= request.min_bytes || request.max_wait.is_zero() {
            return Fetching::Now(planned);
        }
        let id = self.parking.park();
        let logs: Vec<LogId> = request.partitions.iter().filter_map(|p| self.log_id(&p.partition).ok()).collect();
        for log in &logs {
            if let Some(log) = self.logs.get_mut(log) {
                log.watchers.insert(id);
            }
        }
        self.waiting.0.insert(id, Parked { logs, missing: request.min_bytes - bytes, isolation: request.isolation });
        Fetching::Wait(id, now.since_start.saturating_add(request.max_wait))
    }

    /// What the request gets now, and how many bytes that is.
    pub(crate) fn plan(&self, request: &FetchRequest) -> (Vec<Planned>, usize) {
        let mut sum = 0;
        let mut planned = Vec::with_capacity(request.partitions.len());
        for wanted in &request.partitions {
            let limit = wanted.max_bytes.min(request.max_bytes.saturating_sub(sum));
            let result = self.log(&wanted.partition).and_then(|log| {
                let read = read(log, wanted, limit, sum == 0, request.isolation)?;
                sum += read.bytes;
                let aborted = match request.isolation {
                    Isolation::ReadUncommitted => Vec::new(),
                    Isolation::ReadCommitted => log.txns.aborted_in(wanted.offset..read.end),
                };
                Ok(PlannedData {
                    pieces: read.pieces,
                    high_watermark: log.high,
                    last_stable: log.last_stable(),
                    log_start: log.start,
                    aborted,
                })
            });
            planned.push(Planned { partition: wanted.partition.clone(), result });
        }
        (planned, sum)
    }

    /// The fetch waits no longer.
    pub(crate) fn unpark_fetch(&mut self, id: ParkId) {
        let Some(parked) = self.waiting.0.remove(&id) else { return };
        for log in parked.logs {
            if let Some(log) = self.logs.get_mut(&log) {
                log.watchers.remove(&id);
            }
        }
    }

    /// `bytes` more are visible in the log.
    pub(crate) fn data_came(&mut self, log: LogId, bytes: usize) {
        let Some(found) = self.logs.get(&log) else { return };
        let unstable = found.last_stable() < found.high;
        let mut ready = Vec::new();
        for id in &found.watchers {
            if let Some(parked) = self.waiting.0.get_mut(id) {
                // Whoever reads committed records is woken by the marker.
                if unstable && parked.isolation == Isolation::ReadCommitted {
                    continue;
                }
                parked.missing = parked.missing.saturating_sub(bytes);
                if parked.missing == 0 {
                    ready.push(*id);
                }
            }
        }
        self.wake(ready);
    }

    /// Something happened to the log that its readers must see at once.
    pub(crate) fn wake_fetches(&mut self, log: LogId) {
        let ready = self.logs.get(&log).map_or_else(Vec::new, |log| log.watchers.iter().copied().collect());
        self.wake(ready);
    }

    fn wake(&mut self, ready: Vec<ParkId>) {
        for id in ready {
            self.unpark_fetch(id);
            self.parking.complete(id, Completion::Fetch);
        }
    }
}

/// What is read of one log.
struct Read {
    pieces: Vec<Piece>,
    bytes: usize,
    /// Offset after the last piece.
    end: i64,
}

/// Batches from the offset on. Kafka's rule (KIP-74): the answer's first batch is whole whatever the limits;
/// every other one fits both.
fn read(log: &Log, wanted: &FetchPartition, limit: usize, first: bool, isolation: Isolation) -> Result<Read> {
    let offset = wanted.offset;
    if offset < log.start || offset > log.next {
        let message =
            format!("offset {offset} of {} is outside of the log ({} to {})", wanted.partition, log.start, log.next);
        return Err(BrokerError::new(Code::OffsetOutOfRange, message));
    }
    let visible = log.end_for(isolation);
    let mut read = Read { pieces: Vec::new(), bytes: 0, end: offset };
    let mut index = log.position(offset);
    while let Some(entry) = log.entry(index).filter(|entry| entry.end() <= visible) {
        let size = entry.size as usize;
        if read.bytes + size > limit && !(first && read.pieces.is_empty()) {
            break;
        }
        read.pieces.extend(log.piece(index));
        read.bytes += size;
        read.end = entry.end();
        index += 1;
    }
    Ok(read)
}
