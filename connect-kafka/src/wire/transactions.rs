//! Transactions: their coordinator, their partitions, their offsets, their end.

use std::sync::Arc;

use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    EndTxnRequest, EndTxnResponse, InitProducerIdRequest, InitProducerIdResponse, TopicName, TransactionalId,
    TxnOffsetCommitRequest, TxnOffsetCommitResponse,
};

use super::answer::check;
use super::cluster::Cluster;
use super::commits::{self, Answered, Commits};
use super::coordinator::Key;
use super::group::{by_topic, id, key, millis, text};
use crate::{BrokerError, Code, Member, ProducerId, Result, TopicPartition, Transactional, Txn};

fn transactional_id(id: &str) -> TransactionalId {
    TransactionalId(text(id))
}

fn of(txn: &Txn) -> Key {
    Key::Transaction(txn.id.clone())
}

/// The first refusal of a partition that says something: others were not tried because of it.
fn first_refusal(answer: &AddPartitionsToTxnResponse) -> i16 {
    let topics = answer.results_by_topic_v3_and_below.iter();
    let numbers = topics.flat_map(|topic| &topic.results_by_partition).map(|one| one.partition_error_code);
    let refused: Vec<i16> = numbers.filter(|number| *number != 0).collect();
    let beside = |number: &&i16| Code::from_number(**number) != Some(Code::OperationNotAttempted);
    refused.iter().find(beside).or(refused.first()).copied().unwrap_or(0)
}

impl Cluster {
    pub(super) async fn init_transactional(&self, wanted: &Transactional) -> Result<ProducerId> {
        if wanted.id.is_empty() {
            return Err(BrokerError::new(Code::InvalidRequest, "a transactional id cannot be empty"));
        }
        let build = |version| {
            let current = wanted.current.filter(|_| version >= 3).unwrap_or(ProducerId::NONE);
            InitProducerIdRequest::default()
                .with_transactional_id(Some(transactional_id(&wanted.id)))
                .with_transaction_timeout_ms(millis(wanted.timeout))
                .with_producer_id(current.id.into())
                .with_producer_epoch(current.epoch)
        };
        let of = Key::Transaction(wanted.id.clone());
        let code = |answer: &InitProducerIdResponse| answer.error_code;
        let answer = self.ask_coordinator(&of, self.at_once(), build, code).await?;
        check(answer.error_code, None, format_args!("a producer id for {:?}", wanted.id))?;
        Ok(ProducerId { id: answer.producer_id.0, epoch: answer.producer_epoch })
    }

    pub(super) async fn add_partitions(&self, txn: &Txn, partitions: &[TopicPartition]) -> Result<()> {
        let topic = |(name, partitions): (Arc<str>, _)| {
            AddPartitionsToTxnTopic::default().with_name(TopicName(text(&name))).with_partitions(partitions)
        };
        let topics = by_topic(partitions.iter().map(|one| (one.topic.clone(), one.partition)));
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(transactional_id(&txn.id))
            .with_v3_and_below_producer_id(txn.producer.id.into())
            .with_v3_and_below_producer_epoch(txn.producer.epoch)
            .with_v3_and_below_topics(topics.into_iter().map(topic).collect());
        let answer = self.ask_coordinator(&of(txn), self.at_once(), |_| request.clone(), first_refusal).await?;
        check(first_refusal(&answer), None, format_args!("adding partitions to the transaction of {:?}", txn.id))
    }

    pub(super) async fn add_offsets(&self, txn: &Txn, group: &str) -> Result<()> {
        let request = AddOffsetsToTxnRequest::default()
            .with_transactional_id(transactional_id(&txn.id))
            .with_producer_id(txn.producer.id.into())
            .with_producer_epoch(txn.producer.epoch)
            .with_group_id(id(group));
        let code = |answer: &AddOffsetsToTxnResponse| answer.error_code;
        let answer = self.ask_coordinator(&of(txn), self.at_once(), |_| request.clone(), code).await?;
        check(answer.error_code, None, format_args!("adding group {group:?} to the transaction of {:?}", txn.id))
    }

    pub(super) async fn commit_txn_offsets(
        &self,
        txn: &Txn,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> Result<Commits> {
        let order: Vec<TopicPartition> = offsets.iter().map(|(partition, _)| partition.clone()).collect();
        let one = |(partition, offset): (TopicPartition, i64)| {
            let commit = TxnOffsetCommitRequestPartition::default()
                .with_partition_index(partition.partition)
                .with_committed_offset(offset)
                .with_committed_metadata(Some(text("")));
            (partition.topic, commit)
        };
        let topic = |(name, partitions): (Arc<str>, _)| {
            TxnOffsetCommitRequestTopic::default().with_name(TopicName(text(&name))).with_partitions(partitions)
        };
        let request = TxnOffsetCommitRequest::default()
            .with_transactional_id(transactional_id(&txn.id))
            .with_group_id(id(&member.group))
            .with_producer_id(txn.producer.id.into())
            .with_producer_epoch(txn.producer.epoch)
            .with_generation_id(member.generation)
            .with_member_id(text(&member.member_id))
            .with_group_instance_id(member.instance_id.as_deref().map(text))
            .with_topics(by_topic(offsets.into_iter().map(one)).into_iter().map(topic).collect());
        let code = |answer: &TxnOffsetCommitResponse| commits::about_member(&answered(answer));
        let answer = self.ask_coordinator(&key(&member.group), self.at_once(), |_| request.clone(), code).await?;
        commits::read(&answered(&answer), order, &member.group)
    }

    pub(super) async fn end_txn(&self, txn: &Txn, commit: bool) -> Result<ProducerId> {
        let request = EndTxnRequest::default()
            .with_transactional_id(transactional_id(&txn.id))
            .with_producer_id(txn.producer.id.into())
            .with_producer_epoch(txn.producer.epoch)
            .with_committed(commit);
        let code = |answer: &EndTxnResponse| answer.error_code;
        let answer = self.ask_coordinator(&of(txn), self.at_once(), |_| request.clone(), code).await?;
        check(answer.error_code, None, format_args!("ending the transaction of {:?}", txn.id))?;
        let next = ProducerId { id: answer.producer_id.0, epoch: answer.producer_epoch };
        Ok(if next == ProducerId::NONE { txn.producer } else { next })
    }
}

fn answered(answer: &TxnOffsetCommitResponse) -> Answered {
    let of = |topic: &TxnOffsetCommitResponseTopic| {
        let name = topic.name.clone();
        let one = move |one: &TxnOffsetCommitResponsePartition| (name.clone(), one.partition_index, one.error_code);
        topic.partitions.iter().map(one).collect::<Vec<_>>()
    };
    answer.topics.iter().flat_map(of).collect()
}
