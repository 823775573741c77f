//! Classic consumer groups, of any protocol type.

mod describe;
mod join;
mod member;
mod phase;
mod sync;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use describe::{GroupDescription, MemberDescription};
pub(crate) use join::Joining;
use member::GroupMember;
use phase::Phase;
pub(crate) use sync::Syncing;

use super::{BrokerState, Moment};
use crate::{BrokerError, Code, Member, Result, TopicPartition};

/// A group: its members in a generation, and its committed offsets.
#[derive(Debug)]
pub(crate) struct Group {
    name: Arc<str>,
    generation: i32,
    phase: Phase,
    protocol_type: Option<String>,
    protocol: String,
    leader: Option<String>,
    members: BTreeMap<String, GroupMember>,
    /// Member id of each static member.
    instances: BTreeMap<String, String>,
    pub(crate) offsets: BTreeMap<TopicPartition, i64>,
}

impl Group {
    pub(crate) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            generation: 0,
            phase: Phase::Empty,
            protocol_type: None,
            protocol: String::new(),
            leader: None,
            members: BTreeMap::new(),
            instances: BTreeMap::new(),
            offsets: BTreeMap::new(),
        }
    }

    pub(crate) fn has_members(&self) -> bool {
        !self.members.is_empty()
    }

    /// Ids of the members, sorted.
    pub(crate) fn member_ids(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    fn error(&self, code: Code, what: impl std::fmt::Display) -> BrokerError {
        BrokerError::new(code, format!("group {:?}: {what}", self.name))
    }

    /// The member's id, if it is who it says: known, and not fenced by a later member of the same static name.
    fn identify(&self, member_id: &str, instance_id: Option<&str>) -> Result<String> {
        if let Some(instance) = instance_id {
            return match self.instances.get(instance) {
                Some(current) if member_id.is_empty() || current == member_id => Ok(current.clone()),
                Some(_) => {
                    let what = format!("static member {instance:?} was replaced by another one");
                    Err(self.error(Code::FencedInstanceId, what))
                }
                None => Err(self.error(Code::UnknownMemberId, format!("no static member {instance:?}"))),
            };
        }
        if self.members.contains_key(member_id) {
            Ok(member_id.to_owned())
        } else {
            Err(self.error(Code::UnknownMemberId, format!("no member {member_id:?}")))
        }
    }

    /// As [`identify`](Self::identify), and the member is of this generation.
    fn current(&self, member: &Member) -> Result<String> {
        let id = self.identify(&member.member_id, member.instance_id.as_deref())?;
        if member.generation != self.generation {
            let what = format!("generation is {}, member {id:?} has {}", self.generation, member.generation);
            return Err(self.error(Code::IllegalGeneration, what));
        }
        Ok(id)
    }

    /// Whether the member may commit now; keeps its session alive.
    pub(crate) fn check_commit(&mut self, member: &Member, now: Duration) -> Result<()> {
        let id = self.current(member)?;
        self.touch(&id, now);
        if matches!(self.phase, Phase::Completing { .. }) {
            return Err(self.error(Code::RebalanceInProgress, "assignments are being made"));
        }
        Ok(())
    }

    fn touch(&mut self, id: &str, now: Duration) {
        if let Some(member) = self.members.get_mut(id) {
            member.expires = now.saturating_add(member.session_timeout);
        }
    }
}

impl BrokerState {
    /// The group, made when it is not there.
    pub(crate) fn group_entry(&mut self, name: &str) -> &mut Group {
        if !self.groups.contains_key(name) {
            let name: Arc<str> = name.into();
            self.groups.insert(name.clone(), Group::new(name));
        }
        match self.groups.get_mut(name) {
            Some(group) => group,
            // It was put there four lines above.
            None => unreachable!("group {name:?} was inserted"),
        }
    }

    /// The group with its deadlines evaluated.
    fn group_now(&mut self, name: &str, now: Moment) -> Option<&mut Group> {
        self.group_tick(name, now);
        self.groups.get_mut(name)
    }

    fn member_group(&mut self, member: &Member, now: Moment) -> Result<&mut Group> {
        let (group, id) = (&member.group, &member.member_id);
        if group.is_empty() {
            return Err(BrokerError::new(Code::InvalidGroupId, "the group id is empty"));
        }
        self.group_now(group, now)
            .ok_or_else(|| BrokerError::new(Code::UnknownMemberId, format!("group {group:?}: no member {id:?}")))
    }

    /// Evaluates the group's deadlines.
    pub(crate) fn group_tick(&mut self, name: &str, now: Moment) {
        if let Some(group) = self.groups.get_mut(name) {
            group.tick(now.since_start, &mut self.parking);
        }
    }

    /// When the group's next deadline is due.
    pub(crate) fn group_deadline(&self, name: &str) -> Option<Duration> {
        self.groups.get(name).and_then(Group::deadline)
    }

    pub(crate) fn group_names(&mut self, now: Moment) -> Vec<String> {
        for group in self.groups.values_mut() {
            group.tick(now.since_start, &mut self.parking);
        }
        let alive = |group: &&Group| group.has_members() || !group.offsets.is_empty();
        self.groups.values().filter(alive).map(|group| group.name.to_string()).collect()
    }

    pub(crate) fn heartbeat(&mut self, member: &Member, now: Moment) -> Result<()> {
        let group = self.member_group(member, now)?;
        let id = group.current(member)?;
        group.touch(&id, now.since_start);
        if matches!(group.phase, Phase::Preparing { .. }) {
            return Err(group.error(Code::RebalanceInProgress, "the members are to join again"));
        }
        Ok(())
    }

    pub(crate) fn leave_group(&mut self, member: &Member, now: Moment) -> Result<()> {
        let group = self.member_group(member, now)?;
        let id = group.identify(&member.member_id, member.instance_id.as_deref())?;
        self.remove_member(&member.group, &id, now);
        Ok(())
    }

    /// Test hook: the member's session ends now.
    pub(crate) fn expire_member(&mut self, group: &str, member_id: &str, now: Moment) -> Result<()> {
        let found = self.group_now(group, now).ok_or_else(|| unknown_group(group))?;
        let id = found.identify(member_id, None)?;
        self.remove_member(group, &id, now);
        Ok(())
    }

    /// Test hook: the members have to join again.
    pub(crate) fn force_rebalance(&mut self, group: &str, now: Moment) -> Result<()> {
        self.group_tick(group, now);
        let found = self.groups.get_mut(group).ok_or_else(|| unknown_group(group))?;
        if found.has_members() {
            found.prepare_rebalance(now.since_start, Duration::ZERO, &mut self.parking);
        }
        Ok(())
    }

    fn remove_member(&mut self, group: &str, id: &str, now: Moment) {
        if let Some(group) = self.groups.get_mut(group) {
            group.remove(id, Code::UnknownMemberId, &mut self.parking);
            group.members_changed(now.since_start, &mut self.parking);
        }
    }

    /// Ids of the group's members, sorted.
    pub(crate) fn group_members(&mut self, group: &str, now: Moment) -> Vec<String> {
        self.group_now(group, now).map_or_else(Vec::new, |group| group.member_ids())
    }
}

pub(super) fn unknown_group(group: &str) -> BrokerError {
    BrokerError::new(Code::GroupIdNotFound, format!("group {group:?} does not exist"))
}
