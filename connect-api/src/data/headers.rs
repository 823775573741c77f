//! Record headers.

use std::sync::Arc;

use super::Datum;

/// A header: a key, which others may have too, and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The key.
    pub key: Arc<str>,
    /// The value with its schema.
    pub value: Datum,
}

/// The headers of a record: ordered, the same key as often as one likes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// No headers.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header at the end.
    pub fn add(&mut self, key: impl Into<Arc<str>>, value: impl Into<Datum>) {
        self.0.push(Header { key: key.into(), value: value.into() });
    }

    /// The value of the last header of this key.
    #[must_use]
    pub fn last(&self, key: &str) -> Option<&Datum> {
        self.0.iter().rfind(|header| &*header.key == key).map(|header| &header.value)
    }

    /// The values of all headers of this key, in order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Datum> {
        self.0.iter().filter(move |header| &*header.key == key).map(|header| &header.value)
    }

    /// Removes all headers of this key; says how many there were.
    pub fn remove(&mut self, key: &str) -> usize {
        let before = self.0.len();
        self.0.retain(|header| &*header.key != key);
        before - self.0.len()
    }

    /// Of the headers of this key keeps the last one.
    pub fn retain_latest(&mut self, key: &str) {
        if let Some(last) = self.0.iter().rposition(|header| &*header.key == key) {
            let mut index = 0;
            self.0.retain(|header| {
                let keep = index == last || &*header.key != key;
                index += 1;
                keep
            });
        }
    }

    /// Changes each header, or removes it where `change` answers `None`.
    pub fn apply(&mut self, change: impl FnMut(Header) -> Option<Header>) {
        self.0 = std::mem::take(&mut self.0).into_iter().filter_map(change).collect();
    }

    /// The headers in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Header> for Headers {
    fn from_iter<I: IntoIterator<Item = Header>>(headers: I) -> Self {
        Self(headers.into_iter().collect())
    }
}
