//! Appending: to each leader its batches, all at the same time.
//!
//! Nothing is repeated here. Whether and in which order batches may be repeated is known by the producer, which
//! numbers them; this only learns from refusals who leads what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{ProduceRequest as Message, ProduceResponse, TopicName, TransactionalId};
use kafka_protocol::protocol::StrBytes;

use super::answer::{missing, refusal};
use super::cluster::Cluster;
use super::node::Lane;
use crate::{Acks, BrokerError, Code, ProduceBatch, ProduceRequest, Produced, Result, TopicPartition};

/// The broker answers in time if it can; only then is the connection given up.
const MARGIN: Duration = Duration::from_secs(1);

pub(super) async fn produce(cluster: &Arc<Cluster>, request: ProduceRequest) -> Result<Vec<Produced>> {
    let ProduceRequest { batches, acks, timeout, transactional_id } = request;
    let transactional_id = transactional_id.as_deref();
    let order: Vec<TopicPartition> = batches.iter().map(|batch| batch.partition.clone()).collect();
    let spread = cluster.spread(batches, |batch| &batch.partition).await?;
    let mut results: BTreeMap<TopicPartition, Result<i64>> = BTreeMap::new();
    for (batch, error) in spread.failed {
        cluster.learn(&batch.partition, &error);
        results.insert(batch.partition, Err(error));
    }
    let sent = spread.by_node.into_iter().map(|(node, batches)| async move {
        let batches: Vec<ProduceBatch> = batches.into_iter().map(|(batch, _)| batch).collect();
        let answer = send(cluster, node, &batches, acks, timeout, transactional_id).await;
        (batches, answer)
    });
    for (batches, answer) in join_all(sent).await {
        let mut answers = match answer {
            Ok(response) => read(response),
            Err(error) => {
                let all = batches.iter().map(|batch| (batch.partition.clone(), Err(error.clone())));
                all.collect()
            }
        };
        for batch in batches {
            let result = answers.remove(&batch.partition).unwrap_or_else(|| Err(missing(&batch.partition)));
            if let Err(error) = &result {
                cluster.learn(&batch.partition, error);
            }
            results.insert(batch.partition, result);
        }
    }
    let result = |partition: TopicPartition| {
        let result = results.remove(&partition).unwrap_or_else(|| {
            let message = format!("{partition} has two batches in one request");
            Err(BrokerError::new(Code::InvalidRequest, message))
        });
        Produced { partition, result }
    };
    Ok(order.into_iter().map(result).collect())
}

async fn send(
    cluster: &Cluster,
    node: i32,
    batches: &[ProduceBatch],
    acks: Acks,
    timeout: Duration,
    transactional_id: Option<&str>,
) -> Result<ProduceResponse> {
    let mut topics: BTreeMap<&Arc<str>, Vec<PartitionProduceData>> = BTreeMap::new();
    for batch in batches {
        let data = PartitionProduceData::default()
            .with_index(batch.partition.partition)
            .with_records(Some(batch.data.clone()));
        topics.entry(&batch.partition.topic).or_default().push(data);
    }
    let topic = |(name, partitions): (&Arc<str>, _)| {
        let name = TopicName(StrBytes::from_string(name.to_string()));
        TopicProduceData::default().with_name(name).with_partition_data(partitions)
    };
    let request = Message::default()
        .with_transactional_id(transactional_id.map(|id| TransactionalId(StrBytes::from_string(id.to_owned()))))
        .with_acks(match acks {
            Acks::All => -1,
            Acks::Leader => 1,
        })
        .with_timeout_ms(i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX))
        .with_topic_data(topics.into_iter().map(topic).collect());
    cluster.ask(&cluster.node(node)?, Lane::Data, timeout.saturating_add(MARGIN), |_| request.clone()).await
}

fn read(response: ProduceResponse) -> BTreeMap<TopicPartition, Result<i64>> {
    let mut results = BTreeMap::new();
    for topic in response.responses {
        let name: Arc<str> = Arc::from(&*topic.name.0);
        for answer in topic.partition_responses {
            let partition = TopicPartition::new(name.clone(), answer.index);
            let result = if answer.error_code == 0 {
                Ok(answer.base_offset)
            } else {
                let record =
                    answer.record_errors.first().and_then(|record| record.batch_index_error_message.as_deref());
                Err(refusal(
                    answer.error_code,
                    answer.error_message.as_deref().or(record),
                    format_args!("a batch for {partition}"),
                ))
            };
            results.insert(partition, result);
        }
    }
    results
}
