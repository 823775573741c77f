//! Integration tests: what every broker must do, what the embedded one does besides, and its life on disk.

mod contract;
mod control;
mod disturbed;
mod durable;
mod faults;
mod net;
mod support;
mod time;
mod transactions;
