//! Groups and their members.

use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse, GroupId,
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse,
    ListGroupsRequest, ListGroupsResponse, SyncGroupRequest, SyncGroupResponse,
};

use super::{Front, NO_OPERATIONS, millis, number, only_number, optional, split, text};
use crate::listen::connection::{Call, End};
use crate::{Broker, JoinGroup, Member};

/// The only kind of group there is here.
const CLASSIC: &str = "classic";

impl Front {
    pub(in crate::listen) async fn join_group(
        &self,
        call: &Call,
        request: JoinGroupRequest,
    ) -> Result<JoinGroupResponse, End> {
        let rebalance = if call.version == 0 { request.session_timeout_ms } else { request.rebalance_timeout_ms };
        let join = JoinGroup {
            group: request.group_id.to_string(),
            member_id: request.member_id.to_string(),
            instance_id: optional(request.group_instance_id),
            client_id: call.client_id.clone(),
            session_timeout: millis(request.session_timeout_ms),
            rebalance_timeout: millis(rebalance),
            protocol_type: request.protocol_type.to_string(),
            protocols: request.protocols.into_iter().map(|one| (one.name.to_string(), one.metadata)).collect(),
        };
        let response = JoinGroupResponse::default();
        Ok(match split(self.broker.join_group(join).await)? {
            // Before version 7 there is always a name.
            Err(error) => response
                .with_error_code(error.code as i16)
                .with_generation_id(-1)
                .with_member_id(request.member_id)
                .with_protocol_name((call.version < 7).then(Default::default)),
            Ok(joined) => {
                let member = |(id, instance, metadata): (String, Option<String>, _)| {
                    JoinGroupResponseMember::default()
                        .with_member_id(id.into())
                        .with_group_instance_id(instance.map(Into::into))
                        .with_metadata(metadata)
                };
                response
                    .with_generation_id(joined.generation)
                    .with_protocol_type(Some(request.protocol_type))
                    .with_protocol_name(Some(joined.protocol.into()))
                    .with_leader(joined.leader.into())
                    .with_member_id(joined.member_id.into())
                    .with_members(joined.members.into_iter().map(member).collect())
            }
        })
    }

    pub(in crate::listen) async fn sync_group(
        &self,
        _: &Call,
        request: SyncGroupRequest,
    ) -> Result<SyncGroupResponse, End> {
        let member =
            member(&request.group_id, request.generation_id, &request.member_id, optional(request.group_instance_id));
        let assignments = request.assignments.into_iter().map(|one| (one.member_id.to_string(), one.assignment));
        let synced = split(self.broker.sync_group(&member, assignments.collect()).await)?;
        Ok(SyncGroupResponse::default()
            .with_error_code(number(&synced))
            .with_protocol_type(request.protocol_type)
            .with_protocol_name(request.protocol_name)
            .with_assignment(synced.unwrap_or_default()))
    }

    pub(in crate::listen) async fn heartbeat(
        &self,
        _: &Call,
        request: HeartbeatRequest,
    ) -> Result<HeartbeatResponse, End> {
        let member =
            member(&request.group_id, request.generation_id, &request.member_id, optional(request.group_instance_id));
        let number = only_number(self.broker.heartbeat(&member).await)?;
        Ok(HeartbeatResponse::default().with_error_code(number))
    }

    pub(in crate::listen) async fn leave_group(
        &self,
        call: &Call,
        request: LeaveGroupRequest,
    ) -> Result<LeaveGroupResponse, End> {
        let leave = async |id: &str, instance: Option<String>| {
            only_number(self.broker.leave_group(&member(&request.group_id, -1, id, instance)).await)
        };
        if call.version < 3 {
            let number = leave(&request.member_id, None).await?;
            return Ok(LeaveGroupResponse::default().with_error_code(number));
        }
        let mut members = Vec::with_capacity(request.members.len());
        for MemberIdentity { member_id, group_instance_id, .. } in request.members.iter().cloned() {
            let number = leave(&member_id, optional(group_instance_id.clone())).await?;
            members.push(
                MemberResponse::default()
                    .with_member_id(member_id)
                    .with_group_instance_id(group_instance_id)
                    .with_error_code(number),
            );
        }
        Ok(LeaveGroupResponse::default().with_members(members))
    }

    pub(in crate::listen) async fn describe_groups(
        &self,
        call: &Call,
        request: DescribeGroupsRequest,
    ) -> Result<DescribeGroupsResponse, End> {
        let describe = |group: GroupId| {
            let described = self.broker.describe_group(&group);
            let result = DescribedGroup::default().with_group_id(group).with_authorized_operations(NO_OPERATIONS);
            let Some(described) = described else { return result.with_group_state(text("Dead")) };
            let member = |member: crate::memory::state::group::MemberDescription| {
                DescribedGroupMember::default()
                    .with_member_id(member.id.into())
                    .with_group_instance_id(member.instance_id.map(Into::into).filter(|_| call.version >= 4))
                    .with_client_id(member.client_id.into())
                    .with_client_host(self.host.clone())
                    .with_member_metadata(member.metadata)
                    .with_member_assignment(member.assignment)
            };
            result
                .with_group_state(text(described.state))
                .with_protocol_type(described.protocol_type.into())
                .with_protocol_data(described.protocol.into())
                .with_members(described.members.into_iter().map(member).collect())
        };
        Ok(DescribeGroupsResponse::default().with_groups(request.groups.into_iter().map(describe).collect()))
    }

    pub(in crate::listen) async fn list_groups(
        &self,
        _: &Call,
        request: ListGroupsRequest,
    ) -> Result<ListGroupsResponse, End> {
        let named = split(self.broker.groups().await)?;
        let response = ListGroupsResponse::default().with_error_code(number(&named));
        let wanted = |filter: &[kafka_protocol::protocol::StrBytes], value: &str| {
            filter.is_empty() || filter.iter().any(|one| one.eq_ignore_ascii_case(value))
        };
        let mut groups = Vec::new();
        for group in named.unwrap_or_default() {
            let Some(described) = self.broker.describe_group(&group) else { continue };
            if wanted(&request.states_filter, described.state) && wanted(&request.types_filter, CLASSIC) {
                groups.push(
                    ListedGroup::default()
                        .with_group_id(GroupId(group.into()))
                        .with_protocol_type(described.protocol_type.into())
                        .with_group_state(text(described.state))
                        .with_group_type(text(CLASSIC)),
                );
            }
        }
        Ok(response.with_groups(groups))
    }

    pub(in crate::listen) async fn delete_groups(
        &self,
        _: &Call,
        request: DeleteGroupsRequest,
    ) -> Result<DeleteGroupsResponse, End> {
        let mut results = Vec::with_capacity(request.groups_names.len());
        for group in request.groups_names {
            let number = only_number(self.broker.delete_group(&group).await)?;
            results.push(DeletableGroupResult::default().with_group_id(group).with_error_code(number));
        }
        Ok(DeleteGroupsResponse::default().with_results(results))
    }
}

pub(super) fn member(group: &GroupId, generation: i32, id: &str, instance_id: Option<String>) -> Member {
    Member { group: group.to_string(), generation, member_id: id.to_owned(), instance_id }
}
