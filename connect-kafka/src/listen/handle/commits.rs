//! Committed offsets of groups. Metadata that clients send with an offset is not kept.

use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic};
use kafka_protocol::messages::offset_fetch_response::{OffsetFetchResponsePartition, OffsetFetchResponseTopic};
use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest,
    OffsetFetchResponse,
};

use super::groups::member;
use super::{Front, name, number, only_number, optional, partition, split};
use crate::listen::connection::{Call, End};
use crate::{Broker, Code, Result as BrokerResult, TopicPartition};

const NO_OFFSET: i64 = -1;

impl Front {
    pub(in crate::listen) async fn offset_commit(
        &self,
        _: &Call,
        request: OffsetCommitRequest,
    ) -> Result<OffsetCommitResponse, End> {
        let generation = request.generation_id_or_member_epoch;
        let member = member(&request.group_id, generation, &request.member_id, optional(request.group_instance_id));
        let mut offsets = Vec::new();
        for topic in &request.topics {
            let own = topic.partitions.iter();
            offsets.extend(own.map(|one| (partition(&topic.name, one.partition_index), one.committed_offset)));
        }
        let mut numbers = numbers(split(self.broker.commit_offsets(&member, offsets).await)?);
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|one| {
                OffsetCommitResponsePartition::default()
                    .with_partition_index(one.partition_index)
                    .with_error_code(numbers())
            });
            OffsetCommitResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
        });
        Ok(OffsetCommitResponse::default().with_topics(topics.collect()))
    }

    pub(in crate::listen) async fn offset_fetch(
        &self,
        _: &Call,
        request: OffsetFetchRequest,
    ) -> Result<OffsetFetchResponse, End> {
        let group = request.group_id.as_str();
        let wanted: Option<Vec<TopicPartition>> = request.topics.as_ref().map(|topics| {
            let of = |topic: &kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic| {
                let partitions = topic.partition_indexes.iter();
                partitions.map(|index| partition(&topic.name, *index)).collect::<Vec<_>>()
            };
            topics.iter().flat_map(of).collect()
        });
        let found = match split(self.broker.committed_offsets(group, wanted.as_deref()).await)? {
            Ok(found) => found,
            Err(error) => return Ok(OffsetFetchResponse::default().with_error_code(error.code as i16)),
        };
        let wanted = wanted.unwrap_or_else(|| found.iter().map(|(partition, _)| partition.clone()).collect());
        let mut topics: Vec<OffsetFetchResponseTopic> = Vec::new();
        for one in wanted {
            let unstable = request.require_stable && self.broker.has_pending_offset(group, &one);
            let offset = found.iter().find(|(partition, _)| *partition == one).map_or(NO_OFFSET, |(_, offset)| *offset);
            let answer = OffsetFetchResponsePartition::default()
                .with_partition_index(one.partition)
                .with_committed_offset(if unstable { NO_OFFSET } else { offset })
                .with_error_code(if unstable { Code::UnstableOffsetCommit as i16 } else { 0 })
                .with_metadata(Some(Default::default()));
            match topics.last_mut().filter(|topic| *topic.name.0 == *one.topic) {
                Some(topic) => topic.partitions.push(answer),
                None => topics.push(
                    OffsetFetchResponseTopic::default().with_name(name(&one.topic)).with_partitions(vec![answer]),
                ),
            }
        }
        Ok(OffsetFetchResponse::default().with_topics(topics))
    }

    pub(in crate::listen) async fn offset_delete(
        &self,
        _: &Call,
        request: OffsetDeleteRequest,
    ) -> Result<OffsetDeleteResponse, End> {
        let mut all = Vec::new();
        for topic in &request.topics {
            all.extend(topic.partitions.iter().map(|one| partition(&topic.name, one.partition_index)));
        }
        let number = only_number(self.broker.delete_offsets(&request.group_id, &all).await)?;
        if number != 0 {
            return Ok(OffsetDeleteResponse::default().with_error_code(number));
        }
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter();
            let deleted = partitions
                .map(|one| OffsetDeleteResponsePartition::default().with_partition_index(one.partition_index));
            OffsetDeleteResponseTopic::default().with_name(topic.name.clone()).with_partitions(deleted.collect())
        });
        Ok(OffsetDeleteResponse::default().with_topics(topics.collect()))
    }
}

/// The numbers of the partitions' errors, one a call, in the order asked for.
pub(super) fn numbers(results: BrokerResult<Vec<(TopicPartition, BrokerResult<()>)>>) -> impl FnMut() -> i16 {
    let all = number(&results);
    let mut each = results.unwrap_or_default().into_iter();
    move || each.next().map_or(all, |(_, result)| number(&result))
}
