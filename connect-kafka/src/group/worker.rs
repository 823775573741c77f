//! What workers of a Kafka Connect cluster tell each other (protocol type `connect`), byte for byte as Java's do.
//!
//! Formats: `ConnectProtocol`, `IncrementalCooperativeConnectProtocol` and `ExtendedAssignment` of Kafka 4.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use super::input::{Input, put_string};
use crate::{BrokerError, Code, Result};

/// The ways in which workers divide their work, as `connect.protocol` chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkerProtocol {
    /// Everything is given up in a rebalance: `default` on the wire, version 0.
    Eager,
    /// Work goes on in a rebalance, and moves when it ends: version 1.
    Compatible,
    /// The same with signed requests between workers: version 2.
    Sessioned,
}

impl WorkerProtocol {
    /// The name in JoinGroup.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eager => "default",
            Self::Compatible => "compatible",
            Self::Sessioned => "sessioned",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Eager, Self::Compatible, Self::Sessioned].into_iter().find(|protocol| protocol.name() == name)
    }

    /// This one and the older ones, best first: what a worker offers, so that a cluster can change over worker by
    /// worker.
    #[must_use]
    pub fn offered(self) -> Vec<Self> {
        [Self::Sessioned, Self::Compatible, Self::Eager].into_iter().filter(|protocol| *protocol <= self).collect()
    }

    const fn version(self) -> i16 {
        match self {
            Self::Eager => 0,
            Self::Compatible => 1,
            Self::Sessioned => 2,
        }
    }
}

/// Connectors, each with the numbers of its tasks; -1 stands for the connector itself.
type Work = BTreeMap<Arc<str>, Vec<i32>>;

/// What a worker says of itself when it joins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerState {
    /// Where its REST API is, with a slash at the end.
    pub url: String,
    /// How far it has read the config topic; -1 for not at all.
    pub config_offset: i64,
    /// What it has been told to do and does. Not said in [`WorkerProtocol::Eager`].
    pub current: Option<WorkerAssignment>,
}

/// What a worker is told by the leader.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerAssignment {
    /// 1 when members could not agree on a config offset: everybody reads on and joins again. Else 0.
    pub error: i16,
    /// Member id of the leader.
    pub leader: String,
    /// Where the leader's REST API is.
    pub leader_url: String,
    /// How far the leader has read the config topic: the work is that of this offset.
    pub config_offset: i64,
    /// Connectors and tasks: all of them in [`WorkerProtocol::Eager`] and in [`WorkerState::current`], otherwise those
    /// that are new.
    pub assigned: Work,
    /// Connectors and tasks to give up, for which the group rebalances again. None in [`WorkerProtocol::Eager`].
    pub revoked: Work,
    /// After how many milliseconds to join again, because work that a missing worker had is held back for its return.
    pub delay_ms: i32,
}

impl WorkerState {
    /// The bytes for JoinGroup.
    #[must_use]
    pub fn encode(&self, protocol: WorkerProtocol) -> Bytes {
        let mut out = BytesMut::new();
        out.put_i16(protocol.version());
        put_string(&mut out, &self.url);
        out.put_i64(self.config_offset);
        if protocol > WorkerProtocol::Eager {
            match &self.current {
                None => out.put_i32(-1),
                Some(current) => {
                    let current = current.encode(protocol);
                    out.put_i32(current.len() as i32);
                    out.put_slice(&current);
                }
            }
        }
        out.freeze()
    }

    /// Reads a member's bytes, of any version.
    ///
    /// # Errors
    /// `InvalidRequest` when they are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut input = Input(bytes);
        let mut read = || {
            let version = input.i16()?;
            let (url, config_offset) = (input.string()?.to_string(), input.i64()?);
            let current = if version > 0 && !input.0.is_empty() { input.bytes()? } else { &[] };
            Some((url, config_offset, current))
        };
        let (url, config_offset, current) = read().ok_or_else(|| malformed("state"))?;
        let current = if current.is_empty() { None } else { Some(WorkerAssignment::decode(current)?) };
        Ok(Self { url, config_offset, current })
    }
}

impl WorkerAssignment {
    /// The bytes for SyncGroup.
    #[must_use]
    pub fn encode(&self, protocol: WorkerProtocol) -> Bytes {
        let mut out = BytesMut::new();
        out.put_i16(protocol.version());
        out.put_i16(self.error);
        put_string(&mut out, &self.leader);
        put_string(&mut out, &self.leader_url);
        out.put_i64(self.config_offset);
        put_work(&mut out, &self.assigned);
        if protocol > WorkerProtocol::Eager {
            put_work(&mut out, &self.revoked);
            out.put_i32(self.delay_ms);
        }
        out.freeze()
    }

    /// Reads a leader's bytes, of any version. Fields that an older one does not have are empty.
    ///
    /// # Errors
    /// `InvalidRequest` when they are malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut input = Input(bytes);
        let read = |input: &mut Input<'_>| {
            let version = input.i16()?;
            let error = input.i16()?;
            let (leader, leader_url) = (input.string()?.to_string(), input.string()?.to_string());
            let (config_offset, assigned) = (input.i64()?, work(input)?);
            let cooperates = version > 0;
            let revoked = if cooperates && !input.0.is_empty() { work(input)? } else { Work::new() };
            let delay_ms = if cooperates && !input.0.is_empty() { input.i32()? } else { 0 };
            Some(Self { error, leader, leader_url, config_offset, assigned, revoked, delay_ms })
        };
        read(&mut input).ok_or_else(|| malformed("assignment"))
    }
}

fn malformed(what: &str) -> BrokerError {
    BrokerError::new(Code::InvalidRequest, format!("malformed {what} of a Connect worker"))
}

fn put_work(out: &mut BytesMut, work: &Work) {
    out.put_i32(work.len() as i32);
    for (connector, tasks) in work {
        put_string(out, connector);
        out.put_i32(tasks.len() as i32);
        tasks.iter().for_each(|task| out.put_i32(*task));
    }
}

/// Null counts as empty.
fn work(input: &mut Input<'_>) -> Option<Work> {
    let mut all = Work::new();
    for _ in 0..input.i32()? {
        let connector = input.string()?;
        let tasks = (0..input.i32()?).map(|_| input.i32()).collect::<Option<Vec<_>>>()?;
        all.entry(connector).or_default().extend(tasks);
    }
    Some(all)
}
