//! The client against brokers that misbehave.

mod faults;
mod server;
mod sweep;
