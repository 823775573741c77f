//! A broker that says what a test wants it to say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey};
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    ApiKey, ApiVersionsResponse, MetadataRequest, MetadataResponse, RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::wire::config::WireConfig;

/// A request as it came.
#[derive(Debug, Clone)]
pub(in crate::wire) struct Asked {
    pub(in crate::wire) api: ApiKey,
    pub(in crate::wire) version: i16,
    pub(in crate::wire) correlation: i32,
    pub(in crate::wire) body: Bytes,
}

impl Asked {
    pub(in crate::wire) fn read<R: Request>(&self) -> R {
        R::decode(&mut self.body.clone(), self.version).unwrap()
    }

    /// A reply as a broker would frame it.
    pub(in crate::wire) fn reply<T: Encodable + HeaderVersion>(&self, response: &T) -> Act {
        let mut frame = BytesMut::new();
        let header = ResponseHeader::default().with_correlation_id(self.correlation);
        header.encode(&mut frame, T::header_version(self.version)).unwrap();
        response.encode(&mut frame, self.version).unwrap();
        Act::Send(framed(&frame))
    }
}

pub(in crate::wire) fn framed(frame: &[u8]) -> Bytes {
    let mut framed = BytesMut::new();
    framed.put_i32(frame.len() as i32);
    framed.put_slice(frame);
    framed.freeze()
}

/// What the broker does with a request.
#[derive(Debug, Clone)]
pub(in crate::wire) enum Act {
    /// These bytes, and on.
    Send(Bytes),
    /// These bytes, and the end.
    SendAndClose(Bytes),
    /// These bytes when somebody says so.
    SendWhen(Arc<Notify>, Bytes),
    Silence,
}

type Script = dyn FnMut(&Asked) -> Act + Send;

/// Listens on a loopback port until dropped.
pub(in crate::wire) struct Server {
    pub(in crate::wire) port: u16,
    pub(in crate::wire) asked: Arc<Mutex<Vec<Asked>>>,
    task: AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// `script` answers everything, the greeting too.
    pub(in crate::wire) async fn start(script: impl FnMut(&Asked) -> Act + Send + 'static) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    pub(in crate::wire) fn listen(listener: TcpListener, script: impl FnMut(&Asked) -> Act + Send + 'static) -> Self {
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(script));
        let seen = asked.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, script.clone(), seen.clone()));
            }
        });
        Self { port, asked, task: task.abort_handle() }
    }

    pub(in crate::wire) fn config(&self) -> WireConfig {
        config(self.port, &[])
    }

    /// The requests of a kind, so far.
    pub(in crate::wire) fn count(&self, api: ApiKey) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.api == api).count()
    }
}

/// Settings for a loopback port.
pub(in crate::wire) fn config(port: u16, more: &[(&str, &str)]) -> WireConfig {
    let mut properties = BTreeMap::from([("bootstrap.servers".to_owned(), format!("127.0.0.1:{port}"))]);
    properties.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    WireConfig::from_properties(&properties).unwrap()
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>, seen: Arc<Mutex<Vec<Asked>>>) {
    loop {
        let Ok(length) = stream.read_i32().await else { return };
        let mut frame = vec![0; length as usize];
        if stream.read_exact(&mut frame).await.is_err() {
            return;
        }
        let mut body = Bytes::from(frame);
        let api = ApiKey::try_from(i16::from_be_bytes([body[0], body[1]])).unwrap();
        let version = i16::from_be_bytes([body[2], body[3]]);
        let header = RequestHeader::decode(&mut body, api.request_header_version(version)).unwrap();
        let asked = Asked { api, version, correlation: header.correlation_id, body };
        let act = script.lock().unwrap()(&asked);
        seen.lock().unwrap().push(asked);
        match act {
            Act::Send(bytes) => stream.write_all(&bytes).await.unwrap(),
            Act::SendAndClose(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                return;
            }
            Act::SendWhen(told, bytes) => {
                told.notified().await;
                stream.write_all(&bytes).await.unwrap();
            }
            Act::Silence => {}
        }
    }
}

/// A greeting that offers versions for each api.
pub(in crate::wire) fn greeting(offer: impl Fn(ApiKey) -> Option<(i16, i16)>) -> ApiVersionsResponse {
    let key = |number: i16| {
        let (min, max) = offer(ApiKey::try_from(number).ok()?)?;
        Some(ApiVersion::default().with_api_key(number).with_min_version(min).with_max_version(max))
    };
    let keys = (0..70).filter_map(key).collect();
    ApiVersionsResponse::default().with_api_keys(keys).with_finalized_features(vec![transactions_of(2)])
}

/// The cluster's version of transactions.
pub(in crate::wire) fn transactions_of(level: i16) -> FinalizedFeatureKey {
    let name = StrBytes::from_static_str("transaction.version");
    FinalizedFeatureKey::default().with_name(name).with_max_version_level(level)
}

/// Everything kafka-protocol knows, as a new broker would offer it.
pub(in crate::wire) fn modern() -> ApiVersionsResponse {
    greeting(|api| {
        let range = api.valid_versions();
        Some((range.min, range.max))
    })
}

/// Brokers by id and port, and topics with the leader of each partition.
pub(in crate::wire) fn metadata(asked: &Asked, brokers: &[(i32, u16)], topics: &[(&str, &[i32])]) -> MetadataResponse {
    let broker = |(id, port): &(i32, u16)| {
        MetadataResponseBroker::default()
            .with_node_id((*id).into())
            .with_host(StrBytes::from_static_str("127.0.0.1"))
            .with_port(i32::from(*port))
            .with_rack(None)
    };
    let wanted = asked.read::<MetadataRequest>().topics;
    let known = |name: &str| topics.iter().find(|(known, _)| *known == name).map(|(_, leaders)| *leaders);
    let names: Vec<String> = match wanted {
        None => topics.iter().map(|(name, _)| (*name).to_owned()).collect(),
        Some(wanted) => wanted.iter().filter_map(|topic| Some(topic.name.as_ref()?.0.to_string())).collect(),
    };
    let topic = |name: String| {
        let leaders = known(&name);
        let partition = |(index, leader): (usize, &i32)| {
            MetadataResponsePartition::default()
                .with_partition_index(index as i32)
                .with_leader_id((*leader).into())
                .with_replica_nodes(vec![(*leader).into()])
        };
        MetadataResponseTopic::default()
            .with_error_code(if leaders.is_some() { 0 } else { 3 })
            .with_partitions(leaders.unwrap_or_default().iter().enumerate().map(partition).collect())
            .with_name(Some(TopicName(StrBytes::from_string(name))))
    };
    MetadataResponse::default()
        .with_brokers(brokers.iter().map(broker).collect())
        .with_cluster_id(Some(StrBytes::from_static_str("scripted")))
        .with_controller_id(brokers[0].0.into())
        .with_topics(names.into_iter().map(topic).collect())
}
