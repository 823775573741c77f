//! Counting records where they arrive.

use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::TopicPartition;
use connect_kafka::consumer::{FetchConfig, PartitionConsumer};
use tokio::time::{Instant, sleep, timeout};

use crate::Result;
use crate::cluster::Cluster;

/// How often the destination is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// Where records arrive.
pub(crate) enum Destination {
    Topic(String),
    /// Lines of equal length.
    File(PathBuf),
    /// A sink that counts, and writes this when it has everything.
    Report(PathBuf),
}

impl Destination {
    /// Waits for all records. Gives records a second, from the first seen to the last.
    ///
    /// # Errors
    /// They do not arrive in time.
    pub(crate) async fn arrived(&self, cluster: &Cluster, records: u64) -> Result<f64> {
        let patience = Duration::from_secs(60) + Duration::from_micros(100) * u32::try_from(records)?;
        let arrived = timeout(patience, self.wait(cluster, records));
        let late = |_| format!("not all records arrived within {patience:?}");
        arrived.await.map_err(late)?
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    async fn wait(&self, cluster: &Cluster, records: u64) -> Result<f64> {
        let mut first = None;
        loop {
            let there = match self {
                Self::Topic(topic) => cluster.end(topic).await?,
                Self::File(path) => std::fs::metadata(path).map_or(0, |file| file.len() / LINE),
                Self::Report(path) => match std::fs::read_to_string(path) {
                    Ok(text) => return reported(&text, records),
                    Err(_) => 0,
                },
            };
            let now = Instant::now();
            if there > 0 && first.is_none() {
                first = Some((now, there));
            }
            if there >= records {
                let (began, before) = first.unwrap_or((now, 0));
                return Ok((records - before.min(records)) as f64 / (now - began).as_secs_f64());
            }
            sleep(EVERY).await;
        }
    }

    /// Counts the records one by one. Gives a digest of what they are, in order.
    ///
    /// # Errors
    /// There are more or fewer.
    pub(crate) async fn check(&self, cluster: &Cluster, records: u64) -> Result<u64> {
        let (count, digest) = match self {
            Self::Topic(topic) => read(cluster, topic).await?,
            Self::File(path) => {
                let (mut count, mut hash) = (0, DefaultHasher::new());
                for line in BufReader::new(std::fs::File::open(path)?).lines() {
                    hash.write(line?.as_bytes());
                    count += 1;
                }
                (count, hash.finish())
            }
            // Its count was looked at when it came.
            Self::Report(_) => (records, 0),
        };
        if count == records { Ok(digest) } else { Err(format!("{count} records arrived instead of {records}").into()) }
    }
}

/// Bytes of a line with its end.
const LINE: u64 = 201;

/// Reads when a sink had its first and its last record: ms, ms, records, calls.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn reported(text: &str, records: u64) -> Result<f64> {
    let numbers: Vec<u64> = text.split_whitespace().map(str::parse).collect::<std::result::Result<_, _>>()?;
    let [began, ended, count, _] = numbers[..] else { return Err(format!("no report: {text:?}").into()) };
    if count != records {
        return Err(format!("{count} records arrived instead of {records}").into());
    }
    Ok(records as f64 * 1000.0 / ended.saturating_sub(began).max(1) as f64)
}

async fn read(cluster: &Cluster, topic: &str) -> Result<(u64, u64)> {
    let end = cluster.end(topic).await?;
    let config = FetchConfig { partition_max_bytes: 8 << 20, ..FetchConfig::default() };
    let mut consumer = PartitionConsumer::new(Arc::clone(&cluster.broker), config);
    consumer.assign([(TopicPartition::new(topic, 0), 0)]);
    let (mut count, mut hash) = (0, DefaultHasher::new());
    while consumer.positions().iter().any(|(_, next)| u64::try_from(*next).is_ok_and(|next| next < end)) {
        for batch in consumer.next().await?.batches {
            for record in batch.views() {
                hash.write(record?.value.unwrap_or_default());
                count += 1;
            }
        }
    }
    Ok((count, hash.finish()))
}
