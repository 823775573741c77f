//! The clients that a worker and its connectors have of the log, and what they are told: one file for each role.

mod connection;
mod consumer;
mod layers;
mod make;
mod policy;
mod producer;
mod properties;
mod settings;
#[cfg(test)]
mod tests;

pub use make::Clients;
pub use properties::ClientProperties;

pub(crate) use consumer::ConsumerClient;
pub(crate) use layers::is_override;
pub(crate) use producer::ProducerClient;
pub(crate) use settings::ClientSettings;
