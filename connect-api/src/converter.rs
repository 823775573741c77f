//! Converters: between data and the bytes in Kafka.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::config::Config;
use crate::{Datum, Result};

/// The headers of a record in Kafka: ordered, a key as often as one likes, values may be null.
pub type RawHeaders = Vec<(Arc<str>, Option<Bytes>)>;

/// What a converter wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "null is not the same as no bytes"]
pub enum Written {
    /// A null, in a value a tombstone; nothing was added to the buffer.
    Null,
    /// What was added to the buffer.
    Bytes,
}

/// Converts keys and values. One instance serves the keys or the values of a task; it is called from one thread
/// at a time or several, and must not block.
pub trait Converter: Send + Sync {
    /// Appends the bytes of `datum` to `out`, which may hold other data already; on an error it is truncated
    /// by the caller. A converter may add or change the record's headers.
    ///
    /// # Errors
    /// A data error follows `errors.tolerance`; a retriable one (a registry is away) is tried again within
    /// `errors.retry.timeout`.
    fn write(&self, topic: &str, headers: &mut RawHeaders, datum: &Datum, out: &mut BytesMut) -> Result<Written>;

    /// Reads data back; `None` is a null, which is not the same as no bytes. Slices of `bytes` may be kept.
    ///
    /// # Errors
    /// As for [`write`](Self::write).
    fn read(&self, topic: &str, headers: &RawHeaders, bytes: Option<&Bytes>) -> Result<Datum>;
}

/// Converts the values of headers.
pub trait HeaderConverter: Send + Sync {
    /// Appends the bytes of a header's value to `out`.
    ///
    /// # Errors
    /// As for [`Converter::write`].
    fn write(&self, topic: &str, key: &str, value: &Datum, out: &mut BytesMut) -> Result<Written>;

    /// Reads a header's value.
    ///
    /// # Errors
    /// As for [`Converter::write`].
    fn read(&self, topic: &str, key: &str, bytes: Option<&Bytes>) -> Result<Datum>;
}

/// What a converter converts; Connect's `converter.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConverterKind {
    /// Keys.
    Key,
    /// Values.
    Value,
    /// Values of headers.
    Header,
}

/// A [`Converter`] that can be named in `key.converter` or `value.converter` and configured.
pub trait ConverterPlugin: Converter + Sized + 'static {
    /// The name; for the converters of Kafka Connect the Java class name.
    const NAME: &'static str;
    /// Other names.
    const ALIASES: &'static [&'static str] = &[];
    /// Its configuration, without the prefix `key.converter.` or `value.converter.`.
    type Config: Config;

    /// Makes one for keys or values.
    ///
    /// # Errors
    /// A config error.
    fn new(config: Self::Config, kind: ConverterKind) -> Result<Self>;
}

/// A [`HeaderConverter`] that can be named in `header.converter` and configured.
pub trait HeaderConverterPlugin: HeaderConverter + Sized + 'static {
    /// The name; for the converters of Kafka Connect the Java class name.
    const NAME: &'static str;
    /// Other names.
    const ALIASES: &'static [&'static str] = &[];
    /// Its configuration, without the prefix `header.converter.`.
    type Config: Config;

    /// Makes one.
    ///
    /// # Errors
    /// A config error.
    fn new(config: Self::Config) -> Result<Self>;
}
