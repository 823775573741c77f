//! The binary from outside.

mod kill;
mod mistakes;
mod plugins;
mod providers;
mod run;
mod support;
mod transform;
