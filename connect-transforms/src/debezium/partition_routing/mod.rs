//! Chooses partitions by fields of changes.

mod hash;

use connect_api::{Error, Flow, Record, Result, Transform, TransformPlugin, Value};

use super::envelope::{AFTER, BEFORE, DELETE, is_envelope, operation};
use super::options::one_of;

connect_api::config! {
    /// Configuration of [`PartitionRouting`].
    #[derive(Clone)]
    pub struct PartitionRoutingConfig {
        /// Paths to fields of the envelope, such as after.id or source.table; change is the row after a change, of a
        /// deletion the row before. Fields that are not there do not count.
        #[serde(rename = "partition.payload.fields")]
        #[schemars(length(min = 1))]
        pub partition_payload_fields: Vec<String>,
        /// How many partitions the topic has.
        #[serde(rename = "partition.topic.num")]
        #[schemars(range(min = 1))]
        pub partition_topic_num: i32,
        /// How fields are hashed: java, as hashCode does, or murmur.
        #[serde(rename = "partition.hash.function", default = "java")]
        #[schemars(extend("x-recommended" = ["java", "murmur"]))]
        pub partition_hash_function: String,
    }
}

fn java() -> String {
    "java".into()
}

type HashOf = fn(&Value) -> Result<i32>;

/// Gives changes of rows the partition that the hash of some fields says. What is no change of a row, and one without
/// any of the fields, keeps its own.
#[derive(Debug)]
pub struct PartitionRouting {
    paths: Vec<Vec<String>>,
    partitions: i32,
    hash: HashOf,
}

impl TransformPlugin for PartitionRouting {
    const NAME: &'static str = "io.debezium.transforms.partitions.PartitionRouting";
    type Config = PartitionRoutingConfig;

    fn new(config: PartitionRoutingConfig) -> Result<Self> {
        let path = |text: &String| {
            let steps: Vec<String> = text.split('.').map(|step| step.trim().to_owned()).collect();
            if steps.iter().any(String::is_empty) {
                return Err(Error::config(format!("partition.payload.fields: {text:?} is no path; expected a.b")));
            }
            Ok(steps)
        };
        if config.partition_payload_fields.is_empty() || config.partition_topic_num < 1 {
            return Err(Error::config("at least one of partition.payload.fields and of partition.topic.num is needed"));
        }
        let functions: [(&str, HashOf); 2] = [("java", hash::java), ("murmur", hash::murmur)];
        Ok(Self {
            paths: config.partition_payload_fields.iter().map(path).collect::<Result<_>>()?,
            partitions: config.partition_topic_num,
            hash: one_of("partition.hash.function", &config.partition_hash_function, &functions)?,
        })
    }
}

impl Transform for PartitionRouting {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let envelope = &record.value.value;
        // Truncations and messages are about no row.
        if !is_envelope(&record.value) || matches!(operation(envelope), Some("t" | "m")) {
            return Ok(Flow::Keep);
        }
        let mut values = self.paths.iter().filter_map(|path| find(envelope, path)).peekable();
        if values.peek().is_none() {
            return Ok(Flow::Keep);
        }
        let sum = values.try_fold(0_i32, |sum, value| Ok::<_, Error>(sum.wrapping_add((self.hash)(value)?)))?;
        let positive = sum & i32::MAX;
        record.partition = Some(if positive == i32::MAX { 0 } else { positive % self.partitions });
        Ok(Flow::Keep)
    }
}

/// A field of an envelope; `None` when it is not there, or null.
fn find<'a>(envelope: &'a Value, path: &[String]) -> Option<&'a Value> {
    let (last, outer) = path.split_last()?;
    let holder = outer.iter().try_fold(envelope, |holder, step| match step.as_str() {
        "change" => holder.get(if operation(envelope) == Some(DELETE) { BEFORE } else { AFTER }),
        step => holder.get(step),
    });
    holder?.get(last).filter(|value| !value.is_null())
}
