//! A proxy in front of a broker, which does to connections what networks and tired brokers do to them.
//!
//! It knows frames, so that a fault strikes a certain request or its reply. Addresses in replies are changed to its own,
//! so that clients stay with it whatever the broker advertises.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, FindCoordinatorResponse, MetadataResponse, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, StrBytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Pass,
    /// Half of the request reaches the broker, then the connection ends.
    CutRequest,
    /// The broker carries it out; half of the reply reaches the client, then the connection ends.
    CutReply,
    /// The broker carries it out; the connection ends without a reply.
    LoseReply,
    /// The broker gets it, and what comes after it, so much later.
    Delay(Duration),
    /// The broker carries it out; from the reply on, the client hears nothing, and the connection stays open.
    Stall,
}

/// What a fault of any kind is chosen from; the delay is shorter than any timeout of the tests.
pub(crate) const ACTS: [Act; 5] =
    [Act::CutRequest, Act::CutReply, Act::LoseReply, Act::Delay(Duration::from_millis(15)), Act::Stall];

type Plan = dyn FnMut(ApiKey) -> Act + Send;

/// Listens on a port of 127.0.0.1 until it is dropped.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    port: u16,
    /// Without it, connections are closed as soon as they are made.
    upstream: Mutex<Option<SocketAddr>>,
    plan: Mutex<Box<Plan>>,
    struck: AtomicUsize,
    closings: watch::Sender<u64>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.close_all();
    }
}

impl Proxy {
    /// A proxy without faults.
    pub(crate) async fn start(upstream: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Shared {
            port: listener.local_addr().unwrap().port(),
            upstream: Mutex::new(upstream),
            plan: Mutex::new(Box::new(|_| Act::Pass)),
            struck: AtomicUsize::new(0),
            closings: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, shared.clone())).abort_handle();
        Self { shared, task }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.shared.port)
    }

    /// Where new connections go from here on; `None` refuses them.
    pub(crate) fn lead_to(&self, upstream: Option<SocketAddr>) {
        *self.shared.upstream.lock().unwrap() = upstream;
    }

    /// Ends every connection.
    pub(crate) fn close_all(&self) {
        self.shared.closings.send_modify(|count| *count += 1);
    }

    /// From here on, `plan` says what becomes of each request.
    pub(crate) fn plan(&self, plan: impl FnMut(ApiKey) -> Act + Send + 'static) {
        *self.shared.plan.lock().unwrap() = Box::new(plan);
    }

    /// Strikes the next `times` requests of this kind.
    pub(crate) fn strike(&self, api: ApiKey, act: Act, mut times: usize) {
        self.plan(move |asked| {
            if asked != api || times == 0 {
                return Act::Pass;
            }
            times -= 1;
            act
        });
    }

    /// Strikes one request in `one_in`, as the seed says, with one of `acts`.
    pub(crate) fn at_random(&self, seed: u64, one_in: u64, acts: &'static [Act]) {
        let mut random = Random(seed);
        self.plan(move |_| {
            let struck = random.below(one_in) == 0;
            if struck { acts[random.below(acts.len() as u64) as usize] } else { Act::Pass }
        });
    }

    /// How many requests were struck.
    pub(crate) fn struck(&self) -> usize {
        self.shared.struck.load(Ordering::Relaxed)
    }
}

/// A seeded sequence.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                connections.spawn(serve(client, shared.clone()));
            }
        }
    }
}

async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let mut closings = shared.closings.subscribe();
    let upstream = *shared.upstream.lock().unwrap();
    let Some(upstream) = upstream else { return };
    let Ok(broker) = TcpStream::connect(upstream).await else { return };
    let _ = (client.set_nodelay(true), broker.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_broker, to_broker) = broker.into_split();
    let expected = Expected::default();
    tokio::select! {
        biased;
        _ = closings.changed() => {}
        _ = requests(from_client, to_broker, &shared, &expected) => {}
        _ = replies(from_broker, to_client, &shared, &expected) => {}
    }
}

/// The requests that the broker has not answered yet, oldest first.
type Expected = Mutex<VecDeque<(ApiKey, i16, Act)>>;

/// Ends with the connection: the other side went, or a fault wants it.
async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, expected: &Expected) -> Option<()> {
    loop {
        let frame = read_frame(&mut from).await?;
        let number = |at: usize| i16::from_be_bytes([frame[at], frame[at + 1]]);
        let (api, version) = (ApiKey::try_from(number(4)).ok()?, number(6));
        let act = shared.plan.lock().unwrap()(api);
        if act != Act::Pass {
            shared.struck.fetch_add(1, Ordering::Relaxed);
        }
        match act {
            Act::CutRequest => {
                to.write_all(&frame[..frame.len() / 2]).await.ok()?;
                return None;
            }
            // The fault itself; whoever waits for the reply sits on a socket, where no clock can be paused.
            Act::Delay(time) => tokio::time::sleep(time).await,
            Act::Pass | Act::CutReply | Act::LoseReply | Act::Stall => {}
        }
        expected.lock().unwrap().push_back((api, version, act));
        to.write_all(&frame).await.ok()?;
    }
}

async fn replies(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, expected: &Expected) -> Option<()> {
    loop {
        let frame = read_frame(&mut from).await?;
        let (api, version, act) = expected.lock().unwrap().pop_front()?;
        let frame = with_address(api, version, frame, shared.port);
        match act {
            Act::CutReply => {
                to.write_all(&frame[..frame.len() / 2]).await.ok()?;
                return None;
            }
            Act::LoseReply => return None,
            // What the broker goes on to say is not read.
            Act::Stall => std::future::pending::<()>().await,
            Act::Pass | Act::CutRequest | Act::Delay(_) => to.write_all(&frame).await.ok()?,
        }
    }
}

/// A frame with its length.
async fn read_frame(from: &mut OwnedReadHalf) -> Option<Bytes> {
    let length = from.read_i32().await.ok()?;
    let mut frame = BytesMut::with_capacity(4 + length as usize);
    frame.put_i32(length);
    frame.resize(4 + length as usize, 0);
    from.read_exact(&mut frame[4..]).await.ok()?;
    Some(frame.freeze())
}

/// The reply with this proxy's port wherever it names a broker.
fn with_address(api: ApiKey, version: i16, frame: Bytes, port: u16) -> Bytes {
    let host = StrBytes::from_static_str("127.0.0.1");
    match api {
        ApiKey::Metadata => changed(version, frame, |metadata: &mut MetadataResponse| {
            for broker in &mut metadata.brokers {
                (broker.host, broker.port) = (host.clone(), port.into());
            }
        }),
        ApiKey::FindCoordinator => changed(version, frame, |found: &mut FindCoordinatorResponse| {
            if found.error_code == 0 {
                (found.host, found.port) = (host, port.into());
            }
        }),
        _ => frame,
    }
}

fn changed<T: Decodable + Encodable + HeaderVersion>(version: i16, frame: Bytes, change: impl FnOnce(&mut T)) -> Bytes {
    let mut rest = frame.slice(4..);
    let header = ResponseHeader::decode(&mut rest, T::header_version(version)).unwrap();
    let mut message = T::decode(&mut rest, version).unwrap();
    change(&mut message);
    let mut out = BytesMut::zeroed(4);
    header.encode(&mut out, T::header_version(version)).unwrap();
    message.encode(&mut out, version).unwrap();
    let length = (out.len() - 4) as i32;
    out[..4].copy_from_slice(&length.to_be_bytes());
    out.freeze()
}
