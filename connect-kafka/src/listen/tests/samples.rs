//! A request of each kind and version.

use std::fmt::Debug;

use bytes::Bytes;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Decodable, HeaderVersion, Request};

use super::super::apis::Supported;
use super::{batch, frame, s, t};

/// One request of one version: its frame, and a check of the frame that answers it.
pub(super) struct Sample {
    pub(super) frame: Bytes,
    pub(super) check: fn(Bytes, i16),
    pub(super) decode: fn(&mut Bytes, i16) -> bool,
    pub(super) key: ApiKey,
    pub(super) version: i16,
}

fn sample<R: Request>(request: R, version: i16) -> Sample
where
    R::Response: Debug,
{
    Sample {
        frame: frame(&request, version),
        check: |mut answer, version| {
            let header = ResponseHeader::decode(&mut answer, R::Response::header_version(version)).unwrap();
            assert_eq!(header.correlation_id, 7);
            R::Response::decode(&mut answer, version).unwrap();
            assert!(answer.is_empty(), "{answer:?}");
        },
        decode: |body, version| R::decode(body, version).is_ok() && body.is_empty(),
        key: ApiKey::try_from(R::KEY).unwrap(),
        version,
    }
}

/// A request with something in every array, of each version that is offered.
pub(super) fn samples(api: &Supported) -> Vec<Sample> {
    (api.min..=api.max).map(|version| sample_of(api.key, version)).collect()
}

pub(super) fn sample_of(key: ApiKey, v: i16) -> Sample {
    let group = || GroupId(s("g"));
    let txn = || TransactionalId(s("x"));
    match key {
        ApiKey::Produce => {
            let data = PartitionProduceData::default().with_index(0).with_records(Some(batch()));
            let topic = TopicProduceData::default().with_name(t("t")).with_partition_data(vec![data]);
            sample(ProduceRequest::default().with_acks(-1).with_timeout_ms(1000).with_topic_data(vec![topic]), v)
        }
        ApiKey::Fetch => {
            let one = FetchPartition::default().with_fetch_offset(0).with_partition_max_bytes(1000);
            let topic = FetchTopic::default().with_topic(t("t")).with_partitions(vec![one]);
            let mut request = FetchRequest::default().with_max_bytes(1000).with_topics(vec![topic]);
            if v >= 7 {
                let forgotten = ForgottenTopic::default().with_topic(t("u")).with_partitions(vec![1, 2]);
                request = request.with_forgotten_topics_data(vec![forgotten]);
            }
            sample(if v >= 11 { request.with_rack_id(s("r")) } else { request }, v)
        }
        ApiKey::ListOffsets => {
            let one = ListOffsetsPartition::default().with_timestamp(-1);
            let topic = ListOffsetsTopic::default().with_name(t("t")).with_partitions(vec![one]);
            sample(ListOffsetsRequest::default().with_topics(vec![topic]), v)
        }
        ApiKey::Metadata => {
            let topics = ["t", "none"].map(|name| MetadataRequestTopic::default().with_name(Some(t(name))));
            sample(MetadataRequest::default().with_topics(Some(topics.into())), v)
        }
        ApiKey::OffsetCommit => {
            let one = OffsetCommitRequestPartition::default().with_committed_offset(1);
            let topic = OffsetCommitRequestTopic::default()
                .with_name(t("t"))
                .with_partitions(vec![one.with_committed_metadata(Some(s("m")))]);
            let request = OffsetCommitRequest::default().with_group_id(group()).with_topics(vec![topic]);
            sample(request.with_generation_id_or_member_epoch(-1), v)
        }
        ApiKey::OffsetFetch => {
            let topic = OffsetFetchRequestTopic::default().with_name(t("t")).with_partition_indexes(vec![0, 9]);
            sample(OffsetFetchRequest::default().with_group_id(group()).with_topics(Some(vec![topic])), v)
        }
        ApiKey::FindCoordinator => sample(FindCoordinatorRequest::default().with_key(s("g")), v),
        ApiKey::JoinGroup => {
            let protocol = JoinGroupRequestProtocol::default().with_name(s("range")).with_metadata("m".into());
            // A group of its own, or it would wait for the members of other versions.
            let request = JoinGroupRequest::default()
                .with_group_id(GroupId(format!("join-{v}").into()))
                .with_session_timeout_ms(10_000)
                .with_rebalance_timeout_ms(if v > 0 { 10_000 } else { -1 })
                .with_protocol_type(s("consumer"))
                .with_protocols(vec![protocol]);
            sample(if v >= 5 { request.with_group_instance_id(Some(s("i"))) } else { request }, v)
        }
        ApiKey::SyncGroup => {
            let one = SyncGroupRequestAssignment::default().with_member_id(s("m")).with_assignment("a".into());
            sample(SyncGroupRequest::default().with_group_id(group()).with_assignments(vec![one]), v)
        }
        ApiKey::Heartbeat => sample(HeartbeatRequest::default().with_group_id(group()).with_member_id(s("m")), v),
        ApiKey::LeaveGroup => {
            let request = LeaveGroupRequest::default().with_group_id(group());
            let member = MemberIdentity::default().with_member_id(s("m"));
            sample(if v < 3 { request.with_member_id(s("m")) } else { request.with_members(vec![member]) }, v)
        }
        ApiKey::DescribeGroups => sample(DescribeGroupsRequest::default().with_groups(vec![group(), group()]), v),
        ApiKey::ListGroups => {
            let mut request = ListGroupsRequest::default();
            if v >= 4 {
                request = request.with_states_filter(vec![s("Stable"), s("Empty")]);
            }
            sample(if v >= 5 { request.with_types_filter(vec![s("classic")]) } else { request }, v)
        }
        ApiKey::DeleteGroups => sample(DeleteGroupsRequest::default().with_groups_names(vec![group()]), v),
        ApiKey::ApiVersions => {
            let request = ApiVersionsRequest::default();
            let named = || request.clone().with_client_software_name(s("n")).with_client_software_version(s("1"));
            sample(if v >= 3 { named() } else { request }, v)
        }
        ApiKey::CreateTopics => {
            let config = CreatableTopicConfig::default().with_name(s("retention.ms")).with_value(Some(s("5")));
            let by_hand = CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(1)]);
            let topics = [("new", 2, vec![]), ("by-hand", -1, vec![by_hand])].map(|(name, count, assignments)| {
                CreatableTopic::default()
                    .with_name(t(name))
                    .with_num_partitions(count)
                    .with_replication_factor(-1)
                    .with_assignments(assignments)
                    .with_configs(vec![config.clone()])
            });
            sample(CreateTopicsRequest::default().with_topics(topics.into()), v)
        }
        ApiKey::DeleteTopics => sample(DeleteTopicsRequest::default().with_topic_names(vec![t("new"), t("no")]), v),
        ApiKey::DeleteRecords => {
            let one = DeleteRecordsPartition::default().with_offset(-1);
            let topic = DeleteRecordsTopic::default().with_name(t("t")).with_partitions(vec![one]);
            sample(DeleteRecordsRequest::default().with_topics(vec![topic]), v)
        }
        ApiKey::DescribeConfigs => {
            let resource = |kind, keys| {
                DescribeConfigsResource::default()
                    .with_resource_type(kind)
                    .with_resource_name(s("t"))
                    .with_configuration_keys(keys)
            };
            let resources = vec![resource(2, Some(vec![s("retention.ms")])), resource(2, None), resource(4, None)];
            sample(DescribeConfigsRequest::default().with_resources(resources), v)
        }
        ApiKey::DescribeCluster => sample(DescribeClusterRequest::default(), v),
        ApiKey::OffsetForLeaderEpoch => {
            let one = OffsetForLeaderPartition::default().with_leader_epoch(0);
            let topic = OffsetForLeaderTopic::default().with_topic(t("t")).with_partitions(vec![one]);
            sample(OffsetForLeaderEpochRequest::default().with_topics(vec![topic]), v)
        }
        ApiKey::OffsetDelete => {
            let partitions = vec![OffsetDeleteRequestPartition::default()];
            let topic = OffsetDeleteRequestTopic::default().with_name(t("t")).with_partitions(partitions);
            sample(OffsetDeleteRequest::default().with_group_id(group()).with_topics(vec![topic]), v)
        }
        ApiKey::InitProducerId => {
            let request = InitProducerIdRequest::default().with_transactional_id(Some(txn()));
            sample(request.with_transaction_timeout_ms(1000), v)
        }
        ApiKey::AddPartitionsToTxn => {
            let topic = AddPartitionsToTxnTopic::default().with_name(t("t")).with_partitions(vec![0, 1]);
            let request = AddPartitionsToTxnRequest::default().with_v3_and_below_transactional_id(txn());
            sample(request.with_v3_and_below_topics(vec![topic]), v)
        }
        ApiKey::AddOffsetsToTxn => {
            sample(AddOffsetsToTxnRequest::default().with_transactional_id(txn()).with_group_id(group()), v)
        }
        ApiKey::TxnOffsetCommit => {
            let one = TxnOffsetCommitRequestPartition::default().with_committed_metadata(Some(s("m")));
            let topic = TxnOffsetCommitRequestTopic::default().with_name(t("t")).with_partitions(vec![one]);
            let request = TxnOffsetCommitRequest::default().with_transactional_id(txn()).with_group_id(group());
            sample(request.with_topics(vec![topic]), v)
        }
        ApiKey::EndTxn => sample(EndTxnRequest::default().with_transactional_id(txn()).with_committed(true), v),
        other => panic!("no sample of {other:?}"),
    }
}
