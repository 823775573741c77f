//! What can be named in a configuration: connectors, transforms, predicates, converters.

mod connector;
mod registry;
pub(crate) mod version;

pub(crate) use connector::{ConnectorEntry, Instance, RunningSink, RunningSource, SinkInstance, SourceInstance, Typed};
pub use registry::{PluginInfo, PluginKind, Plugins};
pub use version::KAFKA_VERSION;

/// Adds the converters that every worker knows.
pub(crate) fn with_converters(plugins: Plugins) -> Plugins {
    use connect_converters as c;
    plugins
        .converter::<c::StringConverter>()
        .converter::<c::ByteArrayConverter>()
        .converter::<c::JsonConverter>()
        .converter::<c::ShortConverter>()
        .converter::<c::IntegerConverter>()
        .converter::<c::LongConverter>()
        .converter::<c::FloatConverter>()
        .converter::<c::DoubleConverter>()
        .converter::<c::BooleanConverter>()
        .header_converter::<c::SimpleHeaderConverter>()
        .header_converter::<c::StringConverter>()
        .header_converter::<c::ByteArrayConverter>()
        .header_converter::<c::JsonConverter>()
        .header_converter::<c::ShortConverter>()
        .header_converter::<c::IntegerConverter>()
        .header_converter::<c::LongConverter>()
        .header_converter::<c::FloatConverter>()
        .header_converter::<c::DoubleConverter>()
        .header_converter::<c::BooleanConverter>()
}
