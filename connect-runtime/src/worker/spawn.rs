//! From what a connector is to a running task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connect_api::{Converter, HeaderConverter, Result, StopHandle, StopSignal, TaskId};
use connect_kafka::consumer::Subscription;
use connect_kafka::producer::{AutoCreate, ProducerConfig};
use connect_kafka::{Broker, Clock};
use tokio::sync::watch;
use tokio::time::Duration;
use tracing::Instrument as _;

use super::changes::{Changes, Uses};
use super::connector::{Job, TaskRecord};
use super::lease::{Lease, Leased};
use super::linked::{Linked, retry_start};
use super::running::{Running, Target};
use super::status::State;
use crate::budget::ByteBudget;
use crate::chain::Chain;
use crate::clients::{ClientSettings, ConsumerClient, ProducerClient};
use crate::config::{SinkOptions, TaskOptions, Topics, WorkerConfig};
use crate::convert::{Converters, Named};
use crate::failures::{DeadLetters, Failures};
use crate::metrics::WorkerMetrics;
use crate::offsets::OffsetStore;
use crate::plugins::{Plugins, RunningSink, RunningSource};
use crate::providers::Providers;
use crate::source::TopicMaker;
use crate::{sink, source, spans};

/// What a worker's connectors share.
pub(crate) struct Environment {
    pub(crate) config: WorkerConfig,
    pub(crate) plugins: Plugins,
    pub(crate) providers: Providers,
    pub(crate) clients: ClientSettings,
    /// The worker's own client.
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) store: Arc<dyn OffsetStore>,
    pub(crate) budget: ByteBudget,
    pub(crate) clock: Clock,
    pub(crate) auto_create: AutoCreate,
    pub(crate) key_converter: Named<dyn Converter>,
    pub(crate) value_converter: Named<dyn Converter>,
    pub(crate) header_converter: Named<dyn HeaderConverter>,
    pub(crate) metrics: Arc<WorkerMetrics>,
    /// What is new to see of connectors.
    pub(crate) changes: Arc<Changes>,
}

/// A task that was spawned.
pub(crate) struct Spawned {
    pub(crate) life: Linked<Result<()>>,
    pub(crate) stop: StopHandle,
    pub(crate) states: watch::Receiver<State>,
    /// Its right to store offsets.
    pub(super) lease: Lease,
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
        record.progress.well();
        record.progress.lanes.begin();
        record.progress.metrics.turned(State::Unassigned);
        let (stop, stopped) = StopSignal::new();
        let (running, states) = Running::new(
            *target.borrow() == Target::Paused,
            Arc::clone(job.name()),
            Arc::clone(&record.progress),
            self,
        );
        let span = spans::task(&id);
        let recipe = Recipe {
            environment: Arc::clone(self),
            id,
            progress: Arc::clone(&record.progress),
            commit: Arc::clone(&record.commit),
            running,
            target,
            seed: self.seed(job.name(), number),
        };
        let (lease, store) = Lease::new(Arc::clone(&self.store));
        let life = match job.clone() {
            Job::Source { options, connector } => {
                let split = split.to_owned();
                let task = async move {
                    let Some(source) =
                        unless_stopped(&stopped, recipe.source(options.tasks, connector, split, store)).await?
                    else {
                        return Ok(());
                    };
                    source::run(source, stopped).await
                };
                Linked::spawn(task.instrument(span))
            }
            Job::Sink { options, connector } => {
                let task = async move {
                    let Some(sink) = unless_stopped(&stopped, recipe.sink(options, connector)).await? else {
                        return Ok(());
                    };
                    sink::run(sink, stopped).await
                };
                Linked::spawn(task.instrument(span))
            }
        };
        Spawned { life, stop, states, lease }
    }

    /// A seed for each task, the same in each run.
    fn seed(&self, name: &str, number: usize) -> u64 {
        let bytes = name.bytes().chain(number.to_le_bytes());
        bytes.fold(self.config.seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    fn producer(&self, overrides: &BTreeMap<String, String>, client_id: &str, seed: u64) -> Result<ProducerClient> {
        let base = ProducerConfig {
            auto_create: self.auto_create,
            clock: self.clock,
            seed,
            buffer_bytes: (self.config.memory_budget / 8).clamp(256 << 10, 32 << 20),
            ..ProducerConfig::default()
        };
        Ok(self.clients.producer(overrides, client_id, base)?)
    }

    /// What a task of a sink reads with.
    pub(super) fn consumer(&self, options: &SinkOptions, number: usize) -> Result<ConsumerClient> {
        let id = TaskId::new(Arc::clone(&options.name), number);
        Ok(self.clients.consumer(&options.tasks.overrides, &id)?)
    }
}

async fn unless_stopped<T>(stopped: &StopSignal, start: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    tokio::select! {
        biased;
        () = stopped.stopped() => Ok(None),
        started = start => started.map(Some),
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
    /// Is told of the topics the task uses.
    pub(crate) uses: Uses,
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
                let client_id = format!("connector-dlq-producer-{}", self.id);
                let producer = environment.producer(&options.overrides, &client_id, self.seed)?;
                let admin = environment.clients.admin(&options.overrides, "connector-dlq-adminclient-")?;
                let prepare = || DeadLetters::prepare(&*admin, topic, errors.dead_letter_replication);
                retry_start(&self.id, Some(&self.progress), self.seed, prepare).await?;
                let broker = environment.clients.producing(&producer)?;
                let topic = Arc::clone(topic);
                Some(DeadLetters::open(broker, topic, producer.config, Arc::clone(&self.progress)))
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

    async fn parts(self, options: TaskOptions, broker: Arc<dyn Broker>) -> Result<TaskParts> {
        let environment = &self.environment;
        Ok(TaskParts {
            failures: self.failures(&options).await?,
            converters: self.converters(&options),
            chain: options.chain,
            broker,
            budget: environment.budget.clone(),
            flush_interval: nonzero(environment.config.offset_flush_interval.duration()),
            flush_timeout: environment.config.offset_flush_timeout.duration(),
            progress: self.progress,
            running: self.running,
            target: self.target,
            commit: self.commit,
            seed: self.seed,
            uses: Uses {
                connector: Arc::clone(&self.id.connector),
                task: self.id.task,
                changes: Arc::clone(&environment.changes),
            },
            id: self.id,
        })
    }

    async fn source(
        self,
        options: TaskOptions,
        connector: RunningSource,
        split: String,
        store: Leased,
    ) -> Result<source::SourceJob> {
        let environment = Arc::clone(&self.environment);
        let producer =
            environment.producer(&options.overrides, &format!("connector-producer-{}", self.id), self.seed)?;
        let broker = environment.clients.producing(&producer)?;
        let topics = match &options.topics {
            None => None,
            Some(rules) => {
                let client_id = format!("connector-adminclient-{}", self.id);
                let admin = environment.clients.admin(&options.overrides, &client_id)?;
                let (id, rules) = (self.id.clone(), rules.clone());
                Some(TopicMaker { id, admin, rules, known: BTreeSet::new(), seed: self.seed })
            }
        };
        let store: Arc<dyn OffsetStore> = Arc::new(store);
        let parts = self.parts(options, broker).await?;
        Ok(source::SourceJob { parts, connector, split, producer: producer.config, topics, store })
    }

    async fn sink(self, options: SinkOptions, connector: RunningSink) -> Result<sink::SinkJob> {
        let environment = Arc::clone(&self.environment);
        let consumer = environment.consumer(&options, self.id.task)?;
        let broker = environment.clients.consuming(&consumer)?;
        let subscription = match options.topics {
            Topics::List(topics) => {
                if consumer.auto_create && environment.auto_create != AutoCreate::Never {
                    ask_for(&*broker, &topics).await;
                }
                Subscription::Topics(topics)
            }
            Topics::Regex(regex) => {
                Subscription::Matching(Arc::new(move |topic| regex.matches(topic).unwrap_or(false)))
            }
        };
        let parts = self.parts(options.tasks, broker).await?;
        let group = consumer.group.clone();
        let max_poll_records = consumer.max_poll_records.unwrap_or_else(|| connector.most_records()).max(1);
        let second = Box::new(move || environment.clients.consuming(&consumer));
        Ok(sink::SinkJob { parts, connector, group, subscription, max_poll_records, second })
    }
}

/// An interval cannot be zero; Connect takes 0 as "all the time".
fn nonzero(interval: Duration) -> Duration {
    interval.max(Duration::from_millis(1))
}

/// A consumer that asks for topics makes brokers that create topics by themselves do so.
async fn ask_for(broker: &dyn Broker, topics: &[Arc<str>]) {
    for topic in topics {
        match broker.ask_for_topic(topic).await {
            Ok(Some(_)) => {}
            Ok(None) => tracing::warn!(%topic, "topic is not there; the sink waits for it"),
            Err(error) => tracing::warn!(%topic, %error, "topic could not be looked up; the sink waits for it"),
        }
    }
}
