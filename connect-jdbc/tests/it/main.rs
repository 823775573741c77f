//! The connectors in a worker, on real databases.

mod sink;
mod source;
