//! What connectors are doing, for people.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_runtime::{ConnectorKind, ConnectorStatus, TaskCounts, Worker};
use tokio::time::Instant;
use tracing::info;

use crate::output::Screen;

/// Shows connectors' progress: lines that are redrawn on a terminal, log lines elsewhere.
pub(crate) struct Progress {
    screen: Screen,
    worker: Worker,
    began: Instant,
    last: BTreeMap<Arc<str>, (Instant, TaskCounts)>,
}

/// A connector between two looks.
struct Line {
    status: ConnectorStatus,
    counts: TaskCounts,
    records_per_second: u64,
    bytes_per_second: u64,
}

impl Progress {
    pub(crate) fn new(screen: Screen, worker: Worker) -> Self {
        Self { screen, worker, began: Instant::now(), last: BTreeMap::new() }
    }

    /// Whether lines are redrawn.
    pub(crate) fn is_live(&self) -> bool {
        self.screen.is_terminal()
    }

    /// Shows what happened since the last time.
    pub(crate) fn show(&mut self) {
        let lines = self.look();
        if self.is_live() {
            self.screen.draw(lines.iter().map(Line::drawn).collect());
        } else {
            lines.iter().for_each(|line| line.log("progress"));
        }
    }

    /// Shows everything that happened, and takes redrawn lines away.
    pub(crate) fn end(&mut self) {
        self.last.clear();
        let lines = self.look();
        self.screen.draw(Vec::new());
        lines.iter().for_each(|line| line.log("total"));
    }

    fn look(&mut self) -> Vec<Line> {
        let now = Instant::now();
        let statuses = self.worker.connectors().into_iter().filter_map(|name| self.worker.status(&name).ok());
        let looked = statuses.map(|status| {
            let counts = total(&status);
            let before = self.last.insert(Arc::clone(&status.name), (now, counts));
            let (since, before) = before.unwrap_or((self.began, TaskCounts::default()));
            Line::new(status, before, now - since)
        });
        looked.collect()
    }
}

/// What all tasks of a connector counted.
fn total(status: &ConnectorStatus) -> TaskCounts {
    status.tasks.iter().fold(TaskCounts::default(), |sum, task| sum + task.counts)
}

impl Line {
    /// What there is to show of a connector, of which this was counted so long ago.
    fn new(status: ConnectorStatus, before: TaskCounts, elapsed: Duration) -> Self {
        let counts = total(&status);
        let seconds = elapsed.as_secs_f64().max(0.001);
        // Rates are for people: what a float loses does not matter.
        let per_second = |now: u64, before: u64| (now.saturating_sub(before) as f64 / seconds) as u64;
        Self {
            records_per_second: per_second(counts.written, before.written),
            bytes_per_second: per_second(counts.bytes, before.bytes),
            status,
            counts,
        }
    }

    fn drawn(&self) -> String {
        let Self { status, counts, records_per_second, bytes_per_second } = self;
        let lag = self.lag().map_or_else(|| "-".into(), |lag| lag.to_string());
        format!(
            "{:<24} {:<6} {:<10} {:>12} records {records_per_second:>10}/s {:>9}/s  lag {lag:<10} errors {}",
            status.name,
            status.kind,
            status.worst_state(),
            counts.written,
            bytes(*bytes_per_second),
            counts.errors,
        )
    }

    fn log(&self, what: &'static str) {
        let Self { status, counts, records_per_second, bytes_per_second } = self;
        info!(
            connector = %status.name,
            state = %status.worst_state(),
            records = counts.written,
            records_per_second,
            bytes_per_second = %bytes(*bytes_per_second),
            lag = self.lag(),
            errors = counts.errors,
            "{what}"
        );
    }

    /// Records behind the log's end; nobody knows how far a source is behind.
    fn lag(&self) -> Option<u64> {
        (self.status.kind == ConnectorKind::Sink).then_some(self.counts.lag)
    }
}

fn bytes(count: u64) -> String {
    let mut scaled = count as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if scaled < 999.5 {
            return if unit == "B" { format!("{count} B") } else { format!("{scaled:.1} {unit}") };
        }
        scaled /= 1000.0;
    }
    format!("{scaled:.1} TB")
}

#[cfg(test)]
mod tests;
