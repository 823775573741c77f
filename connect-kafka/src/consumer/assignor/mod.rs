//! Ways to share partitions among members, with Java's results.

mod sticky;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::TopicPartition;

/// How the leader assigns partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignor {
    /// Per topic, a run of neighbouring partitions for each member.
    Range,
    /// All partitions of all topics dealt out in turn.
    RoundRobin,
    /// Evenly, and members keep what they have as far as that allows. The one that needs no member to stop reading
    /// what it keeps, if it is the only one configured.
    CooperativeSticky,
}

/// A member and what it wants.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// Member id.
    pub id: String,
    /// Static member name; those with one come first, ordered by it.
    pub instance_id: Option<String>,
    /// Topics wanted.
    pub topics: BTreeSet<Arc<str>>,
    /// Partitions that the member still has.
    pub owned: Vec<TopicPartition>,
    /// The generation in which it got them; -1 for none.
    pub generation: i32,
}

impl Assignor {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Range, Self::RoundRobin, Self::CooperativeSticky];

    /// Kafka's name for it, as members tell it each other.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// The assignor of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// The Java class that does the same, as `partition.assignment.strategy` names it.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Range => "org.apache.kafka.clients.consumer.RangeAssignor",
            Self::RoundRobin => "org.apache.kafka.clients.consumer.RoundRobinAssignor",
            Self::CooperativeSticky => "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
        }
    }

    /// The assignors of `partition.assignment.strategy`: classes, best first, separated by commas.
    ///
    /// # Errors
    /// Says which class was not found, or is there twice, and which there are.
    pub fn parse_list(classes: &str) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for class in classes.split(',').map(str::trim) {
            let known = || Self::ALL.map(Self::class).join(", ");
            let Some(assignor) = Self::ALL.into_iter().find(|assignor| assignor.class() == class) else {
                return Err(format!("no partition assignor named {class:?}; there are: {}", known()));
            };
            if all.contains(&assignor) {
                return Err(format!("partition assignor {class} is there twice"));
            }
            all.push(assignor);
        }
        Ok(all)
    }

    /// Whether members with these assignors keep reading while the group rebalances. As in Java every one of them has
    /// to allow it, since any may be chosen.
    pub(super) fn are_cooperative(assignors: &[Self]) -> bool {
        assignors.iter().all(|assignor| *assignor == Self::CooperativeSticky)
    }

    /// Shares out the partitions of all topics in `counts`; every member appears, some maybe with nothing. Of the
    /// cooperative one's partitions those are left out that somebody else has to give up first.
    #[must_use]
    pub fn assign(
        self,
        mut members: Vec<Subscriber>,
        counts: &BTreeMap<Arc<str>, i32>,
    ) -> BTreeMap<String, Vec<TopicPartition>> {
        // As Java orders them: static members first, by their names, which outlive member ids.
        members.sort_by(|a, b| {
            let key = |member: &Subscriber| (member.instance_id.is_none(), member.instance_id.clone());
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        if self == Self::CooperativeSticky {
            return sticky::without_transfers(sticky::assign(&members, counts), &members, counts);
        }
        let mut result: BTreeMap<_, _> = members.iter().map(|member| (member.id.clone(), Vec::new())).collect();
        let mut give = |member: &Subscriber, topic: &Arc<str>, partition| {
            result.entry(member.id.clone()).or_default().push(TopicPartition { topic: topic.clone(), partition });
        };
        let mut turn = 0;
        for (topic, &count) in counts {
            let wanting: Vec<_> = members.iter().filter(|member| member.topics.contains(topic)).collect();
            if wanting.is_empty() {
                continue;
            }
            if self == Self::Range {
                let (each, more) = (count as usize / wanting.len(), count as usize % wanting.len());
                let mut next = 0;
                for (at, member) in wanting.into_iter().enumerate() {
                    let run = each + usize::from(at < more);
                    (next..next + run).for_each(|partition| give(member, topic, partition as i32));
                    next += run;
                }
            } else {
                for partition in 0..count {
                    while !members[turn % members.len()].topics.contains(topic) {
                        turn += 1;
                    }
                    give(&members[turn % members.len()], topic, partition);
                    turn += 1;
                }
            }
        }
        result
    }
}
