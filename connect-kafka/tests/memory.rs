//! What a batch, a member's metadata, a request or a reply costs in memory is in proportion to its length, whatever its
//! bytes.
//!
//! A binary of its own with one test, since the allocator counts what every thread allocates.

use std::alloc::System;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use connect_kafka::batch::{BatchBuilder, Batches, Checksum, Compressor, Limits};
use connect_kafka::consumer::{Assignment, SubscriptionMetadata};
use connect_kafka::{Broker, InMemoryBroker, ProducerId, WireBroker, WireConfig};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that may be allocated in all, freed ones included: for each byte of input, and for none.
const FOR_A_BYTE: usize = 256;
const FOR_NOTHING: usize = 32 * 1024;
/// What a connection costs both sides: buffers and tasks.
const FOR_A_CONNECTION: usize = 512 * 1024;
/// A client, with the connections and repetitions that a tenth of a second is enough for.
const FOR_A_CLIENT: usize = 16 * 1024 * 1024;
/// What codecs keep while they decompress, beside twice the limit.
const FOR_A_CODEC: usize = 1024 * 1024;
const LIMIT: usize = 64 * 1024;

fn check(what: &str, most: usize, read: impl FnOnce()) -> Result<(), TestCaseError> {
    let region = Region::new(ALLOCATOR);
    read();
    let allocated = region.change().bytes_allocated;
    prop_assert!(allocated <= most, "{what} allocated {allocated} bytes, not {most}");
    Ok(())
}

fn batches(data: &Bytes) -> Result<(), TestCaseError> {
    // The codec stands in the attributes.
    let codec = if data.get(22).is_some_and(|attributes| attributes & 7 != 0) { FOR_A_CODEC + 3 * LIMIT } else { 0 };
    check("a batch", codec + FOR_NOTHING + FOR_A_BYTE * data.len(), || {
        let limits = Limits { decompressed: LIMIT };
        let data = data.clone();
        for batch in Batches::new(data, Checksum::Trusted).within(limits).flatten().take(1) {
            batch.records().for_each(drop);
        }
    })
}

fn batch(codec: usize, values: &[Vec<u8>]) -> Vec<u8> {
    let mut builder = BatchBuilder::with_capacity(0);
    for value in values {
        builder.append(7, Some(value), Some(value), [(&b"h"[..], None)]).unwrap();
    }
    let codec = Compressor::new(Compressor::NAMES[codec], None).unwrap();
    builder.compress(codec).finish(ProducerId::NONE, -1).to_vec()
}

fn metadata(bytes: &[u8]) -> Result<(), TestCaseError> {
    check("a member's metadata", FOR_NOTHING + FOR_A_BYTE * bytes.len(), || {
        drop(SubscriptionMetadata::decode(bytes));
        drop(Assignment::decode(bytes));
    })
}

/// A request to the embedded broker, which closes the connection or answers.
async fn request(address: SocketAddr, key: i16, version: i16, bytes: &[u8]) {
    let mut frame = BytesMut::new();
    frame.put_i32(8 + bytes.len() as i32);
    frame.put_i16(key);
    frame.put_i16(version);
    frame.put_i32(7);
    frame.put_slice(bytes);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&frame).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good as an end.
    let _ = stream.read_to_end(&mut answer).await;
}

/// What a client asks first, and with which request. Everything before it is answered as it should be.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Greeting,
    Producer,
    Topics,
    Coordinator,
}

impl Asked {
    fn key(self) -> i16 {
        match self {
            Self::Greeting => 18,
            Self::Producer => 22,
            Self::Topics => 3,
            Self::Coordinator => 10,
        }
    }

    async fn ask(self, broker: &WireBroker) {
        match self {
            Self::Greeting => drop(broker.cluster_id().await),
            Self::Producer => drop(broker.init_producer(None).await),
            Self::Topics => drop(broker.topics(None).await),
            Self::Coordinator => drop(broker.committed_offsets("g", None).await),
        }
    }
}

/// The bytes as the reply to a request; what stands in the way of it is served by an embedded broker.
async fn reply(asked: Asked, bytes: &[u8], embedded: SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else { return };
            // A broken reply ends the connection.
            let _ = answer(stream, asked.key(), bytes, embedded).await;
        }
    };
    let properties = [("bootstrap.servers", address.to_string()), ("request.timeout.ms", "50".to_owned())];
    let properties = properties.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let client = async {
        let broker = WireBroker::new(WireConfig::from_properties(&properties).unwrap()).unwrap();
        // Some requests are repeated for as long as the broker says nothing that ends it.
        let _ = tokio::time::timeout(Duration::from_millis(100), asked.ask(&broker)).await;
    };
    tokio::select! {
        () = client => {}
        () = serve => {}
    }
}

async fn answer(mut client: TcpStream, key: i16, bytes: &[u8], embedded: SocketAddr) -> std::io::Result<()> {
    let mut broker = TcpStream::connect(embedded).await?;
    loop {
        let request = frame(&mut client).await?;
        if i16::from_be_bytes([request[4], request[5]]) == key {
            let mut reply = BytesMut::new();
            reply.put_i32(4 + bytes.len() as i32);
            reply.put_slice(&request[8..12]);
            reply.put_slice(bytes);
            client.write_all(&reply).await?;
        } else {
            broker.write_all(&request).await?;
            client.write_all(&frame(&mut broker).await?).await?;
        }
    }
}

async fn frame(from: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let length = from.read_u32().await?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.resize(4 + length as usize, 0);
    from.read_exact(&mut frame[4..]).await?;
    Ok(frame)
}

fn nasty() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(0_u8), Just(1), Just(2), Just(0x7f), Just(0xff), any::<u8>()], 0..300)
}

#[test]
fn memory_follows_length() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let broker = InMemoryBroker::new();
    let listening = runtime.block_on(broker.listen()).unwrap();
    let runner = |cases| TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });

    let changes =
        vec((any::<prop::sample::Index>(), prop_oneof![Just(0_u8), Just(0xff), Just(0x7f), any::<u8>()]), 0..6);
    let damaged = (0..5_usize, vec(vec(any::<u8>(), 0..60), 1..20), changes, any::<prop::sample::Index>());
    runner(600)
        .run(&damaged, |(codec, values, changes, cut)| {
            let mut data = batch(codec, &values);
            for (at, byte) in changes {
                // What stands before the attributes says how long it is.
                let at = 21 + at.index(data.len() - 21);
                data[at] = byte;
            }
            batches(&Bytes::from(data.clone()))?;
            data.truncate(cut.index(data.len()));
            batches(&Bytes::from(data))
        })
        .unwrap();
    runner(600).run(&nasty(), |bytes| metadata(&bytes)).unwrap();
    for claim in [&b"\0\x03\x7f\xff\xff\xff"[..], b"\0\x03\0\0\0\x01\0\x01t\x7f\xff\xff\xff", b"\0\x03\x80\0\0\0"] {
        metadata(claim).unwrap();
    }
    runner(150)
        .run(&(0..48_i16, 0..12_i16, nasty()), |(key, version, bytes)| {
            check("a request", FOR_A_CONNECTION + FOR_A_BYTE * bytes.len(), || {
                runtime.block_on(request(listening.address(), key, version, &bytes));
            })
        })
        .unwrap();
    let asked =
        prop_oneof![Just(Asked::Greeting), Just(Asked::Producer), Just(Asked::Topics), Just(Asked::Coordinator)];
    runner(200)
        .run(&(asked, nasty()), |(asked, bytes)| {
            check("a reply", FOR_A_CLIENT + FOR_A_BYTE * bytes.len(), || {
                runtime.block_on(reply(asked, &bytes, listening.address()));
            })
        })
        .unwrap();
}
