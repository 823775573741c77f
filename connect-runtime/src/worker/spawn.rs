//! From what a connector is to a running task.

use std::sync::Arc;

use connect_api::{Converter, HeaderConverter, Result, StopHandle, StopSignal, TaskId};
use connect_kafka::consumer::{FetchConfig, GroupConfig, OffsetReset, Subscription};
use connect_kafka::producer::{AutoCreate, ProducerConfig};
use connect_kafka::{Broker, Clock, Isolation};
use tokio::sync::watch;
use tokio::time::Duration;

use super::connector::{Job, TaskRecord};
use super::linked::Linked;
use super::running::{Running, Target};
use super::status::State;
use crate::budget::ByteBudget;
use crate::chain::Chain;
use crate::config::{SinkOptions, SourceOptions, TaskOptions, Topics, WorkerConfig};
use crate::convert::{Converters, Named};
use crate::failures::{DeadLetters, Failures};
use crate::offsets::OffsetStore;
use crate::plugins::{Plugins, RunningSink, RunningSource};
use crate::providers::Providers;
use crate::{sink, source};

/// What a worker's connectors share.
pub(crate) struct Environment {
    pub(crate) config: WorkerConfig,
    pub(crate) plugins: Plugins,
    pub(crate) providers: Providers,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) store: Arc<dyn OffsetStore>,
    pub(crate) budget: ByteBudget,
    pub(crate) clock: Clock,
    pub(crate) auto_create: Option<AutoCreate>,
    pub(crate) key_converter: Named<dyn Converter>,
    pub(crate) value_converter: Named<dyn Converter>,
    pub(crate) header_converter: Named<dyn HeaderConverter>,
}

/// A task that was spawned.
pub(crate) struct Spawned {
    pub(crate) life: Linked<Result<()>>,
    pub(crate) stop: StopHandle,
    pub(crate) states: watch::Receiver<State>,
}

impl Environment {
    /// Spawns task `number` of a connector.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        job: &Job,
        number: usize,
        split: &str,
        record: &TaskRecord,
        target: watch::Receiver<Target>,
    ) -> Spawned {
        let id = TaskId::new(Arc::clone(job.name()), number);
        let (stop, stopped) = StopSignal::new();
        let (running, states) = Running::new(*target.borrow() == Target::Paused);
        let recipe = Recipe {
            environment: Arc::clone(self),
            id,
            progress: Arc::clone(&record.progress),
            commit: Arc::clone(&record.commit),
            running,
            target,
            seed: self.seed(job.name(), number),
        };
        let life = match job.clone() {
            Job::Source { options, connector } => {
                let split = split.to_owned();
                Linked::spawn(async move {
                    let source = recipe.source(options, connector, split).await?;
                    source::run(source, stopped).await
                })
            }
            Job::Sink { options, connector } => Linked::spawn(async move {
                let sink = recipe.sink(options, connector).await?;
                sink::run(sink, stopped).await
            }),
        };
        Spawned { life, stop, states }
    }

    /// A seed for each task, the same in each run.
    fn seed(&self, name: &str, number: usize) -> u64 {
        let bytes = name.bytes().chain(number.to_le_bytes());
        bytes.fold(self.config.seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    pub(crate) fn producer(&self, client_id: String, seed: u64) -> ProducerConfig {
        // A record may be as large as the memory budget lets it be polled; the broker has the last word.
        ProducerConfig {
            client_id,
            auto_create: self.auto_create,
            clock: self.clock,
            seed,
            buffer_bytes: (self.config.memory_budget / 16).clamp(256 << 10, 32 << 20),
            ..ProducerConfig::default()
        }
    }
}

/// What every task has, source or sink.
pub(crate) struct TaskParts {
    pub(crate) id: TaskId,
    pub(crate) chain: Chain,
    pub(crate) converters: Converters,
    pub(crate) failures: Arc<Failures>,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) budget: ByteBudget,
    pub(crate) flush_interval: Duration,
    pub(crate) flush_timeout: Duration,
    pub(crate) progress: Progress,
    pub(crate) running: Running,
    pub(crate) target: watch::Receiver<Target>,
    /// Asks for a commit now.
    pub(crate) commit: Commit,
    pub(crate) seed: u64,
}

/// What a task is made of.
struct Recipe {
    environment: Arc<Environment>,
    id: TaskId,
    progress: Progress,
    commit: Commit,
    running: Running,
    target: watch::Receiver<Target>,
    seed: u64,
}

type Progress = Arc<crate::progress::TaskProgress>;
type Commit = Arc<tokio::sync::Notify>;

impl Recipe {
    async fn failures(&self, options: &TaskOptions) -> Result<Arc<Failures>> {
        let environment = &self.environment;
        let errors = options.errors.clone();
        let dead_letters = match &errors.dead_letters {
            None => None,
            Some(topic) => {
                let producer = environment.producer(format!("connector-dlq-producer-{}", self.id), self.seed);
                let (topic, broker) = (Arc::clone(topic), Arc::clone(&environment.broker));
                let replicas = errors.dead_letter_replication;
                Some(DeadLetters::open(broker, topic, replicas, producer, Arc::clone(&self.progress)).await?)
            }
        };
        let (hidden, progress) = (options.hidden.clone(), Arc::clone(&self.progress));
        Ok(Arc::new(Failures::new(self.id.clone(), errors, hidden, dead_letters, progress)))
    }

    fn converters(&self, options: &TaskOptions) -> Converters {
        let environment = &self.environment;
        Converters {
            key: options.key_converter.clone().unwrap_or_else(|| environment.key_converter.clone()),
            value: options.value_converter.clone().unwrap_or_else(|| environment.value_converter.clone()),
            header: options.header_converter.clone().unwrap_or_else(|| environment.header_converter.clone()),
        }
    }

    async fn parts(self, options: TaskOptions) -> Result<TaskParts> {
        let environment = &self.environment;
        Ok(TaskParts {
            failures: self.failures(&options).await?,
            converters: self.converters(&options),
            chain: options.chain,
            broker: Arc::clone(&environment.broker),
            budget: environment.budget.clone(),
            flush_interval: nonzero(environment.config.offset_flush_interval.duration()),
            flush_timeout: environment.config.offset_flush_timeout.duration(),
            progress: self.progress,
            running: self.running,
            target: self.target,
            commit: self.commit,
            seed: self.seed,
            id: self.id,
        })
    }

    async fn source(
        self,
        options: SourceOptions,
        connector: RunningSource,
        split: String,
    ) -> Result<source::SourceJob> {
        let mut producer = self.environment.producer(format!("connector-producer-{}", self.id), self.seed);
        producer.compression = options.compression;
        let store = Arc::clone(&self.environment.store);
        Ok(source::SourceJob { parts: self.parts(options.tasks).await?, connector, split, producer, store })
    }

    async fn sink(self, options: SinkOptions, connector: RunningSink) -> Result<sink::SinkJob> {
        let subscription = match options.topics {
            Topics::List(topics) => {
                create_missing(&self.environment, &topics).await;
                Subscription::Topics(topics)
            }
            Topics::Regex(regex) => Subscription::Matching(Arc::new(move |topic| {
                regex.find(topic).is_some_and(|found| found.len() == topic.len())
            })),
        };
        let consumer = options.consumer;
        let group = consumer.group.unwrap_or_else(|| format!("connect-{}", self.id.connector));
        let group = GroupConfig {
            client_id: format!("connector-consumer-{}", self.id),
            session_timeout: consumer.session_timeout,
            rebalance_timeout: consumer.max_poll_interval,
            assignors: consumer.assignors,
            metadata_refresh: Duration::from_secs(1),
            fetch: FetchConfig {
                max_bytes: 1 << 20,
                isolation: if consumer.read_committed { Isolation::ReadCommitted } else { Isolation::ReadUncommitted },
                offset_reset: if consumer.from_latest { OffsetReset::Latest } else { OffsetReset::Earliest },
                ..FetchConfig::default()
            },
            ..GroupConfig::new(group)
        };
        let max_poll_records = consumer.max_poll_records;
        let parts = self.parts(options.tasks).await?;
        Ok(sink::SinkJob { parts, connector, group, subscription, max_poll_records })
    }
}

/// An interval cannot be zero; Connect takes 0 as "all the time".
fn nonzero(interval: Duration) -> Duration {
    interval.max(Duration::from_millis(1))
}

/// Where the broker creates topics by itself, a consumer that asks for one creates it, as with Kafka.
async fn create_missing(environment: &Environment, topics: &[Arc<str>]) {
    let Some(create) = environment.auto_create else { return };
    for topic in topics {
        let new = connect_kafka::NewTopic {
            name: Arc::clone(topic),
            partitions: create.partitions,
            replication_factor: create.replication_factor,
            configs: std::collections::BTreeMap::new(),
        };
        if let Err(error) = connect_kafka::consumer::create_topic_if_absent(&*environment.broker, new).await {
            tracing::warn!(%topic, %error, "topic could not be created; the sink waits for it");
        }
    }
}
