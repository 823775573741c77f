//! Counts records and throws them away.

use connect_api::{Delivery, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, async_trait};

use crate::report::Report;

connect_api::config! {
    /// When to report.
    pub(crate) struct DiscardingSinkConfig {
        /// After how many records.
        records: u64,
        /// Where to.
        #[serde(rename = "report.file", default)]
        report: String,
    }
}

/// The connector: what `dev.connect.DiscardingSink` does.
pub(crate) struct DiscardingSink;

pub(crate) struct DiscardingSinkTask {
    records: u64,
    seen: u64,
    puts: u64,
    report: Report,
}

#[async_trait]
impl SinkConnector for DiscardingSink {
    const NAME: &'static str = "dev.connect.DiscardingSink";
    type Config = DiscardingSinkConfig;
    type Task = DiscardingSinkTask;

    async fn task(&self, config: &Self::Config, context: SinkTaskContext) -> Result<DiscardingSinkTask> {
        let report = Report::new(&config.report, context.id().task);
        Ok(DiscardingSinkTask { records: config.records, seen: 0, puts: 0, report })
    }
}

#[async_trait]
impl Task for DiscardingSinkTask {}

#[async_trait]
impl SinkTask for DiscardingSinkTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        self.report.begin();
        self.puts += 1;
        let before = self.seen;
        self.seen += records.len() as u64;
        if before < self.records && self.seen >= self.records {
            self.report.end(self.seen, self.puts)?;
        }
        Ok(Delivery::Durable)
    }
}
