#![doc = include_str!("../README.md")]

mod body;
mod bulk;
mod client;
mod config;
mod document;
mod environment;
mod json;
mod lines;
mod sink;

pub use config::{
    DateFormat, DecimalFormat, ElasticsearchSinkConfig, ExistingResource, ExternalResource, ExtraConfig, IdStrategy,
    NullBehavior, OpenSearchSinkConfig, Refused, Routing, SecurityProtocol, TlsConfig, VersionType, WriteMethod,
};
pub use environment::AwsEnvironment;
pub use lines::BulkLines;
pub use sink::{ElasticTask, ElasticsearchSink, OpenSearchSink};
