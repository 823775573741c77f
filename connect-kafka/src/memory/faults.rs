//! Hooks that make an embedded broker's calls fail, wait or lose their replies.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::{BrokerError, Code, Result, TopicPartition};

/// The calls of [`Broker`](crate::Broker).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the calls")]
pub enum Api {
    ClusterId,
    Topics,
    CreateTopic,
    DeleteTopic,
    TopicConfigs,
    InitProducer,
    AddPartitions,
    AddOffsets,
    CommitTxnOffsets,
    EndTxn,
    Produce,
    Fetch,
    ListOffsets,
    JoinGroup,
    SyncGroup,
    Heartbeat,
    LeaveGroup,
    CommitOffsets,
    CommittedOffsets,
    Groups,
    DeleteGroup,
    DeleteOffsets,
}

/// Something that goes wrong with calls of one [`Api`]. It strikes every matching call until
/// [`Faults::clear`], or the [`times`](Self::times) given.
#[derive(Debug, Clone)]
pub struct Fault {
    api: Api,
    effect: Effect,
    filter: Filter,
    left: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Effect {
    Fail(Code),
    Delay(Duration),
    Silence,
    LoseReply,
}

#[derive(Debug, Clone)]
enum Filter {
    Any,
    Topic(String),
    Partition(TopicPartition),
    Group(String),
    Transaction(String),
}

impl Fault {
    const fn new(api: Api, effect: Effect) -> Self {
        Self { api, effect, filter: Filter::Any, left: None }
    }

    /// The call does nothing and answers `code`. Where results are per partition and the fault is limited to a
    /// topic or partition, only its partitions fail.
    #[must_use]
    pub const fn fail(api: Api, code: Code) -> Self {
        Self::new(api, Effect::Fail(code))
    }

    /// The call is carried out after this time.
    #[must_use]
    pub const fn delay(api: Api, by: Duration) -> Self {
        Self::new(api, Effect::Delay(by))
    }

    /// The call waits until [`Faults::clear`], and is carried out then.
    #[must_use]
    pub const fn silence(api: Api) -> Self {
        Self::new(api, Effect::Silence)
    }

    /// The call is carried out, but answers `NetworkException`.
    #[must_use]
    pub const fn lose_reply(api: Api) -> Self {
        Self::new(api, Effect::LoseReply)
    }

    /// Strikes calls about this topic only.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.filter = Filter::Topic(topic.into());
        self
    }

    /// Strikes calls about this partition only.
    #[must_use]
    pub fn partition(mut self, partition: &TopicPartition) -> Self {
        self.filter = Filter::Partition(partition.clone());
        self
    }

    /// Strikes calls about this group only.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.filter = Filter::Group(group.into());
        self
    }

    /// Strikes calls about this transactional id only.
    #[must_use]
    pub fn transaction(mut self, id: impl Into<String>) -> Self {
        self.filter = Filter::Transaction(id.into());
        self
    }

    /// Strikes so many calls, then no more.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.left = Some(times);
        self
    }
}

impl Filter {
    fn matches(&self, about: &About<'_>) -> bool {
        match (self, about) {
            (Self::Any, _) => true,
            (Self::Topic(name), About::Topics(topics)) => topics.contains(&name.as_str()),
            (Self::Topic(name), About::Partitions(all)) => all.iter().any(|p| *p.topic == **name),
            (Self::Partition(partition), About::Partitions(all)) => all.contains(&partition),
            (Self::Group(name), About::Group(group)) => name == group,
            (Self::Transaction(name), About::Transaction(id)) => name == id,
            _ => false,
        }
    }
}

/// What a call is about.
pub(super) enum About<'a> {
    Nothing,
    Topics(Vec<&'a str>),
    Partitions(Vec<&'a TopicPartition>),
    Group(&'a str),
    Transaction(&'a str),
}

/// The faults of one broker, in the order in which they were injected.
#[derive(Debug, Default)]
pub struct Faults {
    table: Mutex<Table>,
    cleared: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Table {
    faults: Vec<Fault>,
    calls: BTreeMap<Api, u64>,
    store: VecDeque<StoreFault>,
}

#[derive(Debug)]
struct StoreFault {
    cause: String,
    left: Option<u32>,
}

impl Faults {
    /// From now on this goes wrong. A call that several faults match suffers all of them.
    pub fn inject(&self, fault: Fault) {
        self.table().faults.push(fault);
    }

    /// The disk refuses writes for this reason: the next `times` ones, or all of them until
    /// [`clear`](Self::clear). Without effect on a broker in memory.
    pub fn fail_store(&self, cause: impl Into<String>, times: Option<u32>) {
        self.table().store.push_back(StoreFault { cause: cause.into(), left: times });
    }

    /// Ends every fault; silent calls go on.
    pub fn clear(&self) {
        let mut table = self.table();
        table.faults.clear();
        table.store.clear();
        drop(table);
        self.cleared.send_modify(|count| *count += 1);
    }

    /// How many calls of `api` came in so far.
    #[must_use]
    pub fn calls(&self, api: Api) -> u64 {
        self.table().calls.get(&api).copied().unwrap_or_default()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call suffer the faults that come before it is carried out.
    pub(super) async fn strike(&self, api: Api, about: About<'_>) -> Result<Outcome> {
        let mut cleared = self.cleared.subscribe();
        let struck = self.take(api, &about);
        drop(about);
        let mut outcome = Outcome { api, lose_reply: false, partitions: Vec::new() };
        for (effect, filter) in struck {
            match effect {
                Effect::Delay(by) => tokio::time::sleep(by).await,
                // The sender lives in `self`, so that waiting ends only with a change.
                Effect::Silence => drop(cleared.changed().await),
                Effect::LoseReply => outcome.lose_reply = true,
                Effect::Fail(code) => match filter {
                    Filter::Topic(_) | Filter::Partition(_) if api.answers_per_partition() => {
                        outcome.partitions.push((filter, code));
                    }
                    _ => return Err(injected(api, code)),
                },
            }
        }
        Ok(outcome)
    }

    fn take(&self, api: Api, about: &About<'_>) -> Vec<(Effect, Filter)> {
        let mut table = self.table();
        *table.calls.entry(api).or_default() += 1;
        let mut struck = Vec::new();
        table.faults.retain_mut(|fault| {
            if fault.api != api || fault.left == Some(0) || !fault.filter.matches(about) {
                return true;
            }
            struck.push((fault.effect, fault.filter.clone()));
            fault.left = fault.left.map(|left| left - 1);
            fault.left != Some(0)
        });
        struck
    }

    /// Why the store is to refuse a write.
    pub(super) fn store_failure(&self) -> Option<BrokerError> {
        let mut table = self.table();
        let fault = table.store.front_mut()?;
        let error = BrokerError::new(Code::StorageError, fault.cause.clone());
        fault.left = fault.left.map(|left| left.saturating_sub(1));
        if fault.left == Some(0) {
            table.store.pop_front();
        }
        Some(error)
    }
}

impl Api {
    const fn answers_per_partition(self) -> bool {
        matches!(self, Self::Produce | Self::Fetch | Self::ListOffsets | Self::CommitOffsets)
    }
}

fn injected(api: Api, code: Code) -> BrokerError {
    BrokerError::new(code, format!("injected fault in {api:?}"))
}

/// The faults of a call that come with or after its effect.
#[derive(Debug)]
pub(super) struct Outcome {
    api: Api,
    lose_reply: bool,
    partitions: Vec<(Filter, Code)>,
}

impl Outcome {
    /// An error if this partition is to fail.
    pub(super) fn partition(&self, partition: &TopicPartition) -> Result<()> {
        let hit = self.partitions.iter().find(|(filter, _)| filter.matches(&About::Partitions(vec![partition])));
        hit.map_or(Ok(()), |(_, code)| Err(injected(self.api, *code)))
    }

    /// The reply, if it is not lost.
    pub(super) fn reply<T>(self, value: T) -> Result<T> {
        if self.lose_reply {
            return Err(BrokerError::new(Code::NetworkException, format!("injected: reply of {:?} lost", self.api)));
        }
        Ok(value)
    }
}
