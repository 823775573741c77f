//! The store on fjall: a log-structured tree whose journal is synced once for each write.
//!
//! Two keyspaces: `batches` holds the batches' bytes, which fjall keeps apart from the tree, and `state`
//! everything small, the batches' headers among it, so that opening reads no data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode, UserValue};

use super::encode::{self as enc, batch_key, header_key};
use super::{Image, OnBatch, Store};
use crate::memory::EmbeddedOptions;
use crate::memory::state::change::{Change, LogId, TopicRecord};
use crate::memory::state::header::{BatchMeta, HEADER};
use crate::{BrokerError, Code, Result, TopicPartition};

/// Bytes of each keyspace that wait in memory to be sorted into the tree; the journal has them as well.
const MEMTABLE_BYTES: u64 = 4 << 20;
/// So many full ones may wait to be flushed before writes wait for them. fjall itself waits at four, in steps of
/// 100 ms.
const FULL_MEMTABLES: usize = 3;
/// fjall's least: so much journal is read at most when the store is opened.
const JOURNAL_BYTES: u64 = 64 << 20;
/// Small files, since space comes back by the file.
const BLOB_FILE_BYTES: u64 = 16 << 20;
/// A blob file with more deleted data than this part is rewritten.
const STALE_SHARE: f32 = 0.25;
/// Smaller batches stay in the tree.
const BLOB_LEAST_BYTES: u32 = 512;
/// fjall flushes, compacts and starts new memtables on these. With more than one, those that find a compaction
/// running spin until it ends; with one, a long compaction costs some memory.
const WORKERS: usize = 1;
/// So long at most a write waits for a flush.
const FLUSH_PATIENCE_MS: u32 = 2000;
/// Deletions written as one when a whole log goes.
const SWEEP: usize = 4096;

pub(super) struct FjallStore {
    directory: PathBuf,
    cache_bytes: usize,
    tables: Mutex<State>,
}

enum State {
    Open(Tables),
    /// After an error: fjall accepts no writes any more, so the next call opens anew.
    Failed,
    Closed,
}

#[derive(Clone)]
struct Tables {
    database: Database,
    /// Bytes of batches written since the last memtable was closed.
    unflushed: Arc<AtomicU64>,
    batches: Keyspace,
    state: Keyspace,
}

/// Changes as the store takes them: one value or deletion a key.
#[derive(Default)]
struct Writes {
    batches: BTreeMap<Vec<u8>, Option<Bytes>>,
    state: BTreeMap<Vec<u8>, Option<Bytes>>,
    dropped_logs: Vec<LogId>,
}

impl FjallStore {
    pub(super) fn open(directory: &Path, options: &EmbeddedOptions) -> Result<(Self, Image)> {
        let cache_bytes = options.store_cache_bytes;
        let store = Self { directory: directory.to_owned(), cache_bytes, tables: Mutex::new(State::Failed) };
        let tables = store.tables()?;
        let mut image = store.explain(tables.image())?;
        if image.cluster_id.is_empty() {
            image.cluster_id = format!("embedded-{:011x}", options.clock.now_ms());
            let mut writes = Writes::default();
            writes.state.insert(enc::CLUSTER_ID.to_vec(), Some(image.cluster_id.clone().into()));
            store.explain(tables.write(writes))?;
        }
        Ok((store, image))
    }

    /// Hands out every batch; drops the ones whose topic is gone.
    pub(super) fn each_batch(&self, on_batch: OnBatch<'_>) -> Result<()> {
        let tables = self.tables()?;
        let orphans = self.explain(tables.each_batch(on_batch))?;
        orphans.into_iter().try_for_each(|log| self.explain(tables.sweep(log)))
    }

    /// The open tables; opens them again if they failed.
    fn tables(&self) -> Result<Tables> {
        let mut state = self.lock();
        match &*state {
            State::Open(tables) => Ok(tables.clone()),
            State::Closed => Err(self.error("closed")),
            State::Failed => {
                let tables = self.explain(Tables::open(&self.directory, self.cache_bytes))?;
                *state = State::Open(tables.clone());
                Ok(tables)
            }
        }
    }

    /// Writes once; after an error of the store the next call opens it again.
    fn try_write(&self, changes: &[Change]) -> Result<fjall::Result<()>> {
        let tables = self.tables()?;
        let mut writes = Writes::default();
        for change in changes {
            self.explain(writes.add(change, &tables))?;
        }
        let dropped = std::mem::take(&mut writes.dropped_logs);
        let mut result = tables.write(writes);
        for log in dropped {
            result = result.and_then(|()| tables.sweep(log));
        }
        if result.is_err() {
            let mut state = self.lock();
            if matches!(*state, State::Open(_)) {
                *state = State::Failed;
            }
        }
        Ok(result)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn explain<T>(&self, result: fjall::Result<T>) -> Result<T> {
        result.map_err(|error| match error {
            fjall::Error::Locked => self.error("another broker has it open"),
            fjall::Error::Poisoned => self.error("a write in the background failed: the disk is full or broken"),
            other => self.error(&other.to_string()),
        })
    }

    fn error(&self, cause: &str) -> BrokerError {
        BrokerError::new(Code::StorageError, format!("broker directory {}: {cause}", self.directory.display()))
    }
}

impl Store for FjallStore {
    fn write(&self, changes: &[Change]) -> Result<()> {
        let mut result = self.try_write(changes)?;
        if matches!(result, Err(fjall::Error::Poisoned)) {
            // A flush in the background failed earlier. Opened again, the store works or says what is wrong.
            result = self.try_write(changes)?;
        }
        self.explain(result)
    }

    fn read(&self, log: LogId, base: i64) -> Result<Option<Bytes>> {
        let found = self.explain(self.tables()?.batches.get(batch_key(log, base)))?;
        Ok(found.map(Bytes::from))
    }

    fn close(&self) {
        *self.lock() = State::Closed;
    }
}

impl Tables {
    fn open(directory: &Path, cache_bytes: usize) -> fjall::Result<Self> {
        let database = Database::builder(directory)
            .cache_size(cache_bytes as u64)
            .max_journaling_size(JOURNAL_BYTES)
            .worker_threads(WORKERS)
            .open()?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
        let apart = KvSeparationOptions::default()
            .separation_threshold(BLOB_LEAST_BYTES)
            .file_target_size(BLOB_FILE_BYTES)
            .staleness_threshold(STALE_SHARE);
        let batches = database.keyspace("batches", || options().with_kv_separation(Some(apart)))?;
        let state = database.keyspace("state", options)?;
        Ok(Self { database, unflushed: Arc::default(), batches, state })
    }

    fn write(&self, writes: Writes) -> fjall::Result<()> {
        let bytes = writes.batches.values().flatten().map(|data| data.len() as u64).sum();
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (keyspace, entries) in [(&self.batches, writes.batches), (&self.state, writes.state)] {
            for (key, value) in entries {
                match value {
                    Some(value) => batch.insert(keyspace, key, UserValue::from(value)),
                    None => batch.remove(keyspace, key),
                }
            }
        }
        batch.commit()?;
        self.bound_memory(bytes)
    }

    /// fjall closes a full memtable when a worker gets to it, so that fast writers would fill memory. This closes
    /// it at once, and waits for the disk when it lags behind.
    fn bound_memory(&self, written: u64) -> fjall::Result<()> {
        if self.unflushed.fetch_add(written, Ordering::Relaxed) + written < MEMTABLE_BYTES {
            return Ok(());
        }
        self.unflushed.store(0, Ordering::Relaxed);
        self.batches.rotate_memtable()?;
        // An error of the flush poisons the database, which then makes the next write fail; waiting is bounded
        // for that case.
        for _ in 0..FLUSH_PATIENCE_MS {
            if self.batches.sealed_memtable_count() < FULL_MEMTABLES {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    fn image(&self) -> fjall::Result<Image> {
        let mut image = Image::default();
        let number = |key: &[u8]| self.state.get(key).map(|v| v.and_then(|v| enc::number(&v)).unwrap_or_default());
        if let Some(id) = self.state.get(enc::CLUSTER_ID)? {
            image.cluster_id = String::from_utf8_lossy(&id).into_owned();
        }
        image.next_producer = number(enc::NEXT_PRODUCER)?;
        image.next_log = LogId::try_from(number(enc::NEXT_LOG)?).unwrap_or(LogId::MAX);
        for entry in self.state.prefix([enc::TOPIC]) {
            let (key, value) = entry.into_inner()?;
            image.topics.extend(enc::topic_parts(&key, &value));
        }
        for entry in self.state.prefix([enc::START]) {
            let (key, value) = entry.into_inner()?;
            image.starts.extend(enc::start_key_log(&key).zip(enc::number(&value)));
        }
        for entry in self.state.prefix([enc::OFFSET]) {
            let (key, value) = entry.into_inner()?;
            let parts = enc::offset_key_parts(&key).zip(enc::number(&value));
            image.offsets.extend(parts.map(|((group, partition), offset)| (group, partition, offset)));
        }
        for entry in self.state.prefix([enc::TXN]) {
            let (key, value) = entry.into_inner()?;
            image.txns.extend(enc::txn_parts(&key, &value));
        }
        Ok(image)
    }

    /// Hands out every batch; the logs without a topic, whose deletion a crash interrupted.
    fn each_batch(&self, on_batch: OnBatch<'_>) -> fjall::Result<BTreeSet<LogId>> {
        let known: BTreeSet<LogId> = self.image()?.topics.iter().flat_map(|(_, topic)| topic.logs()).collect();
        let mut orphans = BTreeSet::new();
        for entry in self.state.prefix([enc::HEADER]) {
            let (key, value) = entry.into_inner()?;
            if let (Some((log, _)), Some(meta)) = (enc::header_key_parts(&key), BatchMeta::read_header(&value)) {
                if known.contains(&log) {
                    on_batch(log, &meta);
                } else {
                    orphans.insert(log);
                }
            }
        }
        Ok(orphans)
    }

    /// Deletes what is left of a log whose topic is gone, in steps.
    fn sweep(&self, log: LogId) -> fjall::Result<()> {
        loop {
            let mut writes = Writes::default();
            for entry in self.state.prefix(enc::headers_of(log)).take(SWEEP) {
                if let Some((log, base)) = enc::header_key_parts(&entry.key()?) {
                    writes.remove_batch(log, base);
                }
            }
            if writes.batches.is_empty() {
                return Ok(());
            }
            self.write(writes)?;
        }
    }
}

impl Writes {
    fn add(&mut self, change: &Change, tables: &Tables) -> fjall::Result<()> {
        match change {
            Change::CreateTopic { name, topic } => {
                self.put(enc::topic_key(name), enc::topic_value(topic));
                self.put(enc::NEXT_LOG.to_vec(), i64::from(topic.logs().end).to_be_bytes().to_vec());
            }
            Change::DeleteTopic { name, topic } => self.delete_topic(name, topic, tables)?,
            Change::Append { log, meta, data } => self.put_batch(*log, meta, data),
            Change::Start { log, offset, gone } => {
                self.put(enc::start_key(*log), offset.to_be_bytes().to_vec());
                gone.iter().for_each(|base| self.remove_batch(*log, *base));
            }
            Change::Cut { log, gone } => gone.iter().for_each(|base| self.remove_batch(*log, *base)),
            Change::Rewrite { log, batch: Some((meta, data)), .. } => self.put_batch(*log, meta, data),
            Change::Rewrite { log, base, batch: None } => self.remove_batch(*log, *base),
            Change::Commit { group, partition, offset } => {
                self.put(enc::offset_key(group, partition), offset.to_be_bytes().to_vec());
            }
            Change::Txn { id, record } => self.put(enc::txn_key(id), enc::txn_value(record)),
            Change::EndTxn(ended) => {
                self.put(enc::txn_key(&ended.id), enc::txn_value(&ended.record));
                ended.markers.iter().for_each(|(log, meta, data)| self.put_batch(*log, meta, data));
                for (group, partition, offset) in &ended.offsets {
                    self.put(enc::offset_key(group, partition), offset.to_be_bytes().to_vec());
                }
            }
            Change::Forget { group, partitions: Some(partitions) } => {
                for partition in partitions {
                    self.state.insert(enc::offset_key(group, partition), None);
                }
            }
            Change::Forget { group, partitions: None } => {
                let own = enc::offsets_of(group);
                self.state.iter_mut().filter(|(key, _)| key.starts_with(&own)).for_each(|(_, value)| *value = None);
                for entry in tables.state.prefix(own) {
                    self.state.insert(entry.key()?.to_vec(), None);
                }
            }
            Change::ProducerIds { next } => {
                self.put(enc::NEXT_PRODUCER.to_vec(), next.to_be_bytes().to_vec());
            }
        }
        Ok(())
    }

    /// The topic, its logs' starts and its committed offsets go at once, its batches afterwards.
    fn delete_topic(&mut self, name: &str, topic: &TopicRecord, tables: &Tables) -> fjall::Result<()> {
        self.state.insert(enc::topic_key(name), None);
        for log in topic.logs() {
            self.state.insert(enc::start_key(log), None);
            let own = |key: &Vec<u8>| enc::header_key_parts(key).is_some_and(|(of, _)| of == log);
            self.state.retain(|key, _| !own(key));
            self.batches.retain(|key, _| !key.starts_with(&log.to_be_bytes()));
            self.dropped_logs.push(log);
        }
        let of_topic = |partition: &TopicPartition| *partition.topic == *name;
        let pending = self.state.iter_mut();
        pending
            .filter(|(key, _)| enc::offset_key_parts(key).is_some_and(|(_, partition)| of_topic(&partition)))
            .for_each(|(_, value)| *value = None);
        for entry in tables.state.prefix([enc::OFFSET]) {
            let key = entry.key()?;
            if enc::offset_key_parts(&key).is_some_and(|(_, partition)| of_topic(&partition)) {
                self.state.insert(key.to_vec(), None);
            }
        }
        Ok(())
    }

    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.state.insert(key, Some(value.into()));
    }

    fn put_batch(&mut self, log: LogId, meta: &BatchMeta, data: &Bytes) {
        // A marker is stored whole, since its record says what it means.
        let header = if meta.marker.is_some() { data.len() } else { HEADER.min(data.len()) };
        self.put(header_key(log, meta.base), data[..header].to_vec());
        self.batches.insert(batch_key(log, meta.base), Some(data.clone()));
    }

    fn remove_batch(&mut self, log: LogId, base: i64) {
        self.state.insert(header_key(log, base), None);
        self.batches.insert(batch_key(log, base), None);
    }
}

impl fmt::Debug for FjallStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallStore").field("directory", &self.directory).finish_non_exhaustive()
    }
}
