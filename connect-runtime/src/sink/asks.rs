//! What the loop asks of a sink's driver between two calls of the task, and how it is answered.

use connect_api::host::is_no_flush;
use connect_api::{Offsets, Result, TopicPartition};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::driver::{Driver, Flow, Told};
use crate::health::Lane;
use crate::progress::lock;
use crate::spans;

/// Offsets that may be committed.
pub(super) type Committable = Vec<(TopicPartition, i64)>;

/// What a task has proven of what was put.
pub(super) struct Proof {
    pub(super) offsets: Committable,
    /// Something of it is not proven yet.
    pub(super) open: bool,
}

/// What the loop asks of the driver between two calls of the task.
pub(super) enum Ask {
    /// Partitions were assigned, with their committed offsets where there are any.
    Open(Vec<(TopicPartition, Option<i64>)>, oneshot::Sender<Result<()>>),
    /// What may be committed? Asks the task when it buffers.
    Prove(oneshot::Sender<Result<Proof>>),
    /// These offsets were committed.
    Committed(Committable),
    /// Partitions are taken away; offsets may still be committed, or not. The answer has the epoch that begins.
    Close { partitions: Vec<TopicPartition>, lost: bool, answer: oneshot::Sender<(u64, Result<Committable>)> },
    /// The end: what is left is not put.
    End(oneshot::Sender<Result<Committable>>),
}

impl Driver {
    /// Serves what the loop asks.
    pub(super) async fn answer(&mut self, ask: Ask) -> Result<Flow> {
        // Whoever asked is gone only when the task is being ended.
        match ask {
            Ask::Open(partitions, answer) => {
                self.progress.enter("open");
                let names: Vec<_> = partitions.iter().map(|(partition, _)| partition.clone()).collect();
                for (partition, committed) in partitions {
                    self.note_opened(&partition, committed);
                    self.watermark.start(partition, committed);
                }
                // What the task kept stays, and is not opened again.
                lock(&self.host.assignment).extend(names.iter().cloned());
                let opened = if names.is_empty() {
                    Ok(())
                } else {
                    self.task.open(&names).instrument(spans::stage("open")).await
                };
                self.after_call();
                let _ = answer.send(opened.map_err(|error| error.context("open")));
            }
            Ask::Prove(answer) => {
                let proven = self.prove().await;
                let proven = proven.map(|offsets| Proof { offsets, open: self.watermark.is_unproven() });
                self.after_call();
                let _ = answer.send(proven);
            }
            Ask::Committed(offsets) => {
                for (partition, offset) in offsets {
                    self.watermark.committed(&partition, offset);
                }
                let _ = self.told.send(Told::Progressed);
            }
            Ask::Close { partitions, lost, answer } => {
                let proven = self.close(&partitions, lost).await;
                let _ = answer.send((self.epoch, proven));
            }
            Ask::End(answer) => {
                let partitions = lock(&self.host.assignment).clone();
                let _ = answer.send(self.close(&partitions, false).await);
                return Ok(Flow::End);
            }
        }
        Ok(Flow::On)
    }

    async fn prove(&mut self) -> Result<Committable> {
        if let Some(seen) = self.watermark.to_prove() {
            self.progress.enter("pre_commit");
            let answer: Offsets = match self.task.pre_commit(seen.clone()).instrument(spans::stage("pre_commit")).await
            {
                Ok(answer) => answer,
                // A task without a flush never buffers: what it took beside failed records is durable.
                Err(error) if is_no_flush(&error) && !self.watermark.is_buffered() => seen.clone(),
                Err(error) => return Err(error.context("pre_commit")),
            };
            self.progress.lanes.moved(Lane::Call);
            if answer == seen {
                self.progress.metrics.flushed();
            }
            for partition in self.watermark.proven(&seen, &answer) {
                tracing::warn!(task = %self.id, %partition, "pre_commit named an offset that was not put; it is ignored");
            }
        }
        Ok(self.watermark.to_commit())
    }

    async fn close(&mut self, partitions: &[TopicPartition], lost: bool) -> Result<Committable> {
        let proven = if lost { Ok(Vec::new()) } else { self.prove().await };
        self.progress.enter("close");
        let closed = if partitions.is_empty() {
            Ok(())
        } else {
            self.task.close(partitions).instrument(spans::stage("close")).await
        };
        // What is left of it is put again, here or elsewhere.
        self.progress.metrics.forgotten();
        self.epoch += 1;
        for partition in partitions {
            self.watermark.forget(partition);
            self.progress.taken().remove(partition);
            self.fresh_from.insert(partition.clone(), self.epoch);
        }
        lock(&self.host.assignment).retain(|assigned| !partitions.contains(assigned));
        closed.map_err(|error| error.context("close"))?;
        proven
    }
}
