//! What a herder keeps while its topics, or the connectors, are in trouble.

use std::time::Duration;

use connect_kafka::{Code, Fault};
use connect_runtime::herder::{Herder, HerderErrorKind};
use connect_runtime::testing::Api;
use connect_runtime::{InitialState, State};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::durable::{House, running};
use super::support::{LIST, input};

const TOPIC: &str = "connect-configs";

/// Its tasks end while it is being deleted, which is news of a connector that is in no topic any more.
#[tokio::test(start_paused = true)]
async fn nothing_is_left_of_a_connector_that_ran() {
    let house = House::new();
    let herder = house.start().await;
    herder.create("c", input(&[LIST, ("items", "a,b"), ("tasks.max", "2")]), InitialState::Running).await.unwrap();
    running(&herder, "c").await;
    herder.delete("c").await.unwrap();
    sleep(Duration::from_secs(60)).await;
    let kept = house.last(TOPIC).await;
    assert!(kept.is_empty(), "{kept:?}");
    // The same connector again has its tasks in the topic again.
    herder.create("c", input(&[LIST, ("items", "a,b"), ("tasks.max", "2")]), InitialState::Running).await.unwrap();
    let kept = house.last(TOPIC).await;
    assert!(kept.iter().any(|record| record.starts_with("commit-c {\"tasks\":2}")), "{kept:?}");
}

/// The target state of a connector that could not be kept says nothing of a later one.
#[tokio::test(start_paused = true)]
async fn a_connector_that_could_not_be_kept_leaves_no_target_state() {
    let house = House::new();
    let herder = house.start().await;
    let long = "a".repeat(2_000_000);
    herder.create("c", input(&[LIST, ("items", &long)]), InitialState::Stopped).await.unwrap_err();
    herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap();
    running(&herder, "c").await;
    herder.shutdown().await.unwrap();
    drop(herder);
    let herder = house.start().await;
    running(&herder, "c").await;
}

/// What did not end in time may be in the topic; the connector is what it was.
#[tokio::test(start_paused = true)]
async fn a_target_state_that_is_not_kept_in_time_changes_nothing() {
    let house = House::new();
    let herder = house.start().await;
    herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap();
    running(&herder, "c").await;
    house.broker.faults().inject(Fault::silence(Api::Produce).topic(TOPIC));
    for late in [herder.stop("c").await.unwrap_err(), herder.pause("c").await.unwrap_err()] {
        assert!(matches!(late.kind(), HerderErrorKind::Timeout | HerderErrorKind::Internal), "{late}");
    }
    house.broker.faults().clear();
    assert_eq!(herder.status("c").unwrap().connector.state, State::Running);
    let more = input(&[LIST, ("items", "a,b"), ("tasks.max", "2")]);
    assert_eq!(herder.plan("c", more.clone()).await.unwrap().tasks.len(), 2, "it runs");
    herder.put_config("c", more).await.unwrap();
    let kept = house.last(TOPIC).await;
    assert!(kept.iter().any(|record| record.starts_with("commit-c {\"tasks\":2}")), "{kept:?}");
    assert!(kept.iter().any(|record| record.starts_with("target-state-c {\"state\":\"STARTED\"")), "{kept:?}");
}

/// While the config topic refuses tasks they are tried again, but not without end at once.
#[tokio::test(start_paused = true)]
async fn tasks_that_are_refused_are_kept_later() {
    let house = House::new();
    let herder = house.start().await;
    house.lists.hang("long splits");
    let faults = house.broker.faults();
    let refusing = async {
        sleep(Duration::from_secs(1)).await;
        faults.inject(Fault::fail(Api::Produce, Code::TopicAuthorizationFailed).topic(TOPIC));
    };
    let created = herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running);
    let (created, ()) = tokio::join!(created, refusing);
    created.unwrap_err();
    let before = faults.calls(Api::Produce);
    for _ in 0..10_000 {
        yield_now().await;
    }
    assert!(faults.calls(Api::Produce) - before < 10, "{}", faults.calls(Api::Produce) - before);
    sleep(Duration::from_secs(60)).await;
    faults.clear();
    while !house.last(TOPIC).await.iter().any(|record| record.starts_with("commit-c {\"tasks\":1}")) {
        sleep(Duration::from_millis(100)).await;
    }
}
