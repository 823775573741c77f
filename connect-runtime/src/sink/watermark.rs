//! Which offsets may be committed: those that the sink proved.

use std::collections::BTreeMap;

use connect_api::{Delivery, Offsets, TopicPartition};

/// Of each assigned partition how far records were put, how far they are durable, and what was committed.
///
/// What was put becomes durable when the task said so, or by its answer to `pre_commit` after it had said that
/// it buffers. Nothing else moves a committed offset.
#[derive(Debug, Default)]
pub(super) struct Watermark {
    partitions: BTreeMap<TopicPartition, Marks>,
    /// Whether something put is still buffered.
    buffered: bool,
    /// Whether something put may still be buffered: the task did not say.
    unclear: bool,
    /// What the task said last; nothing before its first answer.
    said: Option<Delivery>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    seen: Option<i64>,
    durable: Option<i64>,
    committed: Option<i64>,
}

impl Watermark {
    /// A partition was assigned, or the task went elsewhere in it: what was put before counts no more.
    pub(super) fn start(&mut self, partition: TopicPartition, committed: Option<i64>) {
        self.partitions.insert(partition, Marks { seen: None, durable: None, committed });
    }

    /// A partition was taken away.
    pub(super) fn forget(&mut self, partition: &TopicPartition) {
        self.partitions.remove(partition);
        self.still_open();
    }

    /// Everything of the partition before `next` was put or has ended.
    pub(super) fn seen(&mut self, partition: &TopicPartition, next: i64) {
        if let Some(marks) = self.partitions.get_mut(partition) {
            marks.seen = marks.seen.max(Some(next));
        }
    }

    /// The task answered a `put`, of which [`seen`](Self::seen) was told before.
    pub(super) fn said(&mut self, delivery: Delivery) {
        self.said = Some(delivery);
        self.buffered |= delivery == Delivery::Buffered;
        self.settle();
    }

    /// The task took some records and told of others that they failed. Whether it buffers those it took only its
    /// `pre_commit` can say.
    pub(super) fn said_partly(&mut self) {
        self.unclear = true;
    }

    /// Records ended without the task: they are as proven as what it said last.
    pub(super) fn settle(&mut self) {
        match self.said {
            Some(Delivery::Durable) if !self.buffered && !self.unclear => self.all_durable(),
            Some(Delivery::Buffered) => self.unclear |= self.is_open(),
            _ => {}
        }
    }

    fn all_durable(&mut self) {
        for marks in self.partitions.values_mut() {
            marks.durable = marks.seen;
        }
    }

    fn is_open(&self) -> bool {
        self.partitions.values().any(|marks| marks.seen > marks.durable)
    }

    fn still_open(&mut self) {
        let open = self.is_open();
        self.buffered &= open;
        self.unclear &= open;
    }

    /// Whether the task said that it holds records which are not proven yet.
    pub(super) fn is_buffered(&self) -> bool {
        self.buffered
    }

    /// Whether something that was put may still be buffered.
    pub(super) fn is_unproven(&self) -> bool {
        self.buffered || self.unclear
    }

    /// No task was asked: nothing is buffered, and what was seen has ended by itself.
    pub(super) fn settle_untouched(&mut self) {
        if self.said.is_none() && !self.unclear {
            self.all_durable();
        }
    }

    /// What `pre_commit` is to be asked about; nothing when nothing can be buffered.
    pub(super) fn to_prove(&self) -> Option<Offsets> {
        self.is_unproven().then(|| {
            let seen = self.partitions.iter().filter_map(|(partition, marks)| Some((partition.clone(), marks.seen?)));
            seen.collect()
        })
    }

    /// The answer of `pre_commit` to `asked`. An answer beyond what was asked is cut, an unknown partition
    /// ignored; both are returned for a warning.
    pub(super) fn proven(&mut self, asked: &Offsets, answer: &Offsets) -> Vec<TopicPartition> {
        let mut odd = Vec::new();
        for (partition, offset) in answer {
            let (Some(marks), Some(limit)) = (self.partitions.get_mut(partition), asked.get(partition)) else {
                odd.push(partition.clone());
                continue;
            };
            if *offset > limit {
                odd.push(partition.clone());
            }
            marks.durable = Some((*offset).min(limit));
        }
        // A partition left out, or given less, is still buffered.
        self.still_open();
        odd
    }

    /// What can be committed and is not yet.
    pub(super) fn to_commit(&self) -> Vec<(TopicPartition, i64)> {
        let new = |marks: &Marks| marks.durable.filter(|durable| marks.committed != Some(*durable));
        self.partitions.iter().filter_map(|(partition, marks)| Some((partition.clone(), new(marks)?))).collect()
    }

    /// An offset was committed.
    pub(super) fn committed(&mut self, partition: &TopicPartition, offset: i64) {
        if let Some(marks) = self.partitions.get_mut(partition) {
            marks.committed = Some(offset);
        }
    }
}

#[cfg(test)]
mod tests;
