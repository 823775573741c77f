//! What a broker is asked for records, and what it answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::messages::fetch_request::{FetchPartition as MessagePartition, FetchTopic};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::{FetchRequest as Message, FetchResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::answer::{missing, refusal};
use super::batches;
use super::cluster::Cluster;
use super::metadata::Leader;
use super::node::Lane;
use crate::{FetchPartition, FetchRequest, Fetched, FetchedData, Isolation, Result, TopicPartition};

/// Room in an answer for everything but the records asked for. The first batch may be larger than that, so this
/// is also what one batch may have.
const ROOM: usize = 128 << 20;
/// No session: every request says everything.
const SESSIONLESS: i32 = -1;

/// What one broker is asked. Equal questions may share an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    node: i32,
    isolation: Isolation,
    min_bytes: usize,
    pub(super) max_wait: Duration,
    max_bytes: usize,
    partitions: BTreeMap<TopicPartition, Wanted>,
    /// Topics in the order in which the byte limit is spent. Not looked at when questions are compared: it
    /// changes from call to call.
    order: Order,
}

#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    offset: i64,
    max_bytes: usize,
    leader: Leader,
}

#[derive(Debug)]
struct Order(Vec<TopicPartition>);

impl PartialEq for Order {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Order {}

/// The question for one broker, which gets its share of the bytes.
pub(super) fn question(
    node: i32,
    wanted: Vec<(FetchPartition, Leader)>,
    request: &FetchRequest,
    nodes: usize,
) -> Question {
    let order = wanted.iter().map(|(one, _)| one.partition.clone()).collect();
    let part = |(one, leader): (FetchPartition, Leader)| {
        (one.partition, Wanted { offset: one.offset, max_bytes: one.max_bytes, leader })
    };
    Question {
        node,
        isolation: request.isolation,
        min_bytes: request.min_bytes,
        max_wait: request.max_wait,
        max_bytes: request.max_bytes.div_ceil(nodes),
        partitions: wanted.into_iter().map(part).collect(),
        order: Order(order),
    }
}

pub(super) async fn ask(cluster: Arc<Cluster>, question: Arc<Question>) -> Result<FetchResponse> {
    let node = cluster.node(question.node)?;
    let within = question.max_wait.saturating_add(node.request_timeout());
    let limit = question.max_bytes.saturating_add(ROOM);
    cluster.ask_limited(&node, Lane::Waiting, within, limit, |version| message(&question, version)).await
}

fn message(question: &Question, version: i16) -> Message {
    let mut topics: Vec<FetchTopic> = Vec::new();
    for partition in &question.order.0 {
        let Some(wanted) = question.partitions.get(partition) else { continue };
        let one = MessagePartition::default()
            .with_partition(partition.partition)
            .with_current_leader_epoch(if version >= 9 { wanted.leader.epoch } else { -1 })
            .with_fetch_offset(wanted.offset)
            .with_log_start_offset(-1)
            .with_partition_max_bytes(clamp(wanted.max_bytes));
        match topics.last_mut() {
            Some(topic) if *topic.topic.0 == *partition.topic => topic.partitions.push(one),
            _ => {
                let name = TopicName(StrBytes::from_string(partition.topic.to_string()));
                topics.push(FetchTopic::default().with_topic(name).with_partitions(vec![one]));
            }
        }
    }
    let wait = i32::try_from(question.max_wait.as_millis()).unwrap_or(i32::MAX);
    Message::default()
        .with_replica_id((-1).into())
        .with_max_wait_ms(wait)
        .with_min_bytes(clamp(question.min_bytes))
        .with_max_bytes(clamp(question.max_bytes))
        .with_isolation_level(i8::from(question.isolation == Isolation::ReadCommitted))
        .with_session_epoch(SESSIONLESS)
        .with_topics(topics)
}

fn clamp(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

/// One result for each partition that was asked for.
pub(super) fn read(question: &Question, answer: Result<FetchResponse>) -> Vec<Fetched> {
    let response = answer.and_then(|response| match response.error_code {
        0 => Ok(response),
        number => Err(refusal(number, None, "a fetch")),
    });
    let mut answers = BTreeMap::new();
    let error = match response {
        Ok(response) => {
            for topic in response.responses {
                let name: Arc<str> = Arc::from(&*topic.topic.0);
                for data in topic.partitions {
                    answers.insert(TopicPartition::new(name.clone(), data.partition_index), data);
                }
            }
            None
        }
        Err(error) => Some(error),
    };
    let result = |partition: &TopicPartition| {
        let result = match (answers.remove(partition), &error) {
            (Some(data), _) => read_partition(partition, data),
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(missing(partition)),
        };
        Fetched { partition: partition.clone(), result }
    };
    question.partitions.keys().map(result).collect()
}

fn read_partition(partition: &TopicPartition, data: PartitionData) -> Result<FetchedData> {
    if data.error_code != 0 {
        return Err(refusal(data.error_code, None, format_args!("reading {partition}")));
    }
    let aborted = data.aborted_transactions.unwrap_or_default();
    Ok(FetchedData {
        batches: batches::split(data.records.unwrap_or_default()),
        high_watermark: data.high_watermark,
        last_stable: if data.last_stable_offset < 0 { data.high_watermark } else { data.last_stable_offset },
        log_start: data.log_start_offset.max(0),
        aborted: aborted.into_iter().map(|one| (one.producer_id.0, one.first_offset)).collect(),
    })
}
