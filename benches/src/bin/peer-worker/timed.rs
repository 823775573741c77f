//! How old the records of `dev.connect.PacedSource` are when they are put.

use std::time::Duration;

use benches::{monotonic, wall_clock};
use connect_api::{
    Delivery, Error, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, Value, async_trait,
};

use crate::latencies::Latencies;
use crate::report;

connect_api::config! {
    /// When to report.
    pub(crate) struct TimedSinkConfig {
        /// After how many records; the first tenth is left out.
        records: u64,
        /// Where to.
        #[serde(rename = "report.file")]
        report: String,
    }
}

/// The connector. Its topic has `message.timestamp.type=LogAppendTime`.
pub(crate) struct TimedSink;

pub(crate) struct TimedSinkTask {
    records: u64,
    seen: u64,
    report: String,
    from_poll: Latencies,
    from_broker: Latencies,
}

#[async_trait]
impl SinkConnector for TimedSink {
    const NAME: &'static str = "dev.connect.TimedSink";
    type Config = TimedSinkConfig;
    type Task = TimedSinkTask;

    async fn task(&self, config: &Self::Config, _: SinkTaskContext) -> Result<TimedSinkTask> {
        Ok(TimedSinkTask {
            records: config.records,
            seen: 0,
            report: config.report.clone(),
            from_poll: Latencies::default(),
            from_broker: Latencies::default(),
        })
    }
}

#[async_trait]
impl Task for TimedSinkTask {}

#[async_trait]
impl SinkTask for TimedSinkTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        let (now, wall) = (monotonic(), wall_clock());
        for record in records {
            self.seen += 1;
            if self.seen <= self.records / 10 {
                continue;
            }
            let Value::String(text) = &record.value.value else { return Err(Error::data("no text")) };
            let polled = text.trim_start_matches('0').parse().map_err(|_| Error::data("no time"))?;
            self.from_poll.add(now.saturating_sub(Duration::from_nanos(polled)));
            // The broker's clock has milliseconds, cut off: this is too long by up to one.
            let appended = record.timestamp.and_then(|millis| u64::try_from(millis).ok()).unwrap_or(0);
            self.from_broker.add(wall.saturating_sub(Duration::from_millis(appended)));
        }
        if self.seen == self.records {
            let lines = std::mem::take(&mut self.from_broker).line("broker to put")
                + &std::mem::take(&mut self.from_poll).line("poll to put");
            report::write(&self.report, &lines)?;
        }
        Ok(Delivery::Durable)
    }
}
