//! Committed offsets of groups.

use std::sync::Arc;

use super::change::{Change, Ticket};
use super::group::unknown_group;
use super::{BrokerState, Moment};
use crate::{BrokerError, Code, Member, Result, TopicPartition};

pub(crate) type PerPartition<T> = Vec<(TopicPartition, Result<T>)>;

impl BrokerState {
    pub(crate) fn commit_offsets(
        &mut self,
        member: &Member,
        offsets: Vec<(TopicPartition, i64)>,
        now: Moment,
    ) -> Result<(PerPartition<()>, Ticket)> {
        self.may_commit(member, now)?;
        let group: Arc<str> = member.group.as_str().into();
        let mut results = Vec::with_capacity(offsets.len());
        for (partition, offset) in offsets {
            let result = self.log_id(&partition).map(|_| ());
            if result.is_ok() {
                self.record(Change::Commit { group: group.clone(), partition: partition.clone(), offset });
            }
            results.push((partition, result));
        }
        Ok((results, self.journal.issued()))
    }

    /// Members of the current generation may, and anybody while there are no members.
    fn may_commit(&mut self, member: &Member, now: Moment) -> Result<()> {
        if member.group.is_empty() {
            return Err(BrokerError::new(Code::InvalidGroupId, "the group id is empty"));
        }
        self.group_tick(&member.group, now);
        let outsider = is_outsider(member);
        match self.groups.get_mut(member.group.as_str()) {
            Some(group) if group.has_members() => group.check_commit(member, now.since_start),
            _ if outsider => Ok(()),
            _ => {
                let (group, generation) = (&member.group, member.generation);
                let message = format!("group {group:?} has no members, the commit says generation {generation}");
                Err(BrokerError::new(Code::IllegalGeneration, message))
            }
        }
    }

    /// As for any commit, but also strangers may while there are members, and members while assignments are made.
    pub(crate) fn may_commit_in_txn(&mut self, member: &Member, now: Moment) -> Result<()> {
        if is_outsider(member) && !member.group.is_empty() {
            return Ok(());
        }
        match self.may_commit(member, now) {
            Err(error) if error.code == Code::RebalanceInProgress => Ok(()),
            result => result,
        }
    }

    /// Whether a transaction is about to commit an offset of this partition.
    pub(crate) fn has_pending_offset(&self, group: &str, partition: &TopicPartition) -> bool {
        self.txns.has_pending(group, partition)
    }

    pub(crate) fn committed_offsets(
        &self,
        group: &str,
        partitions: Option<&[TopicPartition]>,
    ) -> Vec<(TopicPartition, i64)> {
        let Some(group) = self.groups.get(group) else { return Vec::new() };
        match partitions {
            None => group.offsets.iter().map(|(partition, offset)| (partition.clone(), *offset)).collect(),
            Some(wanted) => {
                wanted.iter().filter_map(|p| group.offsets.get(p).map(|offset| (p.clone(), *offset))).collect()
            }
        }
    }

    pub(crate) fn delete_group(&mut self, name: &str, now: Moment) -> Result<Ticket> {
        self.without_members(name, now)?;
        Ok(self.record(Change::Forget { group: name.into(), partitions: None }))
    }

    pub(crate) fn delete_offsets(&mut self, name: &str, partitions: &[TopicPartition], now: Moment) -> Result<Ticket> {
        self.without_members(name, now)?;
        Ok(self.record(Change::Forget { group: name.into(), partitions: Some(partitions.to_vec()) }))
    }

    fn without_members(&mut self, name: &str, now: Moment) -> Result<()> {
        self.group_tick(name, now);
        let group = self.groups.get(name).ok_or_else(|| unknown_group(name))?;
        if group.has_members() {
            let message = format!("group {name:?} has members: {}", group.member_ids().join(", "));
            return Err(BrokerError::new(Code::NonEmptyGroup, message));
        }
        Ok(())
    }

    pub(crate) fn offsets_forgotten(&mut self, name: &str, partitions: Option<&[TopicPartition]>) {
        let Some(group) = self.groups.get_mut(name) else { return };
        match partitions {
            Some(partitions) => group.offsets.retain(|partition, _| !partitions.contains(partition)),
            // Somebody may have joined while the store was writing.
            None if group.has_members() => group.offsets.clear(),
            None => {
                self.groups.remove(name);
            }
        }
    }
}

/// Whether the one who commits does not say to be a member.
fn is_outsider(member: &Member) -> bool {
    member.generation < 0 && member.member_id.is_empty() && member.instance_id.is_none()
}
