//! The list of checks, for every test binary that runs them.

/// Hands the checks to the macro `$run`.
macro_rules! with_checks {
    ($run:ident) => {
        $run! {
            topics::names_follow_kafkas_rules,
            topics::are_created_listed_and_deleted,
            topics::need_no_configs,
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
            workers::divide_connectors,
        }
    };
}
pub(crate) use with_checks;
