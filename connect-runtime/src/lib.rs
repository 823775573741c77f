#![doc = include_str!("../README.md")]

mod budget;
mod chain;
mod config;
mod convert;
mod failures;
pub mod offsets;
mod plugins;
mod progress;
mod random;
mod retry;
mod sink;
mod source;
mod worker;

pub use config::{ErrorOptions, SinkOptions, SourceOptions, TaskOptions, Topics, WorkerConfig};
pub use plugins::{PluginInfo, PluginKind, Plugins};
pub use retry::RetryPolicy;
pub use worker::{
    ConnectorKind, ConnectorStatus, Drained, RestartOptions, State, TaskCounts, TaskStatus, Worker, WorkerBuilder,
};
