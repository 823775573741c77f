//! Topics and producer ids.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::{
    CreateTopicsRequest, DeleteTopicsRequest, DescribeConfigsRequest, InitProducerIdRequest, TopicName,
};
use tokio::time::{Instant, sleep};

use super::answer::{check, missing};
use super::cluster::Cluster;
use super::group::{millis, text};
use super::metadata::infos;
use super::offsets;
use crate::{BrokerError, Code, NewTopic, OffsetSpec, ProducerId, Result, TopicInfo, TopicPartition};

/// Kafka's number for topics among the things that have configs.
const TOPIC: i8 = 2;
/// A topic that a cluster makes by itself is there by then.
const CREATED_WITHIN: Duration = Duration::from_secs(5);

fn controller_moved(error: &BrokerError) -> bool {
    matches!(error.code, Code::NotController | Code::ThrottlingQuotaExceeded)
}

impl Cluster {
    pub(super) async fn cluster_id(&self) -> Result<String> {
        if let Some(id) = self.metadata().cluster_id.clone() {
            return Ok(id);
        }
        self.look_up(Some(&[])).await?;
        self.metadata().cluster_id.clone().ok_or_else(|| missing("the cluster's id"))
    }

    pub(super) async fn topics(&self, names: Option<&[Arc<str>]>) -> Result<Vec<TopicInfo>> {
        match (names, &self.guarded) {
            (None, Some(guarded)) => guarded.topics(self).await,
            _ => infos(&self.look_up(names).await?, names.is_none()),
        }
    }

    /// A cluster that makes the topic says at first that it does not know it, as one that does not.
    pub(super) async fn ask_for_topic(&self, name: &Arc<str>) -> Result<Option<TopicInfo>> {
        let deadline = Instant::now() + CREATED_WITHIN.min(self.config().request_timeout);
        let mut backoff = self.retry_backoff();
        loop {
            let response = self.look_up_or_create(name).await?;
            let found = match infos(&response, false) {
                Ok(mut found) => found.pop().filter(|topic| topic.partitions > 0),
                Err(error) if error.is_retriable() => None,
                Err(error) => return Err(error),
            };
            let wait = backoff.next();
            if found.is_some() || Instant::now() + wait >= deadline {
                return Ok(found);
            }
            sleep(wait).await;
        }
    }

    pub(super) async fn create_topic(self: &Arc<Self>, topic: &NewTopic) -> Result<()> {
        match &self.guarded {
            Some(guarded) if topic.configs.is_empty() => guarded.create_topic(self, topic).await?,
            _ => self.send_creation(topic).await?,
        }
        self.wait_for(&topic.name, |partitions| async move {
            let Some(partitions) = partitions.filter(|found| !found.is_empty()) else { return false };
            let wanted = partitions.into_iter().map(|partition| (partition, OffsetSpec::Earliest)).collect();
            offsets::list_offsets(self, wanted).await.is_ok_and(|found| found.iter().all(|(_, first)| first.is_ok()))
        })
        .await
    }

    pub(super) async fn send_creation(&self, topic: &NewTopic) -> Result<()> {
        let config = |(name, value): (&String, &String)| {
            CreatableTopicConfig::default().with_name(text(name)).with_value(Some(text(value)))
        };
        let wanted = CreatableTopic::default()
            .with_name(TopicName(text(&topic.name)))
            .with_num_partitions(topic.partitions)
            .with_replication_factor(topic.replication_factor)
            .with_configs(topic.configs.iter().map(config).collect());
        let request = CreateTopicsRequest::default()
            .with_topics(vec![wanted])
            .with_timeout_ms(millis(self.config().request_timeout));
        self.insist(controller_moved, || async {
            let answer = self.ask_controller(|_| request.clone()).await?;
            let result = answer.topics.first().ok_or_else(|| missing(format_args!("topic {:?}", topic.name)))?;
            let told = result.error_message.as_deref();
            let created = check(result.error_code, told, format_args!("creating topic {:?}", topic.name));
            self.after_controller(created).await
        })
        .await
    }

    pub(super) async fn delete_topic(&self, name: &str) -> Result<()> {
        match &self.guarded {
            Some(guarded) => guarded.delete_topic(self, name).await?,
            None => self.send_deletion(name).await?,
        }
        self.wait_for(name, |partitions| async move { partitions.is_none() }).await
    }

    pub(super) async fn send_deletion(&self, name: &str) -> Result<()> {
        let request = DeleteTopicsRequest::default()
            .with_topic_names(vec![TopicName(text(name))])
            .with_timeout_ms(millis(self.config().request_timeout));
        self.insist(controller_moved, || async {
            let answer = self.ask_controller(|_| request.clone()).await?;
            let result = answer.responses.first().ok_or_else(|| missing(format_args!("topic {name:?}")))?;
            let told = result.error_message.as_deref();
            let deleted = check(result.error_code, told, format_args!("deleting topic {name:?}"));
            self.after_controller(deleted).await
        })
        .await
    }

    async fn after_controller(&self, result: Result<()>) -> Result<()> {
        if result.as_ref().is_err_and(|error| error.code == Code::NotController) {
            self.look_up(Some(&[])).await?;
        }
        result
    }

    /// The controller has done it, and brokers hear of it a little later: waits until one of them has, so that
    /// what the caller does next finds the topic as it should be.
    async fn wait_for<F>(&self, topic: &str, done: impl Fn(Option<Vec<TopicPartition>>) -> F) -> Result<()>
    where
        F: Future<Output = bool>,
    {
        let deadline = Instant::now() + self.config().request_timeout;
        let mut backoff = self.retry_backoff();
        loop {
            self.metadata().forget(topic);
            match self.look_up(Some(&[topic.into()])).await {
                Ok(_) => {
                    let found = self.metadata().partitions(topic);
                    if done(found).await {
                        return Ok(());
                    }
                }
                Err(error) if !error.is_retriable() => return Err(error),
                Err(_) => {}
            }
            let wait = backoff.next();
            if Instant::now() + wait >= deadline {
                // It is done all the same.
                return Ok(());
            }
            sleep(wait).await;
        }
    }

    pub(super) async fn topic_configs(&self, name: &str) -> Result<BTreeMap<String, String>> {
        let resource = DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(text(name))
            .with_configuration_keys(None);
        let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
        let answer = self.ask_any(|_| request.clone()).await?;
        let result = answer.results.into_iter().next().ok_or_else(|| missing(format_args!("topic {name:?}")))?;
        let told = result.error_message.as_deref();
        check(result.error_code, told, format_args!("reading the configs of topic {name:?}"))?;
        let config = |config: kafka_protocol::messages::describe_configs_response::DescribeConfigsResourceResult| {
            Some((config.name.to_string(), config.value?.to_string()))
        };
        Ok(result.configs.into_iter().filter_map(config).collect())
    }

    pub(super) async fn init_producer(&self) -> Result<ProducerId> {
        // The timeout means nothing without a transactional id; Java's clients send the same.
        let request = InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_transaction_timeout_ms(i32::MAX)
            .with_producer_id((-1).into())
            .with_producer_epoch(-1);
        self.insist(
            // A broker that has just started, or has used its block of ids up, waits for the next one.
            |error| matches!(error.code, Code::CoordinatorLoadInProgress | Code::CoordinatorNotAvailable),
            || async {
                let answer = self.ask_any(|_| request.clone()).await?;
                check(answer.error_code, None, "a producer id")?;
                Ok(ProducerId { id: answer.producer_id.0, epoch: answer.producer_epoch })
            },
        )
        .await
    }
}
