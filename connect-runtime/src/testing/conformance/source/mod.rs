//! The rules of sources.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use connect_api::{OffsetMap, Record};
//! use connect_runtime::source_fn;
//! use connect_runtime::testing::conformance::source::{self, SourceHarness};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! source::all(|| {
//!     let table = Arc::new(Mutex::new(Vec::<u32>::new()));
//!     let rows = Arc::clone(&table);
//!     let connector = source_fn(move |after: Option<OffsetMap>| {
//!         let next = after.and_then(|offset| offset.get_i64("row")).map_or(0, |row| row + 1);
//!         let rows = rows.lock().unwrap().clone().into_iter().zip(0i64..).skip(next as usize);
//!         let records = rows.map(|(row, n)| (Record::new("rows", row.to_string()), OffsetMap::of("row", n)));
//!         let records = records.collect();
//!         async { Ok(records) }
//!     });
//!     let none = [("unused", "")];
//!     SourceHarness::new(connector, none, async move |numbers| table.lock().unwrap().extend(numbers))
//! })
//! .await;
//! # }
//! ```

mod bench;
mod delivery;
mod harness;
mod lives;
mod setup;
mod watched;

use std::ops::Range;

use connect_api::SourceConnector;

pub use delivery::{delivers_everything, polls_again_after_a_retriable_error, waits_when_there_is_nothing};
pub use harness::SourceHarness;
pub use lives::{goes_on_at_stored_offsets, loses_nothing_in_a_crash, resumes_after_a_restart, stops_in_time};
pub use setup::{offsets_can_be_stored, reports_all_config_errors, splits_fit_the_tasks};

/// Checks all rules, each with a harness of its own.
///
/// # Panics
/// When the source breaks one, with its name and what was seen.
pub async fn all<C: SourceConnector, F: AsyncFn(Range<u32>)>(harness: impl Fn() -> SourceHarness<C, F>) {
    reports_all_config_errors(harness()).await;
    splits_fit_the_tasks(harness()).await;
    waits_when_there_is_nothing(harness()).await;
    delivers_everything(harness()).await;
    offsets_can_be_stored(harness()).await;
    polls_again_after_a_retriable_error(harness()).await;
    resumes_after_a_restart(harness()).await;
    goes_on_at_stored_offsets(harness()).await;
    loses_nothing_in_a_crash(harness()).await;
    stops_in_time(harness()).await;
}
