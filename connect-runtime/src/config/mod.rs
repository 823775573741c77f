//! Configuration: of workers, and what every connector has besides its own.

mod build;
mod chain;
mod common;
mod connector;
mod topics;
mod worker;

pub(crate) use build::{Build, Built, Wrong, prefixed};
pub(crate) use common::{Common, Sink, Source, is_plugin_version, wrong_name};
pub use connector::{ErrorOptions, SinkOptions, SourceOptions, TaskOptions, Topics};
pub(crate) use topics::TopicRules;
pub use worker::WorkerConfig;
