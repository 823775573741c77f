//! What there is: calls, nodes, topics, coordinators.

use std::sync::Arc;

use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, DescribeClusterRequest, DescribeClusterResponse, FindCoordinatorRequest,
    FindCoordinatorResponse, MetadataRequest, MetadataResponse,
};

use super::{Front, LEADER_EPOCH, NO_OPERATIONS, NODE, name, number, split, text};
use crate::listen::apis::APIS;
use crate::listen::connection::{Call, End};
use crate::{Broker, BrokerError, Code, NewTopic, TopicInfo};

/// Kafka's number for a version that is not known.
const UNSUPPORTED_VERSION: i16 = 35;

impl Front {
    pub(in crate::listen) async fn api_versions(
        &self,
        _: &Call,
        _: ApiVersionsRequest,
    ) -> Result<ApiVersionsResponse, End> {
        let version = |api: &crate::listen::apis::Supported| {
            ApiVersion::default().with_api_key(api.key as i16).with_min_version(api.min).with_max_version(api.max)
        };
        Ok(ApiVersionsResponse::default().with_api_keys(APIS.iter().map(version).collect()))
    }

    pub(in crate::listen) fn unsupported_version(&self) -> ApiVersionsResponse {
        let own = APIS.iter().filter(|api| api.key == kafka_protocol::messages::ApiKey::ApiVersions);
        let version = |api: &crate::listen::apis::Supported| {
            ApiVersion::default().with_api_key(api.key as i16).with_min_version(api.min).with_max_version(api.max)
        };
        ApiVersionsResponse::default().with_error_code(UNSUPPORTED_VERSION).with_api_keys(own.map(version).collect())
    }

    pub(in crate::listen) async fn metadata(
        &self,
        call: &Call,
        request: MetadataRequest,
    ) -> Result<MetadataResponse, End> {
        // In version 0 no topic means every topic.
        let wanted = request.topics.filter(|topics| call.version > 0 || !topics.is_empty());
        let create = self.options.auto_create_topics && request.allow_auto_topic_creation;
        let topics = match wanted {
            None => match split(self.broker.topics(None).await)? {
                Ok(infos) => infos.iter().map(described).collect(),
                Err(error) => return Ok(self.nodes().await?.with_error_code(error.code as i16)),
            },
            Some(wanted) => {
                let mut topics = Vec::with_capacity(wanted.len());
                for topic in wanted.into_iter().filter_map(|topic| topic.name) {
                    topics.push(self.topic(topic.as_str().into(), create).await?);
                }
                topics
            }
        };
        Ok(self.nodes().await?.with_topics(topics))
    }

    async fn topic(&self, topic: Arc<str>, create: bool) -> Result<MetadataResponseTopic, End> {
        let find = async || self.broker.topics(Some(std::slice::from_ref(&topic))).await.map(|mut infos| infos.pop());
        let mut found = split(find().await)?;
        if create && matches!(found, Ok(None)) {
            let new = NewTopic { name: topic.clone(), partitions: -1, replication_factor: -1, configs: [].into() };
            found = match split(self.broker.create_topic(new).await)? {
                Err(error) if error.code != Code::TopicAlreadyExists => Err(error),
                _ => split(find().await)?,
            };
        }
        let unknown = || BrokerError::new(Code::UnknownTopicOrPartition, "no such topic");
        Ok(match found.and_then(|found| found.ok_or_else(unknown)) {
            Ok(info) => described(&info),
            Err(error) => MetadataResponseTopic::default()
                .with_error_code(error.code as i16)
                .with_name(Some(name(&topic)))
                .with_topic_authorized_operations(NO_OPERATIONS),
        })
    }

    async fn nodes(&self) -> Result<MetadataResponse, End> {
        let node =
            MetadataResponseBroker::default().with_node_id(NODE).with_host(self.host.clone()).with_port(self.port);
        let cluster_id = split(self.broker.cluster_id().await)?;
        Ok(MetadataResponse::default()
            .with_error_code(number(&cluster_id))
            .with_brokers(vec![node])
            .with_controller_id(NODE)
            .with_cluster_authorized_operations(NO_OPERATIONS)
            .with_cluster_id(cluster_id.ok().map(Into::into)))
    }

    pub(in crate::listen) async fn describe_cluster(
        &self,
        _: &Call,
        _: DescribeClusterRequest,
    ) -> Result<DescribeClusterResponse, End> {
        let node =
            DescribeClusterBroker::default().with_broker_id(NODE).with_host(self.host.clone()).with_port(self.port);
        let cluster_id = split(self.broker.cluster_id().await)?;
        Ok(DescribeClusterResponse::default()
            .with_error_code(number(&cluster_id))
            .with_cluster_id(cluster_id.unwrap_or_default().into())
            .with_controller_id(NODE)
            .with_brokers(vec![node])
            .with_cluster_authorized_operations(NO_OPERATIONS))
    }

    /// The one node coordinates everything.
    pub(in crate::listen) async fn find_coordinator(
        &self,
        _: &Call,
        request: FindCoordinatorRequest,
    ) -> Result<FindCoordinatorResponse, End> {
        if !matches!(request.key_type, 0 | 1) {
            let why = format!("coordinators are of groups (0) or transactions (1), not of {}", request.key_type);
            return Ok(FindCoordinatorResponse::default()
                .with_error_code(Code::InvalidRequest as i16)
                .with_error_message(Some(text(&why))));
        }
        Ok(FindCoordinatorResponse::default().with_node_id(NODE).with_host(self.host.clone()).with_port(self.port))
    }
}

fn described(info: &TopicInfo) -> MetadataResponseTopic {
    let partition = |index| {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(NODE)
            .with_leader_epoch(LEADER_EPOCH)
            .with_replica_nodes(vec![NODE])
            .with_isr_nodes(vec![NODE])
    };
    MetadataResponseTopic::default()
        .with_name(Some(name(&info.name)))
        .with_partitions((0..info.partitions).map(partition).collect())
        .with_topic_authorized_operations(NO_OPERATIONS)
}
