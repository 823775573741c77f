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
}

impl Members {
    pub(super) fn put(&mut self, key: Value, value: Value) {
        let place = if self.places.is_empty() {
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

impl From<Members> for Value {
    fn from(members: Members) -> Self {
        members.entries.into()
    }
}
