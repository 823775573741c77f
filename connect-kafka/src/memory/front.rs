//! The embedded broker's side of the seam.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::EmbeddedBroker;
use super::faults::{About, Api};
use super::shared::durable;
use super::state::header::CheckedBatch;
use super::state::{Fetching, Found, ParkId, Planned, find_in_batch};
use crate::consumer::create_topic_if_absent;
use crate::{
    Broker, BrokerError, Code, FetchRequest, Fetched, FetchedData, JoinGroup, Joined, Member, NewTopic, OffsetSpec,
    ProduceRequest, Produced, ProducerId, Result, TopicInfo, TopicPartition, Transactional, Txn,
};

impl crate::sealed::Sealed for EmbeddedBroker {}

#[async_trait]
impl Broker for EmbeddedBroker {
    async fn cluster_id(&self) -> Result<String> {
        let outcome = self.faults().strike(Api::ClusterId, About::Nothing).await?;
        outcome.reply(self.inner.cluster_id.clone())
    }

    async fn topics(&self, names: Option<&[Arc<str>]>) -> Result<Vec<TopicInfo>> {
        let about = names.map_or(About::Nothing, |names| About::Topics(names.iter().map(|n| &**n).collect()));
        let outcome = self.faults().strike(Api::Topics, about).await?;
        outcome.reply(self.inner.call(|shared, _| Ok(shared.state.topic_infos(names)))?)
    }

    async fn ask_for_topic(&self, name: &Arc<str>) -> Result<Option<TopicInfo>> {
        let names = std::slice::from_ref(name);
        if let Some(found) = self.topics(Some(names)).await?.pop() {
            return Ok(Some(found));
        }
        let topic =
            NewTopic { name: name.clone(), partitions: -1, replication_factor: -1, configs: Default::default() };
        create_topic_if_absent(self, topic).await?;
        match self.topics(Some(names)).await?.pop() {
            Some(created) => Ok(Some(created)),
            // Somebody else is making it, and it is not on disk yet.
            None => Err(BrokerError::new(Code::LeaderNotAvailable, format!("topic {name:?} is being created"))),
        }
    }

    async fn create_topic(&self, topic: NewTopic) -> Result<()> {
        let outcome = self.faults().strike(Api::CreateTopic, About::Topics(vec![&topic.name])).await?;
        let ack = self.inner.call(|shared, _| {
            let ticket = shared.state.create_topic(topic)?;
            Ok(shared.ack(ticket))
        })?;
        outcome.reply(durable(ack).await?)
    }

    async fn delete_topic(&self, name: &str) -> Result<()> {
        let outcome = self.faults().strike(Api::DeleteTopic, About::Topics(vec![name])).await?;
        let ack = self.inner.call(|shared, _| {
            let ticket = shared.state.delete_topic(name)?;
            Ok(shared.ack(ticket))
        })?;
        outcome.reply(durable(ack).await?)
    }

    async fn topic_configs(&self, name: &str) -> Result<BTreeMap<String, String>> {
        let outcome = self.faults().strike(Api::TopicConfigs, About::Topics(vec![name])).await?;
        outcome.reply(self.inner.call(|shared, _| shared.state.topic_configs(name))?)
    }

    async fn init_producer(&self, transactional: Option<&Transactional>) -> Result<ProducerId> {
        let about = transactional.map_or(About::Nothing, |asked| About::Transaction(&asked.id));
        let outcome = self.faults().strike(Api::InitProducer, about).await?;
        let (producer, ack) = self.inner.call(|shared, now| {
            let (producer, ticket) = match transactional {
                Some(asked) => shared.state.init_transactional(asked, now)?,
                None => shared.state.init_producer(),
            };
            Ok((producer, shared.ack(ticket)))
        })?;
        durable(ack).await?;
        outcome.reply(producer)
    }

    async fn add_partitions(&self, txn: &Txn, partitions: &[TopicPartition]) -> Result<()> {
        let outcome = self.faults().strike(Api::AddPartitions, About::Transaction(&txn.id)).await?;
        let ack = self.inner.call(|shared, now| {
            let ticket = shared.state.add_partitions(txn, partitions, now)?;
            Ok(shared.ack(ticket))
        })?;
        outcome.reply(durable(ack).await?)
    }

    async fn add_offsets(&self, txn: &Txn, group: &str) -> Result<()> {
        let outcome = self.faults().strike(Api::AddOffsets, About::Transaction(&txn.id)).await?;
        let ack = self.inner.call(|shared, now| {
            let ticket = shared.state.add_offsets(txn, group, now)?;
            Ok(shared.ack(ticket))
        })?;
        outcome.reply(durable(ack).await?)
    }

    async fn commit_txn_offsets(
        &self,
        txn: &Txn,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> Result<Vec<(TopicPartition, Result<()>)>> {
        let outcome = self.faults().strike(Api::CommitTxnOffsets, About::Transaction(&txn.id)).await?;
        let (results, ack) = self.inner.call(|shared, now| {
            let (results, ticket) = shared.state.commit_txn_offsets(txn, member, offsets, now)?;
            Ok((results, shared.ack(ticket)))
        })?;
        durable(ack).await?;
        outcome.reply(results)
    }

    async fn end_txn(&self, txn: &Txn, commit: bool) -> Result<ProducerId> {
        let outcome = self.faults().strike(Api::EndTxn, About::Transaction(&txn.id)).await?;
        let ack = self.inner.call(|shared, now| {
            let ticket = shared.state.end_txn(txn, commit, now)?;
            Ok(shared.ack(ticket))
        })?;
        durable(ack).await?;
        outcome.reply(txn.producer)
    }

    async fn produce(&self, request: ProduceRequest) -> Result<Vec<Produced>> {
        let about = About::Partitions(request.batches.iter().map(|batch| &batch.partition).collect());
        let outcome = self.faults().strike(Api::Produce, about).await?;
        // Checksums are computed before the lock is taken.
        let checked: Vec<_> = request
            .batches
            .into_iter()
            .map(|batch| {
                let checked = outcome.partition(&batch.partition).and_then(|()| CheckedBatch::check(batch.data));
                (batch.partition, checked)
            })
            .collect();
        let (mut produced, ack) = self.inner.call(|shared, now| {
            let mut last = 0;
            let mut append = |partition: &TopicPartition, batch| {
                let (base, ticket) = shared.state.append(partition, batch, now)?;
                last = last.max(ticket);
                Ok(base)
            };
            let produced: Vec<Produced> = checked
                .into_iter()
                .map(|(partition, batch)| {
                    let result = batch.and_then(|batch| append(&partition, batch));
                    Produced { partition, result }
                })
                .collect();
            Ok((produced, shared.ack(last)))
        })?;
        if let Err(error) = durable(ack).await {
            for one in produced.iter_mut().filter(|one| one.result.is_ok()) {
                one.result = Err(error.clone());
            }
        }
        outcome.reply(produced)
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Vec<Fetched>> {
        let about = About::Partitions(request.partitions.iter().map(|wanted| &wanted.partition).collect());
        let outcome = self.faults().strike(Api::Fetch, about).await?;
        let hit = request.partitions.iter().any(|wanted| outcome.partition(&wanted.partition).is_err());
        let planned = self.wait_for_data(&request, hit).await?;
        let mut fetched = self.load(planned).await?;
        for one in &mut fetched {
            if let Err(error) = outcome.partition(&one.partition) {
                one.result = Err(error);
            }
        }
        outcome.reply(fetched)
    }

    async fn list_offsets(
        &self,
        wanted: Vec<(TopicPartition, OffsetSpec)>,
    ) -> Result<Vec<(TopicPartition, Result<i64>)>> {
        let about = About::Partitions(wanted.iter().map(|(partition, _)| partition).collect());
        let outcome = self.faults().strike(Api::ListOffsets, about).await?;
        let found = self.inner.call(|shared, _| {
            let lookup = |(partition, spec): (TopicPartition, OffsetSpec)| {
                let found = outcome.partition(&partition).and_then(|()| shared.state.lookup(&partition, spec));
                (partition, found)
            };
            Ok(wanted.into_iter().map(lookup).collect::<Vec<_>>())
        })?;
        let mut offsets = Vec::with_capacity(found.len());
        for (partition, found) in found {
            let offset = match found {
                Ok(Found::Offset(offset)) => Ok(offset),
                Ok(Found::InBatch { piece, base, timestamp }) => self
                    .read_piece(piece)
                    .await
                    .map(|batch| batch.map_or(base, |batch| find_in_batch(&batch, base, timestamp))),
                Err(error) => Err(error),
            };
            offsets.push((partition, offset));
        }
        outcome.reply(offsets)
    }

    async fn join_group(&self, request: JoinGroup) -> Result<Joined> {
        let outcome = self.faults().strike(Api::JoinGroup, About::Group(&request.group)).await?;
        outcome.reply(self.join(&request).await?)
    }

    async fn sync_group(&self, member: &Member, assignments: Vec<(String, Bytes)>) -> Result<Bytes> {
        let outcome = self.faults().strike(Api::SyncGroup, About::Group(&member.group)).await?;
        outcome.reply(self.sync(member, assignments).await?)
    }

    async fn heartbeat(&self, member: &Member) -> Result<()> {
        let outcome = self.faults().strike(Api::Heartbeat, About::Group(&member.group)).await?;
        outcome.reply(self.inner.call(|shared, now| shared.state.heartbeat(member, now))?)
    }

    async fn leave_group(&self, member: &Member) -> Result<()> {
        let outcome = self.faults().strike(Api::LeaveGroup, About::Group(&member.group)).await?;
        outcome.reply(self.inner.call(|shared, now| shared.state.leave_group(member, now))?)
    }

    async fn commit_offsets(
        &self,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
    ) -> Result<Vec<(TopicPartition, Result<()>)>> {
        let outcome = self.faults().strike(Api::CommitOffsets, About::Group(&member.group)).await?;
        let (results, ack) = self.inner.call(|shared, now| {
            let (results, ticket) = shared.state.commit_offsets(member, offsets, now)?;
            Ok((results, shared.ack(ticket)))
        })?;
        durable(ack).await?;
        outcome.reply(results)
    }

    async fn committed_offsets(
        &self,
        group: &str,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Vec<(TopicPartition, i64)>> {
        let outcome = self.faults().strike(Api::CommittedOffsets, About::Group(group)).await?;
        outcome.reply(self.inner.call(|shared, _| Ok(shared.state.committed_offsets(group, partitions)))?)
    }

    async fn groups(&self) -> Result<Vec<String>> {
        let outcome = self.faults().strike(Api::Groups, About::Nothing).await?;
        outcome.reply(self.inner.call(|shared, now| Ok(shared.state.group_names(now)))?)
    }

    async fn delete_group(&self, group: &str) -> Result<()> {
        let outcome = self.faults().strike(Api::DeleteGroup, About::Group(group)).await?;
        let ack = self.inner.call(|shared, now| {
            let ticket = shared.state.delete_group(group, now)?;
            Ok(shared.ack(ticket))
        })?;
        outcome.reply(durable(ack).await?)
    }

    async fn delete_offsets(&self, group: &str, partitions: &[TopicPartition]) -> Result<()> {
        let outcome = self.faults().strike(Api::DeleteOffsets, About::Group(group)).await?;
        let ack = self.inner.call(|shared, now| {
            let ticket = shared.state.delete_offsets(group, partitions, now)?;
            Ok(shared.ack(ticket))
        })?;
        outcome.reply(durable(ack).await?)
    }
}

/// Takes a fetch off the waiting list when its call ends, be it by being dropped.
struct Parked<'a> {
    broker: &'a EmbeddedBroker,
    id: ParkId,
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        self.broker.inner.lock().forget_waiter(self.id);
    }
}

impl EmbeddedBroker {
    /// What the fetch gets, once there is enough of it; at once if `hurry`.
    async fn wait_for_data(&self, request: &FetchRequest, hurry: bool) -> Result<Vec<Planned>> {
        let (id, deadline, mut completed) = {
            let fetching = self.inner.call(|shared, now| {
                if hurry {
                    return Ok(Err(shared.state.plan(request).0));
                }
                Ok(match shared.state.fetch(request, now) {
                    Fetching::Now(planned) => Err(planned),
                    Fetching::Wait(id, deadline) => Ok((id, deadline, shared.waiter(id))),
                })
            })?;
            match fetching {
                Err(planned) => return Ok(planned),
                Ok(waiting) => waiting,
            }
        };
        let parked = Parked { broker: self, id };
        loop {
            // Whoever waits is the clock of open transactions.
            let timeout = self.inner.lock().state.next_txn_deadline().filter(|timeout| *timeout < deadline);
            tokio::select! {
                biased;
                _ = &mut completed => break,
                () = self.inner.sleep_until(Some(timeout.unwrap_or(deadline))) => {
                    if timeout.is_none() {
                        break;
                    }
                    self.inner.with(|_, _| ());
                }
            }
        }
        drop(parked);
        self.inner.call(|shared, _| Ok(shared.state.plan(request).0))
    }

    /// Reads what is not at hand.
    async fn load(&self, planned: Vec<Planned>) -> Result<Vec<Fetched>> {
        let mut fetched = Vec::with_capacity(planned.len());
        for Planned { partition, result } in planned {
            let result = match result {
                Ok(data) => self.read_pieces(data.pieces).await.map(|batches| FetchedData {
                    batches,
                    high_watermark: data.high_watermark,
                    last_stable: data.last_stable,
                    log_start: data.log_start,
                    aborted: data.aborted,
                }),
                Err(error) => Err(error),
            };
            fetched.push(Fetched { partition, result });
        }
        Ok(fetched)
    }
}
