//! Committed offsets, and the administration of groups.

use std::sync::Arc;

use futures::future::join_all;
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, ListGroupsRequest, OffsetCommitRequest, OffsetCommitResponse,
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest, OffsetFetchResponse, TopicName,
};

use super::answer::{check, missing, refusal};
use super::cluster::Cluster;
use super::group::{by_topic, id, key, text};
use super::node::Lane;
use crate::{BrokerError, Code, Member, Result, TopicPartition};

pub(super) type Commits = Vec<(TopicPartition, Result<()>)>;

/// Topic, partition and error number of each answer to a commit.
pub(super) type Answered = Vec<(TopicName, i32, i16)>;

/// Says something of the member or producer rather than of a partition; Kafka repeats it for each partition.
fn is_about_member(number: i16) -> bool {
    use Code as C;
    matches!(
        Code::from_number(number),
        Some(
            C::IllegalGeneration
                | C::UnknownMemberId
                | C::RebalanceInProgress
                | C::FencedInstanceId
                | C::NotCoordinator
                | C::CoordinatorNotAvailable
                | C::CoordinatorLoadInProgress
                | C::GroupAuthorizationFailed
                | C::InvalidGroupId
                | C::InvalidProducerEpoch
                | C::InvalidProducerIdMapping
                | C::InvalidTxnState
                | C::ProducerFenced
                | C::TransactionalIdAuthorizationFailed
                | C::ConcurrentTransactions
        )
    )
}

/// The number that is about the member, if there is one; else 0.
pub(super) fn about_member(answered: &Answered) -> i16 {
    answered.iter().map(|(.., number)| *number).find(|number| is_about_member(*number)).unwrap_or(0)
}

/// The results in the order asked for.
pub(super) fn read(answered: &Answered, order: Vec<TopicPartition>, group: &str) -> Result<Commits> {
    check(about_member(answered), None, format_args!("a commit of group {group:?}"))?;
    let result = |partition: TopicPartition| {
        let mine =
            |(topic, index, _): &&(TopicName, i32, i16)| *index == partition.partition && *topic.0 == *partition.topic;
        let result = match answered.iter().find(mine) {
            Some((.., number)) => check(*number, None, format_args!("committing an offset of {partition}")),
            None => Err(missing(&partition)),
        };
        (partition, result)
    };
    Ok(order.into_iter().map(result).collect())
}

fn answered(answer: &OffsetCommitResponse) -> Answered {
    let of = |topic: &OffsetCommitResponseTopic| {
        let name = topic.name.clone();
        let one = move |one: &OffsetCommitResponsePartition| (name.clone(), one.partition_index, one.error_code);
        topic.partitions.iter().map(one).collect::<Vec<_>>()
    };
    answer.topics.iter().flat_map(of).collect()
}

impl Cluster {
    pub(super) async fn commit_offsets(&self, member: &Member, offsets: Vec<(TopicPartition, i64)>) -> Result<Commits> {
        let order: Vec<TopicPartition> = offsets.iter().map(|(partition, _)| partition.clone()).collect();
        let one = |(partition, offset): (TopicPartition, i64)| {
            let commit = OffsetCommitRequestPartition::default()
                .with_partition_index(partition.partition)
                .with_committed_offset(offset)
                .with_committed_metadata(Some(text("")));
            (partition.topic, commit)
        };
        let topic = |(name, partitions): (Arc<str>, _)| {
            OffsetCommitRequestTopic::default().with_name(TopicName(text(&name))).with_partitions(partitions)
        };
        let request = OffsetCommitRequest::default()
            .with_group_id(id(&member.group))
            .with_generation_id_or_member_epoch(member.generation)
            .with_member_id(text(&member.member_id))
            .with_group_instance_id(member.instance_id.as_deref().map(text))
            .with_topics(by_topic(offsets.into_iter().map(one)).into_iter().map(topic).collect());
        let code = |answer: &OffsetCommitResponse| about_member(&answered(answer));
        let answer = self.ask_coordinator(&key(&member.group), self.at_once(), |_| request.clone(), code).await?;
        read(&answered(&answer), order, &member.group)
    }

    pub(super) async fn committed_offsets(
        &self,
        group: &str,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Vec<(TopicPartition, i64)>> {
        let topics = partitions.map(|partitions| {
            let topics = by_topic(partitions.iter().map(|one| (one.topic.clone(), one.partition)));
            let topic = |(name, indexes): (Arc<str>, _)| {
                OffsetFetchRequestTopic::default().with_name(TopicName(text(&name))).with_partition_indexes(indexes)
            };
            topics.into_iter().map(topic).collect::<Vec<_>>()
        });
        let build = |version| {
            let request = OffsetFetchRequest::default().with_group_id(id(group)).with_topics(topics.clone());
            // Offsets in open transactions are waited for, where the broker can tell.
            request.with_require_stable(version >= 7)
        };
        // Unstable offsets pass; asking again does no harm.
        self.insist(
            |error| error.code == Code::UnstableOffsetCommit,
            || async {
                let code = |answer: &OffsetFetchResponse| answer.error_code;
                let answer = self.ask_coordinator(&key(group), self.at_once(), build, code).await?;
                check(answer.error_code, None, format_args!("the offsets of group {group:?}"))?;
                read_offsets(answer)
            },
        )
        .await
    }

    pub(super) async fn groups(&self) -> Result<Vec<String>> {
        // Groups are known to their coordinators, so every broker is asked.
        self.look_up(Some(&[])).await?;
        let asked = self.node_ids().into_iter().map(|node| {
            self.insist(
                |error| matches!(error.code, Code::CoordinatorLoadInProgress | Code::CoordinatorNotAvailable),
                move || async move {
                    let within = self.config().request_timeout;
                    let node = self.node(node)?;
                    let answer = self.ask(&node, Lane::Coordinator, within, |_| ListGroupsRequest::default()).await?;
                    check(answer.error_code, None, "listing groups")?;
                    Ok(answer.groups)
                },
            )
        });
        let mut names = Vec::new();
        for groups in join_all(asked).await {
            names.extend(groups?.into_iter().map(|group| group.group_id.0.to_string()));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    pub(super) async fn delete_group(&self, group: &str) -> Result<()> {
        let request = DeleteGroupsRequest::default().with_groups_names(vec![id(group)]);
        let code = |answer: &DeleteGroupsResponse| answer.results.first().map_or(0, |result| result.error_code);
        let answer = self.ask_coordinator(&key(group), self.at_once(), |_| request.clone(), code).await?;
        let result = answer.results.first().ok_or_else(|| missing("the group"))?;
        check(result.error_code, None, format_args!("deleting group {group:?}"))
    }

    pub(super) async fn delete_offsets(&self, group: &str, partitions: &[TopicPartition]) -> Result<()> {
        let one = |partition: &TopicPartition| {
            let index = OffsetDeleteRequestPartition::default().with_partition_index(partition.partition);
            (partition.topic.clone(), index)
        };
        let topic = |(name, partitions): (Arc<str>, _)| {
            OffsetDeleteRequestTopic::default().with_name(TopicName(text(&name))).with_partitions(partitions)
        };
        let request = OffsetDeleteRequest::default()
            .with_group_id(id(group))
            .with_topics(by_topic(partitions.iter().map(one)).into_iter().map(topic).collect());
        let code = |answer: &OffsetDeleteResponse| answer.error_code;
        let answer = self.ask_coordinator(&key(group), self.at_once(), |_| request.clone(), code).await?;
        check(answer.error_code, None, format_args!("deleting offsets of group {group:?}"))?;
        for topic in &answer.topics {
            for partition in &topic.partitions {
                if Code::from_number(partition.error_code) == Some(Code::GroupSubscribedToTopic) {
                    let message = format!("members of group {group:?} are subscribed to topic {:?}", &*topic.name.0);
                    return Err(BrokerError::new(Code::NonEmptyGroup, message));
                }
                let what = format_args!("deleting an offset of group {group:?}");
                check(partition.error_code, None, what)?;
            }
        }
        Ok(())
    }
}

fn read_offsets(answer: OffsetFetchResponse) -> Result<Vec<(TopicPartition, i64)>> {
    let mut offsets = Vec::new();
    for topic in answer.topics {
        let name: Arc<str> = Arc::from(&*topic.name.0);
        for found in topic.partitions {
            let partition = TopicPartition::new(name.clone(), found.partition_index);
            if found.error_code != 0 {
                return Err(refusal(found.error_code, None, format_args!("the offset of {partition}")));
            }
            if found.committed_offset >= 0 {
                offsets.push((partition, found.committed_offset));
            }
        }
    }
    offsets.sort();
    Ok(offsets)
}
