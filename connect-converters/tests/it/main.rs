//! Converters against what Kafka's own ones did, and properties.

mod notation;
mod properties;
mod vectors;
