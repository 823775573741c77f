//! Looking offsets up.

use std::time::Duration;

use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult};
use kafka_protocol::messages::{
    ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
};

use super::{Front, LEADER_EPOCH, partition, split};
use crate::batch::BatchHeader;
use crate::listen::connection::{Call, End};
use crate::memory::state::find_timestamp;
use crate::{Broker, FetchPartition, FetchRequest, Isolation, OffsetSpec, Result as BrokerResult, TopicPartition};

/// What timestamps mean that are none.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const UNKNOWN: i64 = -1;

impl Front {
    pub(in crate::listen) async fn list_offsets(
        &self,
        call: &Call,
        request: ListOffsetsRequest,
    ) -> Result<ListOffsetsResponse, End> {
        let isolation =
            if request.isolation_level == 0 { Isolation::ReadUncommitted } else { Isolation::ReadCommitted };
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for one in &topic.partitions {
                let wanted = partition(&topic.name, one.partition_index);
                let response = ListOffsetsPartitionResponse::default()
                    .with_partition_index(one.partition_index)
                    .with_timestamp(UNKNOWN)
                    .with_offset(UNKNOWN);
                partitions.push(match self.find(wanted, one.timestamp, isolation).await? {
                    Ok(Some((offset, timestamp))) => {
                        let epoch = if call.version < 4 { -1 } else { LEADER_EPOCH };
                        response.with_offset(offset).with_timestamp(timestamp).with_leader_epoch(epoch)
                    }
                    Ok(None) => response,
                    Err(error) => response.with_error_code(error.code as i16),
                });
            }
            topics.push(ListOffsetsTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions));
        }
        Ok(ListOffsetsResponse::default().with_topics(topics))
    }

    /// Offset and timestamp, if there is such a record.
    async fn find(
        &self,
        wanted: TopicPartition,
        timestamp: i64,
        isolation: Isolation,
    ) -> Result<BrokerResult<Option<(i64, i64)>>, End> {
        let spec = match timestamp {
            LATEST => OffsetSpec::Latest(isolation),
            EARLIEST => OffsetSpec::Earliest,
            timestamp => OffsetSpec::Timestamp(timestamp),
        };
        let found = split(self.broker.list_offsets(vec![(wanted.clone(), spec)]).await)?;
        let found = found.and_then(|mut found| found.pop().map_or(Ok(UNKNOWN), |(_, offset)| offset));
        Ok(match found {
            Ok(offset) if timestamp >= 0 => Ok(self.timestamp_at(wanted, offset).await.map(|at| (offset, at))),
            Ok(offset) => Ok(Some((offset, UNKNOWN))),
            Err(error) => Err(error),
        })
    }

    /// The timestamp of the record at this offset; `None` at the end.
    async fn timestamp_at(&self, partition: TopicPartition, offset: i64) -> Option<i64> {
        let request = FetchRequest {
            partitions: vec![FetchPartition { partition, offset, max_bytes: 0 }],
            min_bytes: 0,
            max_wait: Duration::ZERO,
            max_bytes: 0,
            isolation: Isolation::ReadUncommitted,
        };
        let batch = self.broker.fetch(request).await.ok()?.pop()?.result.ok()?.batches.into_iter().next()?;
        // In a batch that is compressed, that of the batch.
        find_timestamp(&batch, offset).or_else(|| Some(BatchHeader::parse(&batch).ok()?.max_timestamp))
    }

    /// Where an epoch ended: there is one, and it ends where the log does.
    pub(in crate::listen) async fn offset_for_leader_epoch(
        &self,
        _: &Call,
        request: OffsetForLeaderEpochRequest,
    ) -> Result<OffsetForLeaderEpochResponse, End> {
        let end = |topic, one: i32, epoch| {
            let response = EpochEndOffset::default().with_partition(one).with_leader_epoch(-1).with_end_offset(UNKNOWN);
            match self.broker.log_end(&partition(topic, one)) {
                Ok(end) if epoch == LEADER_EPOCH => response.with_leader_epoch(LEADER_EPOCH).with_end_offset(end),
                Ok(_) => response,
                Err(error) => response.with_error_code(error.code as i16),
            }
        };
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|one| end(&topic.topic, one.partition, one.leader_epoch));
            OffsetForLeaderTopicResult::default().with_topic(topic.topic.clone()).with_partitions(partitions.collect())
        });
        Ok(OffsetForLeaderEpochResponse::default().with_topics(topics.collect()))
    }
}
