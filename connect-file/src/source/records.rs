//! Lines into records.

use std::sync::Arc;

use connect_api::{Datum, Error, OffsetMap, Record, Result, Schema, SourceRecord, Type};

use super::config::{EncodingErrors, FileStreamSourceConfig};
use super::offset;
use super::splitter::{BadLine, Limits, Span, Splitter};

/// Makes the records of one input.
#[derive(Debug)]
pub(super) struct Records {
    /// What the input is called in messages.
    name: Arc<str>,
    topic: Arc<str>,
    /// One schema and one partition for all records: their readers know them by their address.
    schema: Arc<Schema>,
    partition: Arc<OffsetMap>,
    has_positions: bool,
    batch_size: usize,
    max_line_bytes: usize,
    /// Lines of the batch at hand; kept for its memory.
    spans: Vec<Span>,
}

impl Records {
    pub(super) fn new(config: &FileStreamSourceConfig) -> Self {
        let file = config.file();
        Self {
            name: file.unwrap_or("standard input").into(),
            topic: config.topic.as_str().into(),
            schema: Schema::required(Type::String),
            partition: Arc::new(offset::partition(file)),
            has_positions: file.is_some(),
            // Both were checked to be at least 1, and an i32 fits everywhere tokio runs.
            batch_size: usize::try_from(config.batch_size).unwrap_or(1),
            max_line_bytes: limits(config).max,
            spans: Vec::new(),
        }
    }

    /// The complete lines in the buffer, up to a batch.
    pub(super) fn take(&mut self, splitter: &mut Splitter) -> Result<Vec<SourceRecord>> {
        self.spans.clear();
        let mut bad = None;
        while self.spans.len() < self.batch_size {
            match splitter.next_line() {
                Ok(Some(span)) => self.spans.push(span),
                Ok(None) => break,
                Err(line) => {
                    bad = Some(line);
                    break;
                }
            }
        }
        self.warn(splitter);
        match bad {
            // The good lines first. The bad one stays, and is told by the next call.
            Some(line) if self.spans.is_empty() => Err(self.error(line)),
            _ => Ok(self.spans.iter().map(|span| self.record(splitter, span)).collect()),
        }
    }

    /// The line at the end that has no terminator, if there is one.
    pub(super) fn finish(&mut self, splitter: &mut Splitter) -> Result<Vec<SourceRecord>> {
        let span = splitter.finish().map_err(|line| self.error(line))?;
        self.warn(splitter);
        Ok(span.iter().map(|span| self.record(splitter, span)).collect())
    }

    fn record(&self, splitter: &Splitter, span: &Span) -> SourceRecord {
        let bytes = splitter.text(span);
        let text: Arc<str> = match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            // Strict lines were checked by the splitter.
            Err(_) => String::from_utf8_lossy(bytes).into(),
        };
        // No timestamp: Java sets the present time here, the producer sets it otherwise, and the difference is
        // not worth a clock.
        let record = Record::new(Arc::clone(&self.topic), Datum::new(Arc::clone(&self.schema), text));
        let offset = if self.has_positions { offset::offset(span.next) } else { offset::no_offset() };
        SourceRecord::new(record, Arc::clone(&self.partition), offset)
    }

    fn warn(&self, splitter: &mut Splitter) {
        let lines = splitter.take_too_long();
        if lines > 0 {
            let (input, max) = (&*self.name, self.max_line_bytes);
            tracing::warn!(input, lines, max, "lines longer than max.line.bytes were truncated or skipped");
        }
    }

    fn error(&self, line: BadLine) -> Error {
        let (name, max) = (&self.name, self.max_line_bytes);
        Error::fatal(match line {
            BadLine::TooLong { start } => format!(
                "the line at byte {start} of {name} is longer than max.line.bytes={max}; raise it, or set \
                 line.too.long to truncate or skip"
            ),
            BadLine::NotUtf8 { at } => {
                format!("byte {at} of {name} is not UTF-8; set encoding.errors to replace to have U+FFFD in its place")
            }
        })
    }
}

/// What the config says of lines.
pub(super) fn limits(config: &FileStreamSourceConfig) -> Limits {
    Limits {
        max: usize::try_from(config.max_line_bytes).unwrap_or(1),
        too_long: config.line_too_long,
        strict: config.encoding_errors == EncodingErrors::Fail,
    }
}
