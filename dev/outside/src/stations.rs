//! A source: each station is a source partition, and stations are shared out among the tasks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connect_api::config::ConfigErrors;
use connect_api::{
    Error, OffsetMap, Record, Result, Schema, SourceConnector, SourceRecord, SourceTask, SourceTaskContext, Struct,
    Task, Type, async_trait,
};

connect_api::config! {
    /// Configuration of [`StationSource`].
    #[derive(Clone)]
    pub struct StationConfig {
        /// Names of the stations.
        #[schemars(length(min = 1))]
        pub stations: Vec<String>,
        /// Where readings go.
        #[schemars(length(min = 1))]
        pub topic: String,
        /// Most readings of a station in one poll.
        #[serde(rename = "batch.size", default = "hundred")]
        #[schemars(range(min = 1))]
        pub batch_size: usize,
    }
}

fn hundred() -> usize {
    100
}

/// Stands for the stations' server.
#[derive(Debug, Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    readings: BTreeMap<String, Vec<f64>>,
    away: bool,
}

impl Server {
    pub fn add(&self, station: &str, celsius: f64) {
        self.0.lock().unwrap().readings.entry(station.to_owned()).or_default().push(celsius);
    }

    pub fn set_away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    fn readings(&self, station: &str, from: usize) -> Result<Vec<f64>> {
        let state = self.0.lock().unwrap();
        if state.away {
            return Err(Error::retriable("the server does not answer"));
        }
        Ok(state.readings.get(station).map(|readings| readings[from..].to_vec()).unwrap_or_default())
    }
}

pub struct StationSource(pub Server);

#[async_trait]
impl SourceConnector for StationSource {
    const NAME: &'static str = "StationSource";
    type Config = StationConfig;
    type Split = Vec<String>;
    type Task = StationTask;

    async fn splits(&self, config: &StationConfig, max_tasks: usize) -> Result<Vec<Vec<String>>> {
        let tasks = max_tasks.min(config.stations.len());
        let share = |task| config.stations.iter().skip(task).step_by(tasks).cloned().collect();
        Ok((0..tasks).map(share).collect())
    }

    async fn validate(&self, config: &StationConfig) -> Result<(), ConfigErrors> {
        let mut errors = ConfigErrors::new();
        for station in config.stations.iter().filter(|station| station.contains(' ')) {
            errors.add("stations", Some(station.clone()), "a station's name has no blanks");
        }
        errors.into_result()
    }

    async fn task(
        &self,
        config: &StationConfig,
        split: Vec<String>,
        context: SourceTaskContext,
    ) -> Result<StationTask> {
        let mut places = Vec::new();
        for station in split {
            let partition = Arc::new(OffsetMap::of("station", station.as_str()));
            let next = context.offset(&partition).await?.and_then(|offset| offset.get_i64("next")).unwrap_or(0);
            places.push(Place { station, partition, next });
        }
        let schema = Schema::structure()
            .name("Reading")
            .field("station", Schema::required(Type::String))
            .field("celsius", Schema::required(Type::Float64))
            .build()?;
        Ok(StationTask { server: self.0.clone(), config: config.clone(), places, schema })
    }
}

pub struct StationTask {
    server: Server,
    config: StationConfig,
    places: Vec<Place>,
    schema: Arc<Schema>,
}

struct Place {
    station: String,
    partition: Arc<OffsetMap>,
    next: i64,
}

impl Task for StationTask {}

#[async_trait]
impl SourceTask for StationTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        let mut records = Vec::new();
        for place in &mut self.places {
            for celsius in
                self.server.readings(&place.station, place.next as usize)?.into_iter().take(self.config.batch_size)
            {
                place.next += 1;
                let value = Struct::builder(&self.schema)
                    .set("station", place.station.as_str())
                    .set("celsius", celsius)
                    .build()?;
                let record = Record::new(self.config.topic.as_str(), value).with_key(place.station.as_str());
                records.push(SourceRecord::new(record, place.partition.clone(), OffsetMap::of("next", place.next)));
            }
        }
        Ok(records)
    }

    fn is_idle(&self) -> Option<bool> {
        Some(true)
    }
}
