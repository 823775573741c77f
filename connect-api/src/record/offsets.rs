//! Places: of records in topics, and of records in the systems sources read.

use std::borrow::Cow;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::sync::Arc;

use crate::{Error, Result, Value};

/// A partition of a topic. Ordered by topic, then partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// Topic name.
    pub topic: Arc<str>,
    /// Partition number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Offsets of topic partitions: of each the offset of the **next** record to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offsets(BTreeMap<TopicPartition, i64>);

impl Offsets {
    /// No offsets.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets the offset of a partition.
    pub fn set(&mut self, partition: TopicPartition, next: i64) {
        self.0.insert(partition, next);
    }

    /// The offset of a partition.
    #[must_use]
    pub fn get(&self, partition: &TopicPartition) -> Option<i64> {
        self.0.get(partition).copied()
    }

    /// Forgets a partition.
    pub fn remove(&mut self, partition: &TopicPartition) {
        self.0.remove(partition);
    }

    /// Partitions with their offsets, sorted.
    pub fn iter(&self) -> btree_map::Iter<'_, TopicPartition, i64> {
        self.0.iter()
    }

    /// Of how many partitions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(TopicPartition, i64)> for Offsets {
    fn from_iter<I: IntoIterator<Item = (TopicPartition, i64)>>(offsets: I) -> Self {
        Self(offsets.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Offsets {
    type Item = (&'a TopicPartition, &'a i64);
    type IntoIter = btree_map::Iter<'a, TopicPartition, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A key of an [`OffsetMap`]: usually a literal.
pub type OffsetKey = Cow<'static, str>;

/// A source partition or a source offset: a flat map of names to plain values, kept in order.
///
/// Values are null, booleans, numbers, strings or bytes. They are stored as JSON, so that every integer reads
/// back as [`Value::Int64`], every float as [`Value::Float64`] and bytes as base64 text; [`get_i64`](Self::get_i64)
/// and [`get_str`](Self::get_str) read what was stored.
///
/// Two maps are equal when they have equal values under the same names, in any order; integers compare by value.
/// A map of one entry with a literal key, the usual offset, needs no allocation.
#[derive(Clone, Default)]
pub struct OffsetMap(Entries);

#[derive(Clone, Default)]
enum Entries {
    #[default]
    Null,
    One([(OffsetKey, Value); 1]),
    Many(Arc<[(OffsetKey, Value)]>),
}

impl OffsetMap {
    /// The null map: a source that has no partitions, or a record whose place cannot be told.
    pub const NULL: Self = Self(Entries::Null);

    /// A map of one entry.
    ///
    /// ```
    /// use connect_api::OffsetMap;
    /// let offset = OffsetMap::of("position", 42i64);
    /// assert_eq!(offset.get_i64("position"), Some(42));
    /// ```
    pub fn of(key: impl Into<OffsetKey>, value: impl Into<Value>) -> Self {
        Self(Entries::One([(key.into(), value.into())]))
    }

    /// A map of these entries, in this order.
    pub fn from_entries(entries: impl IntoIterator<Item = (OffsetKey, Value)>) -> Self {
        Self(Entries::Many(entries.into_iter().collect()))
    }

    /// The same map with one entry more.
    #[must_use]
    pub fn with(self, key: impl Into<OffsetKey>, value: impl Into<Value>) -> Self {
        let more = [(key.into(), value.into())];
        Self(match self.0 {
            Entries::Null => Entries::One(more),
            Entries::One(one) => Entries::Many(one.into_iter().chain(more).collect()),
            Entries::Many(many) => Entries::Many(many.iter().cloned().chain(more).collect()),
        })
    }

    /// Whether it is the null map.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.0, Entries::Null)
    }

    /// The entries in order; none for the null map.
    #[must_use]
    pub fn entries(&self) -> &[(OffsetKey, Value)] {
        match &self.0 {
            Entries::Null => &[],
            Entries::One(one) => one,
            Entries::Many(many) => many,
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of a name, if it is an integer.
    #[must_use]
    pub fn get_i64(&self, key: &str) -> Option<i64> {
        self.get(key)?.as_i64()
    }

    /// The value of a name, if it is a string.
    #[must_use]
    pub fn get_str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// Whether every value is one that can be stored.
    ///
    /// # Errors
    /// A data error that names the entry: arrays, maps, structs, decimals and instants cannot be stored, nor a
    /// float that is no number.
    pub fn validate(&self) -> Result<()> {
        for (key, value) in self.entries() {
            let storable = match value {
                Value::Float32(v) => v.is_finite(),
                Value::Float64(v) => v.is_finite(),
                Value::Decimal(_) | Value::Instant(_) | Value::Array(_) | Value::Map(_) | Value::Struct(_) => false,
                _ => true,
            };
            if !storable {
                return Err(Error::data(format!(
                    "a source partition or offset holds only null, booleans, finite numbers, strings and bytes; {key:?} is {} {value}",
                    value.kind()
                )));
            }
        }
        Ok(())
    }
}

impl PartialEq for OffsetMap {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.entries(), other.entries());
        let same = |a: &Value, b: &Value| match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        };
        self.is_null() == other.is_null()
            && a.len() == b.len()
            && a.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
    }
}

impl Eq for OffsetMap {}

impl fmt::Debug for OffsetMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for OffsetMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_null() {
            return f.write_str("null");
        }
        f.write_str("{")?;
        for (index, (key, value)) in self.entries().iter().enumerate() {
            write!(f, "{}{key}={value}", if index > 0 { ", " } else { "" })?;
        }
        f.write_str("}")
    }
}
