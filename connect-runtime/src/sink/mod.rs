//! A sink's way: fetch, convert, transform, put, take the word that it is durable, commit the offset.

mod asks;
mod commits;
mod decode;
mod driver;
mod host;
mod lot;
mod notes;
mod partitions;
mod put;
mod reread;
mod task;
mod watermark;

pub(crate) use task::{SinkJob, run};
