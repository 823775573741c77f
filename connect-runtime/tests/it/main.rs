//! The runtime as a whole, on the broker in memory, under a paused clock.

mod attributes;
mod capture;
mod clients;
mod conformance;
mod dry_run;
mod headers;
mod health;
mod herder;
mod keys;
mod late;
mod lifecycle;
mod memory;
mod metrics;
mod partial;
mod poison;
mod providers;
mod puts;
mod random;
mod random_source;
mod rebalance;
#[cfg(feature = "rest")]
mod rest;
mod sources;
mod spans;
mod stages;
mod support;
mod trouble;
