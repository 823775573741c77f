//! The connectors in a worker, on real databases.

mod alone;
mod sink;
mod source;
