//! The runtime as a whole, on the broker in memory, under a paused clock.

mod conformance;
mod lifecycle;
mod poison;
mod random;
mod rebalance;
mod sources;
mod support;
mod trouble;
