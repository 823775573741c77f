//! Converters of a task: from bytes to records, and back.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, Datum, Error, HeaderConverter, Headers, RawHeaders, Record, SinkRecord, TimestampType, TopicPartition,
    Written,
};
use connect_kafka::batch::FetchedRecord;

use crate::failures::Stage;

/// A plugin with the class name that reports show.
pub(crate) struct Named<T: ?Sized> {
    pub(crate) class: Arc<str>,
    pub(crate) plugin: Arc<T>,
}

impl<T: ?Sized> Clone for Named<T> {
    fn clone(&self) -> Self {
        Self { class: Arc::clone(&self.class), plugin: Arc::clone(&self.plugin) }
    }
}

impl<T: ?Sized> Named<T> {
    /// A plugin made in code, known by its trait.
    pub(crate) fn of(plugin: Arc<T>) -> Self {
        Self { class: "custom".into(), plugin }
    }

    pub(crate) fn new(class: impl Into<Arc<str>>, plugin: Arc<T>) -> Self {
        Self { class: class.into(), plugin }
    }
}

/// The three converters of a task.
#[derive(Clone)]
pub(crate) struct Converters {
    pub(crate) key: Named<dyn Converter>,
    pub(crate) value: Named<dyn Converter>,
    pub(crate) header: Named<dyn HeaderConverter>,
}

/// A converter failed.
#[derive(Debug)]
pub(crate) struct ConvertError {
    pub(crate) stage: Stage,
    pub(crate) class: Arc<str>,
    pub(crate) error: Error,
}

/// A record's bytes, reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    buffer: BytesMut,
    key: Option<usize>,
    value: Option<usize>,
    key_end: usize,
    pub(crate) headers: RawHeaders,
}

impl Encoded {
    pub(crate) fn key(&self) -> Option<&[u8]> {
        self.key.map(|_| &self.buffer[..self.key_end])
    }

    pub(crate) fn value(&self) -> Option<&[u8]> {
        self.value.map(|_| &self.buffer[self.key_end..])
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> + Clone + '_ {
        self.headers.iter().map(|(key, value)| (key.as_bytes(), value.as_deref()))
    }
}

impl Converters {
    fn failed(stage: Stage, class: &Arc<str>) -> impl FnOnce(Error) -> ConvertError {
        move |error| ConvertError { stage, class: Arc::clone(class), error }
    }

    /// Headers, key, value, as Connect's sources do it.
    pub(crate) fn encode(&self, record: &Record, out: &mut Encoded) -> Result<(), ConvertError> {
        out.buffer.clear();
        out.headers.clear();
        for header in &record.headers {
            let mut bytes = BytesMut::new();
            let written = self
                .header
                .plugin
                .write(&record.topic, &header.key, &header.value, &mut bytes)
                .map_err(Self::failed(Stage::HeaderConverter, &self.header.class))?;
            let value = (written == Written::Bytes).then(|| bytes.freeze());
            out.headers.push((Arc::clone(&header.key), value));
        }
        let key = self
            .key
            .plugin
            .write(&record.topic, &mut out.headers, &record.key, &mut out.buffer)
            .map_err(Self::failed(Stage::KeyConverter, &self.key.class))?;
        out.key_end = out.buffer.len();
        out.key = (key == Written::Bytes).then_some(out.key_end);
        let value = self
            .value
            .plugin
            .write(&record.topic, &mut out.headers, &record.value, &mut out.buffer)
            .map_err(Self::failed(Stage::ValueConverter, &self.value.class))?;
        out.value = (value == Written::Bytes).then_some(out.buffer.len());
        Ok(())
    }

    /// Key, value, headers, as Connect's sinks do it.
    pub(crate) fn decode(&self, raw: &FetchedRecord, origin: &Arc<TopicPartition>) -> Result<SinkRecord, ConvertError> {
        let mut headers = RawHeaders::new();
        for (key, value) in &raw.headers {
            headers.push((String::from_utf8_lossy(key).into(), value.clone()));
        }
        let topic = &origin.topic;
        let read =
            |converter: &Named<dyn Converter>, bytes: Option<&Bytes>| converter.plugin.read(topic, &headers, bytes);
        let key = read(&self.key, raw.key.as_ref()).map_err(Self::failed(Stage::KeyConverter, &self.key.class))?;
        let value =
            read(&self.value, raw.value.as_ref()).map_err(Self::failed(Stage::ValueConverter, &self.value.class))?;
        let mut record = Record::new(Arc::clone(topic), value);
        record.key = key;
        record.partition = Some(origin.partition);
        record.timestamp = (raw.timestamp >= 0).then_some(raw.timestamp);
        record.headers = self.decode_headers(topic, &headers)?;
        let timestamp_type = match raw.timestamp_type {
            _ if raw.timestamp < 0 => TimestampType::None,
            connect_kafka::batch::TimestampType::LogAppendTime => TimestampType::LogAppendTime,
            _ => TimestampType::CreateTime,
        };
        Ok(SinkRecord::new(record, Arc::clone(origin), raw.offset, timestamp_type))
    }

    fn decode_headers(&self, topic: &str, raw: &RawHeaders) -> Result<Headers, ConvertError> {
        if raw.is_empty() {
            return Ok(Headers::new());
        }
        let mut headers = Headers::new();
        for (key, value) in raw {
            let value: Datum = self
                .header
                .plugin
                .read(topic, key, value.as_ref())
                .map_err(Self::failed(Stage::HeaderConverter, &self.header.class))?;
            headers.add(Arc::clone(key), value);
        }
        Ok(headers)
    }
}
