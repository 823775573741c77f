//! Configurations: two sets of keys, one of settings.

mod aws;
mod check_confluent;
mod check_opensearch;
mod choice;
mod common;
mod confluent;
mod defaults;
mod extra;
mod opensearch;
mod settings;
mod tls;

#[cfg(test)]
mod tests;

pub use choice::{
    DateFormat, DecimalFormat, ExistingResource, ExternalResource, IdStrategy, NullBehavior, Refused, Routing,
    SecurityProtocol, VersionType, WriteMethod,
};
pub use confluent::ElasticsearchSinkConfig;
pub use extra::ExtraConfig;
pub use opensearch::OpenSearchSinkConfig;
pub use tls::TlsConfig;

pub(crate) use settings::{
    BulkSettings, DocumentSettings, Policies, Retries, Script, Settings, Target, TargetKind, Timestamp,
};
