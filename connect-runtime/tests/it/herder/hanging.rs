//! Connectors whose calls never end.

use std::time::Duration;

use connect_api::config::Millis;
use connect_runtime::herder::{Herder, HerderErrorKind};
use connect_runtime::{InitialState, WorkerConfig};
use tokio::time::Instant;

use super::support::{LIST, Rig, input};

async fn rig() -> Rig {
    let config = WorkerConfig { request_timeout: Millis::new(20_000), ..WorkerConfig::default() };
    Rig::with(config).await
}

/// Every read answers without a moment passing.
async fn reads_answer(rig: &Rig) {
    let now = Instant::now();
    for name in rig.herder.connectors() {
        let _ = rig.herder.connector(&name).unwrap();
        let _ = rig.herder.status(&name);
        let _ = rig.herder.tasks(&name).unwrap();
        let _ = rig.herder.active_topics(&name).unwrap();
        let _ = rig.herder.offsets(&name).await.unwrap();
    }
    assert_eq!(now.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_is_named() {
    let rig = rig().await;
    rig.lists.hang("validate");
    let now = Instant::now();
    let late = rig.herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap_err();
    assert_eq!((late.kind(), late.stage().unwrap().0), (HerderErrorKind::Timeout, "validate"));
    assert_eq!(now.elapsed(), Duration::from_secs(20));
    assert!(rig.herder.connectors().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_connector_whose_splits_hang_is_there_and_can_be_deleted() {
    let rig = rig().await;
    rig.lists.hang("splits");
    let late = rig.herder.create("c", input(&[LIST, ("items", "a")]), InitialState::Running).await.unwrap_err();
    assert_eq!(late.stage(), Some(("splits", Duration::from_secs(20))), "{late}");
    reads_answer(&rig).await;
    // Another connector is not concerned.
    let late = rig.herder.put_config("c", input(&[LIST, ("items", "a,b")])).await.unwrap_err();
    assert_eq!(late.stage().unwrap().0, "splits");
    let now = Instant::now();
    rig.herder.stop("c").await.unwrap();
    assert_eq!(rig.states("c"), "STOPPED []");
    rig.lists.hang("");
    rig.herder.resume("c").await.unwrap();
    rig.running("c").await;
    rig.lists.hang("splits");
    rig.herder.restart("c", connect_runtime::RestartOptions::default()).await.unwrap();
    rig.herder.delete("c").await.unwrap();
    assert!(now.elapsed() < Duration::from_secs(20));
}

/// What waits for its turn says for whom.
#[tokio::test(start_paused = true)]
async fn a_write_behind_a_write_that_hangs_names_both() {
    let rig = rig().await;
    rig.create("c", &[LIST, ("items", "a")]).await;
    rig.lists.hang("validate");
    let first = rig.herder.put_config("c", input(&[LIST, ("items", "b")]));
    let second = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        rig.herder.pause("c").await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap_err().stage().unwrap().0, "validate");
    second.unwrap();
    rig.test.until(|| rig.states("c") == "PAUSED [PAUSED]").await;
}

#[tokio::test(start_paused = true)]
async fn tasks_that_hang_are_ended_the_hard_way() {
    for call in ["poll", "stop"] {
        let rig = rig().await;
        rig.create("c", &[LIST, ("items", "a,b"), ("tasks.max", "2")]).await;
        rig.running("c").await;
        rig.lists.hang(call);
        tokio::time::sleep(Duration::from_secs(5)).await;
        reads_answer(&rig).await;
        let now = Instant::now();
        rig.herder.put_config("c", input(&[LIST, ("items", "a,b"), ("tasks.max", "2"), ("mark", "!")])).await.unwrap();
        rig.herder.restart_task("c", 0).await.unwrap();
        rig.herder.stop("c").await.unwrap();
        assert_eq!(rig.states("c"), "STOPPED []");
        rig.herder.delete("c").await.unwrap();
        assert!(now.elapsed() <= Duration::from_secs(15), "{call}: {:?}", now.elapsed());
    }
}
