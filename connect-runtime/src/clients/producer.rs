//! What producers are told.

use std::collections::BTreeMap;

use connect_api::JsonSchema;
use connect_api::config::{self, ConfigErrors, Millis};
use connect_kafka::batch::Compressor;
use connect_kafka::producer::ProducerConfig;
use serde::{Deserialize, Serialize};

use super::layers::Layers;

/// A producer's properties, and what they come to.
#[derive(Clone)]
pub(crate) struct ProducerClient {
    /// For its connections.
    pub(super) properties: BTreeMap<String, String>,
    pub(crate) config: ProducerConfig,
}

/// Kafka's producer properties, as far as they mean something here.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Keys {
    #[serde(rename = "acks")]
    acks: Acks,
    #[serde(rename = "enable.idempotence")]
    idempotence: Option<bool>,
    #[serde(rename = "max.in.flight.requests.per.connection")]
    #[schemars(range(min = 1))]
    in_flight: Option<usize>,
    #[serde(rename = "batch.size")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    batch_size: usize,
    #[serde(rename = "compression.type")]
    compression: String,
    #[serde(rename = "compression.gzip.level")]
    gzip_level: Option<i32>,
    #[serde(rename = "compression.lz4.level")]
    lz4_level: Option<i32>,
    #[serde(rename = "compression.zstd.level")]
    zstd_level: Option<i32>,
    #[serde(rename = "linger.ms")]
    linger: Millis,
    #[serde(rename = "buffer.memory")]
    #[schemars(range(min = 0))]
    buffer_memory: Option<usize>,
    #[serde(rename = "max.request.size")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    max_request_size: usize,
    #[serde(rename = "request.timeout.ms")]
    request_timeout: Millis,
    #[serde(rename = "delivery.timeout.ms")]
    delivery_timeout: Millis,
    #[serde(rename = "retry.backoff.ms")]
    retry_backoff: Millis,
    #[serde(rename = "retry.backoff.max.ms")]
    retry_backoff_max: Millis,
    #[serde(rename = "metadata.max.age.ms")]
    metadata_max_age: Millis,
    #[serde(rename = "transaction.timeout.ms")]
    transaction_timeout: Millis,
}

/// Whose acknowledgement counts. Without any, an offset would move past records that nobody has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
enum Acks {
    #[default]
    #[serde(rename = "all")]
    All,
    #[serde(rename = "-1")]
    AllToo,
    #[serde(rename = "1")]
    Leader,
}

impl Default for Keys {
    fn default() -> Self {
        let own = ProducerConfig::default();
        let millis = |duration: std::time::Duration| Millis::new(u64::try_from(duration.as_millis()).unwrap_or(0));
        Self {
            acks: Acks::All,
            idempotence: None,
            in_flight: None,
            batch_size: own.batch_bytes,
            compression: "none".into(),
            gzip_level: None,
            lz4_level: None,
            zstd_level: None,
            linger: millis(own.linger),
            buffer_memory: None,
            max_request_size: own.max_request_bytes,
            request_timeout: millis(own.request_timeout),
            // Connect's, not the producer's: a cluster that is away makes tasks wait, not fail.
            delivery_timeout: Millis::new(i32::MAX.unsigned_abs().into()),
            retry_backoff: millis(own.retry_backoff),
            retry_backoff_max: millis(own.retry_backoff_max),
            metadata_max_age: millis(own.metadata_max_age),
            transaction_timeout: millis(own.transaction_timeout),
        }
    }
}

impl Keys {
    /// # Errors
    /// The key that is wrong, and why.
    fn compressor(&self) -> Result<Compressor, (&'static str, String)> {
        let (key, level) = match self.compression.as_str() {
            "gzip" => ("compression.gzip.level", self.gzip_level),
            "lz4" => ("compression.lz4.level", self.lz4_level),
            "zstd" => ("compression.zstd.level", self.zstd_level),
            _ => ("compression.type", None),
        };
        Compressor::new(&self.compression, level).map_err(|message| (key, message))
    }
}

impl ProducerClient {
    /// # Errors
    /// Everything that is wrong, by the keys as they were written.
    pub(super) fn read(layers: Layers, base: ProducerConfig) -> Result<Self, ConfigErrors> {
        let keys = config::parse_with::<Keys>(layers.properties(), &|_| true).map_err(|errors| layers.blame(errors))?;
        let keys = keys.config;
        let mut errors = ConfigErrors::new();
        let (all, in_flight) = (keys.acks != Acks::Leader, keys.in_flight.unwrap_or(5));
        if keys.idempotence == Some(true) {
            // What Kafka's producer says of the same.
            let mut conflict = |key: &str, message: &str| errors.add(layers.written(key), None, message);
            if !all {
                conflict("acks", "enable.idempotence=true needs acks=all");
            }
            if in_flight > 5 {
                conflict("max.in.flight.requests.per.connection", "enable.idempotence=true allows at most 5");
            }
        }
        let compression = keys.compressor().unwrap_or_else(|(key, message)| {
            errors.add(layers.written(key), None, message);
            Compressor::NONE
        });
        errors.into_result()?;
        let config = ProducerConfig {
            client_id: layers.properties().get("client.id").cloned().unwrap_or_default(),
            idempotence: keys.idempotence.unwrap_or(all && in_flight <= 5),
            batch_bytes: keys.batch_size,
            compression,
            acks: if all { connect_kafka::Acks::All } else { connect_kafka::Acks::Leader },
            linger: keys.linger.duration(),
            max_in_flight: in_flight,
            buffer_bytes: keys.buffer_memory.unwrap_or(base.buffer_bytes),
            max_request_bytes: keys.max_request_size,
            request_timeout: keys.request_timeout.duration(),
            delivery_timeout: keys.delivery_timeout.duration(),
            retry_backoff: keys.retry_backoff.duration(),
            retry_backoff_max: keys.retry_backoff_max.duration(),
            metadata_max_age: keys.metadata_max_age.duration(),
            transaction_timeout: keys.transaction_timeout.duration(),
            ..base
        };
        Ok(Self { properties: layers.into_properties(), config })
    }
}
