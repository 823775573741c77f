//! Settings of a producer.

use std::time::Duration;

use crate::batch::Compressor;
use crate::{Acks, Clock};

/// Settings of a [`Producer`](super::Producer). The defaults suit a source task.
#[derive(Debug, Clone)]
pub struct ProducerConfig {
    /// Name in logs.
    pub client_id: String,
    /// Whether the broker drops repetitions, so that retries neither duplicate nor reorder.
    pub idempotence: bool,
    /// Who must have a batch before it is acknowledged. With idempotence it is always `All`.
    pub acks: Acks,
    /// Makes the producer transactional under this name: what is appended belongs to a transaction, see
    /// [`begin`](super::Producer::begin). Idempotence is on then.
    pub transactional_id: Option<String>,
    /// A transaction that is open for longer is aborted by the broker.
    pub transaction_timeout: Duration,
    /// A batch is sent when it has so many bytes; when it is to be compressed, when it is guessed to have so many then,
    /// as far as `max_request_bytes` lets it grow before.
    pub batch_bytes: usize,
    /// How batches are compressed. One that would not become smaller is sent as it is.
    pub compression: Compressor,
    /// A batch is sent after this time though not full. Zero: only when full or when
    /// [`flush_batches`](super::Producer::flush_batches) is called. The time is looked at while the owner is
    /// inside a call of the producer's.
    pub linger: Duration,
    /// Batches of one partition under way at once. Taken as 1 without idempotence and at most as 5 with it,
    /// which is what brokers remember.
    pub max_in_flight: usize,
    /// Appending waits while so many bytes are not acknowledged.
    pub buffer_bytes: usize,
    /// An attempt that takes longer counts as lost and is repeated.
    pub request_timeout: Duration,
    /// From a batch being complete to its success; then it fails.
    pub delivery_timeout: Duration,
    /// Wait before the first repetition; doubles with each.
    pub retry_backoff: Duration,
    /// The longest such wait.
    pub retry_backoff_max: Duration,
    /// A record beyond this is refused; a request holds at most so many bytes of batches.
    pub max_request_bytes: usize,
    /// Topic metadata is looked up again after this time, which finds added partitions.
    pub metadata_max_age: Duration,
    /// What becomes of records for topics that are not there.
    pub auto_create: AutoCreate,
    /// Timestamps of records that come without one.
    pub clock: Clock,
    /// Decides which partition each batch of keyless records gets.
    pub seed: u64,
}

/// Whether unknown topics are created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AutoCreate {
    /// Records for them are refused.
    #[default]
    Never,
    /// If the broker makes topics that clients ask for, see [`Broker::ask_for_topic`](crate::Broker::ask_for_topic).
    Broker,
    /// The producer creates them.
    With {
        /// Partitions; -1 for the broker's default.
        partitions: i32,
        /// Replicas; -1 for the broker's default.
        replication_factor: i16,
    },
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self {
            client_id: "connect-producer".into(),
            idempotence: true,
            acks: Acks::All,
            transactional_id: None,
            transaction_timeout: Duration::from_secs(60),
            batch_bytes: 256 * 1024,
            compression: Compressor::NONE,
            linger: Duration::ZERO,
            max_in_flight: 5,
            buffer_bytes: 32 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            delivery_timeout: Duration::from_secs(120),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            max_request_bytes: 1024 * 1024,
            metadata_max_age: Duration::from_secs(300),
            auto_create: AutoCreate::Never,
            clock: Clock::system(),
            seed: 0,
        }
    }
}

impl ProducerConfig {
    pub(super) fn is_idempotent(&self) -> bool {
        self.idempotence || self.transactional_id.is_some()
    }

    pub(super) fn in_flight(&self) -> usize {
        if self.is_idempotent() { self.max_in_flight.clamp(1, 5) } else { 1 }
    }
}
