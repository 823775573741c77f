//! A source's way: poll, transform, convert, produce, acknowledge, store the offset, tell the task.

mod deliver;
mod host;
mod offsets;
mod poller;
mod task;
mod topics;
mod tracker;

pub(crate) use task::{SourceJob, run};
pub(crate) use topics::TopicMaker;
