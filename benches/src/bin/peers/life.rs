//! A worker's life: started, given the same job several times, ended.

use std::fmt;
use std::time::Duration;

use tokio::time::sleep;

use crate::Result;
use crate::cluster::Cluster;
use crate::count::Destination;
use crate::job::{Input, Job};
use crate::options::Options;
use crate::rival::{Place, Rival};

/// What one run cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Records a second.
    pub(crate) rate: f64,
    /// Microseconds of CPU for each record.
    pub(crate) cpu: f64,
}

/// What a worker cost.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) start: Duration,
    pub(crate) runs: Vec<Run>,
    pub(crate) peak_kib: u64,
    /// Of what it wrote; equal in all runs.
    pub(crate) digest: u64,
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "up in {} ms, peak {} MiB;", self.start.as_millis(), self.peak_kib / 1024)?;
        self.runs.iter().try_for_each(|run| write!(f, " {:.0}/s at {:.2} µs", run.rate, run.cpu))
    }
}

/// Lets a worker do a job several times.
///
/// # Errors
/// A record is missing, or there are too many; or the worker fails.
pub(crate) async fn live(
    mut rival: Rival,
    cluster: &Cluster,
    place: &Place,
    job: &Job,
    input: &Input,
    prefix: &str,
    options: &Options,
) -> Result<Life> {
    let (start, mut runs, mut digests) = (rival.start(), Vec::new(), Vec::new());
    for run in 0..options.runs {
        let name = format!("{prefix}-{run}");
        let (config, destination) = job.configure(place, &name, options.records);
        if let Input::File | Input::Nothing = input {
            cluster.create(&name, &[]).await?;
        }
        let before = rival.create(place, &name, &config).await?;
        let rate = destination.arrived(cluster, options.records).await.map_err(|error| format!("{name}: {error}"))?;
        // What follows the last record belongs to it: acknowledgements, garbage.
        sleep(Duration::from_millis(100)).await;
        let cpu = rival.cpu()?.saturating_sub(before);
        rival.delete(&name).await?;
        digests.push(destination.check(cluster, options.records).await.map_err(|error| format!("{name}: {error}"))?);
        remove(&destination, cluster).await?;
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        runs.push(Run { rate, cpu: cpu.as_secs_f64() * 1e6 / options.records as f64 });
    }
    if digests.iter().any(|digest| *digest != digests[0]) {
        return Err(format!("{prefix}: the runs wrote different records").into());
    }
    Ok(Life { start, runs, peak_kib: rival.stop().await?, digest: digests[0] })
}

async fn remove(destination: &Destination, cluster: &Cluster) -> Result<()> {
    match destination {
        Destination::Topic(topic) => cluster.delete(topic).await,
        Destination::File(path) | Destination::Report(path) => Ok(std::fs::remove_file(path)?),
    }
}
