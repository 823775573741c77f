//! Every request in every version that may be negotiated.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Request, VersionRange};

use super::server::{Act, Asked, Server, greeting, metadata, modern};
use crate::wire::api::{Api, for_each_api};
use crate::{
    Broker, Code, FetchPartition, Isolation, JoinGroup, Member, NewTopic, OffsetSpec, ProduceBatch, ProducerId,
    TopicPartition, Transactional, Txn, WireBroker,
};

/// Api number and the versions spoken.
fn spoken() -> Vec<(i16, VersionRange)> {
    let mut all = Vec::new();
    macro_rules! add {
        ($request:ident) => {
            all.push(($request::KEY, $request::SPOKEN));
        };
    }
    for_each_api!(add);
    all
}

#[test]
fn versions_spoken_exist() {
    for (key, spoken) in spoken() {
        let known = ApiKey::try_from(key).unwrap().valid_versions();
        assert!(known.min <= spoken.min && spoken.max <= known.max, "{key}: {spoken} of {known}");
    }
}

/// Empty answers, but for what it takes to get to the next question.
fn answer(asked: &Asked, port: u16, step: i16) -> Act {
    let spoken = spoken();
    macro_rules! default {
        ($request:ident) => {
            if asked.api as i16 == $request::KEY {
                return asked.reply(&<$request as Request>::Response::default());
            }
        };
    }
    match asked.api {
        ApiKey::ApiVersions => {
            let offer = |api: ApiKey| {
                let (_, range) = spoken.iter().find(|(key, _)| *key == api as i16)?;
                Some((range.min, range.max.min(range.min + step)))
            };
            asked.reply(&greeting(offer))
        }
        ApiKey::Metadata => asked.reply(&metadata(asked, &[(1, port)], &[("t", &[1])])),
        ApiKey::FindCoordinator => {
            let found = FindCoordinatorResponse::default().with_node_id(1.into());
            asked.reply(&found.with_host("127.0.0.1".into()).with_port(i32::from(port)))
        }
        _ => {
            for_each_api!(default);
            unreachable!("{:?} is not asked for", asked.api)
        }
    }
}

#[tokio::test]
async fn every_request_is_encoded_in_every_version() {
    assert!(spoken().iter().all(|(key, _)| modern().api_keys.iter().any(|api| api.api_key == *key)));
    let sent = Arc::new(Mutex::new(BTreeSet::new()));
    for step in 0..=13 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = sent.clone();
        let server = Server::listen(listener, move |asked| {
            seen.lock().unwrap().insert((asked.api as i16, asked.version));
            answer(asked, port, step)
        });
        let broker = WireBroker::connect(server.config()).await.unwrap();
        for (what, error) in call_everything(&broker).await {
            assert_ne!(error.code, Code::InvalidRequest, "{what} in step {step}: {error}");
            assert_ne!(error.code, Code::UnsupportedVersion, "{what} in step {step}: {error}");
        }
    }
    let sent = sent.lock().unwrap();
    let sasl = [ApiKey::SaslHandshake as i16, ApiKey::SaslAuthenticate as i16];
    for (key, range) in spoken() {
        // The greeting begins with its newest version, and SASL has its own tests.
        if key == ApiKey::ApiVersions as i16 || sasl.contains(&key) {
            continue;
        }
        for version in range.min..=range.max {
            assert!(sent.contains(&(key, version)), "{:?} v{version} was not sent", ApiKey::try_from(key));
        }
    }
}

/// Calls with every field filled in.
async fn call_everything(broker: &WireBroker) -> Vec<(&'static str, crate::BrokerError)> {
    let t = TopicPartition::new("t", 0);
    let txn = Txn { id: "x".into(), producer: ProducerId { id: 7, epoch: 1 } };
    let member = Member { group: "g".into(), generation: 3, member_id: "m".into(), instance_id: Some("static".into()) };
    let second = Duration::from_secs(1);
    let mut errors = Vec::new();
    macro_rules! call {
        ($what:literal, $call:expr) => {
            if let Err(error) = $call.await {
                errors.push(($what, error));
            }
        };
    }
    let topic = || NewTopic {
        name: "t".into(),
        partitions: -1,
        replication_factor: -1,
        configs: [("cleanup.policy".to_owned(), "compact".to_owned())].into(),
    };
    call!("cluster id", broker.cluster_id());
    call!("topics", broker.topics(Some(&["t".into()])));
    call!("create", broker.cluster.send_creation(&topic()));
    call!("delete", broker.cluster.send_deletion("t"));
    call!("configs", broker.topic_configs("t"));
    call!("producer", broker.init_producer(None));
    let transactional = Transactional { id: "x".into(), timeout: second, current: Some(txn.producer) };
    call!("transactional producer", broker.init_producer(Some(&transactional)));
    call!("partitions", broker.add_partitions(&txn, std::slice::from_ref(&t)));
    call!("offsets", broker.add_offsets(&txn, "g"));
    call!("txn offsets", broker.commit_txn_offsets(&txn, &member, vec![(t.clone(), 1)]));
    call!("end", broker.end_txn(&txn, true));
    let batches = vec![ProduceBatch { partition: t.clone(), data: Bytes::from_static(b"batch") }];
    let transactional_id = Some("x".to_owned());
    for one in broker
        .produce(crate::ProduceRequest { batches, acks: crate::Acks::All, timeout: second, transactional_id })
        .await
        .unwrap()
    {
        errors.extend(one.result.err().map(|error| ("produce", error)));
    }
    let partitions = vec![FetchPartition { partition: t.clone(), offset: 5, max_bytes: 1000 }];
    let isolation = Isolation::ReadCommitted;
    let request =
        crate::FetchRequest { partitions, min_bytes: 1, max_wait: Duration::ZERO, max_bytes: 1000, isolation };
    for one in broker.fetch(request).await.unwrap() {
        errors.extend(one.result.err().map(|error| ("fetch", error)));
    }
    let latest = vec![(t.clone(), OffsetSpec::Latest(isolation)), (t.clone(), OffsetSpec::Timestamp(5))];
    for (_, offset) in broker.list_offsets(latest).await.unwrap() {
        errors.extend(offset.err().map(|error| ("list offsets", error)));
    }
    let join = JoinGroup {
        group: "g".into(),
        member_id: "m".into(),
        instance_id: Some("static".into()),
        client_id: "c".into(),
        session_timeout: second,
        rebalance_timeout: second,
        protocol_type: "connect".into(),
        protocols: vec![("v1".into(), Bytes::from_static(b"metadata"))],
    };
    call!("join", broker.join_group(join));
    call!("sync", broker.sync_group(&member, vec![("m".into(), Bytes::from_static(b"assignment"))]));
    call!("heartbeat", broker.heartbeat(&member));
    call!("leave", broker.leave_group(&member));
    call!("commit", broker.commit_offsets(&member, vec![(t.clone(), 1)]));
    call!("committed", broker.committed_offsets("g", Some(std::slice::from_ref(&t))));
    call!("all committed", broker.committed_offsets("g", None));
    call!("groups", broker.groups());
    call!("delete group", broker.delete_group("g"));
    call!("delete offsets", broker.delete_offsets("g", &[t]));
    errors
}
