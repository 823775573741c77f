//! Sharing that moves as few partitions as balance allows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::TopicPartition;

use super::Subscriber;

type Assigned<'a> = BTreeMap<&'a str, BTreeSet<TopicPartition>>;

/// Partitions to members: everybody keeps what is theirs, what is nobody's goes to who has least, and then partitions
/// move from those who have more to those who have at least two less, until nobody is left who could.
pub(super) fn assign(
    members: &[Subscriber],
    counts: &BTreeMap<Arc<str>, i32>,
) -> BTreeMap<String, Vec<TopicPartition>> {
    let mut assigned: Assigned<'_> = members.iter().map(|member| (member.id.as_str(), BTreeSet::new())).collect();
    let owners = owners(members, counts);
    for (partition, owner) in &owners {
        assigned.entry(owner).or_default().insert(partition.clone());
    }

    // Topics that few want first: what many want can even out the loads later.
    let wanting = |topic: &Arc<str>| members.iter().filter(|member| member.topics.contains(topic)).collect::<Vec<_>>();
    let mut topics: Vec<_> = counts.iter().map(|(topic, count)| (wanting(topic), topic, *count)).collect();
    topics.sort_by_key(|(wanting, ..)| wanting.len());
    for (wanting, topic, count) in topics {
        for partition in 0..count {
            let partition = TopicPartition { topic: topic.clone(), partition };
            if owners.contains_key(&partition) {
                continue;
            }
            let least = wanting.iter().min_by_key(|member| assigned[member.id.as_str()].len());
            if let Some(least) = least {
                assigned.entry(&least.id).or_default().insert(partition);
            }
        }
    }

    while let Some((from, to, partition)) = next_move(members, &assigned, &owners) {
        assigned.entry(from).or_default().remove(&partition);
        assigned.entry(to).or_default().insert(partition);
    }
    assigned.into_iter().map(|(id, partitions)| (id.to_owned(), partitions.into_iter().collect())).collect()
}

/// Takes out of an assignment what another member still has: it must be given up first, and is assigned in the
/// rebalance that follows.
pub(super) fn without_transfers(
    mut assigned: BTreeMap<String, Vec<TopicPartition>>,
    members: &[Subscriber],
    counts: &BTreeMap<Arc<str>, i32>,
) -> BTreeMap<String, Vec<TopicPartition>> {
    let owners = owners(members, counts);
    // Whoever claims it, by right or not, may be reading it.
    let mut claimed: BTreeMap<&TopicPartition, BTreeSet<&str>> = BTreeMap::new();
    for member in members {
        for partition in &member.owned {
            claimed.entry(partition).or_default().insert(&member.id);
        }
    }
    for (id, partitions) in &mut assigned {
        partitions.retain(|partition| {
            let own = owners.get(partition).is_some_and(|owner| owner == id);
            own || claimed.get(partition).is_none_or(|claims| claims.iter().all(|claim| claim == id))
        });
    }
    assigned
}

/// Whose each partition is. Of several claims the one of the latest generation counts; two of one generation are both
/// wrong.
fn owners<'a>(members: &'a [Subscriber], counts: &BTreeMap<Arc<str>, i32>) -> BTreeMap<TopicPartition, &'a str> {
    let mut claims: BTreeMap<&TopicPartition, (i32, Option<&str>)> = BTreeMap::new();
    for member in members {
        let exists = |partition: &&TopicPartition| {
            (0..counts.get(&partition.topic).copied().unwrap_or(0)).contains(&partition.partition)
        };
        for partition in member.owned.iter().filter(exists) {
            let claim = (member.generation, Some(member.id.as_str()));
            claims
                .entry(partition)
                .and_modify(|found| match member.generation.cmp(&found.0) {
                    std::cmp::Ordering::Greater => *found = claim,
                    std::cmp::Ordering::Equal if found.1 != claim.1 => found.1 = None,
                    _ => {}
                })
                .or_insert(claim);
        }
    }
    let by_id: BTreeMap<&str, &Subscriber> = members.iter().map(|member| (member.id.as_str(), member)).collect();
    let wanted = |partition: &TopicPartition, owner: &str| {
        by_id.get(owner).is_some_and(|member| member.topics.contains(&partition.topic))
    };
    claims
        .into_iter()
        .filter_map(|(partition, (_, owner))| {
            owner.filter(|owner| wanted(partition, owner)).map(|owner| (partition.clone(), owner))
        })
        .collect()
}

/// A partition of one who has more for one who has at least two less and wants it: rather one that `from` did not have
/// before. Each move makes the sum of squares smaller, so that they end.
fn next_move<'a>(
    members: &'a [Subscriber],
    assigned: &Assigned<'a>,
    owners: &BTreeMap<TopicPartition, &str>,
) -> Option<(&'a str, &'a str, TopicPartition)> {
    let load = |member: &Subscriber| assigned[member.id.as_str()].len();
    let mut by_load: Vec<&Subscriber> = members.iter().collect();
    by_load.sort_by_key(|member| load(member));
    for from in by_load.iter().rev() {
        for to in by_load.iter().take_while(|to| load(to) + 2 <= load(from)) {
            let movable = || assigned[from.id.as_str()].iter().filter(|one| to.topics.contains(&one.topic));
            let new = movable().rfind(|one| owners.get(*one).is_none_or(|owner| *owner != from.id));
            if let Some(partition) = new.or_else(|| movable().next_back()) {
                return Some((&from.id, &to.id, partition.clone()));
            }
        }
    }
    None
}
