//! The herder of a worker by itself.

mod hanging;
mod lifecycle;
pub(crate) mod support;
