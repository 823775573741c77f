//! What every broker must do. The checks know nothing but the seam, so that they run on each implementation.

mod groups;
mod log;
mod offsets;
mod topics;
mod transactions;

use std::future::Future;
use std::sync::Arc;

use connect_kafka::{Broker, EmbeddedBroker, EmbeddedOptions, InMemoryBroker};

/// Runs a check on every implementation, each with an empty broker.
async fn on_each<F: Future<Output = ()>>(check: impl Fn(Arc<dyn Broker>) -> F) {
    check(Arc::new(InMemoryBroker::new())).await;
    let directory = tempfile::tempdir().unwrap();
    let durable = EmbeddedBroker::open(directory.path(), EmbeddedOptions::default()).unwrap();
    check(Arc::new(durable.clone())).await;
    durable.close().await;
}

macro_rules! contract {
    ($($module:ident :: $check:ident),* $(,)?) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $check() {
                on_each($module::$check).await;
            }
        )*
    };
}

contract! {
    topics::names_follow_kafkas_rules,
    topics::are_created_listed_and_deleted,
    topics::configs_have_kafkas_defaults,
    log::offsets_count_records,
    log::damaged_batches_are_refused,
    log::idempotent_producers_are_recognised,
    log::sequences_wrap,
    log::fetch_limits_bytes,
    log::fetch_waits_for_data,
    log::fetch_outside_of_the_log,
    log::offsets_are_looked_up,
    groups::members_share_a_generation,
    groups::a_second_member_rebalances,
    groups::silent_members_expire,
    groups::members_that_do_not_rejoin_are_dropped,
    groups::protocols_must_match,
    groups::static_members_are_fenced,
    groups::strangers_are_refused,
    offsets::commits_are_checked,
    offsets::deleting_needs_an_empty_group,
    transactions::committed_ones_are_seen_and_aborted_ones_are_not,
    transactions::a_new_instance_fences_the_old_one,
    transactions::writes_need_an_open_transaction,
    transactions::ends_may_be_repeated_but_not_turned,
    transactions::epochs_are_asked_for_again,
    transactions::offsets_count_when_committed,
    transactions::time_runs_out,
    transactions::fetches_wait_for_markers,
}
