//! Topics and their configs.

use std::collections::BTreeMap;

use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{DescribeConfigsResourceResult, DescribeConfigsResult};
use kafka_protocol::messages::{
    CreateTopicsRequest, CreateTopicsResponse, DeleteRecordsRequest, DeleteRecordsResponse, DeleteTopicsRequest,
    DeleteTopicsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
};

use super::{Front, number, partition, split, text};
use crate::listen::connection::{Call, End};
use crate::{Broker, BrokerError, Code, NewTopic, Result as BrokerResult};

/// Kinds of resources that have configs.
const TOPIC: i8 = 2;
/// Where a config's value comes from.
const SET_FOR_TOPIC: i8 = 1;
const DEFAULT: i8 = 5;
/// Of each partition: there is one node.
const REPLICAS: i16 = 1;

impl Front {
    pub(in crate::listen) async fn create_topics(
        &self,
        _: &Call,
        request: CreateTopicsRequest,
    ) -> Result<CreateTopicsResponse, End> {
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in request.topics {
            topics.push(self.create_topic(topic, request.validate_only).await?);
        }
        Ok(CreateTopicsResponse::default().with_topics(topics))
    }

    async fn create_topic(&self, topic: CreatableTopic, validate_only: bool) -> Result<CreatableTopicResult, End> {
        let configs = topic.configs.iter().filter_map(|config| Some((&config.name, config.value.as_ref()?)));
        // Replicas given by hand say how many partitions there are, and that each has one replica.
        let by_hand = i32::try_from(topic.assignments.len()).unwrap_or(i32::MAX);
        let replicas = topic.assignments.iter().map(|one| one.broker_ids.len()).max();
        let new = NewTopic {
            name: topic.name.as_str().into(),
            partitions: if by_hand > 0 { by_hand } else { topic.num_partitions },
            replication_factor: replicas.map_or(topic.replication_factor, |n| i16::try_from(n).unwrap_or(i16::MAX)),
            configs: configs.map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        };
        let created =
            if validate_only { self.broker.check_topic(&new) } else { split(self.broker.create_topic(new).await)? };
        let result = CreatableTopicResult::default().with_name(topic.name.clone()).with_error_code(number(&created));
        if let Err(error) = created {
            return Ok(result.with_error_message(Some(text(&error.message))));
        }
        let made = self.broker.topics(Some(&[topic.name.as_str().into()])).await.ok().and_then(|mut found| found.pop());
        let configs = self.configs(&topic.name).ok().map(|configs| {
            let config = |(name, (value, source)): (String, (String, i8))| {
                CreatableTopicConfigs::default()
                    .with_name(name.into())
                    .with_value(Some(value.into()))
                    .with_config_source(source)
            };
            configs.into_iter().map(config).collect()
        });
        Ok(match made {
            Some(made) => {
                result.with_num_partitions(made.partitions).with_replication_factor(REPLICAS).with_configs(configs)
            }
            None => result.with_configs(Some(Vec::new())),
        })
    }

    pub(in crate::listen) async fn delete_topics(
        &self,
        _: &Call,
        request: DeleteTopicsRequest,
    ) -> Result<DeleteTopicsResponse, End> {
        let mut responses = Vec::with_capacity(request.topic_names.len());
        for topic in request.topic_names {
            let deleted = split(self.broker.delete_topic(topic.as_str()).await)?;
            responses.push(
                DeletableTopicResult::default()
                    .with_error_code(number(&deleted))
                    .with_error_message(deleted.err().map(|error| error.message.into()))
                    .with_name(Some(topic)),
            );
        }
        Ok(DeleteTopicsResponse::default().with_responses(responses))
    }

    pub(in crate::listen) async fn delete_records(
        &self,
        _: &Call,
        request: DeleteRecordsRequest,
    ) -> Result<DeleteRecordsResponse, End> {
        let delete = |wanted: &crate::TopicPartition, offset: i64| {
            // -1 is the high watermark.
            let offset = if offset == -1 { self.broker.log_end(wanted)? } else { offset };
            self.broker.truncate_before(wanted, offset)?;
            self.broker.log_start(wanted)
        };
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|one| {
                let deleted = delete(&partition(&topic.name, one.partition_index), one.offset);
                DeleteRecordsPartitionResult::default()
                    .with_partition_index(one.partition_index)
                    .with_error_code(number(&deleted))
                    .with_low_watermark(deleted.unwrap_or(-1))
            });
            DeleteRecordsTopicResult::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
        });
        Ok(DeleteRecordsResponse::default().with_topics(topics.collect()))
    }

    pub(in crate::listen) async fn describe_configs(
        &self,
        _: &Call,
        request: DescribeConfigsRequest,
    ) -> Result<DescribeConfigsResponse, End> {
        let results = request.resources.iter().map(|resource| self.described_configs(resource));
        Ok(DescribeConfigsResponse::default().with_results(results.collect()))
    }

    fn described_configs(&self, resource: &DescribeConfigsResource) -> DescribeConfigsResult {
        let result = DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        let configs = if resource.resource_type == TOPIC {
            self.configs(&resource.resource_name)
        } else {
            let message = format!("configs are those of topics (type {TOPIC}), not of type {}", resource.resource_type);
            Err(BrokerError::new(Code::InvalidRequest, message))
        };
        match configs {
            Err(error) => result.with_error_code(error.code as i16).with_error_message(Some(error.message.into())),
            Ok(configs) => {
                let wanted = |name: &String| {
                    resource.configuration_keys.as_ref().is_none_or(|keys| keys.iter().any(|key| **key == **name))
                };
                let config = |(name, (value, source)): (String, (String, i8))| {
                    DescribeConfigsResourceResult::default()
                        .with_name(name.into())
                        .with_value(Some(value.into()))
                        .with_config_source(source)
                };
                let configs = configs.into_iter().filter(|(name, _)| wanted(name)).map(config);
                result.with_configs(configs.collect())
            }
        }
    }

    /// The configs of a topic and where each value comes from.
    fn configs(&self, topic: &str) -> BrokerResult<BTreeMap<String, (String, i8)>> {
        let set = self.broker.set_configs(topic)?;
        let source = |name: &String| if set.contains_key(name) { SET_FOR_TOPIC } else { DEFAULT };
        let all = crate::memory::state::effective(&set);
        Ok(all
            .into_iter()
            .map(|(name, value)| {
                let from = source(&name);
                (name, (value, from))
            })
            .collect())
    }
}
