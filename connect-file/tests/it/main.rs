//! Tasks driven by hand, and by a worker.

mod config;
mod conformance;
mod full_disk;
mod kill;
mod records;
mod sink;
mod source;
mod stdin;
