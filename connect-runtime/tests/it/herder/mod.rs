//! The herder of a worker by itself.

mod durable;
mod hanging;
mod lifecycle;
mod offsets;
pub(crate) mod support;
mod troubled;
