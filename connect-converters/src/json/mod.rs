//! JSON, with or without schemas.

mod cache;
mod config;
mod cursor;
mod envelope;
mod members;
mod names;
mod read;
mod schema_read;
mod schema_write;
mod text;
mod write;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{BufMut, Bytes, BytesMut};
use connect_api::{Datum, Error, Result, Schema, Value, Written};

pub use config::JsonConverterConfig;

use crate::codec::{Codec, converter};
use cache::{Schemas, Texts};
use cursor::Cursor;
use names::Names;
use read::Reader;
use write::Writer;

/// Writes and reads JSON: `{"schema":...,"payload":...}`, or with `schemas.enable=false` the payload alone.
///
/// What it writes is what Kafka's converter writes, byte for byte. When it reads it refuses what is not of the
/// schema's type, unless it is `lenient`.
#[derive(Debug)]
pub struct JsonConverter {
    schemas_enable: bool,
    writer: Writer,
    reader: Reader,
    texts: Texts,
    schemas: Schemas,
    names: Mutex<Names>,
    /// The schema of all messages read.
    fixed: Option<Arc<Schema>>,
}

impl JsonConverter {
    fn make(config: JsonConverterConfig) -> Result<Self> {
        let replace_null = config.replace_null_with_default;
        let reader = Reader { lenient: config.lenient, replace_null };
        let content = config.schema_content.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let fixed = match content.filter(|_| config.schemas_enable) {
            Some(text) => reader
                .schema(Cursor::new(text).skip().map_err(bad_content)?)
                .and_then(|schema| schema.ok_or_else(|| Error::data("null is no schema")))
                .map(Some)
                .map_err(bad_content)?,
            None => None,
        };
        Ok(Self {
            schemas_enable: config.schemas_enable,
            writer: Writer { numeric: config.numeric()?, replace_null },
            reader,
            texts: Texts::new(config.schemas_cache_size),
            schemas: Schemas::new(config.schemas_cache_size),
            names: Mutex::default(),
            fixed,
        })
    }
}

fn bad_content(error: Error) -> Error {
    Error::config("schema.content is no schema").with_source(error)
}

impl JsonConverter {
    fn schemaless(&self, cursor: &mut Cursor<'_>) -> Result<Value> {
        // Taken out for the while: a second thread starts with none instead of waiting.
        let names = || self.names.lock().unwrap_or_else(PoisonError::into_inner);
        cursor.names = std::mem::take(&mut *names());
        cursor.names.restart();
        let read = self.reader.value(None, cursor);
        *names() = std::mem::take(&mut cursor.names);
        read
    }
}

impl Codec for JsonConverter {
    fn encode(&self, datum: &Datum, out: &mut BytesMut) -> Result<Written> {
        let schema = datum.schema.as_ref();
        if schema.is_none() && datum.is_null() {
            return Ok(Written::Null);
        }
        if self.schemas_enable {
            out.put_slice(b"{\"schema\":");
            match schema {
                Some(schema) => {
                    let text = self.texts.of(schema, || {
                        let mut text = BytesMut::new();
                        self.writer.schema(schema, &mut text).map_err(|error| error.context("schema"))?;
                        Ok(text.freeze())
                    })?;
                    out.put_slice(&text);
                }
                None => out.put_slice(b"null"),
            }
            out.put_slice(b",\"payload\":");
        }
        self.writer.value(schema.map(AsRef::as_ref), &datum.value, out)?;
        if self.schemas_enable {
            out.put_u8(b'}');
        }
        Ok(Written::Bytes)
    }

    fn decode(&self, bytes: Option<&Bytes>) -> Result<Datum> {
        let Some(bytes) = bytes else { return Ok(Datum::NULL) };
        let text =
            std::str::from_utf8(bytes).map_err(|error| Error::data("the JSON is not UTF-8").with_source(error))?;
        let mut cursor = Cursor::new(text.trim_start_matches('\u{feff}'));
        if cursor.at_end() && (self.reader.lenient || !self.schemas_enable) {
            return Ok(Datum::NULL);
        }
        let datum = match &self.fixed {
            _ if !self.schemas_enable => Datum::schemaless(self.schemaless(&mut cursor)?),
            Some(schema) => self.bare(schema, &mut cursor)?,
            None => self.envelope(&mut cursor)?,
        };
        if self.reader.lenient || cursor.at_end() {
            Ok(datum)
        } else {
            Err(cursor.error("something follows the value"))
        }
    }
}

converter!(
    JsonConverter,
    JsonConverterConfig,
    "org.apache.kafka.connect.json.JsonConverter",
    ["JsonConverter", "Json"]
);
