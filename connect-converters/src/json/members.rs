//! The entries of a map that is being read.

use std::collections::HashMap;

use connect_api::Value;

/// Up to so many entries are searched one by one, which is faster than hashing.
const FEW: usize = 16;

/// Entries in order; of a key that comes again the last value counts, at the first place.
#[derive(Debug, Default)]
pub(super) struct Members {
    entries: Vec<(Value, Value)>,
    /// Where the keys are; empty while there are few.
    places: HashMap<Value, usize>,
    /// A bit for each key, by its length and three letters: a key whose bit is not set is new.
    seen: u64,
}

impl Members {
    /// Has room for so many, within reason.
    pub(super) fn with_capacity(expected: usize) -> Self {
        Self { entries: Vec::with_capacity(expected.min(FEW)), ..Self::default() }
    }

    pub(super) fn put(&mut self, key: Value, value: Value) {
        let bit = bit(&key);
        let new = self.seen & bit == 0;
        self.seen |= bit;
        let place = if new {
            None
        } else if self.places.is_empty() {
            self.entries.iter().position(|(known, _)| *known == key)
        } else {
            self.places.get(&key).copied()
        };
        if let Some(place) = place {
            self.entries[place].1 = value;
            return;
        }
        if !self.places.is_empty() {
            self.places.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, value));
        if self.places.is_empty() && self.entries.len() > FEW {
            let places = self.entries.iter().enumerate().map(|(place, (key, _))| (key.clone(), place));
            self.places = places.collect();
        }
    }
}

/// Keys that are equal have the same bit.
fn bit(key: &Value) -> u64 {
    let text = key.as_str().unwrap_or_default().as_bytes();
    let at = |place: usize| text.get(place).map_or(0, |byte| u64::from(*byte));
    let (middle, last) = (text.len() / 2, text.len().wrapping_sub(1));
    let mixed = at(0) | at(middle) << 8 | at(last) << 16 | (text.len() as u64) << 24;
    // The high bits depend on all of it.
    1 << (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

impl From<Members> for Value {
    fn from(mut members: Members) -> Self {
        // Small objects inside of a large message had room for more than they have.
        members.entries.shrink_to_fit();
        members.entries.into()
    }
}
