use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Puts `len` records of which some are bad; says which were taken, which given up, and how many puts it took.
fn run(len: usize, bad: &BTreeSet<usize>) -> (Vec<usize>, Vec<usize>, usize) {
    let (mut taken, mut given_up, mut puts) = (Vec::new(), Vec::new(), 0);
    let mut search = Search::default();
    loop {
        match search.step(len) {
            Step::Put(range) => {
                puts += 1;
                if range.clone().any(|index| bad.contains(&index)) {
                    search.refused(range.end, Error::data("bad"));
                } else {
                    taken.extend(range.clone());
                    search.taken(range.end);
                }
            }
            Step::Bad(index, _) => {
                given_up.push(index);
                search.given_up();
            }
            Step::Done => return (taken, given_up, puts),
        }
    }
}

proptest! {
    /// Exactly the bad records are given up, the others are taken once and in order, at the stated cost.
    #[test]
    fn finds_exactly_the_bad_ones(len in 1..300usize, bad in prop::collection::btree_set(0..300usize, 0..8)) {
        let bad: BTreeSet<_> = bad.into_iter().filter(|index| *index < len).collect();
        let (taken, given_up, puts) = run(len, &bad);
        prop_assert_eq!(given_up, bad.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(taken, (0..len).filter(|index| !bad.contains(index)).collect::<Vec<_>>());
        let log2 = len.next_power_of_two().trailing_zeros() as usize;
        // The first put, the search for each, and what follows each: the runtime joins the latter with the
        // next lot when there is one.
        prop_assert!(puts <= 1 + bad.len() * (log2 + 1), "{} puts for {} bad of {}", puts, bad.len(), len);
    }
}
