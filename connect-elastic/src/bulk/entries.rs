//! Many actions, in pages of one size: a list that grows in one piece has room for twice what is in it.

use super::batch::Entry;

/// Actions on a page.
const PAGE: usize = 256;

/// The actions of a body in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    /// All but the last are full.
    pages: Vec<Vec<Entry>>,
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        self.pages.last().map_or(0, |last| (self.pages.len() - 1) * PAGE + last.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        match self.pages.last_mut() {
            Some(last) if last.len() < PAGE => last.push(entry),
            _ => {
                let mut page = Vec::with_capacity(PAGE);
                page.push(entry);
                self.pages.push(page);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.pages.iter().flatten()
    }

    /// The first so many, and what follows them.
    pub(super) fn split(self, at: usize) -> [Self; 2] {
        let mut entries = self.into_iter();
        [entries.by_ref().take(at).collect(), entries.collect()]
    }
}

impl IntoIterator for Entries {
    type Item = Entry;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<Entry>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.pages.into_iter().flatten()
    }
}

impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        entries.into_iter().fold(Self::default(), |mut all, entry| {
            all.push(entry);
            all
        })
    }
}
