//! A body that is written.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// A body in one or more parts. Copies share their bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chunks {
    parts: Vec<Bytes>,
    len: usize,
}

impl Chunks {
    pub(super) fn new(parts: Vec<Bytes>) -> Self {
        let len = parts.iter().map(Bytes::len).sum();
        Self { parts, len }
    }

    /// How many bytes there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The parts in their order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().map(AsRef::as_ref)
    }

    /// The bytes from `start` to `end`, in one piece or more.
    pub(crate) fn slices(&self, start: usize, end: usize) -> impl Iterator<Item = &[u8]> {
        let mut at = 0;
        self.parts().filter_map(move |part| {
            let begin = at;
            at += part.len();
            let (from, to) = (start.max(begin), end.min(at));
            (from < to).then(|| &part[from - begin..to - begin])
        })
    }

    /// What is before `at`, which is no further than the end, and what follows.
    pub(crate) fn split(self, mut at: usize) -> [Self; 2] {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for mut part in self.parts {
            let before = part.split_to(at.min(part.len()));
            at -= before.len();
            first.extend(Some(before).filter(|part| !part.is_empty()));
            second.extend(Some(part).filter(|part| !part.is_empty()));
        }
        [Self::new(first), Self::new(second)]
    }

    /// The same as the body of an HTTP request.
    pub(crate) fn into_body(self) -> Stream {
        Stream { left: self.len as u64, parts: self.parts.into_iter() }
    }
}

impl From<Bytes> for Chunks {
    fn from(bytes: Bytes) -> Self {
        Self::new(Some(bytes).filter(|bytes| !bytes.is_empty()).into_iter().collect())
    }
}

/// A body on its way.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    parts: std::vec::IntoIter<Bytes>,
    left: u64,
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = self.parts.next();
        self.left -= part.as_ref().map_or(0, |part| part.len() as u64);
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
