//! A sink: it buffers, writes at `flush`, and refuses readings that cannot be.

use std::sync::{Arc, Mutex};

use connect_api::{Delivery, Error, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, Task, async_trait};

connect_api::config! {
    /// Configuration of [`AlarmSink`].
    pub struct AlarmConfig {
        /// Readings below are no alarm.
        #[serde(rename = "alarm.celsius")]
        #[schemars(range(min = -90, max = 60))]
        pub alarm_celsius: f64,
    }
}

/// Stands for a pager.
#[derive(Debug, Clone, Default)]
pub struct AlarmSink(pub Arc<Mutex<Vec<String>>>);

#[async_trait]
impl SinkConnector for AlarmSink {
    const NAME: &'static str = "AlarmSink";
    type Config = AlarmConfig;
    type Task = AlarmTask;

    async fn task(&self, config: &AlarmConfig, _context: SinkTaskContext) -> Result<AlarmTask> {
        Ok(AlarmTask { pager: self.0.clone(), celsius: config.alarm_celsius, alarms: Vec::new() })
    }
}

pub struct AlarmTask {
    pager: Arc<Mutex<Vec<String>>>,
    celsius: f64,
    alarms: Vec<String>,
}

impl Task for AlarmTask {}

impl AlarmTask {
    fn alarm(&self, record: &SinkRecord) -> Result<Option<String>> {
        let reading = &record.value.value;
        let celsius = reading.get("celsius").and_then(|value| value.as_f64());
        let celsius = celsius.ok_or_else(|| Error::data("a reading without temperature"))?;
        if !(-90.0..60.0).contains(&celsius) {
            return Err(Error::data(format!("{celsius} degrees cannot be")));
        }
        Ok((celsius >= self.celsius).then(|| format!("{}: {celsius}", record.key.value)))
    }
}

#[async_trait]
impl SinkTask for AlarmTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        let mut failed = Vec::new();
        for (index, record) in records.iter().enumerate() {
            match self.alarm(record) {
                Ok(alarm) => self.alarms.extend(alarm),
                Err(error) => failed.push((index, error)),
            }
        }
        if failed.is_empty() { Ok(Delivery::Buffered) } else { Err(Error::records(failed)) }
    }

    async fn flush(&mut self) -> Result<()> {
        self.pager.lock().unwrap().append(&mut self.alarms);
        Ok(())
    }
}
