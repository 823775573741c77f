//! The herder of a worker by itself.

mod durable;
mod hanging;
mod lifecycle;
pub(crate) mod support;
