//! Writing and reading records.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{FetchRequest, FetchResponse, ProduceRequest, ProduceResponse, ProducerId};

use super::{Front, bytes, millis, number, optional, partition, split, text};
use crate::listen::connection::{Call, End};
use crate::{
    Broker, BrokerError, Code, FetchPartition, FetchedData, Isolation, ProduceBatch, Produced, Result as BrokerResult,
};

/// Kafka's numbers for what only this front refuses.
const INVALID_REQUIRED_ACKS: i16 = 21;
const FETCH_SESSION_ID_NOT_FOUND: i16 = 70;

impl Front {
    pub(in crate::listen) async fn produce(&self, _: &Call, request: ProduceRequest) -> Result<ProduceResponse, End> {
        let mut batches = Vec::new();
        for topic in &request.topic_data {
            batches.extend(topic.partition_data.iter().map(|data| ProduceBatch {
                partition: partition(&topic.name, data.index),
                data: data.records.clone().unwrap_or_default(),
            }));
        }
        let refused = !matches!(request.acks, -1..=1);
        let mut produced: std::vec::IntoIter<Produced> = Vec::new().into_iter();
        let mut failed = None;
        if !refused {
            let partitions: Vec<_> = batches.iter().map(|batch| batch.partition.clone()).collect();
            let request = crate::ProduceRequest {
                batches,
                acks: if request.acks == 1 { crate::Acks::Leader } else { crate::Acks::All },
                timeout: millis(request.timeout_ms),
                transactional_id: optional(request.transactional_id.clone().map(|id| id.0)),
            };
            match split(self.broker.produce(request).await)? {
                // In the order asked for.
                Ok(results) => produced = results.into_iter(),
                Err(error) => failed = Some((error, partitions.len())),
            }
        }
        let mut answer = |index: i32| {
            let response = PartitionProduceResponse::default().with_index(index).with_log_append_time_ms(-1);
            let result = match (&failed, produced.next()) {
                (None, Some(produced)) => produced.result,
                (Some((error, _)), _) => Err(error.clone()),
                (None, None) => return response.with_error_code(INVALID_REQUIRED_ACKS).with_base_offset(-1),
            };
            match result {
                Ok(base) => response.with_base_offset(base),
                Err(error) => response
                    .with_error_code(error.code as i16)
                    .with_base_offset(-1)
                    .with_error_message(Some(text(&error.message))),
            }
        };
        let topics = request.topic_data.iter().map(|topic| {
            let partitions = topic.partition_data.iter().map(|data| answer(data.index)).collect();
            TopicProduceResponse::default().with_name(topic.name.clone()).with_partition_responses(partitions)
        });
        Ok(ProduceResponse::default().with_responses(topics.collect()))
    }

    pub(in crate::listen) async fn fetch(&self, _: &Call, request: FetchRequest) -> Result<FetchResponse, End> {
        // There are no sessions: every fetch is a full one, and the answers say so.
        if request.session_id != 0 {
            return Ok(FetchResponse::default().with_error_code(FETCH_SESSION_ID_NOT_FOUND));
        }
        let isolation = match request.isolation_level {
            0 => Isolation::ReadUncommitted,
            _ => Isolation::ReadCommitted,
        };
        let mut wanted = Vec::new();
        for topic in &request.topics {
            wanted.extend(topic.partitions.iter().map(|one| FetchPartition {
                partition: partition(&topic.topic, one.partition),
                offset: one.fetch_offset,
                max_bytes: bytes(one.partition_max_bytes),
            }));
        }
        let asked = crate::FetchRequest {
            partitions: wanted,
            min_bytes: bytes(request.min_bytes),
            max_wait: millis(request.max_wait_ms),
            max_bytes: bytes(request.max_bytes),
            isolation,
        };
        let (mut fetched, failed) = match split(self.broker.fetch(asked).await)? {
            Ok(fetched) => (fetched.into_iter(), None),
            Err(error) => (Vec::new().into_iter(), Some(error)),
        };
        let missing = || BrokerError::new(Code::Unknown, "the answer lacks the partition");
        let mut answer = |index: i32| {
            let result = match &failed {
                Some(error) => Err(error.clone()),
                None => fetched.next().map_or_else(|| Err(missing()), |fetched| fetched.result),
            };
            data_of(index, result, isolation)
        };
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|one| answer(one.partition)).collect();
            FetchableTopicResponse::default().with_topic(topic.topic.clone()).with_partitions(partitions)
        });
        Ok(FetchResponse::default().with_responses(topics.collect()))
    }
}

fn data_of(index: i32, result: BrokerResult<FetchedData>, isolation: Isolation) -> PartitionData {
    let number = number(&result);
    let response = PartitionData::default().with_partition_index(index).with_error_code(number);
    let Ok(data) = result else {
        return response
            .with_high_watermark(-1)
            .with_last_stable_offset(-1)
            .with_log_start_offset(-1)
            .with_records(Some(Bytes::new()));
    };
    let aborted = |(producer, first): &(i64, i64)| {
        AbortedTransaction::default().with_producer_id(ProducerId(*producer)).with_first_offset(*first)
    };
    let listed = isolation == Isolation::ReadCommitted;
    response
        .with_high_watermark(data.high_watermark)
        .with_last_stable_offset(data.last_stable)
        .with_log_start_offset(data.log_start)
        .with_aborted_transactions(listed.then(|| data.aborted.iter().map(aborted).collect()))
        .with_records(Some(joined(data.batches)))
}

/// Batches as one piece of memory.
fn joined(mut batches: Vec<Bytes>) -> Bytes {
    if batches.len() == 1 {
        return batches.remove(0);
    }
    let mut all = BytesMut::with_capacity(batches.iter().map(Bytes::len).sum());
    batches.iter().for_each(|batch| all.extend_from_slice(batch));
    all.freeze()
}
