//! Tasks driven by hand.

mod config;
mod host;
mod kill;
mod sink;
mod source;
mod stdin;
