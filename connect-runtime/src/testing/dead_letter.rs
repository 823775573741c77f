//! What a dead letter queue holds.

use bytes::Bytes;
use connect_kafka::batch::FetchedRecord;

/// A record of a dead letter queue: the bytes of the record that failed, and headers that tell why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The key.
    pub key: Option<Bytes>,
    /// The value.
    pub value: Option<Bytes>,
    /// The record's own headers, and after them those that start with `__connect.errors.` when
    /// `errors.deadletterqueue.context.headers.enable` is on.
    pub headers: Vec<(String, Option<Bytes>)>,
}

impl DeadLetter {
    pub(super) fn new(record: FetchedRecord) -> Self {
        let text = |bytes: Bytes| String::from_utf8_lossy(&bytes).into_owned();
        let headers = record.headers.into_iter().map(|(name, value)| (text(name), value)).collect();
        Self { key: record.key, value: record.value, headers }
    }

    /// The value as text; empty for none.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.value.as_deref().unwrap_or_default()).into_owned()
    }

    /// The last header of this name as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().rfind(|(key, _)| key == name)?;
        Some(String::from_utf8_lossy(value.as_deref()?).into_owned())
    }

    /// The message of the error, if the queue has context headers.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        self.header("__connect.errors.exception.message")
    }

    /// Where it failed, such as `TASK_PUT`, if the queue has context headers.
    #[must_use]
    pub fn stage(&self) -> Option<String> {
        self.header("__connect.errors.stage")
    }
}
