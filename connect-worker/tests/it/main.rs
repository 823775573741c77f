//! The binary from outside.

mod broker;
mod fan_out;
mod kafka;
mod kill;
mod late;
mod mistakes;
mod on_cluster;
mod operate;
#[cfg(feature = "otel")]
mod otel;
mod plugins;
mod providers;
mod random;
mod rest;
mod run;
mod support;
mod transform;
mod vectors;
