//! Puts a record's time into its topic.

use connect_api::{Error, Flow, Record, Result, Transform, TransformPlugin};

use crate::date_format::DateFormat;

connect_api::config! {
    /// Configuration of [`TimestampRouter`].
    #[derive(Clone)]
    pub struct TimestampRouterConfig {
        /// The new name; `${topic}` stands for the topic, `${timestamp}` for the record's timestamp.
        #[serde(rename = "topic.format", default = "topic_format")]
        #[schemars(extend("x-verbatim" = true, "x-importance" = "high"))]
        pub topic_format: String,
        /// How the timestamp is written: a pattern of Java's `SimpleDateFormat`, in UTC.
        #[serde(rename = "timestamp.format", default = "timestamp_format")]
        #[schemars(extend("x-verbatim" = true, "x-importance" = "high"))]
        pub timestamp_format: DateFormat,
    }
}

fn topic_format() -> String {
    "${topic}-${timestamp}".into()
}

fn timestamp_format() -> DateFormat {
    "yyyyMMdd".parse().expect("a pattern")
}

impl Default for TimestampRouterConfig {
    fn default() -> Self {
        Self { topic_format: topic_format(), timestamp_format: timestamp_format() }
    }
}

/// Makes a record's topic of its topic and its timestamp: `orders-20190823`.
#[derive(Debug)]
pub struct TimestampRouter {
    topic_format: String,
    timestamp_format: DateFormat,
}

impl TransformPlugin for TimestampRouter {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.TimestampRouter";
    type Config = TimestampRouterConfig;

    fn new(config: TimestampRouterConfig) -> Result<Self> {
        Ok(Self { topic_format: config.topic_format, timestamp_format: config.timestamp_format })
    }
}

impl Transform for TimestampRouter {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let Some(timestamp) = record.timestamp else {
            return Err(Error::data("the record has no timestamp, which its new topic needs"));
        };
        let topic = self.topic_format.replace("${topic}", &record.topic);
        record.topic = topic.replace("${timestamp}", &self.timestamp_format.print(timestamp)).into();
        Ok(Flow::Keep)
    }
}
