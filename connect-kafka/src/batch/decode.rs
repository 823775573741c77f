//! The decoder.

use bytes::Bytes;

use super::record::read_record;
use super::{BatchError, BatchHeader, FetchedRecord, RecordView};

/// Whether to compute checksums when decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Checksum {
    /// Compute and compare.
    #[default]
    Verify,
    /// The bytes never left this process, where they were checked when they came in.
    Trusted,
}

/// What a batch may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of its records when decompressed. Uncompressed ones cost nothing, they share the memory of the bytes read.
    pub decompressed: usize,
}

impl Default for Limits {
    /// 128 MiB: what a batch of a mebibyte, Kafka's default limit, has when it shrank a hundredfold.
    fn default() -> Self {
        Self { decompressed: 128 << 20 }
    }
}

/// One record batch, header checked, records decoded when iterated. Cloning shares the memory.
#[derive(Debug, Clone)]
pub struct Batch {
    header: BatchHeader,
    records: Bytes,
}

impl Batch {
    /// Reads the batch that `data` begins with, within the default limits; what follows it is left alone.
    ///
    /// # Errors
    /// As [`parse_within`](Self::parse_within).
    pub fn parse(data: &Bytes, checksum: Checksum) -> Result<Self, BatchError> {
        Self::parse_within(data, checksum, Limits::default())
    }

    /// Reads the batch that `data` begins with; what follows it is left alone.
    ///
    /// # Errors
    /// See [`BatchError`]. Whatever the bytes, this neither panics nor allocates more than `data` accounts for when the
    /// batch is uncompressed, and not much more than twice the limit when it is compressed.
    pub fn parse_within(data: &Bytes, checksum: Checksum, limits: Limits) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(data)?;
        let total = header.total_len();
        if data.len() < total {
            return Err(BatchError::Truncated { needed: total, have: data.len() });
        }
        if checksum == Checksum::Verify {
            header.verify(data)?;
        }
        let records = header.compression().decompress(data.slice(BatchHeader::LEN..total), limits.decompressed)?;
        Ok(Self { header, records })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// Offset of the first record originally written.
    #[must_use]
    pub fn base_offset(&self) -> i64 {
        self.header.base_offset
    }

    /// Offset of the last record originally written, there or not: a reader goes on after it.
    #[must_use]
    pub fn last_offset(&self) -> i64 {
        self.header.last_offset()
    }

    /// Whether this is a transaction marker instead of records for users.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.header.is_control()
    }

    /// Bytes of the batch as it was encoded.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.header.total_len()
    }

    /// Bytes that a record kept of it keeps in memory: encoded, but not compressed.
    #[must_use]
    pub fn memory_len(&self) -> usize {
        BatchHeader::LEN + self.records.len()
    }

    /// The records as slices that share the batch's memory. Ends after the first error.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        Records { batch: self, views: self.views() }
    }

    /// The records borrowed from the batch. Ends after the first error.
    pub fn views(&self) -> Views<'_> {
        Views { header: &self.header, rest: &self.records, left: self.header.record_count }
    }

    /// For a control batch: whether it ends a transaction by aborting it.
    #[must_use]
    pub fn is_abort_marker(&self) -> bool {
        // The key is a version (i16) and a type (i16), of which 0 is abort.
        let marker = self.views().next().and_then(Result::ok).and_then(|record| record.key);
        self.is_control() && marker.is_some_and(|key| key.get(2..4) == Some(&[0, 0]))
    }
}

/// The records of a [`Batch`].
#[derive(Debug)]
pub struct Records<'a> {
    batch: &'a Batch,
    views: Views<'a>,
}

impl Iterator for Records<'_> {
    type Item = Result<FetchedRecord, BatchError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let view = self.views.next()?;
        Some(view.map(|view| view.share(&self.batch.records)))
    }
}

/// The records of a [`Batch`], borrowed.
#[derive(Debug)]
pub struct Views<'a> {
    header: &'a BatchHeader,
    rest: &'a [u8],
    left: i32,
}

impl<'a> Iterator for Views<'a> {
    type Item = Result<RecordView<'a>, BatchError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let mut record = read_record(&mut self.rest, self.header);
        if self.left == 0 && record.is_ok() && !self.rest.is_empty() {
            record = Err(BatchError::Malformed("bytes after the last record"));
        }
        if record.is_err() {
            self.left = 0;
        }
        Some(record)
    }
}

/// Reads the records of a batch one by one, and may be kept between two: it owns its batch.
#[derive(Debug, Clone)]
pub struct Cursor {
    batch: Batch,
    read: usize,
    left: i32,
}

impl Cursor {
    /// A cursor before the first record.
    #[must_use]
    pub fn new(batch: Batch) -> Self {
        Self { left: batch.header.record_count, read: 0, batch }
    }

    /// The batch.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }
}

impl Iterator for Cursor {
    type Item = Result<FetchedRecord, BatchError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let mut views = Views { header: &self.batch.header, rest: &self.batch.records[self.read..], left: self.left };
        let view = views.next();
        self.read = self.batch.records.len() - views.rest.len();
        self.left = views.left;
        Some(view?.map(|view| view.share(&self.batch.records)))
    }
}

/// The batches of bytes that hold several, one after the other. A last one that is cut short, as fetch
/// responses may have it, ends the iteration without an error.
#[derive(Debug)]
pub struct Batches {
    data: Bytes,
    checksum: Checksum,
    limits: Limits,
}

impl Batches {
    /// The batches of `data`.
    #[must_use]
    pub fn new(data: Bytes, checksum: Checksum) -> Self {
        Self { data, checksum, limits: Limits::default() }
    }

    /// The same within other limits, which hold for each batch.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The bytes after the batches iterated so far.
    pub(crate) fn rest(&self) -> Bytes {
        self.data.clone()
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        match Batch::parse_within(&self.data, self.checksum, self.limits) {
            Err(BatchError::Truncated { .. }) => {
                self.data.clear();
                None
            }
            Err(error) => {
                self.data.clear();
                Some(Err(error))
            }
            Ok(batch) => {
                self.data = self.data.slice(batch.encoded_len()..);
                Some(Ok(batch))
            }
        }
    }
}
