//! Offsets, read and changed by operators (KIP-875).

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{ErrorKind, OffsetMap};
use connect_kafka::{Broker, BrokerError, Code, Isolation, Member, OffsetSpec, TopicPartition};
use serde_json::{Map, Value};

use super::super::{ConnectorOffset, ConnectorOffsets, HerderError, HerderErrorKind, Message, Result};
use super::write::from_worker;
use super::{Inner, Stage, unknown};
use crate::config::SinkOptions;
use crate::offsets::json;
use crate::plugins::{RunningSink, RunningSource};
use crate::worker::{Job, Linked, State};

const TOPIC: &str = "kafka_topic";
const PARTITION: &str = "kafka_partition";
const OFFSET: &str = "kafka_offset";

impl Inner {
    pub(super) async fn offsets(&self, name: &str, stage: &Stage) -> Result<ConnectorOffsets> {
        match self.job(name)? {
            Job::Source { .. } => {
                stage.enter("offset store");
                let known = self.worker.offset_store().all(name).await.map_err(|error| from_worker(&error))?;
                let offsets = known.into_iter().map(|(partition, offset)| ConnectorOffset {
                    partition: shown(&partition),
                    offset: shown(&offset),
                });
                Ok(ConnectorOffsets { offsets: offsets.collect() })
            }
            Job::Sink { options, .. } => {
                stage.enter("consumer group");
                let (broker, group) = self.group(&options)?;
                let committed = broker.committed_offsets(&group, None).await;
                let mut committed = committed.map_err(|error| refused(&group, &error))?;
                committed.sort();
                let offsets = committed.into_iter().map(|(at, offset)| ConnectorOffset {
                    partition: Some(Map::from_iter([
                        (PARTITION.to_owned(), at.partition.into()),
                        (TOPIC.to_owned(), at.topic.as_ref().into()),
                    ])),
                    offset: Some(Map::from_iter([(OFFSET.to_owned(), offset.into())])),
                });
                Ok(ConnectorOffsets { offsets: offsets.collect() })
            }
        }
    }

    pub(super) async fn alter_offsets(&self, name: &str, offsets: ConnectorOffsets, stage: &Stage) -> Result<Message> {
        let job = self.stopped_job(name)?;
        if offsets.offsets.is_empty() {
            return Err(HerderError::bad_request("there are no offsets to change"));
        }
        match job {
            Job::Source { connector, .. } => {
                self.store(name, connector, source_offsets(offsets)?, stage).await?;
            }
            Job::Sink { options, connector } => {
                self.commit(name, &options, connector, sink_offsets(offsets)?, stage).await?;
            }
        }
        Ok(Message { message: format!("the offsets of connector {name:?} were changed") })
    }

    pub(super) async fn reset_offsets(&self, name: &str, stage: &Stage) -> Result<Message> {
        match self.stopped_job(name)? {
            Job::Source { connector, .. } => {
                stage.enter("offset store");
                let known = self.worker.offset_store().all(name).await.map_err(|error| from_worker(&error))?;
                self.store(name, connector, known.into_iter().map(|(at, _)| (at, None)).collect(), stage).await?;
            }
            Job::Sink { options, connector } => {
                stage.enter("consumer group");
                let (broker, group) = self.group(&options)?;
                let known = broker.committed_offsets(&group, None).await.map_err(|error| refused(&group, &error))?;
                let known: Vec<_> = known.into_iter().map(|(at, _)| (told(&at), None)).collect();
                ask(name, async move { connector.alter_offsets(&known).await }, stage).await?;
                stage.enter("consumer group");
                match broker.delete_group(&group).await {
                    // Without a group there is nothing to reset.
                    Err(error) if error.code != Code::GroupIdNotFound => return Err(refused(&group, &error)),
                    _ => {}
                }
            }
        }
        Ok(Message { message: format!("the offsets of connector {name:?} were reset") })
    }

    fn job(&self, name: &str) -> Result<Job> {
        if let Ok(seen) = self.worker.seen(name) {
            return Ok(seen.made.job);
        }
        let Some(entry) = self.entry(name) else { return Err(unknown(name)) };
        let message = match entry.broken {
            Some(_) => format!("connector {name:?} has FAILED: its configuration cannot be read"),
            None => format!("connector {name:?} is being created"),
        };
        Err(HerderError::new(HerderErrorKind::Conflict, message))
    }

    fn stopped_job(&self, name: &str) -> Result<Job> {
        let job = self.job(name)?;
        let status = self.worker.status(name).map_err(|_| unknown(name))?;
        if status.state == State::Stopped && status.tasks.is_empty() {
            return Ok(job);
        }
        let state = status.state;
        Err(HerderError::bad_request(format!(
            "connector {name:?} has to be STOPPED before its offsets can be changed; it is {state} with {} tasks",
            status.tasks.len()
        )))
    }

    /// Stores offsets of a source, if the connector takes them.
    async fn store(
        &self,
        name: &str,
        connector: RunningSource,
        offsets: Vec<(OffsetMap, Option<OffsetMap>)>,
        stage: &Stage,
    ) -> Result<()> {
        let asked = offsets.clone();
        ask(name, async move { connector.alter_offsets(&asked).await }, stage).await?;
        stage.enter("offset store");
        let stored = self.worker.offset_store().store(name, offsets).await;
        stored.map_err(|error| match error.kind() {
            ErrorKind::Data => HerderError::bad_request(error.to_string()),
            _ => from_worker(&error),
        })
    }

    /// Commits offsets of a sink's group, and deletes those without one.
    async fn commit(
        &self,
        name: &str,
        options: &SinkOptions,
        connector: RunningSink,
        offsets: BTreeMap<TopicPartition, Option<i64>>,
        stage: &Stage,
    ) -> Result<()> {
        let (broker, group) = self.group(options)?;
        stage.enter("topics");
        let wanted = offsets.keys().map(|at| (at.clone(), OffsetSpec::Latest(Isolation::ReadUncommitted)));
        let ends = broker.list_offsets(wanted.collect()).await.map_err(|error| refused(&group, &error))?;
        for (at, end) in ends {
            if let Err(error) = end
                && error.code == Code::UnknownTopicOrPartition
            {
                return Err(HerderError::bad_request(format!("there is no partition {at}")));
            }
        }
        let asked: Vec<_> = offsets.iter().map(|(at, offset)| (told(at), *offset)).collect();
        ask(name, async move { connector.alter_offsets(&asked).await }, stage).await?;
        stage.enter("consumer group");
        let deleted: Vec<_> = offsets.iter().filter(|(_, offset)| offset.is_none()).map(|(at, _)| at.clone()).collect();
        let set: Vec<_> = offsets.into_iter().filter_map(|(at, offset)| Some((at, offset?))).collect();
        if !set.is_empty() {
            let nobody = Member { group: group.clone(), generation: -1, member_id: String::new(), instance_id: None };
            let committed = broker.commit_offsets(&nobody, set).await.map_err(|error| refused(&group, &error))?;
            for (at, committed) in committed {
                committed.map_err(|error| refused(&format!("{group}, {at}"), &error))?;
            }
        }
        if !deleted.is_empty() {
            match broker.delete_offsets(&group, &deleted).await {
                Err(error) if error.code != Code::GroupIdNotFound => return Err(refused(&group, &error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// What a sink's offsets are kept with, and the name of its group.
    fn group(&self, options: &SinkOptions) -> Result<(Arc<dyn Broker>, String)> {
        let clients = &self.worker.environment().clients;
        let id = connect_api::TaskId::new(Arc::clone(&options.name), 0);
        let group = clients.consumer(&options.tasks.overrides, &id).map_err(HerderError::config)?.group.group;
        let client_id = format!("connector-worker-adminclient-{}", options.name);
        let broker = clients.admin(&options.tasks.overrides, &client_id).map_err(|error| from_worker(&error))?;
        Ok((broker, group))
    }
}

/// Asks the connector whether it takes other offsets, in a task of its own.
async fn ask(
    name: &str,
    call: impl Future<Output = connect_api::Result<()>> + Send + 'static,
    stage: &Stage,
) -> Result<()> {
    stage.enter("alter_offsets");
    Linked::spawn(call).end().await.and_then(|taken| taken).map_err(|error| {
        let refused = matches!(error.kind(), ErrorKind::Config | ErrorKind::Data);
        let kind = if refused { HerderErrorKind::BadRequest } else { HerderErrorKind::Internal };
        HerderError::new(kind, format!("connector {name:?} does not take these offsets: {error}"))
    })
}

/// The partition as connectors are told of it.
fn told(at: &TopicPartition) -> connect_api::TopicPartition {
    connect_api::TopicPartition::new(Arc::clone(&at.topic), at.partition)
}

fn refused(what: &str, error: &BrokerError) -> HerderError {
    let members = matches!(
        error.code,
        Code::NonEmptyGroup | Code::GroupSubscribedToTopic | Code::UnknownMemberId | Code::RebalanceInProgress
    );
    if members {
        let message = format!("group {what} still has members, which a broker may count for a while; try again later");
        return HerderError::new(HerderErrorKind::Internal, message);
    }
    HerderError::new(HerderErrorKind::Internal, format!("offsets of group {what}: {error}"))
}

fn shown(map: &OffsetMap) -> Option<Map<String, Value>> {
    serde_json::from_slice(&json::value(map)?).ok()
}

fn source_offsets(offsets: ConnectorOffsets) -> Result<Vec<(OffsetMap, Option<OffsetMap>)>> {
    let read = |what: &str, map: Option<Map<String, Value>>| match map {
        None => Ok(OffsetMap::NULL),
        Some(map) => json::parse_value(Value::Object(map).to_string().as_bytes())
            .map_err(|error| HerderError::bad_request(format!("{what}: {error}"))),
    };
    let offsets = offsets.offsets.into_iter().map(|ConnectorOffset { partition, offset }| {
        let partition = partition.ok_or_else(|| HerderError::bad_request("an offset has no partition"))?;
        let offset = read("offset", offset)?;
        Ok((read("partition", Some(partition))?, (!offset.is_null()).then_some(offset)))
    });
    offsets.collect()
}

fn sink_offsets(offsets: ConnectorOffsets) -> Result<BTreeMap<TopicPartition, Option<i64>>> {
    let mut read = BTreeMap::new();
    for ConnectorOffset { partition, offset } in offsets.offsets {
        let partition = partition.ok_or_else(|| wrong("an offset has no partition"))?;
        let topic = match partition.get(TOPIC) {
            Some(Value::String(topic)) if !topic.is_empty() => topic.clone(),
            _ => return Err(wrong(&format!("the partition needs {TOPIC:?}, a topic's name"))),
        };
        let index = i32::try_from(number(&partition, PARTITION)?)
            .map_err(|_| wrong(&format!("{PARTITION:?} is no number of a partition")))?;
        let offset = match offset {
            None => None,
            Some(offset) => Some(number(&offset, OFFSET)?),
        };
        read.insert(TopicPartition::new(topic, index), offset);
    }
    Ok(read)
}

/// A whole number that is not negative, which may be a string.
fn number(map: &Map<String, Value>, key: &str) -> Result<i64> {
    let found = match map.get(key) {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    found.filter(|number| *number >= 0).ok_or_else(|| wrong(&format!("{key:?} has to be a whole number from 0 on")))
}

fn wrong(message: &str) -> HerderError {
    HerderError::bad_request(format!("offsets of a sink: {message}"))
}
