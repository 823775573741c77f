//! Maps without a schema, and how they are changed: where they stand when nobody else has them, else as copies.

use std::collections::HashMap;
use std::mem::take;
use std::sync::Arc;

use connect_api::{Result, Value};

use crate::parts::{at_field, not_inside};
use crate::path_tree::{PathTree, Work};

/// What a map holds.
pub(crate) type Map = Arc<Vec<(Value, Value)>>;

/// Where in a map a text key is; the last one counts.
pub(crate) fn position(entries: &[(Value, Value)], name: &str) -> Option<usize> {
    entries.iter().rposition(|(key, _)| key.as_str() == Some(name))
}

/// Puts an entry into a map, where [`position`] found its key.
pub(crate) fn put(entries: &mut Vec<(Value, Value)>, place: Option<usize>, name: &Arc<str>, value: Value) {
    match place {
        Some(index) => entries[index].1 = value,
        None => entries.push((Arc::clone(name).into(), value)),
    }
}

/// What becomes of a field of a map.
enum Change<'a> {
    At(usize, Value),
    New(&'a Arc<str>, Value),
    Inside(usize, Vec<Change<'a>>),
}

/// Changes fields of a map, and of maps in it. One that is absent is changed as null is, as in Java; nothing is done
/// inside of a null.
///
/// # Errors
/// Those of `change`, and a data error when a path leads into what is no map; both name the field. The map is as it was.
pub(crate) fn change<T>(
    map: &mut Map,
    fields: &PathTree<T>,
    change: &impl Fn(&T, &Value) -> Result<Value>,
) -> Result<()> {
    apply(map, changes(map, fields, change)?);
    Ok(())
}

fn changes<'a, T>(
    entries: &[(Value, Value)],
    fields: &'a PathTree<T>,
    change: &impl Fn(&T, &Value) -> Result<Value>,
) -> Result<Vec<Change<'a>>> {
    let mut found = Vec::with_capacity(fields.nodes().len());
    for field in fields.nodes() {
        let place = position(entries, &field.name).map(|place| (place, &entries[place].1));
        let changed = match (&field.work, place) {
            (Work::Here(how), Some((place, old))) => change(how, old).map(|new| Change::At(place, new)),
            (Work::Here(how), None) => change(how, &Value::Null).map(|new| Change::New(&field.name, new)),
            (Work::Inside(_), None | Some((_, Value::Null))) => continue,
            (Work::Inside(inside), Some((place, Value::Map(inner)))) => {
                changes(inner, inside, change).map(|changes| Change::Inside(place, changes))
            }
            (Work::Inside(_), Some((_, other))) => Err(not_inside(other.kind(), "map")),
        };
        found.push(changed.map_err(at_field(&field.name))?);
    }
    Ok(found)
}

fn apply(map: &mut Map, changes: Vec<Change<'_>>) {
    if changes.is_empty() {
        return;
    }
    let entries = Arc::make_mut(map);
    for change in changes {
        match change {
            Change::At(place, value) => entries[place].1 = value,
            Change::New(name, value) => entries.push((Arc::clone(name).into(), value)),
            Change::Inside(place, changes) => {
                if let Value::Map(inner) = &mut entries[place].1 {
                    apply(inner, changes);
                }
            }
        }
    }
}

/// Leaves entries out of a map and gives others new keys. What `work` says of the key of an entry, which may change the
/// value: whether it stays, and its new key. Of a key that comes again the last value counts, at the first place.
pub(crate) fn rekey(map: &mut Map, mut work: impl FnMut(&Value, &mut Value) -> Option<Option<Value>>) {
    let entries = Arc::make_mut(map);
    let mut places = Places::default();
    let mut kept = 0;
    for at in 0..entries.len() {
        let (before, rest) = entries.split_at_mut(at);
        let (key, value) = &mut rest[0];
        let Some(new) = work(key, value) else { continue };
        if let Some(new) = new {
            *key = new;
        }
        match places.find(&before[..kept], key) {
            Some(place) => before[place].1 = take(value),
            None => {
                entries.swap(kept, at);
                kept += 1;
            }
        }
    }
    entries.truncate(kept);
}

/// Beyond so many entries a map under construction is indexed.
const INDEXED: usize = 16;

/// Where the keys of a map under construction are.
#[derive(Debug, Default)]
struct Places {
    /// A bit for each key, by its length and three letters: a key whose bit is not set is new.
    seen: u64,
    /// Empty while there are few.
    index: HashMap<Value, usize>,
}

impl Places {
    /// Where the key is among the entries; a new one is to be put behind them.
    fn find(&mut self, entries: &[(Value, Value)], key: &Value) -> Option<usize> {
        let bit = bit(key);
        let new = self.seen & bit == 0;
        self.seen |= bit;
        if entries.len() < INDEXED {
            return if new { None } else { entries.iter().position(|(known, _)| known == key) };
        }
        if self.index.is_empty() {
            self.index = entries.iter().enumerate().map(|(place, (key, _))| (key.clone(), place)).collect();
        }
        let next = entries.len();
        Some(*self.index.entry(key.clone()).or_insert(next)).filter(|place| *place < next)
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

/// A map under construction, in which any key may come again.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    entries: Vec<(Value, Value)>,
    places: Places,
}

impl Entries {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { entries: Vec::with_capacity(capacity), places: Places::default() }
    }

    /// Puts an entry; the one of the same key is replaced where it stands.
    pub(crate) fn put(&mut self, key: Value, value: Value) {
        match self.places.find(&self.entries, &key) {
            Some(place) => self.entries[place].1 = value,
            None => self.entries.push((key, value)),
        }
    }

    pub(crate) fn into_value(self) -> Value {
        self.entries.into()
    }
}
