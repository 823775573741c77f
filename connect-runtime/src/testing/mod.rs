//! A kit for tests of connectors: a worker on a broker in memory, under a clock that the test decides.
//!
//! With `#[tokio::test(start_paused = true)]` waiting takes no time: backoffs, flush intervals and session timeouts
//! pass at once, and every run is the same. See [`TestWorker`]; [`conformance`] has the tests that every
//! connector should pass. A task alone is called with [`sink_context`] or [`source_context`].
//!
//! Everything here panics with a message when something is not as it should be, as tests do.

mod alone;
mod builder;
pub mod conformance;
mod dead_letter;
mod life;
mod log;
mod look;
mod store;
mod wait;
mod worker;

pub use alone::{sink_context, source_context};
pub use builder::TestWorkerBuilder;
pub use connect_kafka::{Api, Code, Fault, Faults, InMemoryBroker};
pub use dead_letter::DeadLetter;
pub use worker::TestWorker;
