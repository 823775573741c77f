//! The connectors: what they are called, and how their tasks are made.

mod live;
mod resources;
mod task;
mod templates;

use std::borrow::Cow;

use connect_api::config::ConfigErrors;
use connect_api::{Result, SinkConnector, SinkTaskContext, async_trait};

pub(crate) use resources::Resources;
pub use task::ElasticTask;

use crate::AwsEnvironment;
use crate::config::{ElasticsearchSinkConfig, OpenSearchSinkConfig};

/// Records of a put. Few: they only wait in it until they are written as lines, which take less room.
const RECORDS: usize = 500;

fn environment(given: Option<&AwsEnvironment>) -> Cow<'_, AwsEnvironment> {
    given.map_or_else(|| Cow::Owned(AwsEnvironment::of_process()), Cow::Borrowed)
}

/// Writes records as documents into Elasticsearch or OpenSearch, under the name and with the keys of Confluent's
/// connector.
#[derive(Debug, Clone, Default)]
pub struct ElasticsearchSink {
    aws: Option<AwsEnvironment>,
}

impl ElasticsearchSink {
    /// The connector.
    #[must_use]
    pub const fn new() -> Self {
        Self { aws: None }
    }

    /// With these in place of AWS's variables of the process.
    #[must_use]
    pub fn aws_environment(mut self, environment: AwsEnvironment) -> Self {
        self.aws = Some(environment);
        self
    }
}

#[async_trait]
impl SinkConnector for ElasticsearchSink {
    const NAME: &'static str = "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector";
    const ALIASES: &'static [&'static str] = &["ElasticsearchSinkConnector", "ElasticsearchSink"];
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = ElasticsearchSinkConfig;
    type Task = ElasticTask;

    async fn task(&self, config: &Self::Config, context: SinkTaskContext) -> Result<Self::Task> {
        ElasticTask::start(config.settings(&environment(self.aws.as_ref()))?, context).await
    }

    fn most_records(&self, _: &Self::Config) -> usize {
        RECORDS
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        let blamed = live::Blamed {
            topics: if config.transforms.is_empty() { &config.topics } else { &[] },
            who: config.extra.who(),
            mapping: "topic.to.external.resource.mapping",
            user: config.username.is_some(),
            protocol: config.tls.is_some(),
            proxy: !config.proxy_host.is_empty(),
        };
        live::check(config.settings(&environment(self.aws.as_ref()))?, blamed).await
    }
}

/// Writes records as documents into OpenSearch or Elasticsearch, under the name and with the keys and defaults of
/// Aiven's connector.
#[derive(Debug, Clone, Default)]
pub struct OpenSearchSink {
    aws: Option<AwsEnvironment>,
}

impl OpenSearchSink {
    /// The connector.
    #[must_use]
    pub const fn new() -> Self {
        Self { aws: None }
    }

    /// With these in place of AWS's variables of the process.
    #[must_use]
    pub fn aws_environment(mut self, environment: AwsEnvironment) -> Self {
        self.aws = Some(environment);
        self
    }
}

#[async_trait]
impl SinkConnector for OpenSearchSink {
    const NAME: &'static str = "io.aiven.kafka.connect.opensearch.OpenSearchSinkConnector";
    const ALIASES: &'static [&'static str] = &[
        "io.aiven.kafka.connect.opensearch.OpensearchSinkConnector",
        "OpenSearchSinkConnector",
        "OpensearchSinkConnector",
        "OpenSearchSink",
    ];
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = OpenSearchSinkConfig;
    type Task = ElasticTask;

    async fn task(&self, config: &Self::Config, context: SinkTaskContext) -> Result<Self::Task> {
        ElasticTask::start(config.settings(&environment(self.aws.as_ref()))?, context).await
    }

    fn most_records(&self, _: &Self::Config) -> usize {
        RECORDS
    }

    async fn validate(&self, config: &Self::Config) -> Result<(), ConfigErrors> {
        let blamed = live::Blamed {
            topics: if config.transforms.is_empty() { &config.topics } else { &[] },
            who: config.extra.who(),
            mapping: "topic.to.existing.resource.mapping",
            user: config.username.is_some(),
            protocol: false,
            proxy: false,
        };
        live::check(config.settings(&environment(self.aws.as_ref()))?, blamed).await
    }
}
