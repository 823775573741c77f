//! A member of a group.

use std::time::Duration;

use bytes::Bytes;

use crate::memory::state::{Completion, ParkId, Parking};
use crate::{BrokerError, JoinGroup};

#[derive(Debug)]
pub(crate) struct GroupMember {
    pub(super) instance_id: Option<String>,
    pub(super) client_id: String,
    /// Position in the order of first joins; the leader is the earliest.
    pub(super) order: u64,
    pub(super) session_timeout: Duration,
    pub(super) rebalance_timeout: Duration,
    pub(super) protocols: Vec<(String, Bytes)>,
    pub(super) assignment: Bytes,
    /// Its parked join, while the group waits for others.
    pub(super) joining: Option<ParkId>,
    /// Its parked sync, while the leader assigns.
    pub(super) syncing: Option<ParkId>,
    /// When its session ends; without meaning while it is parked.
    pub(super) expires: Duration,
}

impl GroupMember {
    pub(super) fn new(request: &JoinGroup, order: u64, now: Duration) -> Self {
        Self {
            instance_id: request.instance_id.clone(),
            client_id: request.client_id.clone(),
            order,
            session_timeout: request.session_timeout,
            rebalance_timeout: request.rebalance_timeout,
            protocols: request.protocols.clone(),
            assignment: Bytes::new(),
            joining: None,
            syncing: None,
            expires: now.saturating_add(request.session_timeout),
        }
    }

    /// Takes over what a repeated join says.
    pub(super) fn update(&mut self, request: &JoinGroup, now: Duration) {
        self.session_timeout = request.session_timeout;
        self.rebalance_timeout = request.rebalance_timeout;
        self.protocols.clone_from(&request.protocols);
        self.expires = now.saturating_add(request.session_timeout);
    }

    pub(super) fn is_parked(&self) -> bool {
        self.joining.is_some() || self.syncing.is_some()
    }

    /// Metadata for a protocol it speaks.
    pub(super) fn metadata(&self, protocol: &str) -> Option<Bytes> {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, metadata)| metadata.clone())
    }

    /// Answers whatever is parked with an error.
    pub(super) fn refuse(&mut self, error: &BrokerError, parking: &mut Parking) {
        if let Some(id) = self.joining.take() {
            parking.complete(id, Completion::Join(Err(error.clone())));
        }
        if let Some(id) = self.syncing.take() {
            parking.complete(id, Completion::Sync(Err(error.clone())));
        }
    }
}
