//! Connectors and a herder for tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::config::{ConfigErrors, Secret};
use connect_api::{
    Config, Error, JsonSchema, OffsetMap, Record, Result, SourceConnector, SourceRecord, SourceTask, SourceTaskContext,
    Task, async_trait,
};
use connect_runtime::herder::{ConfigInput, Herder, StandaloneHerder};
use connect_runtime::testing::TestWorker;
use connect_runtime::{InitialState, Plugins, State, WorkerConfig};
use serde::Deserialize;

use crate::support::Seen;

/// A source that splits a list, counts what it starts, and hangs where it is told to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    /// `split:life` of every task that was started.
    pub(crate) started: Arc<Mutex<Vec<String>>>,
    pub(crate) lives: Arc<AtomicUsize>,
    /// The call that hangs: `validate`, `splits`, `poll`, `stop`; `long splits` end after a minute.
    pub(crate) hangs: Arc<Mutex<&'static str>>,
    /// Whether what `validate` looks for does not answer.
    pub(crate) away: Arc<AtomicBool>,
    /// Whether `splits` fails.
    pub(crate) fails: Arc<AtomicBool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ListConfig {
    /// What to read.
    pub(crate) items: Vec<String>,
    /// Goes into every record.
    #[serde(default)]
    pub(crate) mark: String,
    /// A secret.
    #[serde(default, rename = "db.password")]
    pub(crate) _password: Option<Secret<String>>,
}

const _: fn() = || {
    fn is_config<C: Config>() {}
    is_config::<ListConfig>();
};

impl Lists {
    pub(crate) fn hang(&self, call: &'static str) {
        *self.hangs.lock().unwrap() = call;
    }

    async fn maybe_hang(&self, call: &str) {
        let hangs = *self.hangs.lock().unwrap() == call;
        if hangs {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn started(&self) -> Vec<String> {
        std::mem::take(&mut *self.started.lock().unwrap())
    }
}

#[async_trait]
impl SourceConnector for Lists {
    const NAME: &'static str = "org.example.ListSourceConnector";
    const VERSION: &'static str = "7";
    type Config = ListConfig;
    type Split = Vec<String>;
    type Task = ListTask;
    const SPLIT_KEYS: &'static [&'static str] = &["items"];

    async fn splits(&self, config: &ListConfig, max: usize) -> Result<Vec<Vec<String>>> {
        self.maybe_hang("splits").await;
        if *self.hangs.lock().unwrap() == "long splits" {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        if self.fails.load(Ordering::SeqCst) {
            return Err(Error::fatal("no such list"));
        }
        let mut splits = vec![Vec::new(); max.min(config.items.len())];
        for (index, item) in config.items.iter().enumerate() {
            let slot = index % splits.len();
            splits[slot].push(item.clone());
        }
        Ok(splits)
    }

    async fn task(&self, config: &ListConfig, split: Vec<String>, context: SourceTaskContext) -> Result<ListTask> {
        self.lives.fetch_add(1, Ordering::SeqCst);
        self.started.lock().unwrap().push(split.join("+"));
        let mut at = BTreeMap::new();
        for item in &split {
            let partition = OffsetMap::of("item", item.as_str());
            let stored = context.offsets(std::slice::from_ref(&partition)).await?.remove(0);
            at.insert(item.clone(), stored.and_then(|offset| offset.get_i64("n")).unwrap_or(0));
        }
        Ok(ListTask { lists: self.clone(), at, mark: config.mark.clone() })
    }

    async fn validate(&self, config: &ListConfig) -> Result<(), ConfigErrors> {
        self.maybe_hang("validate").await;
        let mut errors = ConfigErrors::new();
        if config.items.is_empty() {
            errors.add("items", None, "there are none");
        }
        if self.away.load(Ordering::SeqCst) {
            errors.add_passing("items", None, "nobody answers");
        }
        errors.into_result()
    }

    async fn alter_offsets(&self, _: &ListConfig, offsets: &[(OffsetMap, Option<OffsetMap>)]) -> Result<()> {
        match offsets.iter().find(|(partition, _)| partition.get_str("item").is_none()) {
            Some((partition, _)) => Err(Error::config(format!("{partition} is no item"))),
            None => Ok(()),
        }
    }
}

pub(crate) struct ListTask {
    lists: Lists,
    at: BTreeMap<String, i64>,
    mark: String,
}

#[async_trait]
impl Task for ListTask {
    async fn stop(&mut self) -> Result<()> {
        self.lists.maybe_hang("stop").await;
        Ok(())
    }
}

#[async_trait]
impl SourceTask for ListTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        self.lists.maybe_hang("poll").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let records = self.at.iter_mut().map(|(item, n)| {
            *n += 1;
            let record = Record::new("lists", format!("{item}{}{n}", self.mark));
            SourceRecord::new(record, Arc::new(OffsetMap::of("item", item.as_str())), OffsetMap::of("n", *n))
        });
        Ok(records.collect())
    }
}

/// A herder on a test's worker, with [`Lists`] and a sink that takes everything.
pub(crate) struct Rig {
    pub(crate) test: TestWorker,
    pub(crate) lists: Lists,
    pub(crate) seen: Seen,
    pub(crate) herder: StandaloneHerder,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with(WorkerConfig::default()).await
    }

    pub(crate) async fn with(config: WorkerConfig) -> Self {
        let (lists, seen) = (Lists::default(), Seen::default());
        let plugins = Plugins::new().source(lists.clone()).sink(seen.taking());
        let test = TestWorker::builder().plugins(plugins).config(config).start().await;
        let herder = StandaloneHerder::open(test.worker().clone()).await.unwrap();
        herder.start().await;
        Self { test, lists, seen, herder }
    }

    pub(crate) async fn create(&self, name: &str, properties: &[(&str, &str)]) {
        self.herder.create(name, input(properties), InitialState::Running).await.unwrap();
    }

    pub(crate) async fn running(&self, name: &str) {
        let runs = || {
            self.herder.status(name).is_ok_and(|status| {
                status.connector.state == State::Running
                    && !status.tasks.is_empty()
                    && status.tasks.iter().all(|task| task.state == State::Running)
            })
        };
        self.test.until(runs).await;
    }

    /// The state of the connector and of its tasks.
    pub(crate) fn states(&self, name: &str) -> String {
        let status = self.herder.status(name).unwrap();
        let tasks: Vec<_> = status.tasks.iter().map(|task| task.state.to_string()).collect();
        format!("{} [{}]", status.connector.state, tasks.join(" "))
    }
}

pub(crate) fn input(properties: &[(&str, &str)]) -> ConfigInput {
    properties.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect()
}

pub(crate) const LIST: (&str, &str) = ("connector.class", "ListSource");
pub(crate) const SINK: (&str, &str) = ("connector.class", "closure");
