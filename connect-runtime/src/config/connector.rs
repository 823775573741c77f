//! What every connector can be told besides its own configuration.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect_api::{Converter, HeaderConverter, Predicate, Transform};
use connect_kafka::consumer::Assignor;
use connect_transforms::JavaRegex;

use super::topics::TopicRules;
use crate::chain::{Chain, Stage};
use crate::convert::Named;
use crate::providers::Hidden;
use crate::retry::RetryPolicy;

/// Which topics a sink reads.
#[derive(Debug, Clone)]
pub enum Topics {
    /// These.
    List(Vec<Arc<str>>),
    /// All whose whole name matches.
    Regex(JavaRegex),
}

/// What happens to records that fail: the `errors.*` keys.
#[derive(Debug, Clone)]
pub struct ErrorOptions {
    /// How converters and transforms are tried again (`errors.retry.timeout`, `errors.retry.delay.max.ms`).
    pub retry: RetryPolicy,
    /// Whether the task goes on past a bad record (`errors.tolerance=all`).
    pub tolerate: bool,
    /// Whether failures are logged (`errors.log.enable`).
    pub log: bool,
    /// Whether logged failures show the record (`errors.log.include.messages`).
    pub log_records: bool,
    /// Topic for bad records (`errors.deadletterqueue.topic.name`).
    pub dead_letters: Option<Arc<str>>,
    /// Replicas of that topic when it has to be created.
    pub dead_letter_replication: i16,
    /// Whether bad records carry headers that say what happened.
    pub dead_letter_headers: bool,
}

impl Default for ErrorOptions {
    fn default() -> Self {
        Self {
            retry: RetryPolicy::NONE,
            tolerate: false,
            log: false,
            log_records: false,
            dead_letters: None,
            dead_letter_replication: 3,
            dead_letter_headers: false,
        }
    }
}

/// What the tasks of a connector have in common, source or sink.
#[derive(Clone, Default)]
pub struct TaskOptions {
    pub(crate) key_converter: Option<Named<dyn Converter>>,
    pub(crate) value_converter: Option<Named<dyn Converter>>,
    pub(crate) header_converter: Option<Named<dyn HeaderConverter>>,
    pub(crate) chain: Chain,
    pub(crate) errors: ErrorOptions,
    pub(crate) restart: Option<RetryPolicy>,
    /// When a task that does not move is called STALLED; the worker's deadline when absent.
    pub(crate) progress_deadline: Option<Duration>,
    /// Properties of the connector's clients, with `producer.override.` and so on.
    pub(crate) overrides: BTreeMap<String, String>,
    /// How topics are made; sources only.
    pub(crate) topics: Option<TopicRules>,
    /// The values of config providers.
    pub(crate) hidden: Hidden,
}

impl fmt::Debug for TaskOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskOptions")
            .field("errors", &self.errors)
            .field("restart", &self.restart)
            .finish_non_exhaustive()
    }
}

/// How to run a source that is started from code.
#[derive(Debug, Clone)]
#[must_use]
pub struct SourceOptions {
    pub(crate) name: Arc<str>,
    pub(crate) tasks_max: usize,
    /// Whether it fails when it makes more tasks than that.
    pub(crate) enforce_tasks_max: bool,
    pub(crate) tasks: TaskOptions,
}

/// How to run a sink that is started from code.
#[derive(Debug, Clone)]
#[must_use]
pub struct SinkOptions {
    pub(crate) name: Arc<str>,
    pub(crate) tasks_max: usize,
    pub(crate) tasks: TaskOptions,
    pub(crate) topics: Topics,
}

impl SourceOptions {
    /// A source of this name, with one task.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), tasks_max: 1, enforce_tasks_max: true, tasks: TaskOptions::default() }
    }
}

impl SinkOptions {
    /// A sink of this name that reads these topics, with one task.
    pub fn new<T: Into<Arc<str>>>(name: impl Into<Arc<str>>, topics: impl IntoIterator<Item = T>) -> Self {
        Self {
            name: name.into(),
            tasks_max: 1,
            tasks: TaskOptions::default(),
            topics: Topics::List(topics.into_iter().map(Into::into).collect()),
        }
    }

    /// Reads all topics whose whole name matches instead.
    pub fn topics_matching(mut self, regex: JavaRegex) -> Self {
        self.topics = Topics::Regex(regex);
        self
    }

    /// At most so many records in one `put`; 2000 unless told otherwise.
    pub fn max_poll_records(self, records: usize) -> Self {
        self.client_property("consumer.override.max.poll.records", records.max(1).to_string())
    }
}

impl SinkOptions {
    /// Tasks keep what they keep while the group rebalances, instead of giving everything up first. All members of the
    /// group have to do so.
    pub fn cooperative(self) -> Self {
        let class = Assignor::CooperativeSticky.class();
        self.client_property("consumer.override.partition.assignment.strategy", class)
    }
}

macro_rules! common {
    ($options:ident) => {
        impl $options {
            /// At most so many tasks.
            pub fn tasks_max(mut self, tasks: usize) -> Self {
                self.tasks_max = tasks.max(1);
                self
            }

            /// Converts keys with this instead of the worker's converter.
            pub fn key_converter(mut self, converter: impl Converter + 'static) -> Self {
                self.tasks.key_converter = Some(Named::of(Arc::new(converter)));
                self
            }

            /// Converts values with this instead of the worker's converter.
            pub fn value_converter(mut self, converter: impl Converter + 'static) -> Self {
                self.tasks.value_converter = Some(Named::of(Arc::new(converter)));
                self
            }

            /// Converts headers with this instead of the worker's converter.
            pub fn header_converter(mut self, converter: impl HeaderConverter + 'static) -> Self {
                self.tasks.header_converter = Some(Named::of(Arc::new(converter)));
                self
            }

            /// Adds a transform at the end of the chain, called `alias` in messages.
            pub fn transform(mut self, alias: impl Into<Arc<str>>, transform: impl Transform + 'static) -> Self {
                self.tasks.chain.push(Stage::new(alias, Arc::new(transform), None));
                self
            }

            /// Adds a transform for the records that the predicate is true of.
            pub fn transform_if(
                mut self,
                alias: impl Into<Arc<str>>,
                predicate: impl Predicate + 'static,
                transform: impl Transform + 'static,
            ) -> Self {
                self.tasks.chain.push(Stage::new(alias, Arc::new(transform), Some((Arc::new(predicate), false))));
                self
            }

            /// Sets what happens to records that fail.
            pub fn errors(mut self, errors: ErrorOptions) -> Self {
                self.tasks.errors = errors;
                self
            }

            /// Goes on past bad records, which are written to this topic with headers that say what happened. For
            /// more choice see [`errors`](Self::errors), which this is a shorthand of.
            pub fn dead_letters(mut self, topic: impl Into<Arc<str>>) -> Self {
                self.tasks.errors.tolerate = true;
                self.tasks.errors.dead_letters = Some(topic.into());
                self.tasks.errors.dead_letter_headers = true;
                self
            }

            /// Sets a property of the connector's clients, as in a configuration: `producer.override.linger.ms`,
            /// `consumer.override.fetch.min.bytes`, `admin.override.request.timeout.ms`. What is wrong with one is said
            /// at the start.
            pub fn client_property(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
                self.tasks.overrides.insert(key.into(), value.into());
                self
            }

            /// Calls a task STALLED when something is under way in it that has not moved for so long, instead of for the
            /// worker's deadline; zero for never.
            pub fn progress_deadline(mut self, deadline: Duration) -> Self {
                self.tasks.progress_deadline = Some(deadline);
                self
            }

            /// Starts failed tasks again by this policy. Without it a failed task stays so until it is restarted.
            pub fn restart_failed(mut self, policy: RetryPolicy) -> Self {
                self.tasks.restart = Some(policy);
                self
            }
        }
    };
}

common!(SourceOptions);
common!(SinkOptions);
