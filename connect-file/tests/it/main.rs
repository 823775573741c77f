//! Tasks driven by hand, and by a worker.

mod config;
mod conformance;
mod full_disk;
mod host;
mod kill;
mod sink;
mod source;
mod stdin;
