//! Maps without a schema, and how they are changed: where they stand when nobody else has them, else as copies.
//!
//! What is here cannot fail, or changes nothing when it does: a transform finds out first what becomes of a map.

use std::collections::HashMap;
use std::mem::take;
use std::sync::Arc;

use connect_api::{Result, Value};

use crate::parts::{at_field, not_inside};
use crate::path_tree::{PathTree, Work};

/// What a map holds.
pub(crate) type Map = Arc<[(Value, Value)]>;

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

/// The entries, to change them where they stand.
pub(crate) fn entries_mut(map: &mut Map) -> &mut [(Value, Value)] {
    Arc::make_mut(map)
}

/// Puts entries behind those of a map.
pub(crate) fn append(map: &mut Map, more: Vec<(Value, Value)>) {
    // Of known length, so that these allocate once.
    match Arc::get_mut(map) {
        _ if more.is_empty() => {}
        Some(own) => *map = own.iter_mut().map(take).chain(more).collect(),
        None => *map = map.iter().cloned().chain(more).collect(),
    }
}

/// Leaves the first entries of a map, so many.
fn truncate(map: &mut Map, len: usize) {
    if len < map.len() {
        *map = entries_mut(map)[..len].iter_mut().map(take).collect();
    }
}

/// Leaves the entries whose keys stay.
pub(crate) fn retain(map: &mut Map, stays: impl Fn(&Value) -> bool) {
    let Some(first) = map.iter().position(|(key, _)| !stays(key)) else { return };
    let entries = entries_mut(map);
    let mut kept = first;
    for at in first + 1..entries.len() {
        if stays(&entries[at].0) {
            entries.swap(kept, at);
            kept += 1;
        }
    }
    truncate(map, kept);
}

/// Puts entries into a map: each at the last place of its text key, or behind all others.
pub(crate) fn put_all(map: &mut Map, mut more: Vec<(Value, Value)>) {
    more.retain_mut(|(key, value)| {
        let place = key.as_str().and_then(|name| position(map, name));
        if let Some(place) = place {
            entries_mut(map)[place].1 = take(value);
        }
        place.is_none()
    });
    append(map, more);
}

/// Goes through the entries of a map, without copying them when nobody else has them.
pub(crate) fn for_each(mut map: Map, mut work: impl FnMut(Value, Value)) {
    match Arc::get_mut(&mut map) {
        Some(own) => own.iter_mut().map(take).for_each(|(key, value)| work(key, value)),
        None => map.iter().cloned().for_each(|(key, value)| work(key, value)),
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
    let entries = entries_mut(map);
    let mut more = Vec::new();
    for change in changes {
        match change {
            Change::At(place, value) => entries[place].1 = value,
            Change::New(name, value) => more.push((Arc::clone(name).into(), value)),
            Change::Inside(place, changes) => {
                if let Value::Map(inner) = &mut entries[place].1 {
                    apply(inner, changes);
                }
            }
        }
    }
    append(map, more);
}

/// Leaves entries out of a map and gives others new keys. What `work` says of the key of an entry, which may change the
/// value: whether it stays, and its new key. Of a key that comes again the last value counts, at the first place.
pub(crate) fn rekey(map: &mut Map, mut work: impl FnMut(&Value, &mut Value) -> Option<Option<Value>>) {
    let entries = entries_mut(map);
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
    truncate(map, kept);
}

/// Beyond so many entries a map under construction is indexed.
const INDEXED: usize = 16;

/// Where the keys of a map under construction are.
#[derive(Debug, Default)]
struct Places {
    /// A bit for each key, by its length and ends: a key whose bit is not set is new.
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
    let end = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
    1 << ((text.len() ^ end(text.first()) ^ (end(text.last()) << 2)) & 63)
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
