//! Connectors and plugins that repeat their password where they should not.

use std::sync::{Arc, Mutex};

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Datum, Delivery, Error, Flow, OffsetMap, Predicate, PredicatePlugin,
    RawHeaders, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, SourceConnector, SourceRecord,
    SourceTask, SourceTaskContext, Task, Transform, TransformPlugin, Written, async_trait,
};
use connect_runtime::Plugins;

connect_api::config! {
    /// Of everything here that repeats its password where it should not.
    #[derive(Clone)]
    pub struct LeakyConfig {
        pub password: String,
        /// Where it fails.
        #[serde(default)]
        pub leak: String,
        /// There to be no number.
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        pub port: u16,
    }
}

impl LeakyConfig {
    fn leak(&self, place: &str) -> Result<()> {
        if self.leak != place {
            return Ok(());
        }
        let cause = std::io::Error::other(format!("the server said: no {:?}", self.password));
        Err(Error::data(format!("login with {} refused", self.password)).with_source(cause))
    }
}

#[derive(Clone, Default)]
pub(super) struct Leaky {
    /// The passwords of all tasks ever made.
    pub(super) used: Arc<Mutex<Vec<String>>>,
}

pub(super) struct LeakyTask(LeakyConfig);

#[async_trait]
impl SinkConnector for Leaky {
    const NAME: &'static str = "LeakySink";
    type Config = LeakyConfig;
    type Task = LeakyTask;

    async fn validate(&self, config: &LeakyConfig) -> Result<(), connect_api::config::ConfigErrors> {
        let mut errors = connect_api::config::ConfigErrors::new();
        if let Err(error) = config.leak("validate") {
            errors.add("password", Some(config.password.clone()), error.trace());
            errors.add("", None, error.to_string());
        }
        errors.into_result()
    }

    async fn task(&self, config: &LeakyConfig, _context: SinkTaskContext) -> Result<LeakyTask> {
        config.leak("task")?;
        self.used.lock().unwrap().push(config.password.clone());
        Ok(LeakyTask(config.clone()))
    }
}

#[async_trait]
impl Task for LeakyTask {
    async fn stop(&mut self) -> Result<()> {
        self.0.leak("stop")
    }
}

#[async_trait]
impl SinkTask for LeakyTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        assert!(self.0.leak != "panic", "no {}", self.0.password);
        if let Err(error) = self.0.leak("records") {
            return Err(Error::records([(records.len() - 1, error)]));
        }
        self.0.leak("retriable").map_err(|error| Error::retriable(error.to_string()).with_source(error))?;
        self.0.leak("put")?;
        Ok(Delivery::Buffered)
    }

    async fn flush(&mut self) -> Result<()> {
        self.0.leak("flush")
    }
}

#[async_trait]
impl SourceConnector for Leaky {
    const NAME: &'static str = "LeakySource";
    type Config = LeakyConfig;
    type Split = ();
    type Task = LeakyTask;

    async fn splits(&self, config: &LeakyConfig, _max_tasks: usize) -> Result<Vec<()>> {
        config.leak("splits").map(|()| vec![()])
    }

    async fn task(&self, config: &LeakyConfig, _split: (), _context: SourceTaskContext) -> Result<LeakyTask> {
        config.leak("task")?;
        Ok(LeakyTask(config.clone()))
    }
}

#[async_trait]
impl SourceTask for LeakyTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        assert!(self.0.leak != "panic", "no {}", self.0.password);
        self.0.leak("poll")?;
        if self.0.leak != "partition" {
            return std::future::pending().await;
        }
        let partition = Arc::new(OffsetMap::of("login", self.0.password.as_str()));
        Ok(vec![SourceRecord::new(Record::new("out", "bad"), partition, OffsetMap::of("n", 1))])
    }
}

struct LeakyPlugin(LeakyConfig);

impl Transform for LeakyPlugin {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        match record.value.value.as_str() {
            Some("bad") => Err(Error::data(format!("field {:?}: no {}", "f", self.0.password))),
            _ => Ok(Flow::Keep),
        }
    }
}

impl TransformPlugin for LeakyPlugin {
    const NAME: &'static str = "LeakyTransform";
    type Config = LeakyConfig;

    fn new(config: LeakyConfig) -> Result<Self> {
        config.leak("new").map(|()| Self(config))
    }
}

impl Predicate for LeakyPlugin {
    fn test(&self, record: &Record) -> bool {
        record.value.value.as_str() != Some(&self.0.password)
    }
}

impl PredicatePlugin for LeakyPlugin {
    const NAME: &'static str = "LeakyPredicate";
    type Config = LeakyConfig;

    fn new(config: LeakyConfig) -> Result<Self> {
        config.leak("new").map(|()| Self(config))
    }
}

impl Converter for LeakyPlugin {
    fn write(&self, _: &str, _: &mut RawHeaders, _: &Datum, _: &mut BytesMut) -> Result<Written> {
        Err(Error::data(format!("no {}", self.0.password)))
    }

    fn read(&self, _: &str, _: &RawHeaders, _: Option<&Bytes>) -> Result<Datum> {
        Err(Error::data(format!("no {}", self.0.password)))
    }
}

impl ConverterPlugin for LeakyPlugin {
    const NAME: &'static str = "LeakyConverter";
    type Config = LeakyConfig;

    fn new(config: LeakyConfig, _kind: ConverterKind) -> Result<Self> {
        config.leak("new").map(|()| Self(config))
    }
}

pub(super) fn plugins(leaky: &Leaky) -> Plugins {
    let plugins = Plugins::new().sink(leaky.clone()).source(leaky.clone()).transform::<LeakyPlugin>();
    plugins.predicate::<LeakyPlugin>().converter::<LeakyPlugin>()
}
