//! Joining a group.

use std::time::Duration;

use super::{Group, GroupMember, Phase};
use crate::memory::state::{BrokerState, Completion, Moment, ParkId, Parking};
use crate::{BrokerError, Code, JoinGroup, Joined, Result};

/// The answer to a join.
#[derive(Debug)]
pub(crate) enum Joining {
    Now(Joined),
    Wait(ParkId),
}

impl BrokerState {
    pub(crate) fn join_group(&mut self, request: &JoinGroup, now: Moment) -> Result<Joining> {
        if request.group.is_empty() {
            return Err(BrokerError::new(Code::InvalidGroupId, "the group id is empty"));
        }
        let (least, most) = (self.limits.min_session_timeout, self.limits.max_session_timeout);
        if request.session_timeout < least || request.session_timeout > most {
            let asked = request.session_timeout;
            let message = format!("a session timeout of {asked:?}, allowed are {least:?} to {most:?}");
            return Err(BrokerError::new(Code::InvalidSessionTimeout, message));
        }
        self.group_tick(&request.group, now);
        let known = self.groups.get(request.group.as_str());
        if !request.member_id.is_empty() && known.is_none_or(|group| !group.has_members()) {
            let message = format!("group {:?}: no member {:?}", request.group, request.member_id);
            return Err(BrokerError::new(Code::UnknownMemberId, message));
        }
        if let Some(group) = known {
            group.check_protocols(request)?;
        } else if request.protocol_type.is_empty() || request.protocols.is_empty() {
            let message = format!("group {:?}: a join without protocols", request.group);
            return Err(BrokerError::new(Code::InconsistentGroupProtocol, message));
        }
        self.next_member += 1;
        let order = self.next_member;
        let delay = self.limits.initial_rebalance_delay;
        self.group_entry(&request.group);
        match self.groups.get_mut(request.group.as_str()) {
            Some(group) => group.join(request, order, now.since_start, delay, &mut self.parking),
            None => Err(super::unknown_group(&request.group)),
        }
    }
}

impl Group {
    fn check_protocols(&self, request: &JoinGroup) -> Result<()> {
        let wrong = |what: &str| Err(self.error(Code::InconsistentGroupProtocol, what));
        if request.protocol_type.is_empty() || request.protocols.is_empty() {
            return wrong("a join without protocols");
        }
        if !self.has_members() {
            return Ok(());
        }
        if let Some(other) = self.protocol_type.as_ref().filter(|own| **own != request.protocol_type) {
            return wrong(&format!("the members speak {other:?}, not {:?}", request.protocol_type));
        }
        // A member that replaces itself does not vote against its own new protocols.
        let itself = |id: &String, member: &GroupMember| {
            *id == request.member_id || (member.instance_id.is_some() && member.instance_id == request.instance_id)
        };
        let others = || self.members.iter().filter(|(id, member)| !itself(id, member)).map(|(_, member)| member);
        let shared = request.protocols.iter().any(|(name, _)| others().all(|other| other.metadata(name).is_some()));
        if shared { Ok(()) } else { wrong("no protocol that every member speaks") }
    }

    fn join(
        &mut self,
        request: &JoinGroup,
        order: u64,
        now: Duration,
        delay: Duration,
        parking: &mut Parking,
    ) -> Result<Joining> {
        if request.member_id.is_empty() {
            let id = format!("{}-{order:08}", request.client_id);
            let replaced = request.instance_id.as_ref().and_then(|instance| self.instances.get(instance).cloned());
            return match replaced {
                Some(old) => Ok(self.replace_static(request, &old, id, now, parking)),
                None => Ok(self.admit(request, id, order, now, delay, parking)),
            };
        }
        let id = self.identify(&request.member_id, request.instance_id.as_deref())?;
        self.rejoin(request, &id, now, parking)
    }

    /// A new member.
    fn admit(
        &mut self,
        request: &JoinGroup,
        id: String,
        order: u64,
        now: Duration,
        delay: Duration,
        parking: &mut Parking,
    ) -> Joining {
        if let Some(instance) = &request.instance_id {
            self.instances.insert(instance.clone(), id.clone());
        }
        self.protocol_type = Some(request.protocol_type.clone());
        self.members.insert(id.clone(), GroupMember::new(request, order, now));
        let delay = if self.phase == Phase::Empty { delay } else { Duration::ZERO };
        self.park_join(&id, now, delay, parking)
    }

    /// A static member started again under a new id: the old id is fenced. Others notice only if its metadata
    /// changed.
    fn replace_static(
        &mut self,
        request: &JoinGroup,
        old: &str,
        id: String,
        now: Duration,
        parking: &mut Parking,
    ) -> Joining {
        let Some(mut member) = self.members.remove(old) else {
            let order = self.members.len() as u64;
            return self.admit(request, id, order, now, Duration::ZERO, parking);
        };
        let fenced = self.error(Code::FencedInstanceId, format!("member {old:?} was replaced by {id:?}"));
        member.refuse(&fenced, parking);
        let unchanged = member.protocols == request.protocols;
        member.update(request, now);
        if let Some(instance) = &request.instance_id {
            self.instances.insert(instance.clone(), id.clone());
        }
        self.members.insert(id.clone(), member);
        let led = self.leader.as_deref() == Some(old);
        if led {
            self.leader = Some(id.clone());
        }
        if self.phase == Phase::Stable && unchanged {
            let mut joined = self.joined(&id);
            if led {
                // As Kafka answers: the old id, so that the member does not take it on itself to assign again.
                old.clone_into(&mut joined.leader);
                joined.members.clear();
            }
            return Joining::Now(joined);
        }
        self.park_join(&id, now, Duration::ZERO, parking)
    }

    /// A member the group knows.
    fn rejoin(&mut self, request: &JoinGroup, id: &str, now: Duration, parking: &mut Parking) -> Result<Joining> {
        let Some(member) = self.members.get_mut(id) else {
            return Err(self.error(Code::UnknownMemberId, format!("no member {id:?}")));
        };
        let unchanged = member.protocols == request.protocols;
        member.update(request, now);
        let leads = self.leader.as_deref() == Some(id);
        let stands = match self.phase {
            // Its answer was lost on the way.
            Phase::Completing { .. } => unchanged,
            // A leader that joins again wants to assign again.
            Phase::Stable => unchanged && !leads,
            Phase::Empty | Phase::Preparing { .. } => false,
        };
        if stands {
            return Ok(Joining::Now(self.joined(id)));
        }
        Ok(self.park_join(id, now, Duration::ZERO, parking))
    }

    fn park_join(&mut self, id: &str, now: Duration, delay: Duration, parking: &mut Parking) -> Joining {
        let parked = parking.park();
        let superseded = self.error(Code::RebalanceInProgress, "the member joined a second time");
        if let Some(member) = self.members.get_mut(id)
            && let Some(earlier) = member.joining.replace(parked)
        {
            parking.complete(earlier, Completion::Join(Err(superseded)));
        }
        match self.phase {
            Phase::Preparing { .. } => self.tick(now, parking),
            _ => self.prepare_rebalance(now, delay, parking),
        }
        Joining::Wait(parked)
    }
}
