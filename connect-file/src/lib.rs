#![doc = include_str!("../README.md")]

mod blocking;
mod error;
mod file_id;
mod source;

pub use source::{EncodingErrors, FileStreamSource, FileStreamSourceConfig, FileStreamSourceTask, LineTooLong};
