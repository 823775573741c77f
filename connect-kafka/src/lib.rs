#![doc = include_str!("../README.md")]

mod backoff;
pub mod batch;
mod clock;
pub mod consumer;
mod error;
pub mod group;
mod listen;
mod memory;
pub mod producer;
mod seam;
mod store;
mod task;
mod wire;

pub use clock::Clock;
pub use connect_tls::{KeyError, KeyErrors};
pub use error::{BrokerError, Code};
pub use listen::{ListenOptions, Listening};
pub use memory::{Api, EmbeddedBroker, EmbeddedOptions, Fault, Faults, InMemoryBroker};
pub use seam::{
    Acks, Broker, FetchPartition, FetchRequest, Fetched, FetchedData, Isolation, JoinGroup, Joined, Member, NewTopic,
    OffsetSpec, ProduceBatch, ProduceRequest, Produced, ProducerId, Result, TopicInfo, TopicPartition, Transactional,
    Txn,
};
pub use wire::{TokenSource, WireBroker, WireConfig};

mod sealed {
    /// Keeps [`Broker`](crate::Broker) implementable in this crate only.
    pub trait Sealed {}
}
