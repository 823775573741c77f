//! What a worker with a search sink needs while its requests wait for answers.
//!
//! `search [DOCUMENTS]` fills a topic of a broker in this process with documents of 300 bytes, begins a worker in a
//! process of its own (itself, with `worker`), and is the server that the sink writes to: one that answers after a
//! while, so that as many requests are under way as there may be. Then it asks the kernel what the worker has used.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's result")]

#[expect(dead_code, reason = "the comparison of workers needs more of it")]
#[path = "../peers/process.rs"]
mod process;
mod server;
mod worker;

use std::error::Error;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::producer::{AutoCreate, Producer, ProducerConfig};
use connect_kafka::{Broker, InMemoryBroker};
use server::Seen;
use tokio::time::sleep;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const DOCUMENTS: u64 = 1_000_000;
/// How long a request is under way.
const ANSWER_AFTER: Duration = Duration::from_millis(1500);

/// What is measured: a name, and keys of the sink besides those that all have.
const JOBS: [(&str, &[(&str, &str)]); 3] = [
    ("defaults", &[]),
    ("5 requests of 5 MB", LARGE),
    (
        "5 requests of 5 MB, dead letters",
        &[
            LARGE[0],
            LARGE[1],
            ("errors.tolerance", "all"),
            ("errors.deadletterqueue.topic.name", "dead"),
            ("errors.deadletterqueue.topic.replication.factor", "1"),
        ],
    ),
];
const LARGE: &[(&str, &str)] = &[("batch.size", "20000"), ("max.buffered.records", "100000")];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let done = match arguments.next().as_deref() {
        Some("worker") => worker::run(arguments),
        documents => measure(documents.and_then(|text| text.parse().ok()).unwrap_or(DOCUMENTS)),
    };
    if let Err(error) = done {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn measure(documents: u64) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let broker = InMemoryBroker::new();
        fill(Arc::new(broker.clone()), documents).await?;
        let listening = broker.listen().await?;
        for (name, more) in JOBS {
            let (url, seen) = server::listen(ANSWER_AFTER).await?;
            job(name, &listening.address().to_string(), &url, &seen, more, documents).await?;
        }
        Ok(())
    })
}

async fn fill(broker: Arc<dyn Broker>, documents: u64) -> Result<()> {
    let auto_create = AutoCreate::With { partitions: 1, replication_factor: 1 };
    let mut producer = Producer::new(broker, ProducerConfig { auto_create, ..ProducerConfig::default() });
    let (topic, note) = (Arc::from("documents"), "please leave it with the neighbours ".repeat(6));
    for n in 0..documents {
        let value = format!(r#"{{"id":{n},"amount":1234.56,"customer":"Ada Lovelace","paid":true,"note":"{note}"}}"#);
        let key = format!("{n:08}");
        producer.append(&topic, None, None, Some(key.as_bytes()), Some(value.as_bytes()), []).await?;
        while let Some(ack) = producer.try_ack() {
            ack.result?;
        }
    }
    producer.flush_batches();
    while producer.unacked().0 > 0 {
        producer.next_ack().await.result?;
    }
    Ok(())
}

async fn job(name: &str, bootstrap: &str, url: &str, seen: &Seen, more: &[(&str, &str)], documents: u64) -> Result<()> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    // A group of its own for each.
    command
        .args(["worker", bootstrap, url])
        .arg(format!("name={name}"))
        .args(more.iter().map(|(key, value)| format!("{key}={value}")));
    let mut worker = command.stdin(Stdio::piped()).kill_on_drop(true).spawn()?;
    let pid = worker.id().ok_or("the worker has ended")?;
    let idle = process::cpu(pid)?;
    while seen.documents() < documents {
        if let Some(status) = worker.try_wait()? {
            return Err(format!("the worker ended with {status}").into());
        }
        sleep(Duration::from_millis(20)).await;
    }
    let (peak, cpu) = (process::peak_kib(pid)?, process::cpu(pid)? - idle);
    let (requests, bytes) = seen.most();
    println!(
        "{name:<34} {:>6.1} MB at most, {:>5.2} us of CPU a document; {requests} requests with {:.1} MB under way",
        mega(peak * 1024),
        cpu.as_secs_f64() * 1e6 / documents as f64,
        mega(bytes),
    );
    drop(worker.stdin.take());
    worker.wait().await?;
    Ok(())
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
