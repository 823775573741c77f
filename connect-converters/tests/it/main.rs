//! Converters against what Kafka's own ones did, and properties.

mod configs;
mod properties;
