//! On disks that fail.

mod appender;
mod full;
