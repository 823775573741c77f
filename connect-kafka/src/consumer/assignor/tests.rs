use proptest::prelude::*;

use super::*;

fn check(assignor: Assignor, members: &[(&str, Option<&str>, &str)], counts: &[(&str, i32)], expect: &str) {
    let subscriber = |(id, instance, topics): &(&str, Option<&str>, &str)| Subscriber {
        id: (*id).into(),
        instance_id: instance.map(Into::into),
        topics: topics.split(' ').map(Into::into).collect(),
        owned: Vec::new(),
        generation: -1,
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

#[test]
fn class_names() {
    use Assignor::{CooperativeSticky, Range};
    let list = format!("{}, {}", Range.class(), CooperativeSticky.class());
    assert_eq!(Assignor::parse_list(&list).unwrap(), [Range, CooperativeSticky]);
    let error = Assignor::parse_list("range").unwrap_err();
    assert!(error.starts_with("no partition assignor named \"range\"; there are: org.apache.kafka"), "{error}");
    assert!(Assignor::parse_list(&format!("{0},{0}", Range.class())).unwrap_err().ends_with("twice"));
    for one in Assignor::ALL {
        assert_eq!(Assignor::by_name(one.name()), Some(one));
    }
    assert!(Assignor::are_cooperative(&[CooperativeSticky]));
    assert!(!Assignor::are_cooperative(&[Range, CooperativeSticky]));
}

fn sticky(id: &str, topics: &str, owned: &[i32], generation: i32) -> Subscriber {
    let owned = owned.iter().map(|partition| TopicPartition::new("s", *partition)).collect();
    let topics = topics.split(' ').map(Into::into).collect();
    Subscriber { id: id.into(), instance_id: None, topics, owned, generation }
}

#[track_caller]
fn check_sticky(members: &[Subscriber], expect: &str) {
    let counts = [("s".into(), 4)].into();
    let result = Assignor::CooperativeSticky.assign(members.to_vec(), &counts);
    let text = |(id, all): (String, Vec<TopicPartition>)| {
        format!("{id}: {}", all.iter().map(|one| one.partition.to_string()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(result.into_iter().map(text).collect::<Vec<_>>().join("; "), expect);
}

#[test]
fn cooperative_sticky() {
    check_sticky(&[sticky("a", "s", &[], -1), sticky("b", "s", &[], -1)], "a: 0 2; b: 1 3");
    // What has to move is given up first, and given out when it is nobody's.
    check_sticky(&[sticky("a", "s", &[0, 1, 2, 3], 4), sticky("b", "s", &[], -1)], "a: 0 1; b: ");
    check_sticky(&[sticky("a", "s", &[0, 1], 5), sticky("b", "s", &[], -1)], "a: 0 1; b: 2 3");
    // A member that left.
    check_sticky(&[sticky("a", "s", &[0, 3], 5), sticky("b", "s", &[1], 5)], "a: 0 3; b: 1 2");
    // An old claim gives way, but whoever makes it has to stop first; two claims of one generation are none.
    check_sticky(&[sticky("a", "s", &[0, 1], 3), sticky("b", "s", &[1, 2], 5)], "a: 0 3; b: 1 2");
    check_sticky(&[sticky("a", "s", &[0, 1], 5), sticky("b", "s", &[1, 2], 5)], "a: 0; b: 2 3");
    // What is not wanted any more, or does not exist.
    check_sticky(&[sticky("a", "t", &[0, 1], 5), sticky("b", "s", &[9], 5)], "a: ; b: 2 3");
}

/// Members with their topics, of four, and what they own after two rounds of changes.
fn group() -> impl Strategy<Value = (Vec<BTreeSet<usize>>, Vec<i32>)> {
    let topics = prop::collection::btree_set(0..4_usize, 1..4);
    (prop::collection::vec(topics, 1..7), prop::collection::vec(0..9, 4))
}

fn name(topic: usize) -> Arc<str> {
    format!("t{topic}").into()
}

fn subscribers(wanted: &[BTreeSet<usize>]) -> Vec<Subscriber> {
    let one = |(n, topics): (usize, &BTreeSet<usize>)| Subscriber {
        id: format!("m{n}"),
        instance_id: None,
        topics: topics.iter().map(|topic| name(*topic)).collect(),
        owned: Vec::new(),
        generation: -1,
    };
    wanted.iter().enumerate().map(one).collect()
}

fn named(counts: &[i32]) -> BTreeMap<Arc<str>, i32> {
    counts.iter().enumerate().map(|(topic, count)| (name(topic), *count)).collect()
}

/// Every partition of a topic that somebody wants is somebody's, once, who wants it.
fn is_complete(
    members: &[Subscriber],
    counts: &BTreeMap<Arc<str>, i32>,
    result: &BTreeMap<String, Vec<TopicPartition>>,
) {
    let mut given: Vec<_> = result.values().flatten().cloned().collect();
    given.sort();
    let wanted = |topic: &&Arc<str>| members.iter().any(|member| member.topics.contains(*topic));
    let all: Vec<_> = counts
        .keys()
        .filter(wanted)
        .flat_map(|topic| (0..counts[topic]).map(|partition| TopicPartition { topic: topic.clone(), partition }))
        .collect();
    assert_eq!(given, all);
    for member in members {
        assert!(result[&member.id].iter().all(|one| member.topics.contains(&one.topic)), "{member:?}");
    }
}

/// Rebalances until nobody has to give anything up: what one round leaves out the next gives.
fn settle(members: &mut [Subscriber], counts: &BTreeMap<Arc<str>, i32>) -> BTreeMap<String, Vec<TopicPartition>> {
    for generation in 0..3 {
        let result = Assignor::CooperativeSticky.assign(members.to_vec(), counts);
        let mut revoked = false;
        let claimed: BTreeSet<_> =
            members.iter().flat_map(|m| m.owned.iter().map(|p| (p.clone(), m.id.clone()))).collect();
        for member in &mut *members {
            for one in &result[&member.id] {
                assert!(claimed.iter().all(|(p, owner)| p != one || *owner == member.id), "{one} was not given up");
            }
            revoked |= member.owned.iter().any(|one| !result[&member.id].contains(one));
            member.owned = result[&member.id].clone();
            member.generation = member.generation.max(generation) + 1;
        }
        if !revoked {
            return result;
        }
    }
    panic!("the group does not settle: {members:?}");
}

proptest! {
    #[test]
    fn every_partition_is_assigned_once((wanted, counts) in group()) {
        let (members, counts) = (subscribers(&wanted), named(&counts));
        for assignor in Assignor::ALL {
            is_complete(&members, &counts, &assignor.assign(members.clone(), &counts));
        }
    }

    #[test]
    fn cooperative_groups_settle_evenly((wanted, counts) in group(), (others, later) in group()) {
        let (mut members, counts) = (subscribers(&wanted), named(&counts));
        let result = settle(&mut members, &counts);
        is_complete(&members, &counts, &result);
        // Other members, topics and partitions; the same ids keep what they had.
        let mut changed = subscribers(&others);
        for (new, old) in changed.iter_mut().zip(members) {
            (new.owned, new.generation) = (old.owned, old.generation);
        }
        let later = named(&later);
        let result = settle(&mut changed, &later);
        is_complete(&changed, &later, &result);
        for from in &changed {
            for to in changed.iter().filter(|to| result[&to.id].len() + 2 <= result[&from.id].len()) {
                prop_assert!(result[&from.id].iter().all(|one| !to.topics.contains(&one.topic)), "{:?}", result);
            }
        }
        // And it stays that way.
        prop_assert_eq!(Assignor::CooperativeSticky.assign(changed, &later), result);
    }

    #[test]
    fn nobody_gives_up_more_than_newcomers_need(count in 1..40, old in 1..8_usize, new in 0..4_usize, gone in 0..3_usize) {
        let counts = BTreeMap::from([(name(0), count)]);
        let mut members = subscribers(&vec![BTreeSet::from([0]); old]);
        settle(&mut members, &counts);
        let before: BTreeMap<_, _> = members.iter().map(|member| (member.id.clone(), member.owned.clone())).collect();
        members.truncate(old.saturating_sub(gone).max(1));
        let stayed = members.len();
        members.extend(subscribers(&vec![BTreeSet::from([0]); old + new]).split_off(old));
        let after = settle(&mut members, &counts);
        let least = count as usize / members.len();
        let most = (count as usize).div_ceil(members.len());
        prop_assert!(after.values().all(|all| (least..=most).contains(&all.len())), "{:?}", after);
        for member in &members[..stayed] {
            let (had, has) = (&before[&member.id], &after[&member.id]);
            let kept = had.iter().filter(|one| has.contains(one)).count();
            // Who gave something up is at what everybody has and got nothing else for it.
            prop_assert!(kept == had.len() || (kept == has.len() && kept >= least), "{:?} became {:?}", had, has);
        }
    }
}
