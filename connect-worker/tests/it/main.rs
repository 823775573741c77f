//! The binary from outside.

mod broker;
mod kill;
mod mistakes;
mod plugins;
mod providers;
mod run;
mod support;
mod transform;
mod vectors;
