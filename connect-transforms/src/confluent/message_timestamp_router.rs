//! Puts a time of a record's value into its topic.

use connect_api::{Error, Flow, Record, Result, Transform, TransformPlugin, Value as Data};

use crate::clock;
use crate::date_format::DateFormat;

connect_api::config! {
    /// Configuration of [`MessageTimestampRouter`].
    #[derive(Clone)]
    pub struct MessageTimestampRouterConfig {
        /// The new name; `${topic}` stands for the topic, `${timestamp}` for the time.
        #[serde(rename = "topic.format", default = "topic_format")]
        #[schemars(extend("x-verbatim" = true))]
        pub topic_format: String,
        /// How the time is written: a pattern of Java's `SimpleDateFormat`, in UTC.
        #[serde(rename = "topic.timestamp.format", default = "topic_timestamp_format")]
        #[schemars(extend("x-verbatim" = true))]
        pub topic_timestamp_format: DateFormat,
        /// Names of fields of the value; the first that is there holds the time.
        #[serde(rename = "message.timestamp.keys")]
        #[schemars(length(min = 1))]
        pub message_timestamp_keys: Vec<String>,
        /// How text is read: a pattern of Java's `SimpleDateFormat`. Required where times are text.
        #[serde(rename = "message.timestamp.format")]
        #[schemars(extend("x-verbatim" = true))]
        pub message_timestamp_format: Option<DateFormat>,
    }
}

fn topic_format() -> String {
    "${topic}-${timestamp}".into()
}

fn topic_timestamp_format() -> DateFormat {
    "yyyyMMdd".parse().expect("a pattern")
}

/// Makes a record's topic of its topic and a time in its value, which is a map: text, an `int64` of milliseconds, or
/// an instant.
#[derive(Debug)]
pub struct MessageTimestampRouter {
    config: MessageTimestampRouterConfig,
}

impl TransformPlugin for MessageTimestampRouter {
    const NAME: &'static str = "io.confluent.connect.transforms.MessageTimestampRouter";
    type Config = MessageTimestampRouterConfig;

    fn new(config: MessageTimestampRouterConfig) -> Result<Self> {
        Ok(Self { config })
    }
}

impl Transform for MessageTimestampRouter {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let value = &record.value.value;
        if value.as_map().is_none() {
            return Err(Error::data(format!("the value is {}, a map was expected", value.kind())));
        }
        let keys = &self.config.message_timestamp_keys;
        let found =
            keys.iter().find_map(|key| value.get(key).filter(|value| !value.is_null()).map(|value| (key, value)));
        let ms = match found {
            Some((_, Data::Int64(ms) | Data::Instant(ms))) => *ms,
            Some((key, Data::String(text))) => {
                let Some(format) = &self.config.message_timestamp_format else {
                    let message = format!("field {key:?} is text, and no message.timestamp.format says how to read it");
                    return Err(Error::data(message));
                };
                format.parse(text, clock::system()).map_err(|error| error.context(format_args!("field {key:?}")))?
            }
            Some((key, other)) => {
                let found = other.kind();
                return Err(Error::data(format!("field {key:?}: text or a number was expected, {found} was found")));
            }
            None => return Err(Error::data(format!("the value has a time in none of the fields {}", keys.join(", ")))),
        };
        let topic = self.config.topic_format.replace("${topic}", &record.topic);
        record.topic = topic.replace("${timestamp}", &self.config.topic_timestamp_format.print(ms)).into();
        Ok(Flow::Keep)
    }
}
