//! The rules of sinks.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use connect_api::{Delivery, SinkRecord};
//! use connect_runtime::sink_fn;
//! use connect_runtime::testing::conformance::sink::{self, SinkHarness};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! sink::all(|| {
//!     let table = Arc::new(Mutex::new(Vec::<String>::new()));
//!     let rows = Arc::clone(&table);
//!     let connector = sink_fn(move |records: Vec<SinkRecord>| {
//!         rows.lock().unwrap().extend(records.iter().map(|record| record.value.value.to_string()));
//!         async { Ok(Delivery::Durable) }
//!     });
//!     let none = [("unused", "")];
//!     SinkHarness::new(connector, none, async move || {
//!         table.lock().unwrap().iter().map(|row| row.parse().unwrap()).collect()
//!     })
//! })
//! .await;
//! # }
//! ```

mod bench;
mod delivery;
mod failures;
mod harness;
mod lives;
mod watched;

use connect_api::SinkConnector;

pub use delivery::{
    delivers_everything, redelivers_after_a_lost_reply, redelivers_after_a_retriable_error, waits_on_an_empty_topic,
};
pub use failures::{fails_on_a_bad_record, partial_failures, reports_all_config_errors};
pub use harness::SinkHarness;
pub(super) use harness::strings;
pub use lives::{
    commits_only_what_arrived, loses_nothing_in_a_crash, resumes_after_a_restart, stops_in_time, survives_a_rebalance,
};

/// Checks all rules, each with a harness of its own.
///
/// # Panics
/// When the sink breaks one, with its name and what was seen.
pub async fn all<C: SinkConnector, A: AsyncFn() -> Vec<u32>>(harness: impl Fn() -> SinkHarness<C, A>) {
    reports_all_config_errors(harness()).await;
    waits_on_an_empty_topic(harness()).await;
    delivers_everything(harness()).await;
    redelivers_after_a_retriable_error(harness()).await;
    redelivers_after_a_lost_reply(harness()).await;
    commits_only_what_arrived(harness()).await;
    resumes_after_a_restart(harness()).await;
    loses_nothing_in_a_crash(harness()).await;
    stops_in_time(harness()).await;
    survives_a_rebalance(harness()).await;
    partial_failures(harness()).await;
    fails_on_a_bad_record(harness()).await;
}
