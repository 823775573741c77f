//! The life of connectors over HTTP, as a Java worker's recordings have it.
//!
//! `dev/record-rest` sent `tests/java/lifecycle.requests.jsonl` to a standalone and to a distributed worker, each with a
//! new cluster. Here the same requests go over loopback to this worker, on a broker in memory.

mod client;
mod decided;
mod recording;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::EmbeddedBroker;
use connect_runtime::herder::StandaloneHerder;
use connect_runtime::rest::{Rest, RestConfig, RestServer};
use connect_runtime::{Worker, WorkerConfig};
use tokio::time::{Instant, sleep};
use tracing_subscriber::filter::Targets;

use self::recording::{Answer, Exchange, Run};
use crate::levels::Levels;
use crate::plugins;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(300);

async fn serve() -> RestServer {
    let config = WorkerConfig { value_converter: "JsonConverter".into(), ..WorkerConfig::default() };
    let broker = EmbeddedBroker::new();
    let worker = Worker::builder(broker).plugins(plugins::all()).config(config).build().await.unwrap();
    let herder = StandaloneHerder::open(worker).await.unwrap();
    herder.start().await;
    let mut config = RestConfig { listeners: vec!["http://127.0.0.1:0".into()], ..RestConfig::default() };
    config.requests_per_second = 0;
    let (levels, _) = Levels::new(Targets::new().with_default(tracing::Level::INFO));
    let rest = Rest::new(Arc::new(herder), config).unwrap().loggers(Arc::new(levels));
    rest.serve().await.unwrap()
}

/// Asks, again and again when the exchange wants an answer that takes its time.
async fn ask(run: &Run, exchange: &Exchange) -> Answer {
    let began = Instant::now();
    loop {
        let answer = run.read(client::ask(run.address, &run.request(exchange)).await);
        let wanted = exchange.until.as_ref().is_none_or(|until| recording::has(&answer.body, until))
            && exchange.until_status.is_none_or(|status| status == answer.status);
        if wanted {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "{} wants {:?}: {answer:?}", exchange.line, exchange.until);
        sleep(Duration::from_millis(2)).await;
    }
}

/// Every difference from the standalone worker's answers is decided, and everything that is decided differs.
#[tokio::test]
async fn connectors_live_as_in_a_java_worker() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve().await;
    let run = Run::new(server.addresses()[0], folder.path());
    let alone = recording::read(include_str!("../../../tests/java/lifecycle.recording.jsonl"));
    let cluster = recording::read(include_str!("../../../tests/java/lifecycle.distributed.recording.jsonl"));
    assert!(alone.len() > 400 && alone.len() == cluster.len());
    let (mut differences, mut used) = (Vec::new(), BTreeSet::new());
    for (java, in_cluster) in alone.iter().zip(&cluster) {
        assert_eq!(java.line, in_cluster.line);
        write_files(folder.path(), java);
        let ours = ask(&run, java).await;
        if ours == java.answer {
            continue;
        }
        match decided::row_of(java, &in_cluster.answer, &ours) {
            Some(row) => drop(used.insert(row)),
            None => differences.push(format!("{}\n  ours   {ours:?}\n  Java's {:?}", java.line, java.answer)),
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    let unused: Vec<_> = (0..decided::ROWS.len()).filter(|row| !used.contains(row)).collect();
    assert!(unused.is_empty(), "rows of the decided that nothing needs: {unused:?}");
}

fn write_files(folder: &Path, exchange: &Exchange) {
    for (name, text) in &exchange.files {
        std::fs::write(folder.join(name), text).unwrap();
    }
}
