//! Standard input and output, with pipes in their place.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use connect_api::{Delivery, OffsetMap, SinkConnector, SinkTask, SourceConnector, SourceTask, Value};
use connect_file::{FileStreamSink, FileStreamSinkConfig, FileStreamSource, FileStreamSourceConfig};
use connect_runtime::testing::{sink_context, source_context};

use crate::records::{records, texts};

/// An input that waits for what the test sends, and ends when it drops the sender.
struct Typed(Receiver<&'static str>);

impl Read for Typed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Ok(text) = self.0.recv() else { return Ok(0) };
        buffer[..text.len()].copy_from_slice(text.as_bytes());
        Ok(text.len())
    }
}

#[tokio::test]
async fn tasks_take_turns_and_lose_nothing() {
    let (keyboard, typed) = channel();
    let source = FileStreamSource::with_stdin(Typed(typed));
    let mut config = FileStreamSourceConfig::new("topic");
    config.batch_size = 1;
    let mut task = source.task(&config, (), source_context("lines", None)).await.unwrap();
    let busy = source.task(&config, (), source_context("lines", None)).await.err().unwrap();
    assert!(busy.is_retriable(), "{busy}");

    keyboard.send("a\nb\nc").unwrap();
    let mut got = Vec::new();
    while got.is_empty() {
        got = task.poll().await.unwrap();
    }
    assert_eq!(texts(&got), ["a"]);
    assert_eq!(*got[0].source_partition, OffsetMap::of("filename", Value::Null));
    assert_eq!(got[0].source_offset, OffsetMap::of("position", Value::Null));
    drop(task);

    let mut task = source.task(&config, (), source_context("lines", None)).await.unwrap();
    assert_eq!(texts(&task.poll().await.unwrap()), ["b"]);
    drop(keyboard);
    let mut rest = Vec::new();
    while task.is_idle() == Some(false) {
        rest.extend(task.poll().await.unwrap());
    }
    assert_eq!(texts(&rest), ["c"], "the end of the input ends the line");
}

/// An output that keeps what was written.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(b"(flush)");
        Ok(())
    }
}

#[tokio::test]
async fn a_sink_without_file_writes_to_standard_output() {
    let paper = Paper::default();
    let sink = FileStreamSink::with_stdout(paper.clone());
    let mut task = sink.task(&FileStreamSinkConfig::default(), sink_context("lines")).await.unwrap();
    assert_eq!(task.put(&records(["a", "b"])).await.unwrap(), Delivery::Buffered);
    task.flush().await.unwrap();
    assert_eq!(*paper.0.lock().unwrap(), b"a\nb\n(flush)");
}
