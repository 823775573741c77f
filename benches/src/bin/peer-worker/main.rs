//! A worker to be measured: a host on `connect-runtime` that does what it reads on standard input.
//!
//! `peer-worker WORKER.properties`, with a Kafka cluster in `bootstrap.servers`. Each line is `create FILE`, with a
//! connector's properties, answered by `running NAME` when all its tasks run, or `delete NAME`, answered by
//! `deleted NAME`, or `acks NAME RECORDS FILE`, which notes how long records of `dev.connect.PacedSource` take to be
//! acknowledged. It ends with its input. Beside the transforms it has the connectors in this folder, under the
//! names and keys of their Java counterparts in `dev/services/parts/connect-java`.

mod acks;
mod discarding;
mod generated;
mod latencies;
mod paced;
mod report;
mod timed;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connect_api::{PredicatePlugin, TransformPlugin, config};
use connect_runtime::{Clients, Plugins, State, Worker, WorkerConfig, properties};
use paced::Polled;
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let file = std::env::args_os().nth(1).ok_or("usage: peer-worker WORKER.properties")?;
    // As the `connect` binary has it.
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    let served = runtime.block_on(serve(Path::new(&file)));
    runtime.shutdown_background();
    served
}

async fn serve(file: &Path) -> Result<()> {
    let entries = properties::parse(&std::fs::read_to_string(file)?)?;
    let settings = config::parse::<WorkerConfig>(&entries)?.config;
    let polled = Polled::default();
    let worker =
        Worker::with_clients(Clients::kafka(entries)?).plugins(plugins(&polled)).config(settings).build().await?;
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match line.split_once(' ') {
            Some(("create", file)) => {
                let name = worker.create(properties::parse(&std::fs::read_to_string(file)?)?).await?;
                until_running(&worker, &name).await?;
                answer(&format!("running {name}"))?;
            }
            Some(("delete", name)) => {
                worker.delete(name).await?;
                answer(&format!("deleted {name}"))?;
            }
            Some(("acks", rest)) => {
                let words: Vec<_> = rest.split(' ').collect();
                let [name, records, file] = words[..] else { return Err(unknown(&line)) };
                acks::watch(worker.clone(), Arc::clone(&polled), name.to_owned(), records.parse()?, file.to_owned());
            }
            _ => return Err(unknown(&line)),
        }
    }
    Ok(worker.shutdown().await?)
}

fn unknown(line: &str) -> Box<dyn Error + Send + Sync> {
    format!("{line:?} is no command; see the head of this file").into()
}

async fn until_running(worker: &Worker, name: &str) -> Result<()> {
    loop {
        let status = worker.status(name)?;
        match status.worst_state() {
            State::Running => return Ok(()),
            State::Failed => return Err(format!("{name} failed: {status:?}").into()),
            _ => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
}

fn answer(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}

fn plugins(polled: &Polled) -> Plugins {
    let connectors = Plugins::new()
        .source(generated::GeneratedSource)
        .sink(discarding::DiscardingSink)
        .source(paced::PacedSource(Arc::clone(polled)))
        .sink(timed::TimedSink);
    connect_transforms::register(Registry(connectors)).0
}

struct Registry(Plugins);

impl connect_transforms::Registry for Registry {
    fn transform<T: TransformPlugin>(self) -> Self {
        Self(self.0.transform::<T>())
    }

    fn predicate<P: PredicatePlugin>(self) -> Self {
        Self(self.0.predicate::<P>())
    }
}
