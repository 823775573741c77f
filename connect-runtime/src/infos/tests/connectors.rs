//! Connectors that misbehave when they are told to.

use std::future::pending;

use connect_api::config::{ConfigErrors, Secret};
use connect_api::{
    Delivery, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, SourceConnector, SourceRecord, SourceTask,
    SourceTaskContext, Task, TransformPlugin, async_trait,
};

use crate::Plugins;

connect_api::config! {
    pub(super) struct SinkConfig {
        pub(super) url: String,
        #[expect(dead_code, reason = "it is only shown, or not")]
        pub(super) password: Option<Secret<String>>,
    }
}

connect_api::config! {
    pub(super) struct SourceConfig {}
}

struct Sink;
struct Source;
struct Idle;

#[async_trait]
impl SinkConnector for Sink {
    const NAME: &'static str = "test.Sink";
    const VERSION: &'static str = "1";
    type Config = SinkConfig;
    type Task = Idle;

    async fn validate(&self, config: &SinkConfig) -> Result<(), ConfigErrors> {
        match config.url.as_str() {
            "hang" => pending().await,
            "panic" => panic!("no such luck"),
            "refuse" => {
                let mut errors = ConfigErrors::new();
                errors.add("url", None, "no");
                Err(errors)
            }
            _ => Ok(()),
        }
    }

    async fn task(&self, _: &SinkConfig, _: SinkTaskContext) -> Result<Idle> {
        Ok(Idle)
    }
}

#[async_trait]
impl SourceConnector for Source {
    const NAME: &'static str = "test.Source";
    type Config = SourceConfig;
    type Split = ();
    type Task = Idle;

    async fn splits(&self, _: &SourceConfig, _: usize) -> Result<Vec<()>> {
        Ok(vec![()])
    }

    async fn task(&self, _: &SourceConfig, (): (), _: SourceTaskContext) -> Result<Idle> {
        Ok(Idle)
    }
}

#[async_trait]
impl Task for Idle {}

#[async_trait]
impl SinkTask for Idle {
    async fn put(&mut self, _: &[SinkRecord]) -> Result<Delivery> {
        Ok(Delivery::Durable)
    }
}

#[async_trait]
impl SourceTask for Idle {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        pending().await
    }
}

struct Registry(Plugins);

impl connect_transforms::Registry for Registry {
    fn transform<T: TransformPlugin>(self) -> Self {
        Self(self.0.transform::<T>())
    }

    fn predicate<P: connect_api::PredicatePlugin>(self) -> Self {
        Self(self.0.predicate::<P>())
    }
}

pub(super) fn plugins() -> Plugins {
    connect_transforms::register(Registry(Plugins::new().source(Source).sink(Sink))).0
}
