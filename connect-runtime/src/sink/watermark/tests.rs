use proptest::prelude::*;

use super::*;

fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("t", number)
}

#[test]
fn durable_moves_at_once_and_buffered_waits() {
    let mut watermark = Watermark::default();
    watermark.start(partition(0), Some(5));
    watermark.seen(&partition(0), 10);
    assert!(watermark.to_commit().is_empty(), "nothing was said yet");
    watermark.said(Delivery::Durable);
    assert_eq!(watermark.to_commit(), [(partition(0), 10)]);
    watermark.committed(&partition(0), 10);
    assert!(watermark.to_commit().is_empty());
    watermark.seen(&partition(0), 20);
    watermark.said(Delivery::Buffered);
    watermark.seen(&partition(0), 30);
    watermark.said(Delivery::Durable);
    assert!(watermark.to_commit().is_empty(), "what is buffered blocks what comes after it");
    let asked = watermark.to_prove().unwrap();
    assert_eq!(asked.get(&partition(0)), Some(30));
    let answer = [(partition(0), 99), (partition(7), 1)].into_iter().collect();
    assert_eq!(watermark.proven(&asked, &answer), [partition(0), partition(7)]);
    assert_eq!(watermark.to_commit(), [(partition(0), 30)], "cut to what was asked");
}

#[test]
fn what_is_taken_beside_failed_records_waits_for_a_proof() {
    let mut watermark = Watermark::default();
    watermark.start(partition(0), None);
    watermark.said_partly();
    watermark.seen(&partition(0), 3);
    watermark.settle();
    watermark.settle_untouched();
    assert!(watermark.to_commit().is_empty());
    let asked = watermark.to_prove().unwrap();
    watermark.proven(&asked, &asked);
    assert_eq!(watermark.to_commit(), [(partition(0), 3)]);
}

#[test]
fn records_that_end_after_a_flush_need_no_other_put() {
    let mut watermark = Watermark::default();
    watermark.start(partition(0), None);
    watermark.seen(&partition(0), 3);
    watermark.said(Delivery::Buffered);
    let asked = watermark.to_prove().unwrap();
    watermark.proven(&asked, &asked);
    watermark.seen(&partition(0), 4);
    watermark.settle();
    let asked = watermark.to_prove().unwrap();
    watermark.proven(&asked, &asked);
    assert_eq!(watermark.to_commit(), [(partition(0), 4)]);
}

#[derive(Debug, Clone)]
enum Step {
    Put(i32, i64, bool),
    /// Some failed; whether the others are buffered is not said.
    Partly(i32, i64, bool),
    Ended(i32, i64),
    Prove(Vec<(i32, i64)>),
    Commit,
    Revoke(i32),
    Assign(i32),
    Seek(i32),
}

fn step() -> impl Strategy<Value = Step> {
    let number = 0..3i32;
    prop_oneof![
        4 => (number.clone(), 1..5i64, any::<bool>()).prop_map(|(p, n, durable)| Step::Put(p, n, durable)),
        2 => (number.clone(), 1..5i64, any::<bool>()).prop_map(|(p, n, held)| Step::Partly(p, n, held)),
        1 => (number.clone(), 1..5i64).prop_map(|(p, n)| Step::Ended(p, n)),
        2 => prop::collection::vec((0..4i32, 0..60i64), 0..4).prop_map(Step::Prove),
        2 => Just(Step::Commit),
        1 => number.clone().prop_map(Step::Revoke),
        1 => number.clone().prop_map(Step::Assign),
        1 => number.prop_map(Step::Seek),
    ]
}

proptest! {
    /// No schedule of puts, answers, commits and rebalances commits past an unproven record.
    #[test]
    fn no_commit_passes_an_unproven_record(steps in prop::collection::vec(step(), 0..60)) {
        let mut watermark = Watermark::default();
        // The model: of each partition the next offset, and up to where everything is proven.
        let mut next = [0i64; 3];
        let mut buffered: [Vec<i64>; 3] = Default::default();
        let mut assigned = [false; 3];
        for step in steps {
            match step {
                Step::Assign(p) | Step::Seek(p) => {
                    assigned[p as usize] = true;
                    buffered[p as usize].clear();
                    next[p as usize] = 0;
                    watermark.start(partition(p), None);
                }
                Step::Revoke(p) => {
                    assigned[p as usize] = false;
                    watermark.forget(&partition(p));
                }
                Step::Put(p, count, durable) if assigned[p as usize] => {
                    if !durable {
                        buffered[p as usize].extend(next[p as usize]..next[p as usize] + count);
                    }
                    next[p as usize] += count;
                    watermark.seen(&partition(p), next[p as usize]);
                    watermark.said(if durable { Delivery::Durable } else { Delivery::Buffered });
                }
                Step::Partly(p, count, held) if assigned[p as usize] => {
                    if held {
                        buffered[p as usize].extend(next[p as usize]..next[p as usize] + count);
                    }
                    next[p as usize] += count;
                    watermark.said_partly();
                    watermark.seen(&partition(p), next[p as usize]);
                    watermark.settle();
                    watermark.settle_untouched();
                }
                Step::Ended(p, count) if assigned[p as usize] => {
                    next[p as usize] += count;
                    watermark.seen(&partition(p), next[p as usize]);
                    watermark.settle();
                }
                Step::Prove(answer) => {
                    if let Some(asked) = watermark.to_prove() {
                        for (p, offset) in &answer {
                            if *p < 3 && assigned[*p as usize] {
                                buffered[*p as usize].retain(|unproven| unproven >= offset);
                            }
                        }
                        let answer = answer.into_iter().map(|(p, offset)| (partition(p), offset)).collect();
                        watermark.proven(&asked, &answer);
                    }
                }
                Step::Commit => {
                    for (tp, offset) in watermark.to_commit() {
                        let p = tp.partition as usize;
                        prop_assert!(assigned[p]);
                        prop_assert!(offset <= next[p]);
                        prop_assert!(buffered[p].iter().all(|unproven| *unproven >= offset),
                            "committed {} over {:?}", offset, buffered[p]);
                        watermark.committed(&tp, offset);
                    }
                }
                Step::Put(..) | Step::Partly(..) | Step::Ended(..) => {}
            }
        }
    }
}
