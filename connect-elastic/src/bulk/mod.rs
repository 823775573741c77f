//! Bulk requests: what goes into them, how many are under way, and what becomes of each document.
//!
//! Documents wait in lanes. A lane has one request under way at most, and all documents of one id are in one lane, so
//! that they are written in order whatever is repeated.

mod backoff;
mod batch;
mod classify;
mod entries;
mod field;
mod reply;
mod run;
mod settle;
mod shared;
mod tracker;

#[cfg(test)]
mod tests;

pub(crate) use backoff::Backoff;
pub(crate) use batch::LONGEST;
pub(crate) use classify::{CallClass, classify_call};
pub(crate) use reply::CallError;
pub(crate) use shared::{Engine, Parts};
