//! Becoming a member: join, assign when leader, sync, positions.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::backoff::Backoff;
use crate::group::{Entered, Heartbeat, Led, MemberId, enter, joins_again, within};
use crate::{Broker, BrokerError, Code, Member, TopicPartition};

use super::fetch_round::positions_by_policy;
use super::subscription::{Snapshot, counts};
use super::{Assignment, Assignor, ConsumerError, GroupConfig, Subscriber, Subscription, SubscriptionMetadata};

/// What joining needs.
#[derive(Debug, Clone)]
pub(super) struct Joiner {
    pub(super) broker: Arc<dyn Broker>,
    pub(super) config: Arc<GroupConfig>,
    pub(super) subscription: Subscription,
    pub(super) id: MemberId,
    /// What the member keeps reading while it joins, and the generation in which it got that.
    pub(super) owned: Vec<TopicPartition>,
    pub(super) generation: i32,
}

/// What came of joining.
#[derive(Debug)]
pub(super) enum Outcome {
    Member {
        membership: Box<Membership>,
        /// Owned partitions that are to be given up, for which the group then rebalances again.
        revoked: Vec<TopicPartition>,
        /// Partitions that were not owned, with where to read from.
        added: Vec<(TopicPartition, i64)>,
    },
    /// The group went on without the member: what it owned may be somebody else's.
    Lost,
}

/// How often the leader looks for topics that are not there.
const ABSENT_REFRESH: Duration = Duration::from_secs(5);

/// A place in a generation.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) member: Member,
    pub(super) heartbeat: Heartbeat,
    pub(super) snapshot: Snapshot,
    /// What all members want; on the leader only.
    pub(super) all: Option<BTreeSet<Arc<str>>>,
}

impl Membership {
    /// When to look topics up again. The leader looks more often for one that is wanted and not there, as Java does.
    pub(super) fn refresh(&self, config: &GroupConfig) -> Duration {
        match &self.all {
            Some(all) if self.snapshot.lacks(all) => config.metadata_refresh.min(ABSENT_REFRESH),
            _ => config.metadata_refresh,
        }
    }
}

impl Joiner {
    /// Joins until it succeeds. Heartbeats run from the moment of success.
    pub(super) async fn join(self) -> Result<Outcome, ConsumerError> {
        let fetch = &self.config.fetch;
        let mut backoff = Backoff::new(fetch.retry_backoff, fetch.retry_backoff_max);
        loop {
            let error = match self.attempt().await {
                Ok((membership, partitions)) => {
                    let (kept, new): (Vec<_>, Vec<_>) =
                        partitions.into_iter().partition(|partition| self.owned.contains(partition));
                    let mut revoked = self.owned.clone();
                    revoked.retain(|partition| !kept.contains(partition));
                    let added = self.positions(new).await?;
                    return Ok(Outcome::Member { membership: Box::new(membership), revoked, added });
                }
                Err(error) => error,
            };
            let again = joins_again(&error, &self.id);
            if !self.owned.is_empty() && matches!(error.code, Code::UnknownMemberId | Code::IllegalGeneration) {
                return Ok(Outcome::Lost);
            }
            if !again {
                return Err(error.into());
            }
            tracing::debug!(group = self.config.group, %error, "joining again");
            sleep(backoff.next()).await;
        }
    }

    async fn attempt(&self) -> Result<(Membership, Vec<TopicPartition>), BrokerError> {
        let config = &self.config;
        let existing = within(config.fetch.request_timeout, self.broker.topics(None)).await?;
        let wanted = SubscriptionMetadata {
            topics: self.subscription.wanted(&existing),
            owned: self.owned.clone(),
            generation: self.generation,
            rack: None,
        };
        let metadata = wanted.encode();
        let protocols = config.assignors.iter().map(|one| (one.name().into(), metadata.clone())).collect();
        let mut all = None;
        let lead = async |led: Led| {
            // Looked up again: other members may want topics created since.
            let existing = within(config.fetch.request_timeout, self.broker.topics(None)).await?;
            let (assignments, topics) = assign(led, &existing)?;
            all = Some((topics, existing));
            Ok(assignments)
        };
        let entered = enter(&self.broker, &config.member(), &self.id, ("consumer", protocols), lead).await?;
        let snapshot = match &all {
            // What it wants by now is not what it joined with.
            Some((all, existing)) => Snapshot::of(wanted.topics, existing, Some(all)),
            None => Snapshot::of(wanted.topics, &existing, None),
        };
        let mut partitions = Assignment::decode(&entered.assignment)?.partitions;
        partitions.sort();
        partitions.dedup();
        let Entered { member, heartbeat, .. } = entered;
        Ok((Membership { member, heartbeat, snapshot, all: all.map(|(all, _)| all) }, partitions))
    }

    /// Committed offsets, and the reset policy's where there is none.
    async fn positions(&self, partitions: Vec<TopicPartition>) -> Result<Vec<(TopicPartition, i64)>, ConsumerError> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let fetch = &self.config.fetch;
        let mut backoff = Backoff::new(fetch.retry_backoff, fetch.retry_backoff_max);
        let committed = loop {
            let asked = self.broker.committed_offsets(&self.config.group, Some(&partitions));
            match within(fetch.request_timeout, asked).await {
                Ok(committed) => break committed,
                Err(error) if error.is_retriable() => sleep(backoff.next()).await,
                Err(error) => return Err(error.into()),
            }
        };
        let mut positions: Vec<_> = committed.into_iter().filter(|(_, offset)| *offset >= 0).collect();
        positions.sort();
        let missing = partitions
            .into_iter()
            .filter(|partition| positions.binary_search_by(|(known, _)| known.cmp(partition)).is_err())
            .collect();
        for (partition, offset) in positions_by_policy(&*self.broker, fetch, missing).await {
            positions.push((partition, offset?));
        }
        positions.sort();
        Ok(positions)
    }
}

type Assignments = Vec<(String, bytes::Bytes)>;

/// The leader's part.
fn assign(led: Led, existing: &[crate::TopicInfo]) -> Result<(Assignments, BTreeSet<Arc<str>>), BrokerError> {
    let assignor = Assignor::by_name(&led.protocol).ok_or_else(|| {
        let message = format!("the group chose an assignor this member never offered: {:?}", led.protocol);
        BrokerError::new(Code::InconsistentGroupProtocol, message)
    })?;
    let mut members = Vec::new();
    for (id, instance_id, metadata) in led.members {
        let SubscriptionMetadata { topics, owned, generation, .. } = SubscriptionMetadata::decode(&metadata)?;
        members.push(Subscriber { id, instance_id, topics, owned, generation });
    }
    let all: BTreeSet<_> = members.iter().flat_map(|member| member.topics.iter().cloned()).collect();
    let assigned = assignor.assign(members, &counts(existing, &all));
    let encode = |(id, partitions)| (id, Assignment { partitions }.encode());
    Ok((assigned.into_iter().map(encode).collect(), all))
}
