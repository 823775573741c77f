//! Producer ids and transactions.

use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
    EndTxnRequest, EndTxnResponse, InitProducerIdRequest, InitProducerIdResponse, ProducerId as WireId,
    TransactionalId, TxnOffsetCommitRequest, TxnOffsetCommitResponse,
};

use super::commits::numbers;
use super::groups::member;
use super::{Front, millis, number, only_number, optional, partition, split};
use crate::listen::connection::{Call, End};
use crate::{Broker, Code, ProducerId, Transactional, Txn};

/// Kafka's number for a partition that was left out because another one of the request failed.
const OPERATION_NOT_ATTEMPTED: i16 = 55;

impl Front {
    pub(in crate::listen) async fn init_producer_id(
        &self,
        call: &Call,
        request: InitProducerIdRequest,
    ) -> Result<InitProducerIdResponse, End> {
        let current = ProducerId { id: request.producer_id.0, epoch: request.producer_epoch };
        let transactional = request.transactional_id.map(|id| Transactional {
            id: id.to_string(),
            timeout: millis(request.transaction_timeout_ms),
            current: (current != ProducerId::NONE).then_some(current),
        });
        let given = split(self.broker.init_producer(transactional.as_ref()).await)?;
        let id = given.as_ref().map_or(ProducerId::NONE, |id| *id);
        Ok(InitProducerIdResponse::default()
            .with_error_code(fenced(number(&given), call.version, 4))
            .with_producer_id(WireId(id.id))
            .with_producer_epoch(id.epoch))
    }

    pub(in crate::listen) async fn add_partitions_to_txn(
        &self,
        call: &Call,
        request: AddPartitionsToTxnRequest,
    ) -> Result<AddPartitionsToTxnResponse, End> {
        let topics = &request.v3_and_below_topics;
        let txn = txn(
            &request.v3_and_below_transactional_id,
            request.v3_and_below_producer_id,
            request.v3_and_below_producer_epoch,
        );
        let mut all = Vec::new();
        for topic in topics {
            all.extend(topic.partitions.iter().map(|index| partition(&topic.name, *index)));
        }
        let added = fenced(only_number(self.broker.add_partitions(&txn, &all).await)?, call.version, 2);
        let number_of = |one: crate::TopicPartition| {
            // All or none: those that are there are not at fault.
            let guilty = added != Code::UnknownTopicOrPartition as i16 || self.broker.log_end(&one).is_err();
            if guilty { added } else { OPERATION_NOT_ATTEMPTED }
        };
        let results = topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|index| {
                AddPartitionsToTxnPartitionResult::default()
                    .with_partition_index(*index)
                    .with_partition_error_code(number_of(partition(&topic.name, *index)))
            });
            AddPartitionsToTxnTopicResult::default()
                .with_name(topic.name.clone())
                .with_results_by_partition(partitions.collect())
        });
        Ok(AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(results.collect()))
    }

    pub(in crate::listen) async fn add_offsets_to_txn(
        &self,
        call: &Call,
        request: AddOffsetsToTxnRequest,
    ) -> Result<AddOffsetsToTxnResponse, End> {
        let txn = txn(&request.transactional_id, request.producer_id, request.producer_epoch);
        let number = only_number(self.broker.add_offsets(&txn, &request.group_id).await)?;
        Ok(AddOffsetsToTxnResponse::default().with_error_code(fenced(number, call.version, 2)))
    }

    pub(in crate::listen) async fn txn_offset_commit(
        &self,
        _: &Call,
        request: TxnOffsetCommitRequest,
    ) -> Result<TxnOffsetCommitResponse, End> {
        let txn = txn(&request.transactional_id, request.producer_id, request.producer_epoch);
        let instance = optional(request.group_instance_id);
        let member = member(&request.group_id, request.generation_id, &request.member_id, instance);
        let mut offsets = Vec::new();
        for topic in &request.topics {
            let own = topic.partitions.iter();
            offsets.extend(own.map(|one| (partition(&topic.name, one.partition_index), one.committed_offset)));
        }
        let mut numbers = numbers(split(self.broker.commit_txn_offsets(&txn, &member, offsets).await)?);
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|one| {
                TxnOffsetCommitResponsePartition::default()
                    .with_partition_index(one.partition_index)
                    .with_error_code(numbers())
            });
            TxnOffsetCommitResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
        });
        Ok(TxnOffsetCommitResponse::default().with_topics(topics.collect()))
    }

    pub(in crate::listen) async fn end_txn(&self, call: &Call, request: EndTxnRequest) -> Result<EndTxnResponse, End> {
        let txn = txn(&request.transactional_id, request.producer_id, request.producer_epoch);
        let number = only_number(self.broker.end_txn(&txn, request.committed).await.map(drop))?;
        Ok(EndTxnResponse::default().with_error_code(fenced(number, call.version, 2)))
    }
}

fn txn(id: &TransactionalId, producer: WireId, epoch: i16) -> Txn {
    Txn { id: id.to_string(), producer: ProducerId { id: producer.0, epoch } }
}

/// Clients from before `since` know of no fenced producers, but of invalid epochs.
fn fenced(number: i16, version: i16, since: i16) -> i16 {
    if version < since && number == Code::ProducerFenced as i16 { Code::InvalidProducerEpoch as i16 } else { number }
}
