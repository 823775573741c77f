//! How many records a second of CPU takes through a source (poll to acknowledged) and a sink (fetch to
//! committed), with the in-memory broker, at 200 bytes, with 0 and with 3 trivial transforms.
#![expect(clippy::print_stdout, reason = "a bench prints, and stops where something is wrong")]

use std::time::Duration;

use benches::{Discard, Drop7, Generator, Retime, Route, cost};
use connect_kafka::InMemoryBroker;
use connect_runtime::{SinkOptions, SourceOptions, Worker};

const RECORDS: u64 = 1_000_000;

fn main() {
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    println!("{RECORDS} records of 200 bytes; three runs");
    for _ in 0..3 {
        for transforms in [0, 3] {
            runtime.block_on(run(transforms));
        }
    }
}

async fn run(transforms: usize) {
    let broker = InMemoryBroker::new();
    let worker = Worker::builder(broker.clone()).build().await.expect("a worker");
    let mut options = SourceOptions::new("source");
    if transforms == 3 {
        options = options.transform("a", Retime).transform("b", Route("bench".into())).transform("c", Drop7);
    }
    let source = cost(async {
        worker.start_source(options, Generator { records: RECORDS, bytes: 200 }, ()).await.expect("a source");
        wait(&worker, "source").await;
    });
    source.await.print(&format!("source, {transforms} transforms"), RECORDS);
    worker.delete("source").await.expect("the source stops");
    let mut options = SinkOptions::new("sink", ["bench"]);
    if transforms == 3 {
        options = options.transform("a", Retime).transform("b", Route("bench".into())).transform("c", Drop7);
    }
    let sink = cost(async {
        worker.start_sink(options, Discard, ()).await.expect("a sink");
        assert!(worker.drained().await.expect("drained").is_complete(), "everything arrives");
    });
    sink.await.print(&format!("sink, {transforms} transforms"), RECORDS);
    assert_eq!(worker.status("sink").expect("its status").tasks[0].counts.written, RECORDS, "each record once");
    worker.shutdown().await.expect("the worker stops");
}

async fn wait(worker: &Worker, name: &str) {
    while worker.status(name).expect("its status").tasks.iter().map(|task| task.counts.written).sum::<u64>() < RECORDS {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
