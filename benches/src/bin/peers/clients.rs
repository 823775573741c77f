//! Our client alone beside librdkafka.

use std::path::PathBuf;

use tokio::process::Command;

use crate::Result;
use crate::cluster::Cluster;
use crate::options::Options;
use crate::table::Spread;

const TOPIC: &str = "peers-clients";

/// Measures both in turns, and prints a table.
///
/// # Errors
/// Records are missing; or this was asked for by name, and there is no Python with confluent-kafka.
pub(crate) async fn measure(options: &Options, cluster: &Cluster) -> Result<()> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/bin/peer-client/librdkafka.py");
    let version = "import confluent_kafka as c; print(c.libversion()[0])";
    let found = Command::new(&python).args(["-c", version]).output().await;
    let Some(found) = found.ok().filter(|found| found.status.success()) else {
        let missing = format!("clients: {python} has no confluent-kafka; PYTHON names one that has");
        if options.names("clients") {
            return Err(missing.into());
        }
        eprintln!("left out {missing}");
        return Ok(());
    };
    let version = String::from_utf8(found.stdout)?.trim().to_owned();
    let ours = std::env::current_exe()?.with_file_name("peer-client");
    let mut figures: [[Vec<(f64, f64)>; 2]; 2] = Default::default();
    for _ in 0..options.rounds {
        for theirs in [true, false] {
            cluster.create(TOPIC, &[]).await?;
            for (at, what) in ["produce", "consume"].into_iter().enumerate() {
                let mut command = Command::new(if theirs { python.as_str().into() } else { ours.clone() });
                if theirs {
                    command.arg(&script);
                }
                let records = options.records.to_string();
                let output =
                    command.args([what, &cluster.bootstrap, TOPIC, &records]).kill_on_drop(true).output().await?;
                if !output.status.success() {
                    return Err(format!("{what}: {}", String::from_utf8_lossy(&output.stderr)).into());
                }
                if cluster.end(TOPIC).await? != options.records {
                    return Err(format!("clients: not {records} records in the topic").into());
                }
                let said = String::from_utf8(output.stdout)?;
                let numbers: Vec<f64> =
                    said.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?;
                let [wall, cpu] = numbers[..] else { return Err(format!("{what}: {said:?}").into()) };
                figures[at][usize::from(!theirs)].push((wall, cpu));
            }
            cluster.delete(TOPIC).await?;
        }
    }
    print(options, &version, &figures);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print(options: &Options, version: &str, figures: &[[Vec<(f64, f64)>; 2]; 2]) {
    println!(
        "| {} records of 200 bytes | client | k records/s | CPU µs a record |\n|---|---|---|---|",
        options.records
    );
    let records = options.records as f64;
    for (what, sides) in ["produce", "consume"].into_iter().zip(figures) {
        let all = sides.each_ref().map(|runs| {
            [
                Spread::of(runs, 0, |(wall, _)| records / wall / 1000.0),
                Spread::of(runs, 2, |(_, cpu)| cpu * 1e6 / records),
            ]
        });
        let theirs = format!("librdkafka {version}, from Python");
        for (name, [rate, cpu]) in [theirs.as_str(), "ours"].into_iter().zip(&all) {
            println!("| {what} | {name} | {rate} | {cpu} |");
        }
        let [[rate, cpu], [our_rate, our_cpu]] = &all;
        let (rate, cpu) = (our_rate.median() / rate.median(), cpu.median() / our_cpu.median());
        println!("| | better by | **{rate:.1}×** | **{cpu:.1}×** |");
    }
    println!();
}
