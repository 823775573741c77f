mod frames;
mod samples;

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use self::samples::{sample_of, samples};
use super::apis::APIS;
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
    tokio::time::timeout(Duration::from_secs(300), async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}
