//! The phases of a group, and how it moves from one to the next.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Group;
use crate::memory::state::{Completion, Parking};
use crate::{Code, Joined};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No members.
    Empty,
    /// Members join: until all have, but not before the one moment, and not beyond the other.
    Preparing { earliest: Duration, deadline: Duration },
    /// The generation stands; the leader's assignments are awaited.
    Completing { deadline: Duration },
    /// Everyone has an assignment.
    Stable,
}

impl Group {
    /// When [`tick`](Self::tick) has something to do next.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let session = self.members.values().filter(|member| !member.is_parked()).map(|member| member.expires).min();
        let own = match self.phase {
            Phase::Empty => return None,
            Phase::Preparing { earliest, .. } if self.all_joined() => Some(earliest),
            Phase::Preparing { deadline, .. } | Phase::Completing { deadline } => Some(deadline),
            Phase::Stable => None,
        };
        own.into_iter().chain(session).min()
    }

    /// Drops members whose session ended, and ends phases that are due.
    pub(super) fn tick(&mut self, now: Duration, parking: &mut Parking) {
        let dead = |member: &super::GroupMember| !member.is_parked() && member.expires <= now;
        let expired: Vec<String> =
            self.members.iter().filter(|(_, member)| dead(member)).map(|(id, _)| id.clone()).collect();
        for id in &expired {
            self.remove(id, Code::UnknownMemberId, parking);
        }
        if !expired.is_empty() {
            self.members_changed(now, parking);
        }
        match self.phase {
            Phase::Preparing { earliest, .. } if self.all_joined() && earliest <= now => {
                self.complete_join(now, parking);
            }
            Phase::Preparing { deadline, .. } if deadline <= now => self.join_deadline(now, parking),
            Phase::Completing { deadline } if deadline <= now => {
                let late: Vec<String> =
                    self.members.iter().filter(|(_, m)| m.syncing.is_none()).map(|(id, _)| id.clone()).collect();
                for id in late {
                    self.remove(&id, Code::UnknownMemberId, parking);
                }
                self.prepare_rebalance(now, Duration::ZERO, parking);
            }
            _ => {}
        }
    }

    /// Takes a member out; the caller goes on with [`members_changed`](Self::members_changed).
    pub(super) fn remove(&mut self, id: &str, code: Code, parking: &mut Parking) {
        let Some(mut member) = self.members.remove(id) else { return };
        member.refuse(&self.error(code, format!("member {id:?} was removed")), parking);
        if let Some(instance) = &member.instance_id {
            self.instances.remove(instance);
        }
        if self.leader.as_deref() == Some(id) {
            self.leader = None;
        }
    }

    /// A member went: the others rebalance.
    pub(super) fn members_changed(&mut self, now: Duration, parking: &mut Parking) {
        match self.phase {
            Phase::Empty => {}
            Phase::Preparing { earliest, .. } => {
                if self.all_joined() && earliest <= now {
                    self.complete_join(now, parking);
                }
            }
            Phase::Completing { .. } | Phase::Stable => self.prepare_rebalance(now, Duration::ZERO, parking),
        }
    }

    /// Asks every member to join again.
    pub(super) fn prepare_rebalance(&mut self, now: Duration, delay: Duration, parking: &mut Parking) {
        let again = self.error(Code::RebalanceInProgress, "the members are to join again");
        for member in self.members.values_mut() {
            if let Some(id) = member.syncing.take() {
                parking.complete(id, Completion::Sync(Err(again.clone())));
                member.expires = now.saturating_add(member.session_timeout);
            }
        }
        let patience = self.patience();
        self.phase =
            Phase::Preparing { earliest: now.saturating_add(delay), deadline: now.saturating_add(delay.max(patience)) };
        if self.all_joined() && delay.is_zero() {
            self.complete_join(now, parking);
        }
    }

    fn patience(&self) -> Duration {
        self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or_default()
    }

    fn all_joined(&self) -> bool {
        self.members.values().all(|member| member.joining.is_some())
    }

    /// The rebalance timeout is over: who has not joined goes, static members aside, which their session ends.
    fn join_deadline(&mut self, now: Duration, parking: &mut Parking) {
        let missing: Vec<String> = self
            .members
            .iter()
            .filter(|(_, member)| member.joining.is_none() && member.instance_id.is_none())
            .map(|(id, _)| id.clone())
            .collect();
        for id in missing {
            self.remove(&id, Code::UnknownMemberId, parking);
        }
        if self.has_members() && self.members.values().all(|member| member.joining.is_none()) {
            let deadline = now.saturating_add(self.patience().max(Duration::from_millis(1)));
            self.phase = Phase::Preparing { earliest: now, deadline };
        } else {
            self.complete_join(now, parking);
        }
    }

    /// Starts a generation with the members there are.
    pub(super) fn complete_join(&mut self, now: Duration, parking: &mut Parking) {
        self.generation += 1;
        if self.members.is_empty() {
            self.phase = Phase::Empty;
            self.protocol.clear();
            self.protocol_type = None;
            return;
        }
        self.protocol = self.choose_protocol();
        let joined = |id: &String| self.members.get(id).is_some_and(|member| member.joining.is_some());
        if !self.leader.as_ref().is_some_and(joined) {
            let first = self.members.iter().filter(|(id, _)| joined(id)).min_by_key(|(_, member)| member.order);
            self.leader = first.map(|(id, _)| id.clone());
        }
        self.phase = Phase::Completing { deadline: now.saturating_add(self.patience()) };
        let ids = self.member_ids();
        for id in ids {
            let answer = self.joined(&id);
            let Some(member) = self.members.get_mut(&id) else { continue };
            member.assignment.clear();
            if let Some(parked) = member.joining.take() {
                member.expires = now.saturating_add(member.session_timeout);
                parking.complete(parked, Completion::Join(Ok(answer)));
            }
        }
    }

    /// What a member learns of the generation.
    pub(super) fn joined(&self, id: &str) -> Joined {
        let leads = self.leader.as_deref() == Some(id);
        let metadata = |member: &super::GroupMember| member.metadata(&self.protocol).unwrap_or_default();
        let all = self.members.iter().filter(|_| leads);
        Joined {
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            member_id: id.to_owned(),
            members: all.map(|(id, member)| (id.clone(), member.instance_id.clone(), metadata(member))).collect(),
        }
    }

    /// Kafka's vote: each member for its best protocol that all speak; on a tie the earliest member's order.
    fn choose_protocol(&self) -> String {
        let all_speak = |name: &str| self.members.values().all(|member| member.metadata(name).is_some());
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            if let Some((name, _)) = member.protocols.iter().find(|(name, _)| all_speak(name)) {
                *votes.entry(name).or_default() += 1;
            }
        }
        let Some(first) = self.members.values().min_by_key(|member| member.order) else { return String::new() };
        let most = votes.values().copied().max().unwrap_or_default();
        let best = first.protocols.iter().find(|(name, _)| votes.get(name.as_str()) == Some(&most));
        best.map(|(name, _)| name.clone()).unwrap_or_default()
    }
}
