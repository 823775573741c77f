//! The lines of an action.

use bytes::{BufMut, BytesMut};
use connect_api::{Error, Result, Schema, SinkRecord, Value};

use super::compose::{Composer, Prepared, Refusal};
use super::{Kind, Plan, id};
use crate::config::{Routing, Script, Timestamp, WriteMethod};
use crate::json::{Writer, string};

const TIMESTAMP: &str = "@timestamp";

impl Composer {
    /// Writes the action line, and the document's if there is one. When it fails, what it wrote is no good.
    ///
    /// # Errors
    /// Why there can be no document.
    pub(crate) fn write(
        &self,
        plan: &Plan,
        record: &SinkRecord,
        prepared: &Prepared<'_>,
        out: &mut BytesMut,
    ) -> Result<(), Refusal> {
        self.action(plan, prepared, out);
        match prepared.kind {
            Kind::Delete => return Ok(()),
            Kind::Index | Kind::Create => self.document(plan, record, out)?,
            Kind::Update if self.settings.method == WriteMethod::ScriptedUpsert => {
                out.put_slice(b"{\"scripted_upsert\":true,\"script\":{");
                match &self.settings.script {
                    Some(Script::Source(source)) => member(b"\"source\":", source, out),
                    Some(Script::Stored(id)) => member(b"\"id\":", id, out),
                    None => {}
                }
                out.put_slice(b",\"params\":{\"doc\":");
                self.document(plan, record, out)?;
                out.put_slice(b"}},\"upsert\":{}}");
            }
            Kind::Update => {
                out.put_slice(b"{\"doc\":");
                self.document(plan, record, out)?;
                out.put_slice(b",\"doc_as_upsert\":true}");
            }
        }
        out.put_u8(b'\n');
        Ok(())
    }

    fn action(&self, plan: &Plan, prepared: &Prepared<'_>, out: &mut BytesMut) {
        out.put_slice(b"{\"");
        out.put_slice(prepared.kind.word().as_bytes());
        out.put_slice(b"\":{\"_index\":");
        out.put_slice(&plan.index_json);
        if let Some(id) = prepared.id.text() {
            member(b",\"_id\":", id, out);
        }
        if let Some(routing) = &prepared.routing {
            member(b",\"routing\":", routing, out);
        }
        if let Some(version) = prepared.version {
            out.put_slice(b",\"version\":");
            out.put_slice(itoa::Buffer::new().format(version).as_bytes());
            out.put_slice(b",\"version_type\":\"external\"");
        }
        if prepared.kind == Kind::Update {
            out.put_slice(b",\"retry_on_conflict\":");
            out.put_slice(itoa::Buffer::new().format(self.settings.retry_on_conflict).as_bytes());
        }
        out.put_slice(b"}}\n");
    }

    fn writer(&self, plan: &Plan) -> Writer<'_> {
        Writer {
            plain: plan.ignore_schema,
            compact: self.settings.compact_maps,
            decimals: self.settings.decimals,
            dates: self.settings.dates,
            without: [None; 2],
        }
    }

    fn document(&self, plan: &Plan, record: &SinkRecord, out: &mut BytesMut) -> Result<(), Refusal> {
        let (schema, value) = (record.value.schema.as_deref(), &record.value.value);
        let writer = self.writer(plan);
        let timestamp = self.timestamp(plan, record)?;
        let start = out.len();
        let metadata = self.settings.metadata_field.as_deref();
        let without = [timestamp.as_ref().map(|(field, _)| *field), metadata];
        Writer { without, ..writer }.document(schema, value, out)?;
        if out.get(start) != Some(&b'{') {
            let message = format!("a document is an object, and the record's value is of type {}", value.kind());
            let error = Error::data(message);
            return Err(if self.data_stream { Refusal::Invalid(error) } else { Refusal::Malformed(error) });
        }
        if let Some((field, json)) = timestamp {
            add(field, &json, start, out);
        }
        if let Some(field) = metadata {
            add(field, &metadata_of(record)?, start, out);
        }
        Ok(())
    }

    /// The field that tells the time, with its JSON, if one is to be added.
    fn timestamp<'a>(&'a self, plan: &Plan, record: &SinkRecord) -> Result<Option<(&'a str, BytesMut)>> {
        let value = &record.value.value;
        let mut json = BytesMut::new();
        match &self.settings.timestamp {
            Timestamp::None => return Ok(None),
            Timestamp::Missing(field) => {
                if value.get(field).is_some_and(|value| !value.is_null()) {
                    return Ok(None);
                }
                time(record, &mut json);
                return Ok(Some((field, json)));
            }
            Timestamp::Record => time(record, &mut json),
            Timestamp::Fields(fields) => {
                let Some(found) = fields.iter().find_map(|field| field_of(record, field)) else { return Ok(None) };
                let mut written = BytesMut::new();
                self.writer(plan).document(found.0, found.1, &mut written)?;
                match written.first() {
                    Some(b'"') => json = written,
                    Some(b'{' | b'[') => json.put_slice(b"\"\""),
                    _ => {
                        json.put_u8(b'"');
                        json.put_slice(&written);
                        json.put_u8(b'"');
                    }
                }
            }
        }
        Ok(Some((TIMESTAMP, json)))
    }

    /// What routes the document, if anything does.
    pub(super) fn routing(&self, record: &SinkRecord, tombstone: bool) -> Result<Option<String>> {
        match self.settings.routing {
            Routing::None => Ok(None),
            Routing::Key => match id::scalar(&record.key)? {
                Some(key) => Ok(Some(key.into_owned())),
                None => Err(Error::data("the record is to be routed by its key, and has none")),
            },
            Routing::Value if tombstone => Err(Error::data("the record has no value to route its deletion")),
            Routing::Value => {
                let mut here = &record.value.value;
                for part in &self.settings.routing_path {
                    here = match here {
                        Value::Array(elements) => part.parse::<usize>().ok().and_then(|index| elements.get(index)),
                        _ => here.get(part),
                    }
                    .ok_or_else(|| Error::data(format!("the record has no {part:?} where its routing is to be")))?;
                }
                match here {
                    Value::String(text) if !text.is_empty() => Ok(Some(text.to_string())),
                    Value::Null | Value::String(_) => {
                        let path = self.settings.routing_path.join("/");
                        let why = format!("the record is to be routed by \"/{path}\", and there is nothing");
                        Err(Error::data(why))
                    }
                    Value::Boolean(_) => Ok(Some(here.to_string())),
                    _ if here.as_f64().is_some() => Ok(Some(here.to_string())),
                    other => Err(Error::data(format!("nothing is routed by a value of type {}", other.kind()))),
                }
            }
        }
    }
}

fn member(name: &[u8], value: &str, out: &mut BytesMut) {
    out.put_slice(name);
    string(value, out);
}

/// Adds a member to the object that was written from `start` on.
fn add(field: &str, json: &[u8], start: usize, out: &mut BytesMut) {
    let empty = out.len() == start + 2;
    out.truncate(out.len() - 1);
    if !empty {
        out.put_u8(b',');
    }
    string(field, out);
    out.put_u8(b':');
    out.put_slice(json);
    out.put_u8(b'}');
}

fn time(record: &SinkRecord, out: &mut BytesMut) {
    match record.timestamp {
        Some(ms) => out.put_slice(itoa::Buffer::new().format(ms).as_bytes()),
        None => out.put_slice(b"null"),
    }
}

/// A field of the document with what its schema says.
fn field_of<'r>(record: &'r SinkRecord, name: &str) -> Option<(Option<&'r Schema>, &'r Value)> {
    let value = record.value.value.get(name)?;
    let schema = match &record.value.value {
        Value::Struct(structure) => structure.schema().field(name).map(|field| &*field.schema),
        _ => record.value.schema.as_deref().and_then(|schema| schema.value_schema().map(AsRef::as_ref)),
    };
    Some((schema, value))
}

/// Where a record came from, with its key and headers, as JSON.
fn metadata_of(record: &SinkRecord) -> Result<BytesMut> {
    let writer = Writer {
        plain: false,
        compact: true,
        decimals: crate::config::DecimalFormat::String,
        dates: crate::config::DateFormat::EpochMillis,
        without: [None; 2],
    };
    let mut out = BytesMut::new();
    let origin = record.origin();
    member(b"{\"topic\":", &origin.topic, &mut out);
    out.put_slice(
        format!(",\"partition\":{},\"offset\":{},\"timestamp\":", origin.partition, record.offset()).as_bytes(),
    );
    time(record, &mut out);
    out.put_slice(b",\"key\":");
    writer.document(record.key.schema.as_deref(), &record.key.value, &mut out)?;
    out.put_slice(b",\"headers\":[");
    for (index, header) in record.headers.iter().enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        member(b"{\"key\":", &header.key, &mut out);
        out.put_slice(b",\"value\":");
        // As text, so that the values of one header need not be of one type.
        string(&header.value.value.to_string(), &mut out);
        out.put_u8(b'}');
    }
    out.put_slice(b"]}");
    Ok(out)
}
