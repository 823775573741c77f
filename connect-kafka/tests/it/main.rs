//! Integration tests: what every broker must do, what the embedded one does besides, and its life on disk.

mod contract;
mod control;
mod durable;
mod faults;
mod support;
mod transactions;
