//! What a store knows, indexed by connector and partition.
//!
//! Java finds an offset by the exact bytes of its key, and those follow whatever order a Java map had. So the table
//! finds partitions by equality but remembers the keys seen, and writes under these again: a Java worker that takes
//! over finds its offsets.

use std::collections::BTreeMap;

use bytes::Bytes;
use connect_api::{Error, OffsetMap, Result};
use tracing::warn;

use super::json;

/// A key and the value that it has or gets; no value is a tombstone.
pub(super) type Entry = (Bytes, Option<Bytes>);

/// What a table remembers beyond partitions that have offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Forgotten partitions and keys that are no offset keys too, to write them back.
    Everything,
    /// Nothing, so that a table does not grow with partitions that come and go.
    Live,
}

#[derive(Debug)]
pub(super) struct Table {
    keep: Keep,
    connectors: BTreeMap<String, BTreeMap<String, Slot>>,
    unknown: BTreeMap<Bytes, Option<Bytes>>,
}

/// One partition.
#[derive(Debug)]
struct Slot {
    partition: OffsetMap,
    /// At least one. Several when the partition was written with its entries in different orders.
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    raw: Bytes,
    value: Option<Bytes>,
    timestamp: i64,
}

impl Slot {
    /// The newest value. Of equally old ones the last one read, but a value rather than none.
    fn value(&self) -> Option<&Bytes> {
        self.keys.iter().max_by_key(|key| (key.timestamp, key.value.is_some()))?.value.as_ref()
    }

    fn offset(&self, connector: &str) -> Result<Option<OffsetMap>> {
        let Some(value) = self.value() else { return Ok(None) };
        match json::parse_value(value) {
            Ok(offset) => Ok((!offset.is_null()).then_some(offset)),
            Err(error) => Err(Error::data(format!(
                "the stored offset of partition {} of connector {connector:?} cannot be read: {error}",
                self.partition
            ))),
        }
    }
}

impl Table {
    pub(super) fn new(keep: Keep) -> Self {
        Self { keep, connectors: BTreeMap::new(), unknown: BTreeMap::new() }
    }

    /// Takes over what a key has now. `timestamp` decides between keys of one partition.
    pub(super) fn apply(&mut self, (raw, value): Entry, timestamp: i64) {
        let (connector, partition) = match json::parse_key(&raw) {
            Ok(parsed) => parsed,
            Err(error) => {
                warn!(key = %raw.escape_ascii(), error, "ignoring an offset key in an unexpected format");
                if self.keep == Keep::Everything {
                    self.unknown.insert(raw, value);
                }
                return;
            }
        };
        let partitions = self.connectors.entry(connector.clone()).or_default();
        let identity = json::identity(&partition);
        let slot = partitions.entry(identity.clone()).or_insert_with(|| Slot { partition, keys: Vec::new() });
        // The last one applied stands last, which decides between equally old ones.
        slot.keys.retain(|key| key.raw != raw);
        slot.keys.push(Key { raw, value, timestamp });
        if self.keep == Keep::Live && slot.keys.iter().all(|key| key.value.is_none()) {
            partitions.remove(&identity);
            if partitions.is_empty() {
                self.connectors.remove(&connector);
            }
        }
    }

    /// What has to be written to store these offsets: each partition under every key known for it, so that whoever
    /// reads by key bytes finds the same, and a new partition under a key of its own order.
    ///
    /// # Errors
    /// A map that cannot be stored.
    pub(super) fn plan(&self, connector: &str, offsets: Vec<(OffsetMap, Option<OffsetMap>)>) -> Result<Vec<Entry>> {
        let mut last = BTreeMap::new();
        for (partition, offset) in offsets {
            partition.validate().map_err(|error| error.context("source partition"))?;
            let offset = offset.unwrap_or(OffsetMap::NULL);
            offset.validate().map_err(|error| error.context("source offset"))?;
            last.insert(json::identity(&partition), (partition, offset));
        }
        let known = self.connectors.get(connector);
        let mut entries = Vec::with_capacity(last.len());
        for (identity, (partition, offset)) in last {
            let value = json::value(&offset).map(Bytes::from);
            match known.and_then(|known| known.get(&identity)) {
                Some(slot) => entries.extend(slot.keys.iter().map(|key| (key.raw.clone(), value.clone()))),
                None => entries.push((json::key(connector, &partition).into(), value)),
            }
        }
        Ok(entries)
    }

    pub(super) fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        let known = self.connectors.get(connector);
        let slot = |partition| known.and_then(|known| known.get(&json::identity(partition)));
        partitions.iter().map(|partition| slot(partition).map_or(Ok(None), |slot| slot.offset(connector))).collect()
    }

    pub(super) fn all(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        let slots = self.connectors.get(connector).into_iter().flat_map(BTreeMap::values);
        slots
            .filter_map(|slot| Some(slot.offset(connector).transpose()?.map(|offset| (slot.partition.clone(), offset))))
            .collect()
    }

    /// Every key with its value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Bytes, Option<&Bytes>)> {
        let slots = self.connectors.values().flat_map(BTreeMap::values);
        let known = slots.flat_map(|slot| &slot.keys).map(|key| (&key.raw, key.value.as_ref()));
        known.chain(self.unknown.iter().map(|(raw, value)| (raw, value.as_ref())))
    }
}
