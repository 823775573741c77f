//! Two connectors of somebody else's: readings of weather stations into Kafka, and alarms out of it.

pub mod alarms;
pub mod stations;
