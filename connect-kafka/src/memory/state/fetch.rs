//! Reading, at once or when enough is there.

use std::collections::BTreeMap;
use std::time::Duration;

use super::change::LogId;
use super::log::{Log, Piece};
use super::parking::{Completion, ParkId};
use super::{BrokerState, Moment};
use crate::{BrokerError, Code, FetchPartition, FetchRequest, Result, TopicPartition};

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
    pub(crate) log_start: i64,
}

/// Fetches that wait for data.
#[derive(Debug, Default)]
pub(crate) struct Waiting(BTreeMap<ParkId, Parked>);

#[derive(Debug)]
struct Parked {
    logs: Vec<LogId>,
    missing: usize,
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
        self.waiting.0.insert(id, Parked { logs, missing: request.min_bytes - bytes });
        Fetching::Wait(id, now.since_start.saturating_add(request.max_wait))
    }

    /// What the request gets now, and how many bytes that is.
    pub(crate) fn plan(&self, request: &FetchRequest) -> (Vec<Planned>, usize) {
        let mut sum = 0;
        let mut planned = Vec::with_capacity(request.partitions.len());
        for wanted in &request.partitions {
            let limit = wanted.max_bytes.min(request.max_bytes.saturating_sub(sum));
            let result = self.log(&wanted.partition).and_then(|log| {
                let (pieces, bytes) = read(log, wanted, limit, sum == 0)?;
                sum += bytes;
                Ok(PlannedData { pieces, high_watermark: log.high, log_start: log.start })
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
        let mut ready = Vec::new();
        for id in &found.watchers {
            if let Some(parked) = self.waiting.0.get_mut(id) {
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

/// Batches from the offset on. Kafka's rule (KIP-74): the answer's first batch is whole whatever the limits;
/// every other one fits both.
fn read(log: &Log, wanted: &FetchPartition, limit: usize, first: bool) -> Result<(Vec<Piece>, usize)> {
    let offset = wanted.offset;
    if offset < log.start || offset > log.next {
        let message =
            format!("offset {offset} of {} is outside of the log ({} to {})", wanted.partition, log.start, log.next);
        return Err(BrokerError::new(Code::OffsetOutOfRange, message));
    }
    let mut pieces = Vec::new();
    let mut sum = 0;
    let mut index = log.position(offset);
    while let Some(entry) = log.entry(index).filter(|entry| entry.end() <= log.high) {
        let size = entry.size as usize;
        if sum + size > limit && !(first && pieces.is_empty()) {
            break;
        }
        pieces.extend(log.piece(index));
        sum += size;
        index += 1;
    }
    Ok((pieces, sum))
}
