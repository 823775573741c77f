//! What a test can see: states, offsets, records, dead letters.

use connect_api::{OffsetMap, SinkRecord};
use connect_kafka::TopicPartition;

use super::dead_letter::DeadLetter;
use super::log;
use super::worker::TestWorker;
use crate::offsets::OffsetStore as _;
use crate::worker::{ConnectorStatus, Job, State};

impl TestWorker {
    /// What a connector and its tasks are doing.
    ///
    /// # Panics
    /// When there is no such connector.
    #[must_use]
    pub fn status(&self, connector: &str) -> ConnectorStatus {
        self.worker().status(connector).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The state of a connector or its tasks that wants attention most.
    ///
    /// # Panics
    /// When there is no such connector.
    #[must_use]
    pub fn state(&self, connector: &str) -> State {
        self.status(connector).worst_state()
    }

    /// Why a connector or the first of its tasks FAILED; empty when nothing has.
    ///
    /// # Panics
    /// When there is no such connector.
    #[must_use]
    pub fn trace(&self, connector: &str) -> String {
        let status = self.status(connector);
        status
            .trace
            .into_iter()
            .chain(status.tasks.into_iter().filter_map(|task| task.trace))
            .next()
            .unwrap_or_default()
    }

    /// What a sink has committed of each partition of a topic: where it goes on after a restart, 0 at first.
    ///
    /// # Panics
    /// When there is no such topic.
    #[must_use]
    pub fn committed(&self, connector: &str, topic: &str) -> Vec<i64> {
        let partitions = log::partitions(&self.broker, topic);
        assert!(partitions > 0, "there is no topic {topic:?}");
        let committed = self.broker.committed(&self.group(connector));
        let offset = |number| committed.iter().find(|(of, _)| *of == TopicPartition::new(topic, number));
        (0..partitions).map(|number| offset(number).map_or(0, |(_, offset)| *offset)).collect()
    }

    /// What is stored for a partition of a source: where it goes on after a restart.
    ///
    /// # Panics
    /// When the store holds what is no offset.
    pub async fn stored_offset(&self, connector: &str, partition: &OffsetMap) -> Option<OffsetMap> {
        let stored = self.store.load(connector, std::slice::from_ref(partition)).await;
        stored.unwrap_or_else(|error| panic!("{error:?}")).pop().flatten()
    }

    /// The records of a topic by partition and offset, converted by the worker's converters; none when there is no
    /// such topic.
    ///
    /// # Panics
    /// When one cannot be converted.
    #[must_use]
    pub fn records(&self, topic: &str) -> Vec<SinkRecord> {
        log::decoded(&self.broker, &self.converters, topic)
    }

    /// The values of [`records`](Self::records) as text.
    ///
    /// # Panics
    /// When one cannot be converted.
    #[must_use]
    pub fn values(&self, topic: &str) -> Vec<String> {
        self.records(topic).iter().map(|record| record.value.value.to_string()).collect()
    }

    /// What a dead letter queue holds.
    #[must_use]
    pub fn dead_letters(&self, topic: &str) -> Vec<DeadLetter> {
        log::raw(&self.broker, topic).into_iter().map(|(_, record)| DeadLetter::new(record)).collect()
    }

    /// The group a sink reads in.
    pub(super) fn group(&self, connector: &str) -> String {
        let made = self.life.as_ref().map(|life| life.worker.made_connectors());
        let made = made.as_ref().unwrap_or(&self.made);
        let group = made.iter().find_map(|made| match &made.job {
            Job::Sink { options, .. } if &*options.name == connector => {
                options.tasks.overrides.get("consumer.override.group.id").cloned()
            }
            _ => None,
        });
        group.unwrap_or_else(|| format!("connect-{connector}"))
    }
}
