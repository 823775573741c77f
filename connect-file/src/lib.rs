#![doc = include_str!("../README.md")]

mod blocking;
mod error;
mod file_id;
mod sink;
mod source;

pub use sink::{FileStreamSink, FileStreamSinkConfig, FileStreamSinkTask, Fsync};
pub use source::{
    EncodingErrors, FileStreamSource, FileStreamSourceConfig, FileStreamSourceTask, FileTruncated, LineTooLong,
};
