use super::*;
use crate::offsets::MemoryOffsetStore;

#[tokio::test]
async fn a_life_that_has_ended_stores_nothing() {
    let store: Arc<dyn OffsetStore> = Arc::new(MemoryOffsetStore::default());
    let (lease, leased) = Lease::new(Arc::clone(&store));
    let partition = OffsetMap::of("p", 1);
    let offset = |n: i64| vec![(partition.clone(), Some(OffsetMap::of("n", n)))];
    leased.store("c", offset(1)).await.unwrap();
    // Made, and not polled before the end.
    let late = leased.store("c", offset(2));
    drop(lease);
    store.store("c", offset(100)).await.unwrap();
    assert!(late.await.unwrap_err().to_string().contains("has ended"));
    leased.store("c", offset(3)).await.unwrap_err();
    assert_eq!(leased.load("c", &[partition]).await.unwrap()[0].as_ref().unwrap().get_i64("n"), Some(100));
}
