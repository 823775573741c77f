//! The herder of a worker by itself.

mod hanging;
mod lifecycle;
mod support;
