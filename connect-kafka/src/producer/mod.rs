//! Producing: records into batches, batches to the broker, acknowledgements back.
//!
//! [`Producer`] belongs to one task and encodes there. Full batches go to a task of the producer's own, which
//! numbers, sends and repeats them, so sending goes on whatever the owner is busy with.
//!
//! Idempotence is as good as the broker's memory: a restarted Kafka forgets producers whose last record has a timestamp
//! of more than a day ago (`producer.id.expiration.ms`), so batches with old timestamps that were unanswered when it
//! stopped may be written twice.

mod ack;
mod adding;
mod config;
mod lane;
mod lookup;
mod open;
#[expect(clippy::module_inception, reason = "the file of the type the folder is named after")]
mod producer;
mod sender;
mod split;
mod topics;
mod transaction;

#[cfg(test)]
mod tests;

pub use ack::{Ack, ProduceError, Tickets};
pub use config::{AutoCreate, ProducerConfig};
pub use producer::Producer;
pub use transaction::TransactionError;
