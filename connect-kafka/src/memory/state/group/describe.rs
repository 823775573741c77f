//! What others see of a group.

use bytes::Bytes;

use super::{Group, Phase};
use crate::memory::state::{BrokerState, Moment};

/// A group, in Kafka's words.
#[derive(Debug)]
pub(crate) struct GroupDescription {
    pub(crate) state: &'static str,
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) members: Vec<MemberDescription>,
}

#[derive(Debug)]
pub(crate) struct MemberDescription {
    pub(crate) id: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) metadata: Bytes,
    pub(crate) assignment: Bytes,
}

impl BrokerState {
    pub(crate) fn describe_group(&mut self, name: &str, now: Moment) -> Option<GroupDescription> {
        self.group_now(name, now).map(|group| group.describe())
    }
}

impl Group {
    fn describe(&self) -> GroupDescription {
        let member = |(id, member): (&String, &super::GroupMember)| MemberDescription {
            id: id.clone(),
            instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            metadata: member.metadata(&self.protocol).unwrap_or_default(),
            assignment: member.assignment.clone(),
        };
        GroupDescription {
            state: match self.phase {
                Phase::Empty => "Empty",
                Phase::Preparing { .. } => "PreparingRebalance",
                Phase::Completing { .. } => "CompletingRebalance",
                Phase::Stable => "Stable",
            },
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol: self.protocol.clone(),
            members: self.members.iter().map(member).collect(),
        }
    }
}
