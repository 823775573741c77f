//! Caches of schemas: by text for reading, by address and by content for writing.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use connect_api::{Result, Schema};

/// Keeps about so many entries, those used of late. Two generations do it with no list to maintain: when the
/// young one is half of the capacity it becomes the old one, and what was old and not used since is dropped.
#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
}

impl<K: Eq + Hash, V: Clone> Generations<K, V> {
    fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: capacity.div_ceil(2) }
    }

    fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = self.old.remove_entry(key)?;
        self.insert(key, value.clone());
        Some(value)
    }

    fn insert(&mut self, key: K, value: V) {
        if self.half == 0 {
            return;
        }
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

/// What a panic elsewhere left is whole: an entry is inserted by one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Texts of schemas.
#[derive(Debug)]
pub(super) struct Texts(Mutex<TextCaches>);

#[derive(Debug)]
struct TextCaches {
    /// The schema is kept, so that no other one gets its address.
    by_address: Generations<usize, (Arc<Schema>, Bytes)>,
    /// For sources that make their schema anew for each record.
    by_content: Generations<Arc<Schema>, Bytes>,
}

impl Texts {
    pub(super) fn new(capacity: usize) -> Self {
        let (by_address, by_content) = (Generations::new(capacity), Generations::new(capacity));
        Self(Mutex::new(TextCaches { by_address, by_content }))
    }

    /// The text of the schema, written if it is not known.
    pub(super) fn of(&self, schema: &Arc<Schema>, write: impl FnOnce() -> Result<Bytes>) -> Result<Bytes> {
        let address = Arc::as_ptr(schema).addr();
        let mut caches = lock(&self.0);
        if let Some((_, text)) = caches.by_address.get(&address) {
            return Ok(text);
        }
        let text = match caches.by_content.get(schema) {
            Some(text) => text,
            None => {
                let text = write()?;
                caches.by_content.insert(Arc::clone(schema), text.clone());
                text
            }
        };
        caches.by_address.insert(address, (Arc::clone(schema), text.clone()));
        Ok(text)
    }
}

/// Schemas of texts.
#[derive(Debug)]
pub(super) struct Schemas(Mutex<SchemaCache>);

#[derive(Debug)]
struct SchemaCache {
    /// The last one: most topics have one schema, and comparing is faster than hashing, and than finding out
    /// where the text of the schema ends.
    last: Option<(Arc<str>, Arc<Schema>)>,
    all: Generations<Arc<str>, (Arc<str>, Arc<Schema>)>,
}

impl Schemas {
    pub(super) fn new(capacity: usize) -> Self {
        Self(Mutex::new(SchemaCache { last: None, all: Generations::new(capacity) }))
    }

    /// The last schema and the length of its text, if that is what `text` begins with.
    pub(super) fn last(&self, text: &str) -> Option<(usize, Arc<Schema>)> {
        let cache = lock(&self.0);
        let (known, schema) = cache.last.as_ref()?;
        text.starts_with(&**known).then(|| (known.len(), Arc::clone(schema)))
    }

    /// The schema of a text, the text of a JSON object; read if it is not known.
    pub(super) fn of(&self, text: &str, read: impl FnOnce() -> Result<Arc<Schema>>) -> Result<Arc<Schema>> {
        let mut cache = lock(&self.0);
        if cache.all.half == 0 {
            return read();
        }
        let known = match cache.all.get(text) {
            Some(known) => known,
            None => {
                let key = Arc::<str>::from(text);
                let known = (Arc::clone(&key), read()?);
                cache.all.insert(key, known.clone());
                known
            }
        };
        let schema = Arc::clone(&known.1);
        cache.last = Some(known);
        Ok(schema)
    }
}

#[cfg(test)]
mod tests;
