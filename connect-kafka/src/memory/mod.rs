//! The embedded broker: Kafka's behaviour in this process, without sockets; see [`EmbeddedBroker`].

mod control;
mod faults;
mod front;
mod groups;
mod options;
mod shared;
pub(crate) mod state;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub use faults::{Api, Fault, Faults};
pub use options::EmbeddedOptions;

use crate::{Clock, Result};
use shared::Inner;

/// A broker in this process: one node, no sockets, Kafka's semantics.
///
/// It keeps everything in memory ([`new`](Self::new)), for tests and for pipelines that need no durability, or
/// in a directory ([`open`](Self::open)); then whatever it acknowledged is on disk, and little of it in memory.
///
/// A handle is cheap to clone; the broker lives as long as the last one. Time is tokio's, so a test that pauses
/// the clock decides when sessions end and fetches time out. Nothing runs in the background in memory; a durable
/// broker writes and reads on tokio's blocking threads.
///
/// Transactions are Kafka's; one that is open for too long is aborted at the first call after its time, or while
/// somebody waits for data.
#[derive(Clone)]
pub struct EmbeddedBroker {
    inner: Arc<Inner>,
}

/// The name under which tests know an [`EmbeddedBroker`] without a directory.
pub type InMemoryBroker = EmbeddedBroker;

impl EmbeddedBroker {
    /// An empty broker in memory, on the machine's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_options(EmbeddedOptions::default())
    }

    /// An empty broker in memory whose records age on `clock`.
    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        Self::with_options(EmbeddedOptions { clock, ..EmbeddedOptions::default() })
    }

    /// An empty broker in memory.
    #[must_use]
    pub fn with_options(options: EmbeddedOptions) -> Self {
        Self { inner: Arc::new(Inner::in_memory(options)) }
    }

    /// The broker that lives in `directory`, which is made when it is not there.
    ///
    /// Blocks for the time of opening: some milliseconds, and after a crash of a log of 1 GB in batches of
    /// 100 KB not much more. A call is acknowledged when its effect is on disk. Members of groups do not
    /// survive a restart; topics, records, producers' sequences, transactions, open ones too, and committed offsets do.
    ///
    /// # Errors
    /// `StorageError`, naming the directory: it cannot be read or written, or another broker has it open.
    pub fn open(directory: impl AsRef<Path>, options: EmbeddedOptions) -> Result<Self> {
        Ok(Self { inner: Arc::new(Inner::durable(options, directory.as_ref())?) })
    }

    /// The hooks that make calls fail.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }
}

impl Default for EmbeddedBroker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EmbeddedBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedBroker").field("cluster_id", &self.inner.cluster_id).finish_non_exhaustive()
    }
}
