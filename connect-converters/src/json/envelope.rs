//! The object around schema and payload.

use std::sync::Arc;

use connect_api::{Datum, Error, Result, Schema, Value};

use super::JsonConverter;
use super::cursor::{Cursor, Kind};

impl JsonConverter {
    /// Reads an object of exactly a schema and a payload. The payload is read by the schema as it comes; only one
    /// that comes before its schema has to be read a second time.
    pub(super) fn envelope(&self, cursor: &mut Cursor<'_>) -> Result<Datum> {
        if cursor.kind()? != Kind::Object {
            return Err(no_envelope("the message is not an object"));
        }
        let mut schema: Option<Option<Arc<Schema>>> = None;
        let mut payload: Option<Value> = None;
        let mut unread = None;
        cursor.object(|cursor, key| {
            match &*key {
                "schema" => {
                    schema = Some(self.schema(cursor)?);
                    payload = None;
                }
                "payload" => {
                    let text = cursor.rest();
                    match &schema {
                        Some(schema) => payload = Some(self.payload(schema.as_ref(), cursor)?),
                        None => cursor.skip().map(drop)?,
                    }
                    unread = Some(text);
                }
                other => return Err(no_envelope(&format!("it has {other:?} besides"))),
            }
            Ok(())
        })?;
        let schema = schema.ok_or_else(|| no_envelope("it has no \"schema\""))?;
        let text = unread.ok_or_else(|| no_envelope("it has no \"payload\""))?;
        let value = match payload {
            Some(value) => value,
            None => self.payload(schema.as_ref(), &mut Cursor::new(text))?,
        };
        Ok(Datum { schema, value })
    }

    fn payload(&self, schema: Option<&Arc<Schema>>, cursor: &mut Cursor<'_>) -> Result<Value> {
        self.reader.value(schema, cursor).map_err(|error| error.context("payload"))
    }

    fn schema(&self, cursor: &mut Cursor<'_>) -> Result<Option<Arc<Schema>>> {
        if let Some((length, schema)) = self.schemas.last(cursor.rest()) {
            cursor.advance(length);
            return Ok(Some(schema));
        }
        let text = cursor.skip()?;
        let read = || self.reader.schema(text).map_err(|error| error.context("schema"));
        // An object ends with its brace, so a text that begins like a known one begins with that schema.
        if !text.starts_with('{') {
            return read();
        }
        let known = self.schemas.of(text, || read()?.ok_or_else(|| Error::data("the schema is null")))?;
        Ok(Some(known))
    }

    /// Reads a payload of the configured schema; an envelope is taken off.
    pub(super) fn bare(&self, schema: &Arc<Schema>, cursor: &mut Cursor<'_>) -> Result<Datum> {
        let kind = cursor.kind()?;
        let text = cursor.skip()?;
        let mut payload = text;
        if kind == Kind::Object {
            let (mut keys, mut inner) = (0u8, None);
            Cursor::new(text).object(|cursor, key| {
                let value = cursor.skip()?;
                keys |= match &*key {
                    "schema" => 1,
                    "payload" => {
                        inner = Some(value);
                        2
                    }
                    _ => 4,
                };
                Ok(())
            })?;
            if let (3, Some(inner)) = (keys, inner) {
                payload = inner;
            }
        }
        let value = self.payload(Some(schema), &mut Cursor::new(payload))?;
        Ok(Datum { schema: Some(Arc::clone(schema)), value })
    }
}

fn no_envelope(what: &str) -> Error {
    Error::data(format!(
        "with schemas.enable=true a message is an object of exactly \"schema\" and \"payload\", but {what}; \
         plain JSON is read with schemas.enable=false or a schema.content"
    ))
}
