//! CPU time of the whole process: what a figure per record means on a machine that others use too.

use std::future::Future;
use std::time::Duration;

use rustix::time::ClockId;
use tokio::time::Instant;

use crate::time::read;

/// What something cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// CPU time of all threads.
    pub cpu: Duration,
    /// Time on the wall.
    pub wall: Duration,
}

impl Cost {
    /// Prints one line of a table.
    #[expect(clippy::print_stdout, reason = "a bench's result")]
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub fn print(self, what: &str, records: u64) {
        let (cpu, wall) = (self.cpu.as_secs_f64(), self.wall.as_secs_f64());
        println!(
            "{what:<44} {:>7.2} M/CPU-s {:>7.2} M/s {:>8.1} ns/record",
            records as f64 / cpu / 1e6,
            records as f64 / wall / 1e6,
            cpu * 1e9 / records as f64,
        );
    }
}

/// Runs a future and says what it cost.
pub async fn cost(work: impl Future<Output = ()>) -> Cost {
    let (cpu, wall) = (process_cpu(), Instant::now());
    work.await;
    Cost { cpu: process_cpu() - cpu, wall: wall.elapsed() }
}

fn process_cpu() -> Duration {
    read(ClockId::ProcessCPUTime)
}
