//! Ways to share partitions among members, with Java's results.

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
}

impl Assignor {
    /// Kafka's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
        }
    }

    /// The assignor of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Range, Self::RoundRobin].into_iter().find(|assignor| assignor.name() == name)
    }

    /// Shares out the partitions of all topics in `counts`; every member appears, some maybe with nothing.
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
            match self {
                Self::Range => {
                    let (each, more) = (count as usize / wanting.len(), count as usize % wanting.len());
                    let mut next = 0;
                    for (at, member) in wanting.into_iter().enumerate() {
                        let run = each + usize::from(at < more);
                        (next..next + run).for_each(|partition| give(member, topic, partition as i32));
                        next += run;
                    }
                }
                Self::RoundRobin => {
                    for partition in 0..count {
                        while !members[turn % members.len()].topics.contains(topic) {
                            turn += 1;
                        }
                        give(&members[turn % members.len()], topic, partition);
                        turn += 1;
                    }
                }
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(assignor: Assignor, members: &[(&str, Option<&str>, &str)], counts: &[(&str, i32)], expect: &str) {
        let subscriber = |(id, instance, topics): &(&str, Option<&str>, &str)| Subscriber {
            id: (*id).into(),
            instance_id: instance.map(Into::into),
            topics: topics.split(' ').map(Into::into).collect(),
        };
        let counts = counts.iter().map(|(topic, count)| ((*topic).into(), *count)).collect();
        let result = assignor.assign(members.iter().map(subscriber).collect(), &counts);
        let text = |(id, partitions): (String, Vec<TopicPartition>)| {
            format!("{id}: {}", partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(result.into_iter().map(text).collect::<Vec<_>>().join("; "), expect);
    }

    #[test]
    fn as_java_assigns() {
        use Assignor::{Range, RoundRobin};
        let two = [("b", None, "s t"), ("a", None, "s t")];
        check(Range, &two, &[("s", 3), ("t", 3)], "a: s-0 s-1 t-0 t-1; b: s-2 t-2");
        check(RoundRobin, &two, &[("s", 3), ("t", 3)], "a: s-0 s-2 t-1; b: s-1 t-0 t-2");
        check(Range, &two, &[("s", 1)], "a: s-0; b: ");
        let mixed = [("a", None, "s"), ("b", None, "s t"), ("c", None, "s t u")];
        check(RoundRobin, &mixed, &[("s", 1), ("t", 2), ("u", 3)], "a: s-0; b: t-0; c: t-1 u-0 u-1 u-2");
        let fixed = [("a", None, "s"), ("z", Some("1"), "s"), ("y", Some("2"), "s")];
        check(Range, &fixed, &[("s", 4)], "a: s-3; y: s-2; z: s-0 s-1");
        check(Range, &[("a", None, "gone")], &[], "a: ");
    }
}
