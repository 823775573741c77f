//! What is kept of an answer's body.

use bytes::{Bytes, BytesMut};

/// How much of a body is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    All,
    /// Of one in whose first [`HEAD`] bytes this text stands: these bytes and the last. Such an answer says for each
    /// document that all is well, and is longer than all others.
    HeadOf(&'static [u8]),
}

/// Bytes that decide.
pub(crate) const HEAD: usize = 64;

/// A body that is being read.
#[derive(Debug)]
pub(super) struct Kept {
    keep: Keep,
    first: Bytes,
    all: BytesMut,
    last: Option<u8>,
}

impl Kept {
    pub(super) fn new(keep: Keep) -> Self {
        Self { keep, first: Bytes::new(), all: BytesMut::new(), last: None }
    }

    pub(super) fn add(&mut self, data: Bytes) {
        if data.is_empty() {
            return;
        }
        if self.last.is_some() {
            self.last = data.last().copied();
            return;
        }
        if self.first.is_empty() && self.all.is_empty() {
            self.first = data;
        } else {
            if self.all.is_empty() {
                self.all.extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.all.extend_from_slice(&data);
        }
        let so_far: &[u8] = if self.all.is_empty() { &self.first } else { &self.all };
        let Keep::HeadOf(text) = self.keep else { return };
        let Some((head, rest)) = so_far.split_at_checked(HEAD) else { return };
        if memchr::memmem::find(head, text).is_none() {
            self.keep = Keep::All;
        } else if let Some(last) = rest.last() {
            self.last = Some(*last);
            // A copy, so that nothing of the connection's room is held.
            self.all = BytesMut::from(head);
            self.first = Bytes::new();
        }
    }

    pub(super) fn finish(mut self) -> Bytes {
        self.all.extend(self.last);
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}
