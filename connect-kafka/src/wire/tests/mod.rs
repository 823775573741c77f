//! The client against brokers that misbehave.

mod auth;
mod faults;
mod guarded;
mod leaders;
mod replies;
mod server;
mod sweep;
