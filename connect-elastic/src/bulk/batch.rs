//! The body of a request, and what stands where in it.

use std::sync::Arc;

use tokio::time::Instant;

use super::entries::Entries;
use super::tracker::Place;
use crate::body::{Chunks, Filling, Pool};
use crate::document::Kind;

/// A body of so many bytes gets no more, and the lines of one record have no more either.
pub(crate) const LONGEST: usize = 1 << 31;

/// From where to where something goes in a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

/// An action in a body. There are as many of them as documents, so they are small.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
    /// The server keeps what is newer.
    pub(crate) versioned: bool,
    /// Nobody else writes this document.
    pub(crate) own: bool,
    /// The same number for the same document, zero when there is no other.
    pub(crate) lane: u64,
    pub(crate) place: Place,
    pub(crate) index: Arc<String>,
}

impl Entry {
    /// Bytes that are held for it: its lines, itself, and its place among the offsets of its partition, for which there
    /// is room twice.
    pub(super) const fn held(&self) -> usize {
        self.span.len() + size_of::<Self>() + 2 * size_of::<i64>()
    }
}

/// Actions that wait for each other.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) body: Filling,
    pub(crate) entries: Entries,
    /// When the first of them came.
    pub(crate) since: Option<Instant>,
}

/// Actions that go to the server together.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) body: Chunks,
    pub(crate) entries: Entries,
}

impl Span {
    /// None ends behind two of the [longest](LONGEST) bodies.
    pub(super) fn new(start: usize, end: usize) -> Self {
        let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end) }
    }

    pub(super) const fn start(self) -> usize {
        self.start as usize
    }

    pub(super) const fn end(self) -> usize {
        self.end as usize
    }

    pub(super) const fn len(self) -> usize {
        self.end() - self.start()
    }
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What goes to the server.
    pub(super) fn finish(self) -> Request {
        Request { body: self.body.finish(), entries: self.entries }
    }
}

impl Request {
    /// The document of an entry, which must be of this request; none of a deletion.
    pub(super) fn document(&self, entry: &Entry) -> Option<String> {
        let lines = self.body.slices(entry.span.start(), entry.span.end()).collect::<Vec<_>>().concat();
        let (_, document) = lines.split_at(memchr::memchr(b'\n', &lines)? + 1);
        (!document.is_empty()).then(|| String::from_utf8_lossy(document.trim_ascii_end()).into_owned())
    }

    /// The bytes of these entries, which must be of this request.
    pub(super) fn only(&self, entries: impl IntoIterator<Item = Entry>, pool: &Pool) -> Self {
        let mut body = Filling::default();
        let entries = entries
            .into_iter()
            .map(|entry| {
                let start = body.len();
                self.body.slices(entry.span.start(), entry.span.end()).for_each(|bytes| body.add(bytes, pool));
                Entry { span: Span::new(start, body.len()), ..entry }
            })
            .collect();
        Self { body: body.finish(), entries }
    }

    /// The two halves. Entries of one document stay in order.
    pub(super) fn halves(self) -> [Self; 2] {
        let half = self.entries.len() / 2;
        let [first, second] = self.entries.split(half);
        let at = second.iter().next().map_or(self.body.len(), |entry| entry.span.start());
        let [body, rest] = self.body.split(at);
        let moved = |entry: Entry| Entry { span: Span::new(entry.span.start() - at, entry.span.end() - at), ..entry };
        [Self { body, entries: first }, Self { body: rest, entries: second.into_iter().map(moved).collect() }]
    }
}
