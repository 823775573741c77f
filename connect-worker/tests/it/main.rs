//! The binary from outside.

mod kill;
mod mistakes;
mod plugins;
mod run;
mod support;
