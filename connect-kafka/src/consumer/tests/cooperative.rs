//! Rebalances in which members keep what they keep.

use super::*;

fn cooperative(config: &mut GroupConfig) {
    config.assignors = vec![Assignor::CooperativeSticky];
}

/// Calls of `next` in the background until nothing happens for a while.
fn events(mut consumer: GroupConsumer) -> tokio::task::JoinHandle<(GroupConsumer, Vec<String>)> {
    tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Ok(next) = timeout(Duration::from_secs(20), event(&mut consumer)).await {
            seen.push(next);
        }
        (consumer, seen)
    })
}

#[tokio::test(start_paused = true)]
async fn only_what_moves_is_given_up() {
    let broker = broker(4).await;
    let mut one = member(&broker, cooperative);
    assert_eq!(event(&mut one).await, "assigned t-0@0 t-1@0 t-2@0 t-3@0");
    put(&broker, &at(0), &["a"]).await;
    assert_eq!(records(&mut one).await, "t-0@0=a");
    let two = events(member(&broker, cooperative));
    assert_eq!(event(&mut one).await, "revoked t-2 t-3");
    assert_eq!(one.assignment(), [at(0), at(1)]);
    // Revoked, not lost; and what stays was never committed, and is not read again.
    assert!(one.commit(&[(at(2), 7)]).await.unwrap()[0].1.is_ok());
    assert_eq!(event(&mut one).await, "assigned ");
    put(&broker, &at(0), &["b"]).await;
    assert_eq!(event(&mut one).await, "assigned ");
    assert_eq!(records(&mut one).await, "t-0@1=b");
    let one = events(one);
    let (mut two, seen) = two.await.unwrap();
    // Nothing was free in the first round.
    assert_eq!(seen, ["assigned ", "assigned t-2@7 t-3@0"]);
    assert_eq!(one.await.unwrap().1, [""; 0]);
    two.leave().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_member_leaves_behind_is_shared() {
    let broker = broker(4).await;
    let (one, two) = (events(member(&broker, cooperative)), events(member(&broker, cooperative)));
    let ((one, _), (mut two, _)) = (one.await.unwrap(), two.await.unwrap());
    let kept = one.assignment();
    assert_eq!((kept.len(), two.assignment().len()), (2, 2));
    two.leave().await.unwrap();
    let (one, seen) = events(one).await.unwrap();
    assert_eq!(one.assignment().len(), 4);
    // One round, and no word of what stayed.
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(kept.iter().all(|partition| !seen[0].contains(&partition.to_string())), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn an_expired_member_lost_everything() {
    let broker = broker(2).await;
    let mut one = member(&broker, cooperative);
    event(&mut one).await;
    broker.expire_member("g", &broker.members("g")[0]).unwrap();
    assert_eq!(event(&mut one).await, "lost t-0 t-1");
    assert_eq!(event(&mut one).await, "assigned t-0@0 t-1@0");
    // The same when it finds out while it joins again.
    broker.faults().inject(Fault::fail(Api::JoinGroup, Code::UnknownMemberId).times(1));
    broker.rebalance("g").unwrap();
    let (one, seen) = events(one).await.unwrap();
    assert_eq!(seen, ["lost t-0 t-1", "assigned t-0@0 t-1@0"]);
    assert_eq!(one.assignment().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn members_agree_on_what_all_can_do() {
    let broker = broker(3).await;
    // As a group changes over: those with both give everything up, those with the new one alone could not join the old.
    let both = |config: &mut GroupConfig| config.assignors = vec![Assignor::Range, Assignor::CooperativeSticky];
    let old = events(member(&broker, |config| config.assignors = vec![Assignor::Range]));
    let new = events(member(&broker, both));
    let ((mut old, _), (new, _)) = (old.await.unwrap(), new.await.unwrap());
    let mut sizes = [old.assignment().len(), new.assignment().len()];
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2]);
    let mut stranger = member(&broker, cooperative);
    let error = stranger.next().await.unwrap_err();
    assert!(matches!(&error, ConsumerError::Broker(e) if e.code == Code::InconsistentGroupProtocol), "{error}");
    old.leave().await.unwrap();
    // Now that nobody needs the old one.
    let (new, third) = (events(new), events(member(&broker, cooperative)));
    let ((new, seen), (third, _)) = (new.await.unwrap(), third.await.unwrap());
    assert_eq!(new.assignment().len() + third.assignment().len(), 3, "{seen:?}");
    assert!(seen[0].starts_with("revoked t-"), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_static_member_that_was_replaced_is_told_so_for_good() {
    for change in [cooperative, |_: &mut GroupConfig| ()] {
        let broker = broker(2).await;
        let fixed = |config: &mut GroupConfig| {
            change(config);
            config.instance_id = Some("i".into());
        };
        let mut one = member(&broker, fixed);
        assert_eq!(event(&mut one).await, "assigned t-0@0 t-1@0");
        let two = events(member(&broker, fixed));
        for _ in 0..2 {
            let error = one.next().await.unwrap_err();
            assert!(matches!(&error, ConsumerError::Broker(e) if e.code == Code::FencedInstanceId), "{error}");
            assert!(!error.is_retriable() && one.assignment().is_empty());
        }
        assert!(one.commit(&[(at(0), 1)]).await.is_err());
        assert_eq!(two.await.unwrap().1, ["assigned t-0@0 t-1@0"]);
    }
}
