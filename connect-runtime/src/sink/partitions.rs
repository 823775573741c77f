//! What becomes of a task's partitions: they are assigned, taken away, paused and sought in.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Error, Result, TopicPartition};
use connect_kafka::consumer::Event;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::asks::Ask;
use super::driver::Told;
use super::lot::Lot;
use super::task::{Loop, consumer_error};
use crate::progress::lock;
use crate::worker::Target;

impl Loop {
    /// Tells the consumer which partitions to leave alone.
    pub(super) fn apply_pauses(&mut self) {
        let all = self.consumer.assignment();
        if self.held || *self.target.borrow() == Target::Paused {
            self.consumer.pause(&all);
            return;
        }
        let paused: Vec<_> = lock(&self.host.asked).paused.iter().map(kafka).collect();
        self.consumer.resume(&all);
        self.consumer.pause(&paused);
    }

    /// Takes what the driver tells. A seek in a partition that is `closed` by now has no effect.
    pub(super) fn hear(&mut self, told: Told, closed: &[TopicPartition], lot: &mut Option<Lot>) {
        match told {
            Told::Done(lot) => {
                // Here, on the thread that made it, and not in the driver: see `Told::Done`.
                drop(lot);
                self.in_driver = self.in_driver.saturating_sub(1);
            }
            Told::Progressed => self.in_driver = self.in_driver.saturating_sub(1),
            Told::Sought { partition, .. } if closed.contains(&partition) => {}
            Told::Sought { partition, offset, epoch } => {
                self.epoch = epoch;
                self.forget(std::slice::from_ref(&partition), lot);
                self.consumer.seek(&kafka(&partition), offset);
            }
            Told::Pauses => self.apply_pauses(),
        }
    }

    pub(super) async fn event(&mut self, event: Event, lot: &mut Option<Lot>) -> Result<()> {
        match event {
            Event::Records(fetched) => {
                self.progress.bytes.add(fetched.bytes() as u64);
                self.fetched = Some(fetched).filter(|fetched| !fetched.is_empty());
            }
            Event::Assigned(partitions) => {
                self.apply_pauses();
                let names: Vec<_> = partitions.iter().map(|(partition, _)| partition.clone()).collect();
                let committed: BTreeMap<_, _> =
                    self.consumer.committed(Some(&names)).await.map_err(consumer_error)?.into_iter().collect();
                let opened =
                    partitions.iter().map(|(partition, _)| (api(partition), committed.get(partition).copied()));
                let (answer, opened_in_time) = oneshot::channel();
                self.ask(Ask::Open(opened.collect(), answer)).await?;
                opened_in_time.await.map_err(|_| Error::fatal("the task has ended"))??;
            }
            Event::Revoked(partitions) => self.close(&partitions, false, lot).await?,
            Event::Lost(partitions) => self.close(&partitions, true, lot).await?,
        }
        Ok(())
    }

    /// Lets partitions go: the task closes them, and what it proved is committed while that is allowed.
    async fn close(
        &mut self,
        partitions: &[connect_kafka::TopicPartition],
        lost: bool,
        lot: &mut Option<Lot>,
    ) -> Result<()> {
        let partitions: Vec<_> = partitions.iter().map(api).collect();
        self.forget(&partitions, lot);
        {
            let mut asked = lock(&self.host.asked);
            asked.paused.retain(|paused| !partitions.contains(paused));
        }
        self.proving = None;
        let (answer, closed) = oneshot::channel();
        self.ask(Ask::Close { partitions: partitions.clone(), lost, answer }).await?;
        let limit = self.rebalance_timeout;
        let (epoch, proven) = match timeout(limit, closed).await {
            Ok(answer) => answer.map_err(|_| Error::fatal("the task has ended"))?,
            Err(_) => {
                let (doing, since) = self.progress.doing();
                return Err(Error::fatal(format!(
                    "partitions were taken away, and the task did not let go of them within {limit:?}: it is in {doing} since {:?}",
                    since.elapsed()
                )));
            }
        };
        // What the driver told before belongs to earlier epochs: heard later, it would set ours back behind the
        // driver's, which would take everything fetched from then on for stale.
        while let Ok(told) = self.told.try_recv() {
            self.hear(told, &partitions, lot);
        }
        self.epoch = epoch;
        match proven {
            Ok(offsets) => {
                self.commit_now(offsets).await;
                Ok(())
            }
            Err(error) if error.is_retriable() => {
                tracing::warn!(task = %self.id, ?error, "offsets could not be proven before partitions were taken away");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Drops everything of these partitions that has not reached the driver.
    fn forget(&mut self, partitions: &[TopicPartition], lot: &mut Option<Lot>) {
        let gone = |partition: &TopicPartition| partitions.contains(partition);
        let gone_too = |partition: &connect_kafka::TopicPartition| partitions.iter().any(|p| kafka(p) == *partition);
        self.decoder.forget(gone_too);
        if let Some(fetched) = &mut self.fetched {
            fetched.batches.retain(|batch| !gone_too(&batch.partition));
        }
        if let Some(lot) = lot {
            lot.forget(gone);
        }
        if lot.as_ref().is_some_and(|lot| lot.ends.is_empty()) {
            *lot = None;
        }
    }

    async fn ask(&self, ask: Ask) -> Result<()> {
        self.asks.send(ask).await.map_err(|_| Error::fatal("the task has ended"))
    }
}

pub(super) fn kafka(partition: &TopicPartition) -> connect_kafka::TopicPartition {
    connect_kafka::TopicPartition::new(Arc::clone(&partition.topic), partition.partition)
}

pub(super) fn api(partition: &connect_kafka::TopicPartition) -> TopicPartition {
    TopicPartition::new(Arc::clone(&partition.topic), partition.partition)
}
