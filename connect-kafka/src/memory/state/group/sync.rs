//! Handing out assignments.

use bytes::Bytes;

use super::Phase;
use crate::memory::state::{BrokerState, Completion, Moment, ParkId};
use crate::{Code, Member, Result};

/// The answer to a sync.
#[derive(Debug)]
pub(crate) enum Syncing {
    Now(Bytes),
    Wait(ParkId),
}

impl BrokerState {
    pub(crate) fn sync_group(
        &mut self,
        member: &Member,
        assignments: Vec<(String, Bytes)>,
        now: Moment,
    ) -> Result<Syncing> {
        let group = self.member_group(member, now)?;
        let id = group.current(member)?;
        group.touch(&id, now.since_start);
        match group.phase {
            Phase::Empty => return Err(group.error(Code::UnknownMemberId, "it has no members")),
            Phase::Preparing { .. } => {
                return Err(group.error(Code::RebalanceInProgress, "the members are to join again"));
            }
            Phase::Stable => {
                return Ok(Syncing::Now(group.members.get(&id).map(|m| m.assignment.clone()).unwrap_or_default()));
            }
            Phase::Completing { .. } => {}
        }
        let Some(group) = self.groups.get_mut(member.group.as_str()) else {
            return Err(super::unknown_group(&member.group));
        };
        if group.leader.as_ref() != Some(&id) {
            let parked = self.parking.park();
            let twice = group.error(Code::RebalanceInProgress, "the member synced a second time");
            if let Some(member) = group.members.get_mut(&id)
                && let Some(earlier) = member.syncing.replace(parked)
            {
                self.parking.complete(earlier, Completion::Sync(Err(twice)));
            }
            return Ok(Syncing::Wait(parked));
        }
        for (to, assignment) in assignments {
            if let Some(member) = group.members.get_mut(&to) {
                member.assignment = assignment;
            }
        }
        group.phase = Phase::Stable;
        for member in group.members.values_mut() {
            if let Some(parked) = member.syncing.take() {
                member.expires = now.since_start.saturating_add(member.session_timeout);
                self.parking.complete(parked, Completion::Sync(Ok(member.assignment.clone())));
            }
        }
        Ok(Syncing::Now(group.members.get(&id).map(|m| m.assignment.clone()).unwrap_or_default()))
    }
}
