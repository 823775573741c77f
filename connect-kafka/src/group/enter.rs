//! Becoming a member: join, assign when leader, sync.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use crate::{Broker, BrokerError, Code, JoinGroup, Joined, Member, Result};

use super::{Heartbeat, MemberConfig};

/// The member id, kept across rebalances.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemberId(Arc<Mutex<String>>);

impl MemberId {
    pub(crate) fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, id: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }
}

/// A place in a generation. Heartbeats run.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) member: Member,
    pub(crate) heartbeat: Heartbeat,
    /// The protocol that the group agreed on.
    pub(crate) protocol: String,
    pub(crate) leads: bool,
    pub(crate) assignment: Bytes,
}

/// What a leader assigns by.
#[derive(Debug)]
pub(crate) struct Led {
    pub(crate) protocol: String,
    /// Member id, static name and metadata of all members.
    pub(crate) members: Vec<(String, Option<String>, Bytes)>,
}

/// Joins once. `lead` says who gets what, by member id, if this member is the leader.
pub(crate) async fn enter<F>(
    broker: &Arc<dyn Broker>,
    config: &MemberConfig,
    id: &MemberId,
    (protocol_type, protocols): (&str, Vec<(String, Bytes)>),
    lead: impl FnOnce(Led) -> F,
) -> Result<Entered>
where
    F: Future<Output = Result<Vec<(String, Bytes)>>>,
{
    let request = JoinGroup {
        group: config.group.clone(),
        member_id: id.get(),
        instance_id: config.instance_id.clone(),
        client_id: config.client_id.clone(),
        session_timeout: config.session_timeout,
        rebalance_timeout: config.rebalance_timeout,
        protocol_type: protocol_type.into(),
        protocols,
    };
    // The broker waits for the other members for up to the rebalance timeout; Java adds the same margin.
    let patience = config.rebalance_timeout + Duration::from_secs(5);
    let Joined { generation, protocol, leader, member_id, members } =
        within(patience, broker.join_group(request)).await?;
    id.set(member_id.clone());
    let leads = leader == member_id;
    let member = Member { group: config.group.clone(), generation, member_id, instance_id: config.instance_id.clone() };
    let assignments = if leads { lead(Led { protocol: protocol.clone(), members }).await? } else { Vec::new() };
    let assignment = within(patience, broker.sync_group(&member, assignments)).await?;
    let every = config.heartbeat_interval.min(config.session_timeout / 3);
    let timeout = config.request_timeout.min(config.session_timeout);
    let heartbeat = Heartbeat::start(broker.clone(), member.clone(), every, timeout);
    Ok(Entered { member, heartbeat, protocol, leads, assignment })
}

/// Whether to join again after this, and not to give up. An id that the group does not know is forgotten.
pub(crate) fn joins_again(error: &BrokerError, id: &MemberId) -> bool {
    if error.code == Code::UnknownMemberId {
        id.set(String::new());
    }
    let passing = matches!(
        error.code,
        Code::UnknownMemberId | Code::IllegalGeneration | Code::RebalanceInProgress | Code::MemberIdRequired
    );
    passing || error.is_retriable()
}

/// Leaves, so that others need not wait for the session timeout. Static members stay, as in Java.
pub(crate) async fn leave(broker: &dyn Broker, config: &MemberConfig, id: &MemberId, generation: i32) -> Result<()> {
    let member_id = id.get();
    if config.instance_id.is_some() || member_id.is_empty() {
        return Ok(());
    }
    id.set(String::new());
    let member = Member { group: config.group.clone(), generation, member_id, instance_id: None };
    match within(config.request_timeout, broker.leave_group(&member)).await {
        Err(error) if error.code != Code::UnknownMemberId => Err(error),
        _ => Ok(()),
    }
}

/// A call that ends in time.
pub(crate) async fn within<T>(time: Duration, call: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(time, call).await {
        Ok(answer) => answer,
        Err(_) => Err(BrokerError::new(Code::RequestTimedOut, format!("no answer within {time:?}"))),
    }
}
