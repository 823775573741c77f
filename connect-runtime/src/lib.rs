#![doc = include_str!("../README.md")]

mod budget;
mod chain;
mod clients;
mod closures;
mod config;
mod convert;
pub mod dry_run;
mod failures;
mod health;
pub mod herder;
mod infos;
pub mod metrics;
pub mod offsets;
mod plugins;
mod progress;
pub mod properties;
pub mod providers;
mod random;
#[cfg(feature = "rest")]
pub mod rest;
mod retry;
mod secrets;
mod sink;
mod source;
mod spans;
pub mod testing;
mod worker;

pub use clients::{ClientProperties, Clients};
pub use closures::{SinkFn, SinkFnTask, SourceFn, SourceFnTask, sink_fn, source_fn};
pub use config::{ErrorOptions, SinkOptions, SourceOptions, TaskOptions, Topics, WorkerConfig};
// What a host needs of the broker, so that one dependency is enough.
pub use connect_kafka::{Broker, Clock, EmbeddedBroker, EmbeddedOptions};
pub use connect_transforms::JavaRegex;
pub use health::{Health, TaskHealth};
pub use infos::ConfigInfos;
pub use metrics::MetricsSnapshot;
pub use plugins::{KAFKA_VERSION, PluginInfo, PluginKind, Plugins};
pub use retry::RetryPolicy;
pub use worker::{
    ConnectorKind, ConnectorStatus, Drained, InitialState, PartitionLag, RestartOptions, State, TaskCounts, TaskStatus,
    Worker, WorkerBuilder,
};
