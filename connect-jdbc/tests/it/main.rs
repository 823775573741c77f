//! The connectors in a worker, on real databases.

mod source;
