//! What a task holds while its server does not answer.
//!
//! A binary of its own with one test, since the allocator counts what every thread allocates.

use std::alloc::System;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connect_api::config::parse;
use connect_api::{Record, SinkConnector, SinkRecord, SinkTask, TimestampType, TopicPartition, Value};
use connect_elastic::{ElasticTask, ElasticsearchSink, ElasticsearchSinkConfig};
use connect_runtime::testing::sink_context;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const REQUEST: usize = 2 << 20;
const IN_FLIGHT: usize = 5;
const BATCH: usize = 500;
/// Bytes of a document's text.
const TEXT: usize = 300;
/// For each document that is held: what is known of it, and that lists have room to grow.
const FOR_A_DOCUMENT: usize = 160;
/// Connections, the task, a batch of records.
const FOR_NOTHING: usize = 2 << 20;

#[test]
fn a_task_holds_one_request_more_than_may_be_under_way() {
    for ignored in ["false", "true"] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let region = Region::new(ALLOCATOR);
        let (documents, arrived) = runtime.block_on(fill(ignored, &region));
        // Everything of it, or the next would be measured with it.
        drop(runtime);
        assert!(arrived >= IN_FLIGHT * REQUEST, "key.ignore={ignored}: {arrived} bytes of {documents} are under way");
    }
}

/// Puts records until no more are taken, and looks what is held then; how many documents were put, and how many bytes of
/// them are under way.
async fn fill(ignored: &str, region: &Region<'_, System>) -> (usize, usize) {
    let (url, arrived) = silent().await;
    let (bytes, in_flight) = (REQUEST.to_string(), IN_FLIGHT.to_string());
    let config = config(&[
        ("connection.url", &url),
        ("schema.ignore", "true"),
        ("key.ignore", ignored),
        ("read.timeout.ms", "0"),
        ("connection.timeout.ms", "0"),
        // Nothing leaves before it is full.
        ("linger.ms", "600000000"),
        ("flush.timeout.ms", "600000000"),
        ("batch.size", "100000"),
        ("max.buffered.records", "500000"),
        ("bulk.size.bytes", &bytes),
        ("max.in.flight.requests", &in_flight),
    ]);
    let mut task = ElasticsearchSink::new().task(&config, sink_context("held")).await.unwrap();
    let mut documents = 0;
    while put(&mut task, &records(documents), &arrived).await {
        documents += BATCH;
        assert!(documents * TEXT < 10 * IN_FLIGHT * REQUEST, "it takes whatever comes");
    }
    let change = region.change();
    let held = change.bytes_allocated - change.bytes_deallocated;
    // What is not under way may have twice the room that it needs.
    let most = (IN_FLIGHT + 2) * REQUEST + documents * FOR_A_DOCUMENT + FOR_NOTHING;
    assert!(held <= most, "key.ignore={ignored}: {held} bytes of {documents} documents are held, and {most} may be");
    (documents, arrived.bytes.load(Ordering::SeqCst))
}

/// Puts records; hangs unless all requests that may be get under way. Says whether they were taken before all requests that may be were under way, and nothing moved any more.
async fn put(task: &mut ElasticTask, records: &[SinkRecord], arrived: &Arrived) -> bool {
    let mut put = std::pin::pin!(task.put(records));
    let mut still = 0;
    while still < 100 {
        tokio::select! {
            biased;
            taken = &mut put => return taken.is_ok(),
            () = yield_now() => {}
        }
        // The rest of what it does needs nobody else.
        still += u32::from(arrived.requests.load(Ordering::SeqCst) == IN_FLIGHT);
    }
    false
}

fn config(pairs: &[(&str, &str)]) -> ElasticsearchSinkConfig {
    let props: BTreeMap<_, _> = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    parse(&props).unwrap().config
}

fn records(from: usize) -> Vec<SinkRecord> {
    let origin = Arc::new(TopicPartition::new("t", 0));
    let topic: Arc<str> = "t".into();
    let record = |n: usize| {
        let value: Value = vec![(Value::from("text"), Value::from("x".repeat(TEXT)))].into();
        let record = Record::new(Arc::clone(&topic), value).with_key(n.to_string());
        SinkRecord::new(record, Arc::clone(&origin), i64::try_from(n).unwrap(), TimestampType::CreateTime)
    };
    (from..from + BATCH).map(record).collect()
}

/// Bulk requests that a server has read.
#[derive(Default)]
struct Arrived {
    bytes: AtomicUsize,
    /// Those that it has read to their ends.
    requests: AtomicUsize,
}

/// A server that answers everything but bulk requests.
async fn silent() -> (String, Arc<Arrived>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arrived = Arc::new(Arrived::default());
    let count = Arc::clone(&arrived);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(BufStream::new(stream), Arc::clone(&count)));
        }
    });
    (url, arrived)
}

async fn serve(mut stream: BufStream<TcpStream>, arrived: Arc<Arrived>) -> Option<()> {
    let mut piece = [0; 4096];
    loop {
        let (mut line, mut bulk, mut length) = (String::new(), None, 0);
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
            bulk.get_or_insert(line.starts_with("POST /_bulk"));
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        while length > 0 {
            let most = piece.len().min(length);
            let read = stream.read(&mut piece[..most]).await.ok().filter(|read| *read > 0)?;
            length -= read;
            if bulk == Some(true) {
                arrived.bytes.fetch_add(read, Ordering::SeqCst);
            }
        }
        if bulk == Some(true) {
            arrived.requests.fetch_add(1, Ordering::SeqCst);
        } else {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.ok()?;
            stream.flush().await.ok()?;
        }
    }
}
