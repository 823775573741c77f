use std::fmt::Debug;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
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
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::apis::{APIS, Supported};
use super::connection::parse;
use super::schema::walk;
use super::{ListenOptions, Listening};
use crate::batch::BatchBuilder;
use crate::{Api, Broker, Code, Fault, InMemoryBroker, NewTopic};

fn s(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn t(text: &'static str) -> TopicName {
    TopicName(s(text))
}

fn batch() -> Bytes {
    let mut batch = BatchBuilder::with_capacity(100);
    batch.append(1000, Some(b"k"), Some(b"v"), []).unwrap();
    batch.finish(crate::ProducerId::NONE, -1)
}

fn frame<R: Request>(request: &R, version: i16) -> Bytes {
    let mut frame = BytesMut::new();
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(7)
        .with_client_id(Some(s("tester")));
    header.encode(&mut frame, R::header_version(version)).unwrap();
    request.encode(&mut frame, version).unwrap();
    frame.freeze()
}

/// One request of one version: its frame, and a check of the frame that answers it.
struct Sample {
    frame: Bytes,
    check: fn(Bytes, i16),
    decode: fn(&mut Bytes, i16) -> bool,
    key: ApiKey,
    version: i16,
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
fn samples(api: &Supported) -> Vec<Sample> {
    (api.min..=api.max).map(|version| sample_of(api.key, version)).collect()
}

fn sample_of(key: ApiKey, v: i16) -> Sample {
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

struct Client(TcpStream);

impl Client {
    async fn to(listening: &Listening) -> Self {
        Self(TcpStream::connect(listening.address()).await.unwrap())
    }

    async fn send(&mut self, frame: &[u8]) {
        let mut bytes = BytesMut::new();
        bytes.put_u32(u32::try_from(frame.len()).unwrap());
        bytes.extend_from_slice(frame);
        self.0.write_all(&bytes).await.unwrap();
    }

    /// The next frame; `None` when the connection was closed.
    async fn receive(&mut self) -> Option<Bytes> {
        let length = self.0.read_u32().await.ok()?;
        let mut frame = vec![0; length as usize];
        self.0.read_exact(&mut frame).await.ok()?;
        Some(frame.into())
    }

    async fn ask<R: Request<Response: Send> + Sync>(&mut self, request: &R, version: i16) -> R::Response {
        self.send(&frame(request, version)).await;
        let mut answer = self.receive().await.expect("an answer");
        ResponseHeader::decode(&mut answer, R::Response::header_version(version)).unwrap();
        R::Response::decode(&mut answer, version).unwrap()
    }
}

async fn broker_with_topic() -> (InMemoryBroker, Listening) {
    let broker = InMemoryBroker::new();
    let topic = NewTopic { name: "t".into(), partitions: 1, replication_factor: 1, configs: [].into() };
    broker.create_topic(topic).await.unwrap();
    let listening = broker.listen().await.unwrap();
    (broker, listening)
}

#[tokio::test]
async fn every_version_of_every_call_is_answered() {
    let (_broker, listening) = broker_with_topic().await;
    let mut silent = Vec::new();
    for api in &APIS {
        for sample in samples(api) {
            let mut client = Client::to(&listening).await;
            client.send(&sample.frame).await;
            match client.receive().await {
                Some(answer) => (sample.check)(answer, sample.version),
                None => silent.push((sample.key, sample.version)),
            }
        }
    }
    assert_eq!(silent, []);
}

#[test]
fn requests_lie_as_the_table_says() {
    for api in &APIS {
        for sample in samples(api) {
            let (call, _) = parse(sample.frame.clone()).unwrap();
            let mut rest = &call.body[..];
            assert!(walk(&mut rest, api.fields, call.version, call.version >= api.flexible).is_some());
            assert!(rest.is_empty(), "{:?} {}: {} bytes are left", sample.key, sample.version, rest.len());
            assert!((sample.decode)(&mut call.body.clone(), sample.version), "{:?} {}", sample.key, sample.version);
            // What ends too early is found out before it is decoded.
            for end in 0..sample.frame.len() {
                assert!(parse(sample.frame.slice(..end)).is_err(), "{:?} {} {end}", sample.key, sample.version);
            }
        }
    }
}

#[test]
fn lengths_are_not_believed() {
    for api in &APIS {
        for sample in samples(api) {
            for lie in [&[0x7f, 0xff, 0xff, 0xff][..], &[0xff, 0xff, 0xff, 0xff, 0x07], &[0x80, 0, 0, 0], &[0xff; 4]] {
                for at in 8..sample.frame.len().saturating_sub(lie.len()) {
                    let mut frame = BytesMut::from(&sample.frame[..]);
                    frame[at..at + lie.len()].copy_from_slice(lie);
                    if let Ok((call, _)) = parse(frame.freeze()) {
                        (sample.decode)(&mut call.body.clone(), call.version);
                    }
                }
            }
        }
    }
    // Topics without number, in both kinds of lengths.
    for (version, count) in [(1, &[0x7f, 0xff, 0xff, 0xff][..]), (9, &[0, 0xff, 0xff, 0xff, 0xff, 0x0f])] {
        let start = [0, 3, 0, version, 0, 0, 0, 7, 0xff, 0xff];
        assert!(parse(Bytes::from([&start[..], count, &[0; 20]].concat())).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        api in 0..APIS.len(),
        version in 0..12_i16,
        bytes in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(2), Just(0xff), any::<u8>()], 0..200),
    ) {
        let api = &APIS[api];
        let version = version.clamp(api.min, api.max);
        let mut frame = BytesMut::new();
        frame.put_i16(api.key as i16);
        frame.put_i16(version);
        frame.put_i32(7);
        frame.extend_from_slice(&bytes);
        if let Ok((call, _)) = parse(frame.freeze()) {
            (sample_of(api.key, version).decode)(&mut call.body.clone(), version);
        }
    }
}

#[tokio::test]
async fn garbage_closes_its_connection_alone() {
    let (broker, _first) = broker_with_topic().await;
    let options = ListenOptions { max_request_bytes: 1000, ..ListenOptions::default() };
    let listening = broker.listen_with(options).await.unwrap();
    let mut good = Client::to(&listening).await;
    let unknown_version = [0, 1, 0, 99, 0, 0, 0, 7, 0xff, 0xff];
    let http = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    for garbage in [&[0_u8; 3][..], &unknown_version, &[0, 99, 0, 0, 0, 0, 0, 7], &[7; 1001]] {
        let mut client = Client::to(&listening).await;
        client.send(garbage).await;
        assert!(client.receive().await.is_none(), "{garbage:?}");
    }
    let mut client = Client::to(&listening).await;
    client.0.write_all(http).await.unwrap();
    assert!(client.receive().await.is_none());
    let answer = good.ask(&ApiVersionsRequest::default(), 0).await;
    assert_eq!(answer.api_keys.len(), APIS.len());
    // A version from the future is answered in the oldest one, with what is possible.
    good.send(&[0, 18, 0, 99, 0, 0, 0, 7, 0xff, 0xff]).await;
    let mut answer = good.receive().await.unwrap();
    ResponseHeader::decode(&mut answer, 0).unwrap();
    let answer = ApiVersionsResponse::decode(&mut answer, 0).unwrap();
    assert_eq!((answer.error_code, answer.api_keys[0].max_version), (35, 4));
}

#[tokio::test]
async fn a_waiting_fetch_holds_up_nobody_else() {
    let (_broker, listening) = broker_with_topic().await;
    let mut waiting = Client::to(&listening).await;
    let topic = FetchTopic::default()
        .with_topic(t("t"))
        .with_partitions(vec![FetchPartition::default().with_partition_max_bytes(1000)]);
    let request = FetchRequest::default()
        .with_max_wait_ms(60_000)
        .with_min_bytes(1)
        .with_max_bytes(1000)
        .with_topics(vec![topic]);
    waiting.send(&frame(&request, 12)).await;
    // The next request of the same connection is answered after it.
    waiting.send(&frame(&ApiVersionsRequest::default(), 0)).await;
    let mut other = Client::to(&listening).await;
    let sample = sample_of(ApiKey::Produce, 9);
    other.send(&sample.frame).await;
    (sample.check)(other.receive().await.unwrap(), 9);
    let mut answer = waiting.receive().await.unwrap();
    ResponseHeader::decode(&mut answer, 1).unwrap();
    let answer = FetchResponse::decode(&mut answer, 12).unwrap();
    assert_eq!(answer.session_id, 0);
    let data = &answer.responses[0].partitions[0];
    assert_eq!((data.error_code, data.high_watermark, data.last_stable_offset), (0, 1, 1));
    assert!(!data.records.as_ref().unwrap().is_empty());
    let mut next = waiting.receive().await.unwrap();
    ResponseHeader::decode(&mut next, 0).unwrap();
    ApiVersionsResponse::decode(&mut next, 0).unwrap();
}

#[tokio::test]
async fn old_and_damaged_batches_are_refused() {
    let (_broker, listening) = broker_with_topic().await;
    let mut client = Client::to(&listening).await;
    let with = |at: usize, byte: u8| {
        let mut data = BytesMut::from(&batch()[..]);
        data[at] = byte;
        data.freeze()
    };
    let cases = [
        (-1, batch(), 0),
        (-1, with(16, 1), Code::InvalidRecord as i16),
        (-1, with(30, 0xee), Code::CorruptMessage as i16),
        (-1, Bytes::new(), Code::CorruptMessage as i16),
        (7, batch(), 21),
        (1, batch(), 0),
    ];
    for (acks, data, expected) in cases {
        let data = PartitionProduceData::default().with_records(Some(data));
        let topic = TopicProduceData::default().with_name(t("t")).with_partition_data(vec![data]);
        let request = ProduceRequest::default().with_acks(acks).with_topic_data(vec![topic]);
        let answer = client.ask(&request, 9).await;
        assert_eq!(answer.responses[0].partition_responses[0].error_code, expected, "{acks}");
    }
    // Without acknowledgement there is no answer: the next one is of the next request.
    let data = PartitionProduceData::default().with_records(Some(batch()));
    let topic = TopicProduceData::default().with_name(t("t")).with_partition_data(vec![data]);
    client.send(&frame(&ProduceRequest::default().with_acks(0).with_topic_data(vec![topic]), 9)).await;
    assert_eq!(client.ask(&DescribeClusterRequest::default(), 0).await.brokers.len(), 1);
}

#[tokio::test]
async fn topics_are_created_by_being_asked_for() {
    let (broker, listening) = broker_with_topic().await;
    let advertised = Some(("log.example".into(), 1234));
    let options = ListenOptions { auto_create_topics: false, advertised, ..ListenOptions::default() };
    let strict = broker.listen_with(options).await.unwrap();
    let asked = |name| {
        MetadataRequest::default().with_topics(Some(vec![MetadataRequestTopic::default().with_name(Some(t(name)))]))
    };
    let mut client = Client::to(&strict).await;
    let answer = client.ask(&asked("new"), 9).await;
    assert_eq!(answer.topics[0].error_code, Code::UnknownTopicOrPartition as i16);
    assert_eq!((answer.brokers[0].host.as_str(), answer.brokers[0].port), ("log.example", 1234));
    let mut client = Client::to(&listening).await;
    let refused = client.ask(&asked("new").with_allow_auto_topic_creation(false), 9).await;
    assert_eq!(refused.topics[0].error_code, Code::UnknownTopicOrPartition as i16);
    let answer = client.ask(&asked("new"), 9).await;
    assert_eq!((answer.topics[0].error_code, answer.topics[0].partitions.len()), (0, 1));
    assert_eq!(client.ask(&asked("a b"), 9).await.topics[0].error_code, Code::InvalidTopic as i16);
    assert_eq!(i32::from(listening.address().port()), answer.brokers[0].port);
    let all = client.ask(&MetadataRequest::default().with_topics(None), 9).await;
    assert_eq!(all.topics.len(), 2);
}

#[tokio::test]
async fn offsets_of_timestamps() {
    let (_broker, listening) = broker_with_topic().await;
    let mut client = Client::to(&listening).await;
    client.send(&sample_of(ApiKey::Produce, 9).frame).await;
    client.receive().await.unwrap();
    for (timestamp, expected) in [(-2, (0, -1)), (-1, (1, -1)), (0, (0, 1000)), (1000, (0, 1000)), (1001, (-1, -1))] {
        let one = ListOffsetsPartition::default().with_timestamp(timestamp);
        let topic = ListOffsetsTopic::default().with_name(t("t")).with_partitions(vec![one]);
        let answer = client.ask(&ListOffsetsRequest::default().with_topics(vec![topic]), 6).await;
        let found = &answer.topics[0].partitions[0];
        assert_eq!((found.offset, found.timestamp), expected, "{timestamp}");
    }
}

#[tokio::test]
async fn faults_and_the_end_reach_clients() {
    let (broker, listening) = broker_with_topic().await;
    let mut client = Client::to(&listening).await;
    let heartbeat = HeartbeatRequest::default().with_group_id(GroupId(s("g"))).with_member_id(s("m"));
    broker.faults().inject(Fault::fail(Api::Heartbeat, Code::NotCoordinator).times(1));
    assert_eq!(client.ask(&heartbeat, 4).await.error_code, Code::NotCoordinator as i16);
    assert_eq!(client.ask(&heartbeat, 4).await.error_code, Code::UnknownMemberId as i16);
    // A lost answer is a lost connection.
    broker.faults().inject(Fault::lose_reply(Api::Groups).times(1));
    client.send(&frame(&ListGroupsRequest::default(), 4)).await;
    assert!(client.receive().await.is_none());
    let mut client = Client::to(&listening).await;
    client.ask(&ListGroupsRequest::default(), 4).await;
    let address = listening.address();
    drop(listening);
    assert!(client.receive().await.is_none());
    // The port is free again as soon as its task has ended.
    tokio::time::timeout(Duration::from_secs(10), async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}
