//! Bodies of requests, in chunks of one size that are used again.
//!
//! Requests are large and of many sizes. Were each a piece of memory of its own, they would leave gaps behind them
//! that nothing fits into, and the process would hold twice what is under way.

mod chunks;
mod pool;

#[cfg(test)]
mod tests;

pub(crate) use chunks::{Chunks, Stream};
pub(crate) use pool::{Filling, Pool};
