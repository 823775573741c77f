//! What several tests need.

use std::future::ready;
use std::sync::{Arc, Mutex};

use connect_api::{Delivery, Error, Result, SinkConnector, SinkRecord, Value};
use connect_runtime::{ErrorOptions, SinkOptions, sink_fn};

/// What a sink was given, put by put.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Vec<String>>>>);

impl Seen {
    pub(crate) fn note(&self, records: &[SinkRecord]) {
        self.0.lock().unwrap().push(records.iter().map(|record| record.value.value.to_string()).collect());
    }

    pub(crate) fn puts(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// How many records each put brought.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.0.lock().unwrap().iter().map(Vec::len).collect()
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().flatten().cloned().collect()
    }

    /// Takes everything as delivered.
    pub(crate) fn take(&self, records: &[SinkRecord]) -> Result<Delivery> {
        self.note(records);
        Ok(Delivery::Durable)
    }

    /// A sink that takes everything.
    pub(crate) fn taking(&self) -> impl SinkConnector<Config = ()> {
        self.sink(Self::take)
    }

    /// A sink whose `put` this is.
    pub(crate) fn sink<P>(&self, put: P) -> impl SinkConnector<Config = ()>
    where
        P: Fn(&Self, &[SinkRecord]) -> Result<Delivery> + Send + Sync + 'static,
    {
        let seen = self.clone();
        sink_fn(move |records: Vec<SinkRecord>| ready(put(&seen, &records)))
    }
}

/// `0`, `1`, ... `count - 1` as text.
pub(crate) fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

pub(crate) fn is_bad(record: &SinkRecord) -> bool {
    matches!(&record.value.value, Value::String(text) if text.starts_with("bad"))
}

/// Refuses a batch with a bad record as a whole, without saying which.
pub(crate) fn refuse_bad(records: &[SinkRecord]) -> Result<()> {
    if records.iter().any(is_bad) { Err(Error::data("the target refused the batch")) } else { Ok(()) }
}

pub(crate) fn tolerant() -> ErrorOptions {
    ErrorOptions {
        tolerate: true,
        dead_letters: Some("dlq".into()),
        dead_letter_replication: 1,
        dead_letter_headers: true,
        ..ErrorOptions::default()
    }
}

pub(crate) fn sink(topic: &str) -> SinkOptions {
    SinkOptions::new("sink", [topic])
}
