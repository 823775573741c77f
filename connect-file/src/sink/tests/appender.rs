//! The appender on a disk that fails.

use std::fs::TryLockError;
use std::io;
use std::path::PathBuf;

use connect_api::ErrorKind;

use crate::sink::appender::Appender;
use crate::sink::disk::Disk;

/// A file in memory with room for so many bytes.
#[derive(Debug)]
struct Small {
    bytes: Vec<u8>,
    room: usize,
    truncate: bool,
    sync: bool,
}

impl Disk for Small {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let fits = bytes.len().min(self.room - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..fits]);
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        if !self.truncate {
            return Err(io::ErrorKind::Other.into());
        }
        self.bytes.truncate(usize::try_from(len).unwrap());
        Ok(())
    }

    fn read_at(&mut self, position: u64, bytes: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(position).unwrap();
        bytes.copy_from_slice(&self.bytes[start..start + bytes.len()]);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.sync { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
    }

    fn try_lock(&self) -> Result<(), TryLockError> {
        Ok(())
    }

    fn unlock(&self) -> io::Result<()> {
        Ok(())
    }
}

fn appender(content: &str, room: usize) -> Appender<Small> {
    let disk = Small { bytes: content.into(), room, truncate: true, sync: true };
    Appender::new(PathBuf::from("out.txt"), disk, true)
}

fn content(appender: &Appender<Small>) -> &str {
    std::str::from_utf8(&appender.disk.bytes).unwrap()
}

#[test]
fn a_torn_last_line_is_cut_off() {
    #[track_caller]
    fn check(before: &str, expect: &str) {
        let mut appender = appender(before, 1 << 20);
        appender.prepare().unwrap();
        assert_eq!(content(&appender), expect);
    }
    check("", "");
    check("a\n", "a\n");
    check("a\nb", "a\n");
    check("torn", "");
    check("\n\n", "\n\n");
    let long = "x".repeat(200_000);
    check(&format!("a\n{long}"), "a\n");
    check(&long, "");
}

#[test]
fn a_failed_write_leaves_nothing() {
    let mut appender = appender("a\n", 5);
    let error = appender.append(b"b\nc\nd\n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retriable);
    assert!(error.to_string().starts_with("cannot write to out.txt: "), "{error}");
    assert_eq!(content(&appender), "a\n");
    appender.disk.room = 100;
    appender.append(b"b\nc\nd\n").unwrap();
    assert_eq!(content(&appender), "a\nb\nc\nd\n");
}

#[test]
fn a_failed_write_is_taken_back_later_if_not_at_once() {
    let mut appender = appender("a\n", 7);
    appender.disk.truncate = false;
    assert!(appender.append(b"b\nc\nd\n").unwrap_err().is_retriable());
    assert_eq!(content(&appender), "a\nb\nc\nd");
    assert!(appender.append(b"b\nc\nd\n").is_err());
    (appender.disk.truncate, appender.disk.room) = (true, 100);
    appender.append(b"b\nc\nd\n").unwrap();
    assert_eq!(content(&appender), "a\nb\nc\nd\n");
}

#[test]
fn lines_of_other_writers_are_not_taken_back() {
    let mut appender = appender("a\n", 7);
    appender.disk.truncate = false;
    assert!(appender.append(b"b\nc\nd\n").is_err());
    // Another task repairs the end before it writes.
    appender.disk = Small { bytes: b"a\nb\nc\nother\n".to_vec(), room: 100, truncate: true, sync: true };
    appender.append(b"b\nc\nd\n").unwrap();
    assert_eq!(content(&appender), "a\nb\nc\nother\nb\nc\nd\n");
}

#[test]
fn a_writer_that_died_beside_leaves_no_torn_line() {
    let mut appender = appender("a\n", 100);
    appender.append(b"b\n").unwrap();
    appender.disk.bytes.extend_from_slice(b"c\nto");
    appender.append(b"d\n").unwrap();
    assert_eq!(content(&appender), "a\nb\nc\nd\n");
}

#[test]
fn after_a_failed_sync_nothing_is_believed() {
    let mut appender = appender("", 100);
    appender.append(b"a\n").unwrap();
    appender.disk.sync = false;
    assert_eq!(appender.sync().unwrap_err().kind(), ErrorKind::Fatal);
    appender.disk.sync = true;
    assert_eq!(appender.sync().unwrap_err().kind(), ErrorKind::Fatal);
    assert_eq!(appender.append(b"b\n").unwrap_err().kind(), ErrorKind::Fatal);
}
