//! Tasks driven by hand.

mod host;
mod sink;
mod source;
mod stdin;
