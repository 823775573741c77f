use super::Generations;

#[test]
fn keeps_what_is_used() {
    let mut cache = Generations::new(4);
    for n in 0..100 {
        cache.insert(n, n);
        assert_eq!(cache.get(&0), Some(0), "after {n}");
    }
    assert_eq!(cache.get(&1), None);
    assert!(cache.young.len() + cache.old.len() <= 4);
    let mut none = Generations::new(0);
    none.insert(1, 1);
    assert_eq!(none.get(&1), None);
}
