//! Change events opened: the row in them, or the row that is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Datum, Error, Result, Schema, SinkRecord, Struct, Type, Value};
use regex::Regex;

use super::config::{DebeziumJdbcSinkConfig, DebeziumKeyMode, Naming, SchemaEvolution};

/// Names that are kept; sources with ever new ones must not fill the memory.
const NAMES: usize = 4096;

/// What a record asks for.
pub(in super::super) enum Opened {
    /// A row of a table, written or, without a value, deleted.
    Row(SinkRecord, Arc<str>),
    /// An empty table.
    Truncate(Arc<str>),
    /// Nothing.
    Nothing,
}

/// Opens records.
pub(in super::super) struct Envelopes {
    format: String,
    naming: Naming,
    keys: DebeziumKeyMode,
    key_fields: Vec<String>,
    deletes: bool,
    truncates: bool,
    cloud_events: Regex,
    /// Whether tables have to be there when their topics are assigned.
    pub(in super::super) validates: bool,
    topics: BTreeMap<Arc<str>, Arc<str>>,
    /// Schemas of keys, by the fields they are made of.
    made: Vec<Arc<Schema>>,
}

impl Envelopes {
    /// # Errors
    /// A text, for a naming strategy or a pattern that is none.
    pub(super) fn new(config: &DebeziumJdbcSinkConfig) -> Result<Self, String> {
        Ok(Self {
            format: config.format().to_owned(),
            naming: config.naming().ok_or("collection.naming.strategy names a class that is not there")?,
            keys: config.key_mode,
            key_fields: config.key_fields.clone(),
            deletes: config.delete_enabled,
            truncates: config.truncate_enabled,
            cloud_events: Regex::new(&config.cloud_events).map_err(|error| error.to_string())?,
            validates: config.schema_evolution == SchemaEvolution::ValidateOnly,
            topics: BTreeMap::new(),
            made: Vec::new(),
        })
    }

    /// What a record asks for.
    ///
    /// # Errors
    /// A data error for an event that cannot be understood, or has no key where one is needed.
    pub(in super::super) fn open(&mut self, record: &SinkRecord) -> Result<Opened> {
        let event = match &record.value {
            datum if is_named(datum, |name| self.cloud_events.is_match(name)) => field(datum, "data")?,
            datum => datum.clone(),
        };
        if !is_named(&event, |name| name.contains("Envelope")) {
            return match event.is_null() {
                true if !self.deletes || self.keys != DebeziumKeyMode::RecordKey => Ok(Opened::Nothing),
                _ => {
                    let table = self.table(record, None)?;
                    let key = if event.is_null() { record.key.clone() } else { self.key(record, &event)? };
                    Ok(Opened::Row(with(record, key, event), table))
                }
            };
        }
        let Value::Struct(envelope) = &event.value else { return Ok(Opened::Nothing) };
        let source = envelope.get("source").and_then(Value::as_struct);
        let op = match envelope.get("op") {
            Some(Value::String(op)) => &**op,
            _ => return Err(Error::data("a change event has no field \"op\" that is a string")),
        };
        match op {
            "c" | "r" | "u" => {
                let after = field(&event, "after")?;
                let (table, key) = (self.table(record, source)?, self.key(record, &after)?);
                Ok(Opened::Row(with(record, key, after), table))
            }
            "d" if self.deletes => {
                let key = match self.keys {
                    DebeziumKeyMode::RecordValue => self.key(record, &field(&event, "before")?)?,
                    _ => self.key(record, &event)?,
                };
                Ok(Opened::Row(with(record, key, Datum::NULL), self.table(record, source)?))
            }
            "t" if self.truncates => Ok(Opened::Truncate(self.table(record, source)?)),
            // Messages of a log have no row.
            "d" | "t" | "m" => Ok(Opened::Nothing),
            other => Err(Error::data(format!("a change event has op {other:?}; expected one of c, r, u, d, t, m"))),
        }
    }

    /// The table of a topic whose records have no source; `None` where the format needs one.
    pub(in super::super) fn table_of(&self, topic: &str) -> Option<String> {
        (!self.format.contains("${source.")).then(|| self.format.replace("${topic}", &self.named(topic)))
    }

    fn named(&self, topic: &str) -> String {
        match self.naming {
            Naming::Default => topic.replace('.', "_"),
            Naming::Passthrough => topic.to_owned(),
        }
    }

    fn table(&mut self, record: &SinkRecord, source: Option<&Struct>) -> Result<Arc<str>> {
        if let Some(known) = self.topics.get(&record.topic) {
            return Ok(Arc::clone(known));
        }
        if let Some(name) = self.table_of(&record.topic) {
            if self.topics.len() >= NAMES {
                self.topics.clear();
            }
            let name: Arc<str> = name.into();
            self.topics.insert(Arc::clone(&record.topic), Arc::clone(&name));
            return Ok(name);
        }
        // One pass: what a source puts in is not read again.
        let (mut name, mut rest) = (String::new(), self.format.as_str());
        while let Some((before, behind)) = rest.split_once("${") {
            let (place, after) = behind.split_once('}').unwrap_or((behind, ""));
            name.push_str(before);
            match place.strip_prefix("source.") {
                _ if place == "topic" => name.push_str(&self.named(&record.topic)),
                Some(wanted) => match source.and_then(|source| source.get(wanted)) {
                    Some(Value::String(text)) => name.push_str(text),
                    Some(value) if value.as_i64().is_some() => {
                        name.push_str(&value.as_i64().unwrap_or_default().to_string());
                    }
                    _ => {
                        let message = format!("the table's name needs source.{wanted}, which the record does not have");
                        return Err(Error::data(message));
                    }
                },
                None => name.push_str(&format!("${{{place}}}")),
            }
            rest = after;
        }
        Ok((name + rest).into())
    }

    /// The key of a row: the record's own, or made of the row or the headers.
    fn key(&mut self, record: &SinkRecord, row: &Datum) -> Result<Datum> {
        let parts: Vec<(Arc<str>, Arc<Schema>, Value)> = match (self.keys, &row.value) {
            (DebeziumKeyMode::RecordValue, Value::Struct(row)) => {
                let fields = row.schema().fields().iter();
                fields.map(|f| (Arc::clone(&f.name), Arc::clone(&f.schema), row.at(f.index).clone())).collect()
            }
            (DebeziumKeyMode::RecordValue, _) => {
                return Err(Error::data("primary.key.mode=record_value needs a row that is a struct"));
            }
            (DebeziumKeyMode::RecordHeader, _) => {
                let headers = record.headers.iter().filter_map(|header| {
                    let schema = header.value.schema.clone()?;
                    Some((Arc::clone(&header.key), schema, header.value.value.clone()))
                });
                headers.collect()
            }
            _ => return Ok(record.key.clone()),
        };
        let from = if self.keys == DebeziumKeyMode::RecordHeader { "headers" } else { "row" };
        let mut parts = parts;
        if !self.key_fields.is_empty() {
            if let Some(lacking) = self.key_fields.iter().find(|name| parts.iter().all(|part| *part.0 != ***name)) {
                let message = format!("primary.key.fields names {lacking:?}, which the record's {from} lack");
                return Err(Error::data(message));
            }
            parts.retain(|part| self.key_fields.iter().any(|name| **name == *part.0));
        }
        if parts.is_empty() {
            return Err(Error::data(format!("the record's {from} have nothing for a key")));
        }
        let schema = self.key_schema(&parts)?;
        let values: Vec<Value> = parts.into_iter().map(|(_, _, value)| value).collect();
        Ok(Datum::from(Struct::unchecked(&schema, values)))
    }

    /// The same schema for the same fields, so that rows can be told to be alike by it.
    fn key_schema(&mut self, parts: &[(Arc<str>, Arc<Schema>, Value)]) -> Result<Arc<Schema>> {
        let same = |made: &Arc<Schema>| {
            made.fields().len() == parts.len()
                && made.fields().iter().zip(parts).all(|(field, (name, schema, _))| {
                    field.name == *name && (Arc::ptr_eq(&field.schema, schema) || field.schema == *schema)
                })
        };
        if let Some(made) = self.made.iter().find(|made| same(made)) {
            return Ok(Arc::clone(made));
        }
        let fields = parts.iter();
        let made =
            fields.fold(Schema::structure(), |s, (name, schema, _)| s.field(Arc::clone(name), schema)).build()?;
        if self.made.len() >= NAMES {
            self.made.clear();
        }
        self.made.push(Arc::clone(&made));
        Ok(made)
    }
}

fn is_named(datum: &Datum, fits: impl Fn(&str) -> bool) -> bool {
    let schema = datum.schema.as_ref().filter(|schema| schema.ty() == Type::Struct);
    schema.and_then(|schema| schema.name()).is_some_and(fits)
}

/// A field of an event, with its schema.
fn field(event: &Datum, name: &str) -> Result<Datum> {
    let schema = event.schema.as_ref().and_then(|schema| schema.field(name));
    match (&event.value, schema) {
        (Value::Struct(event), Some(field)) if !event.at(field.index).is_null() => {
            Ok(Datum::new(Arc::clone(&field.schema), event.at(field.index).clone()))
        }
        _ => Err(Error::data(format!("a change event has no {name:?}"))),
    }
}

fn with(record: &SinkRecord, key: Datum, value: Datum) -> SinkRecord {
    let mut opened = record.clone();
    opened.record.key = key;
    opened.record.value = value;
    opened
}
