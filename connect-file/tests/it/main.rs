//! Tasks driven by hand.

mod config;
mod host;
mod sink;
mod source;
mod stdin;
