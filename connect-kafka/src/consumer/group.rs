//! A member of a consumer group.

use std::sync::Arc;

use tokio::time::{Instant, sleep, sleep_until};

use crate::backoff::Backoff;
use crate::{Broker, BrokerError, Code, Member, TopicInfo, TopicPartition};

use super::fetcher::Fetcher;
use super::heartbeat::{Heartbeat, Signal};
use super::join::{Joiner, MemberId, Membership, within};
use super::subscription::Snapshot;
use super::task::Task;
use super::{ConsumerError, FetchedBatches, GroupConfig, Subscription};

/// What happened to a group member.
#[derive(Debug)]
pub enum Event {
    /// These partitions, with the positions to read from, are all that the member has in the new generation.
    /// Given once per generation, also when there is none.
    Assigned(Vec<(TopicPartition, i64)>),
    /// These partitions are about to go to others. Until [`next`](GroupConsumer::next) is called again, which
    /// says that they were let go of, offsets may still be committed; others wait for the call, at most for
    /// the rebalance timeout.
    Revoked(Vec<TopicPartition>),
    /// These partitions went to others already; commits are refused.
    Lost(Vec<TopicPartition>),
    /// Records; positions are past them.
    Records(FetchedBatches),
}

/// Consumes as a member of a group (protocol type `consumer`, eager rebalancing), sharing it with other members.
///
/// Heartbeats and the next fetch run in tasks of their own, whatever the owner does between calls of
/// [`next`](Self::next). Nothing is committed unless [`commit`](Self::commit) is called. Dropping the consumer
/// ends its tasks but not its membership, which the session timeout then does; see [`leave`](Self::leave).
#[derive(Debug)]
pub struct GroupConsumer {
    joiner: Joiner,
    fetcher: Fetcher,
    phase: Phase,
    /// The last generation taken part in, for commits; none after a loss.
    member: Option<Member>,
    lookup: Option<Task<crate::Result<Vec<TopicInfo>>>>,
    lookup_at: Instant,
}

type Joining = Task<Result<(Membership, Vec<(TopicPartition, i64)>), ConsumerError>>;

#[derive(Debug)]
enum Phase {
    Out,
    Joining(Joining),
    Stable(Box<Membership>),
    /// The owner was told; heartbeats go on while it works on it.
    Revoked {
        _heartbeat: Heartbeat,
    },
}

/// What ended a wait in the stable phase.
enum Woken {
    Signal(Signal),
    Topics(crate::Result<Vec<TopicInfo>>),
    LookUp,
    Fetched(Result<FetchedBatches, ConsumerError>),
}

impl GroupConsumer {
    /// A member-to-be; [`next`](Self::next) joins.
    #[must_use]
    pub fn new(broker: Arc<dyn Broker>, config: GroupConfig, subscription: Subscription) -> Self {
        Self {
            fetcher: Fetcher::new(broker.clone(), config.fetch.clone()),
            joiner: Joiner { broker, config: Arc::new(config), subscription, id: MemberId::default() },
            phase: Phase::Out,
            member: None,
            lookup: None,
            lookup_at: Instant::now(),
        }
    }

    /// What happens next. Must be called again and again: a rebalance waits for it.
    ///
    /// # Errors
    /// The broker refuses the member for good (`FencedInstanceId`, `InconsistentGroupProtocol`, ...), a
    /// partition cannot be read, or there is no offset to begin at. Passing trouble is waited out inside.
    /// After an error the next call tries again.
    ///
    /// # Cancellation
    /// Nothing is lost: the next call goes on.
    pub async fn next(&mut self) -> Result<Event, ConsumerError> {
        loop {
            match &mut self.phase {
                Phase::Out | Phase::Revoked { .. } => {
                    self.phase = Phase::Joining(Task::spawn(self.joiner.clone().join()));
                }
                Phase::Joining(task) => {
                    let joined = task.await;
                    self.phase = Phase::Out;
                    let (membership, positions) = joined??;
                    return Ok(self.assigned(membership, positions));
                }
                Phase::Stable(membership) => {
                    let woken = tokio::select! {
                        biased;
                        signal = membership.heartbeat.signal() => Woken::Signal(signal),
                        topics = finished(&mut self.lookup) => Woken::Topics(topics),
                        () = sleep_until(self.lookup_at) => Woken::LookUp,
                        fetched = self.fetcher.next() => Woken::Fetched(fetched),
                    };
                    if let Some(event) = self.woken(woken)? {
                        return Ok(event);
                    }
                }
            }
        }
    }

    /// Commits offsets (of the next record wanted) as this member; each partition has its own result.
    /// `RebalanceInProgress`, `IllegalGeneration` and `UnknownMemberId` mean that the partitions may have gone
    /// to others. Passing trouble is retried for the request timeout.
    ///
    /// # Errors
    /// The whole commit failed.
    ///
    /// # Cancellation
    /// The commit may or may not have been carried out; repeating it does no harm.
    pub async fn commit(
        &self,
        offsets: &[(TopicPartition, i64)],
    ) -> Result<Vec<(TopicPartition, crate::Result<()>)>, ConsumerError> {
        let Some(member) = &self.member else {
            return Err(BrokerError::new(Code::UnknownMemberId, "not a member of the group").into());
        };
        let fetch = &self.joiner.config.fetch;
        let deadline = Instant::now() + fetch.request_timeout;
        let mut backoff = Backoff::new(fetch.retry_backoff, fetch.retry_backoff_max);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = within(left, self.joiner.broker.commit_offsets(member, offsets.to_vec())).await;
            let retry = match &answer {
                Ok(results) => results.iter().any(|(_, result)| matches!(result, Err(e) if e.is_retriable())),
                Err(error) => error.is_retriable(),
            };
            let wait = backoff.next();
            if !retry || Instant::now() + wait >= deadline {
                return Ok(answer?);
            }
            sleep(wait).await;
        }
    }

    /// Committed offsets of the group: of these partitions (absent where none), or of all.
    ///
    /// # Errors
    /// What the broker answers.
    pub async fn committed(
        &self,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Vec<(TopicPartition, i64)>, ConsumerError> {
        let config = &self.joiner.config;
        let asked = self.joiner.broker.committed_offsets(&config.group, partitions);
        Ok(within(config.fetch.request_timeout, asked).await?)
    }

    /// The member in its generation; none before the first assignment and after a loss.
    #[must_use]
    pub fn member(&self) -> Option<&Member> {
        self.member.as_ref()
    }

    /// Partitions that the member has.
    #[must_use]
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.fetcher.assigned()
    }

    /// Leaves partitions out of fetches until resumed or assigned anew. Others than the member's are ignored.
    pub fn pause(&mut self, partitions: &[TopicPartition]) {
        self.fetcher.pause(partitions);
    }

    /// Takes partitions up again where they stopped. Others than the member's are ignored.
    pub fn resume(&mut self, partitions: &[TopicPartition]) {
        self.fetcher.resume(partitions);
    }

    /// Reads on from `offset`; `false` when the member does not have the partition.
    pub fn seek(&mut self, partition: &TopicPartition, offset: i64) -> bool {
        self.fetcher.seek(partition, offset)
    }

    /// The next offset of each partition, after everything that [`next`](Self::next) returned.
    #[must_use]
    pub fn positions(&self) -> Vec<(TopicPartition, i64)> {
        self.fetcher.positions()
    }

    /// How far each position is behind the end known from the last fetch; `None` before it.
    #[must_use]
    pub fn lag(&self) -> Vec<(TopicPartition, Option<i64>)> {
        self.fetcher.lag()
    }

    /// Leaves the group, so that others need not wait for the session timeout. A static member does not leave,
    /// as in Java: its partitions wait for it. Commits nothing; commits are refused from here on. Calling
    /// [`next`](Self::next) afterwards joins again.
    ///
    /// # Errors
    /// What the broker answers; the membership then ends by the session timeout.
    ///
    /// # Cancellation
    /// Heartbeats have ended; the membership then ends by the session timeout at the latest.
    pub async fn leave(&mut self) -> Result<(), ConsumerError> {
        let generation = self.member.as_ref().map_or(-1, |member| member.generation);
        // Ends heartbeats and joining first.
        self.lose();
        let config = &self.joiner.config;
        let member_id = self.joiner.id.get();
        if config.instance_id.is_some() || member_id.is_empty() {
            return Ok(());
        }
        self.joiner.id.set(String::new());
        let member = Member { group: config.group.clone(), generation, member_id, instance_id: None };
        match within(config.fetch.request_timeout, self.joiner.broker.leave_group(&member)).await {
            Err(error) if error.code != Code::UnknownMemberId => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn assigned(&mut self, membership: Membership, positions: Vec<(TopicPartition, i64)>) -> Event {
        self.member = Some(membership.member.clone());
        self.fetcher.assign(positions.iter().cloned());
        self.lookup = None;
        self.lookup_at = Instant::now() + self.joiner.config.metadata_refresh;
        self.phase = Phase::Stable(Box::new(membership));
        Event::Assigned(positions)
    }

    fn woken(&mut self, woken: Woken) -> Result<Option<Event>, ConsumerError> {
        match woken {
            Woken::Fetched(fetched) => Ok(Some(Event::Records(fetched?))),
            Woken::LookUp => {
                let (broker, config) = (self.joiner.broker.clone(), &self.joiner.config);
                let time = config.fetch.request_timeout;
                self.lookup_at = Instant::now() + config.metadata_refresh;
                self.lookup = Some(Task::spawn(async move { within(time, broker.topics(None)).await }));
                Ok(None)
            }
            Woken::Topics(topics) => {
                self.lookup = None;
                // Failures wait for the next look.
                Ok(topics.ok().filter(|topics| self.is_outdated(topics)).and_then(|_| self.revoke()))
            }
            Woken::Signal(Signal::Fine) => Ok(None),
            Woken::Signal(Signal::Rebalance) => Ok(self.revoke()),
            Woken::Signal(Signal::Lost) => {
                let lost = self.lose();
                Ok((!lost.is_empty()).then_some(Event::Lost(lost)))
            }
            Woken::Signal(Signal::Fenced(error)) => {
                self.lose();
                Err(error.into())
            }
        }
    }

    fn is_outdated(&self, topics: &[TopicInfo]) -> bool {
        let Phase::Stable(membership) = &self.phase else { return false };
        membership.snapshot != Snapshot::take(topics, &self.joiner.subscription, membership.all.as_ref())
    }

    /// Stops reading and tells the owner, if there is something to tell.
    fn revoke(&mut self) -> Option<Event> {
        let partitions = self.fetcher.assigned();
        self.fetcher.assign([]);
        self.phase = match std::mem::replace(&mut self.phase, Phase::Out) {
            Phase::Stable(membership) => Phase::Revoked { _heartbeat: membership.heartbeat },
            other => other,
        };
        (!partitions.is_empty()).then_some(Event::Revoked(partitions))
    }

    fn lose(&mut self) -> Vec<TopicPartition> {
        let partitions = self.fetcher.assigned();
        self.fetcher.assign([]);
        self.phase = Phase::Out;
        self.member = None;
        partitions
    }
}

/// Waits for a look-up, if one runs.
async fn finished<T>(task: &mut Option<Task<crate::Result<T>>>) -> crate::Result<T> {
    match task {
        Some(task) => task.await?,
        None => std::future::pending().await,
    }
}
