//! Groups: membership and committed offsets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    GroupId, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
};
use kafka_protocol::protocol::StrBytes;

use super::answer::check;
use super::cluster::Cluster;
use super::coordinator::{Key, Manner};
use super::node::Lane;
use crate::{Code, JoinGroup, Joined, Member, Result};

/// What Java's clients add to the rebalance timeout before they give a join up.
const MARGIN: Duration = Duration::from_secs(5);

pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(super) fn id(group: &str) -> GroupId {
    GroupId(text(group))
}

pub(super) fn key(group: &str) -> Key {
    Key::Group(group.to_owned())
}

pub(super) fn millis(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX)
}

impl Cluster {
    pub(super) fn at_once(&self) -> Manner {
        Manner { lane: Lane::Coordinator, within: self.config().request_timeout }
    }

    pub(super) async fn join_group(&self, mut wanted: JoinGroup) -> Result<Joined> {
        loop {
            let answer = self.join_once(&wanted).await?;
            if Code::from_number(answer.error_code) == Some(Code::MemberIdRequired) && wanted.member_id.is_empty() {
                // The broker made a name up and wants to see it used, so that a lost answer leaves no ghost.
                wanted.member_id = answer.member_id.to_string();
                continue;
            }
            check(answer.error_code, None, format_args!("joining group {:?}", wanted.group))?;
            let member = |member: kafka_protocol::messages::join_group_response::JoinGroupResponseMember| {
                let instance = member.group_instance_id.map(|id| id.to_string());
                (member.member_id.to_string(), instance, member.metadata)
            };
            return Ok(Joined {
                generation: answer.generation_id,
                protocol: answer.protocol_name.map(|name| name.to_string()).unwrap_or_default(),
                leader: answer.leader.to_string(),
                member_id: answer.member_id.to_string(),
                members: answer.members.into_iter().map(member).collect(),
            });
        }
    }

    async fn join_once(&self, wanted: &JoinGroup) -> Result<JoinGroupResponse> {
        let protocol = |(name, metadata): &(String, Bytes)| {
            JoinGroupRequestProtocol::default().with_name(text(name)).with_metadata(metadata.clone())
        };
        let request = JoinGroupRequest::default()
            .with_group_id(id(&wanted.group))
            .with_session_timeout_ms(millis(wanted.session_timeout))
            .with_rebalance_timeout_ms(millis(wanted.rebalance_timeout))
            .with_member_id(text(&wanted.member_id))
            .with_group_instance_id(wanted.instance_id.as_deref().map(text))
            .with_protocol_type(text(&wanted.protocol_type))
            .with_protocols(wanted.protocols.iter().map(protocol).collect());
        let within = wanted.rebalance_timeout.saturating_add(MARGIN).max(self.config().request_timeout);
        let manner = Manner { lane: Lane::Waiting, within };
        self.ask_coordinator(&key(&wanted.group), manner, |_| request.clone(), |answer| answer.error_code).await
    }

    pub(super) async fn sync_group(&self, member: &Member, assignments: Vec<(String, Bytes)>) -> Result<Bytes> {
        let one = |(member, assignment): (String, Bytes)| {
            SyncGroupRequestAssignment::default().with_member_id(text(&member)).with_assignment(assignment)
        };
        let request = SyncGroupRequest::default()
            .with_group_id(id(&member.group))
            .with_generation_id(member.generation)
            .with_member_id(text(&member.member_id))
            .with_group_instance_id(member.instance_id.as_deref().map(text))
            .with_assignments(assignments.into_iter().map(one).collect());
        // The leader may take as long as a rebalance may; what the caller has patience for is its own affair.
        let manner = Manner { lane: Lane::Waiting, within: self.config().request_timeout.max(MARGIN * 60) };
        let code = |answer: &kafka_protocol::messages::SyncGroupResponse| answer.error_code;
        let answer = self.ask_coordinator(&key(&member.group), manner, |_| request.clone(), code).await?;
        check(answer.error_code, None, format_args!("syncing with group {:?}", member.group))?;
        Ok(answer.assignment)
    }

    pub(super) async fn heartbeat(&self, member: &Member) -> Result<()> {
        let request = HeartbeatRequest::default()
            .with_group_id(id(&member.group))
            .with_generation_id(member.generation)
            .with_member_id(text(&member.member_id))
            .with_group_instance_id(member.instance_id.as_deref().map(text));
        let code = |answer: &kafka_protocol::messages::HeartbeatResponse| answer.error_code;
        let answer = self.ask_coordinator(&key(&member.group), self.at_once(), |_| request.clone(), code).await?;
        check(answer.error_code, None, format_args!("a heartbeat for group {:?}", member.group))
    }

    pub(super) async fn leave_group(&self, member: &Member) -> Result<()> {
        let identity = MemberIdentity::default()
            .with_member_id(text(&member.member_id))
            .with_group_instance_id(member.instance_id.as_deref().map(text));
        let request = LeaveGroupRequest::default().with_group_id(id(&member.group)).with_members(vec![identity]);
        let code = |answer: &kafka_protocol::messages::LeaveGroupResponse| answer.error_code;
        let answer = self.ask_coordinator(&key(&member.group), self.at_once(), |_| request.clone(), code).await?;
        let told = answer.members.first().map_or(0, |member| member.error_code);
        let number = if answer.error_code == 0 { told } else { answer.error_code };
        check(number, None, format_args!("leaving group {:?}", member.group))
    }
}

/// Things by their topic, in order.
pub(super) fn by_topic<T>(things: impl IntoIterator<Item = (Arc<str>, T)>) -> BTreeMap<Arc<str>, Vec<T>> {
    let mut topics: BTreeMap<Arc<str>, Vec<T>> = BTreeMap::new();
    for (topic, thing) in things {
        topics.entry(topic).or_default().push(thing);
    }
    topics
}
