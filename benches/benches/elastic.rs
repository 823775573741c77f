//! The search sink: what a document costs, and the sink beside a bare loop of bulk requests on the same server.
//!
//! The server is one that only counts bytes, or that of `OPENSEARCH_URL` (plain HTTP), where the index `bench` is made
//! anew for each run.
#![expect(clippy::print_stdout, reason = "a bench prints, and stops where something is wrong")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use benches::{Cost, cost};
use connect_api::bytes::BytesMut;
use connect_api::config::parse;
use connect_api::{
    Offsets, Record, Schema, SinkConnector, SinkRecord, SinkTask, Struct, TimestampType, TopicPartition, Type,
};
use connect_elastic::{BulkLines, ElasticsearchSink, ElasticsearchSinkConfig};
use connect_runtime::testing::sink_context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

const DOCUMENTS: u64 = 200_000;
const BATCH: usize = 2000;
const IN_FLIGHT: usize = 3;
const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        serialise().await;
        let url = match std::env::var("OPENSEARCH_URL") {
            Ok(url) => url,
            Err(_) => counting_server().await,
        };
        let (mut bares, mut sinks) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bares.push(bare(&url).await);
            sinks.push(sink(&url).await);
        }
        compare(bares, sinks);
    });
}

/// The medians beside each other.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn compare(mut bares: Vec<Cost>, mut sinks: Vec<Cost>) {
    let mut middle = |of: fn(&Cost) -> Duration| {
        [&mut bares, &mut sinks].map(|costs| {
            costs.sort_by_key(of);
            of(&costs[costs.len() / 2]).as_secs_f64()
        })
    };
    let ([bare, sink], [bare_cpu, sink_cpu]) = (middle(|cost| cost.wall), middle(|cost| cost.cpu));
    let per = |seconds: f64| seconds * 1e6 / DOCUMENTS as f64;
    println!(
        "the sink moves {:.0} % of what the bare loop moves; CPU: {:.2} us a document, and {:.2} us in the bare loop",
        bare / sink * 100.0,
        per(sink_cpu),
        per(bare_cpu),
    );
}

fn records() -> Vec<SinkRecord> {
    let text = Schema::required(Type::String);
    let schema = Schema::structure()
        .field("id", Schema::required(Type::Int64))
        .field("amount", Schema::required(Type::Float64))
        .field("customer", Arc::clone(&text))
        .field("paid", Schema::required(Type::Boolean))
        .field("note", text)
        .build()
        .expect("a schema");
    let origin = Arc::new(TopicPartition::new("bench", 0));
    let topic: Arc<str> = "bench".into();
    let note: Arc<str> = "please leave it with the neighbours ".repeat(6).into();
    (0..DOCUMENTS as i64)
        .map(|n| {
            let value = Struct::builder(&schema)
                .set("id", n)
                .set("amount", 1234.56)
                .set("customer", "Ada Lovelace")
                .set("paid", true)
                .set("note", Arc::clone(&note))
                .build()
                .expect("a struct");
            let record = Record::new(Arc::clone(&topic), value).with_key(format!("{n:08}"));
            SinkRecord::new(record, Arc::clone(&origin), n, TimestampType::CreateTime)
        })
        .collect()
}

fn config(url: &str) -> ElasticsearchSinkConfig {
    let in_flight = IN_FLIGHT.to_string();
    let pairs = [
        ("connection.url", url),
        ("schema.ignore", "true"),
        ("read.timeout.ms", "60000"),
        ("max.in.flight.requests", &in_flight),
    ];
    let props: BTreeMap<_, _> = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    parse(&props).expect("a configuration").config
}

async fn serialise() {
    let records = records();
    let mut lines = BulkLines::new(&config("http://localhost:9200")).expect("a configuration");
    let mut out = BytesMut::with_capacity(1 << 20);
    for _ in 0..3 {
        let mut bytes = 0;
        let written = cost(async {
            for batch in records.chunks(BATCH) {
                out.clear();
                for record in batch {
                    lines.write(record, &mut out).expect("a document");
                }
                bytes += out.len();
            }
        });
        written.await.print("document", DOCUMENTS);
        println!("{} bytes each, with the action", bytes / records.len());
    }
}

async fn anew(url: &str) {
    for method in ["DELETE", "PUT"] {
        let mut stream = connect(url).await;
        let body = if method == "PUT" {
            r#"{"settings":{"number_of_replicas":0},"mappings":{"properties":{"id":{"type":"long"},"amount":{"type":"double"},"customer":{"type":"keyword"},"paid":{"type":"boolean"},"note":{"type":"text"}}}}"#
        } else {
            ""
        };
        post(&mut stream, method, "/bench", body.as_bytes()).await;
    }
}

/// Prebuilt requests over as many connections as the sink has requests under way.
async fn bare(url: &str) -> Cost {
    anew(url).await;
    let mut lines = BulkLines::new(&config(url)).expect("a configuration");
    let bodies: Vec<Vec<u8>> = records()
        .chunks(BATCH)
        .map(|batch| {
            let mut out = BytesMut::new();
            for record in batch {
                lines.write(record, &mut out).expect("a document");
            }
            out.to_vec()
        })
        .collect();
    let bodies = Arc::new(bodies);
    let loops: Vec<_> = (0..IN_FLIGHT)
        .map(|turn| {
            let (bodies, url) = (Arc::clone(&bodies), url.to_owned());
            tokio::spawn(async move {
                let mut stream = connect(&url).await;
                for body in bodies.iter().skip(turn).step_by(IN_FLIGHT) {
                    post(&mut stream, "POST", "/_bulk?filter_path=errors,items.*.status,items.*.error", body).await;
                }
            })
        })
        .collect();
    let all = async {
        for turn in loops {
            turn.await.expect("a loop");
        }
    };
    let cost = cost(all).await;
    cost.print("bare loop", DOCUMENTS);
    cost
}

async fn sink(url: &str) -> Cost {
    anew(url).await;
    let records = records();
    let context = sink_context("bench");
    let mut task = ElasticsearchSink::new().task(&config(url), context).await.expect("a task");
    let all = async {
        for batch in records.chunks(500) {
            let _ = task.put(batch).await.expect("taken");
        }
        let seen: Offsets = [(TopicPartition::new("bench", 0), DOCUMENTS as i64)].into_iter().collect();
        let done = task.pre_commit(seen.clone()).await.expect("written");
        assert_eq!(done, seen, "all is written");
    };
    let cost = cost(all).await;
    cost.print("sink", DOCUMENTS);
    cost
}

async fn connect(url: &str) -> BufStream<TcpStream> {
    let address = url.strip_prefix("http://").expect("a URL of http");
    let stream = TcpStream::connect(address).await.expect("the server");
    stream.set_nodelay(true).expect("a socket");
    BufStream::new(stream)
}

async fn post(stream: &mut BufStream<TcpStream>, method: &str, path: &str, body: &[u8]) {
    let kind = if path.starts_with("/_bulk") { "application/x-ndjson" } else { "application/json" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(body).await.expect("sent");
    stream.flush().await.expect("sent");
    read(stream).await.expect("an answer");
}

/// Reads a message to its end; `None` when there is none.
async fn read(stream: &mut BufStream<TcpStream>) -> Option<bool> {
    let (mut length, mut line, mut bulk) = (0, String::new(), None);
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        bulk.get_or_insert(line.contains("/_bulk"));
        if let Some((_, value)) = line.to_ascii_lowercase().split_once("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    bulk
}

/// A server that reads everything and keeps nothing.
async fn counting_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut stream = BufStream::new(stream);
                while let Some(bulk) = read(&mut stream).await {
                    let body = if bulk { r#"{"errors":false,"items":[]}"# } else { "{}" };
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    if stream.write_all(answer.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}
