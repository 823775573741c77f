//! The same jobs on the Java Connect worker and on ours, in turns, against the same Kafka; `--help` says how.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's result and its progress")]

mod clients;
mod cluster;
mod count;
mod java;
mod job;
mod latency;
mod life;
mod machine;
mod options;
mod ours;
mod process;
mod rest;
mod rival;
mod table;

use std::error::Error;
use std::process::ExitCode;

use cluster::Cluster;
use job::{Input, JOBS, Job};
use life::Life;
use options::Options;
use rival::{Place, Rival};
use table::Table;
use tokio::signal::ctrl_c;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match runtime.block_on(run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// All of it. What was started is stopped however this ends: workers with their guards, topics and the cluster here.
async fn run(options: &Options) -> Result<()> {
    ours::build()?;
    let cluster = Cluster::start().await?;
    let done = tokio::select! {
        biased;
        _ = ctrl_c() => Err("stopped by Ctrl-C".into()),
        done = measure(options, &cluster) => done,
    };
    cluster.stop().await;
    done
}

async fn measure(options: &Options, cluster: &Cluster) -> Result<()> {
    let place = Place::new(&cluster.bootstrap)?;
    let mut table = Table::default();
    for job in JOBS.iter().filter(|job| options.wants(job.name)) {
        let input = job.input.prepare(cluster, &place, options.records).await?;
        for round in 0..options.rounds {
            let mut digests = Vec::new();
            for java in [true, false] {
                let life = life(options, cluster, &place, job, &input, round, java).await?;
                eprintln!("{} round {} {life}", job.name, round + 1);
                digests.push(life.digest);
                table.add(job, java, life);
            }
            if digests[0] != digests[1] {
                return Err(format!("{}: the two workers wrote different records", job.name).into());
            }
        }
        input.remove(cluster).await?;
    }
    if !table.is_empty() {
        println!("{}\n\n{table}", machine::facts(options));
    }
    if options.wants("clients") {
        clients::measure(options, cluster).await?;
    }
    if options.wants("latency") {
        latency::measure(options, cluster, &place).await?;
    }
    Ok(())
}

async fn life(
    options: &Options,
    cluster: &Cluster,
    place: &Place,
    job: &Job,
    input: &Input,
    round: usize,
    java: bool,
) -> Result<Life> {
    let rival = if java { Rival::java(place).await? } else { Rival::ours(place, job.ours).await? };
    let prefix = format!("peers-{}-{round}-{}", job.name, if java { "java" } else { "ours" });
    life::live(rival, cluster, place, job, input, &prefix, options).await
}
