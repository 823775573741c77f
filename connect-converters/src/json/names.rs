//! Names of members, shared from one message to the next.

use std::borrow::Cow;
use std::sync::Arc;

/// So many names are kept, none longer than [`LONGEST`] bytes: a bound on what one strange message leaves behind.
const KEPT: usize = 256;
const LONGEST: usize = 64;

/// The names in the order in which the last message had them. The next message mostly has the same ones in the same
/// order; sharing one costs a comparison where making it would cost an allocation.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: Vec<Arc<str>>,
    next: usize,
}

impl Names {
    /// A message begins.
    pub(super) const fn restart(&mut self) {
        self.next = 0;
    }

    /// How many more names the last message had.
    pub(super) const fn expected(&self) -> usize {
        self.known.len().saturating_sub(self.next)
    }

    /// The name of the last message that is next, if it is what the text begins with, in quotes.
    pub(super) fn next_if(&mut self, text: &[u8]) -> Option<Arc<str>> {
        let known = self.known.get(self.next)?;
        let (name, rest) = text.strip_prefix(b"\"")?.split_at_checked(known.len())?;
        if name != known.as_bytes() || rest.first() != Some(&b'"') {
            return None;
        }
        self.next += 1;
        Some(Arc::clone(known))
    }

    /// The name that comes next.
    pub(super) fn share(&mut self, name: Cow<'_, str>) -> Arc<str> {
        let at = self.next;
        // One further on, for a member that is left out this time.
        for place in at..=at + 1 {
            if let Some(known) = self.known.get(place).filter(|known| ***known == *name) {
                self.next = place + 1;
                return Arc::clone(known);
            }
        }
        // One with escapes is not written as it is.
        let plain = matches!(name, Cow::Borrowed(_));
        let made: Arc<str> = name.into();
        if plain && made.len() <= LONGEST && at < KEPT {
            match self.known.get_mut(at) {
                Some(place) => *place = Arc::clone(&made),
                None => self.known.push(Arc::clone(&made)),
            }
            self.next = at + 1;
        }
        made
    }
}
