//! How long a record takes at a steady rate that loads nobody: ours only.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::Result;
use crate::cluster::Cluster;
use crate::options::Options;
use crate::ours::Peer;
use crate::rival::Place;

const RATE: u64 = 1000;
const SECONDS: u64 = 20;
const TOPIC: &str = "peers-latency";

/// Measures, and prints a table.
pub(crate) async fn measure(options: &Options, cluster: &Cluster, place: &Place) -> Result<()> {
    println!("{RATE} records of 200 bytes a second for {SECONDS} s, the first tenth left out; milliseconds:\n");
    println!("| round | what | records | p50 | p99 | longest |\n|---|---|---|---|---|---|");
    for round in 0..options.rounds {
        cluster.create(TOPIC, &[("message.timestamp.type", "LogAppendTime")]).await?;
        for line in run(place, round).await?.lines() {
            let mut fields = line.split(',');
            let (what, count) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            let millis: Vec<_> =
                fields.map(|micros| format!("{:.2}", micros.parse().unwrap_or(f64::NAN) / 1000.0)).collect();
            println!("| {} | {what} | {count} | {} |", round + 1, millis.join(" | "));
        }
        cluster.delete(TOPIC).await?;
    }
    Ok(())
}

async fn run(place: &Place, round: usize) -> Result<String> {
    let mut peer = Peer::start(place).await?;
    let records = (RATE * SECONDS).to_string();
    let (acks, put) = (place.path(&format!("acks-{round}")), place.path(&format!("put-{round}")));
    let (source, sink) = (format!("peers-paced-{round}"), format!("peers-timed-{round}"));
    let report = put.display().to_string();
    let sink_config = config(&[
        ("connector.class", "dev.connect.TimedSink"),
        ("topics", TOPIC),
        ("records", &records),
        ("report.file", &report),
    ]);
    peer.create(place, &sink, &sink_config).await?;
    // Its group has its partition.
    sleep(Duration::from_secs(2)).await;
    let source_config = config(&[
        ("connector.class", "dev.connect.PacedSource"),
        ("topic", TOPIC),
        ("records", &records),
        ("rate", &RATE.to_string()),
    ]);
    peer.create(place, &source, &source_config).await?;
    peer.say(&format!("acks {source} {records} {}", acks.display())).await?;
    let done = timeout(Duration::from_secs(SECONDS + 60), async {
        while !(acks.exists() && put.exists()) {
            sleep(Duration::from_millis(50)).await;
        }
    });
    done.await.map_err(|_| "not every record arrived")?;
    peer.stop().await?;
    Ok(std::fs::read_to_string(acks)? + &std::fs::read_to_string(put)?)
}

fn config(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    let string = [("value.converter", "org.apache.kafka.connect.storage.StringConverter")];
    entries.iter().chain(&string).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
