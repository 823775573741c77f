//! A member of a consumer group.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::{Instant, sleep, sleep_until};

use crate::backoff::Backoff;
use crate::group::{self, Heartbeat, MemberId, Signal, within};
use crate::task::Task;
use crate::{Broker, BrokerError, Code, Member, TopicInfo, TopicPartition};

use super::fetcher::Fetcher;
use super::join::{Joiner, Membership, Outcome};
use super::subscription::Snapshot;
use super::{Assignor, ConsumerError, FetchedBatches, GroupConfig, Subscription};

/// What happened to a group member.
#[derive(Debug)]
pub enum Event {
    /// These partitions, with the positions to read from, come to those that the member kept: to none when it
    /// rebalances eagerly, so that they are all it has. Given once per generation, also when there is none.
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

/// Consumes as a member of a group (protocol type `consumer`), sharing it with other members.
///
/// In a rebalance a member gives everything up first, or, with the cooperative assignor alone, keeps its partitions and
/// then gives up those that were assigned to others, for which the group rebalances once more. Nothing is read between
/// the two calls of [`next`](Self::next) that begin and end a rebalance.
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
    cooperative: bool,
    /// What the owner is told by the next calls, before anything else happens.
    told_next: VecDeque<Event>,
}

type Joining = Task<Result<Outcome, ConsumerError>>;

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
        let cooperative = Assignor::are_cooperative(&config.assignors);
        let fetcher = Fetcher::new(broker.clone(), config.fetch.clone());
        let (config, id) = (Arc::new(config), MemberId::default());
        Self {
            fetcher,
            joiner: Joiner { broker, config, subscription, id, owned: Vec::new(), generation: -1 },
            phase: Phase::Out,
            member: None,
            lookup: None,
            lookup_at: Instant::now(),
            cooperative,
            told_next: VecDeque::new(),
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
            if let Some(event) = self.told_next.pop_front() {
                return Ok(event);
            }
            match &mut self.phase {
                Phase::Out | Phase::Revoked { .. } => self.join(),
                Phase::Joining(task) => {
                    let joined = task.await;
                    self.phase = Phase::Out;
                    self.joined(joined?)?;
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

    /// Of each partition the next offset, and the end known from the last fetch; `None` before it.
    #[must_use]
    pub fn reach(&self) -> Vec<(TopicPartition, i64, Option<i64>)> {
        self.fetcher.reach()
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
        let Joiner { broker, config, id, .. } = &self.joiner;
        Ok(group::leave(&**broker, &config.member(), id, generation).await?)
    }

    fn join(&mut self) {
        self.joiner.owned = self.fetcher.assigned();
        // Without partitions nothing is claimed, and an unchanged member may come back to its generation.
        let generation = self.member.as_ref().map_or(-1, |member| member.generation);
        self.joiner.generation = if self.joiner.owned.is_empty() { -1 } else { generation };
        self.phase = Phase::Joining(Task::spawn(self.joiner.clone().join()));
    }

    fn joined(&mut self, outcome: Result<Outcome, ConsumerError>) -> Result<(), ConsumerError> {
        let (membership, revoked, added) = match outcome {
            Ok(Outcome::Member { membership, revoked, added }) => (membership, revoked, added),
            Ok(Outcome::Lost) => {
                let lost = self.lose();
                self.told_next.push_back(Event::Lost(lost));
                return Ok(());
            }
            Err(error) => {
                if matches!(error, ConsumerError::Broker(_)) {
                    // Refused for good: there is no right to anything.
                    self.lose();
                }
                return Err(error);
            }
        };
        self.member = Some(membership.member.clone());
        self.lookup = None;
        self.lookup_at = Instant::now() + membership.refresh(&self.joiner.config);
        self.fetcher.remove(&revoked);
        self.fetcher.add(added.iter().cloned());
        if revoked.is_empty() {
            self.phase = Phase::Stable(membership);
        } else {
            // The owner is told both; the call after that says that it let go, and joins again.
            self.phase = Phase::Revoked { _heartbeat: membership.heartbeat };
            self.told_next.push_back(Event::Revoked(revoked));
        }
        self.told_next.push_back(Event::Assigned(added));
        Ok(())
    }

    fn woken(&mut self, woken: Woken) -> Result<Option<Event>, ConsumerError> {
        match woken {
            Woken::Fetched(fetched) => Ok(Some(Event::Records(fetched?))),
            Woken::LookUp => {
                let (broker, config) = (self.joiner.broker.clone(), &self.joiner.config);
                let time = config.fetch.request_timeout;
                let refresh = match &self.phase {
                    Phase::Stable(membership) => membership.refresh(config),
                    _ => config.metadata_refresh,
                };
                self.lookup_at = Instant::now() + refresh;
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

    /// Begins to join again. Eagerly: stops reading and tells the owner, if there is something to tell.
    fn revoke(&mut self) -> Option<Event> {
        let partitions = if self.cooperative { Vec::new() } else { self.fetcher.assigned() };
        self.fetcher.remove(&partitions);
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
        self.told_next.clear();
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
