//! Which fields of a record go to which columns.

use std::sync::Arc;

use connect_api::{Datum, Error, Result, Schema, SinkRecord, Type, Value};

use super::cell::{Cell, Clocks};
use super::config::{JdbcSinkConfig, MappingConfig, PkMode};
use super::debezium::types;
use super::kind::Kind;
use crate::dialect::TableName;

/// The names of `pk.mode=kafka` without `pk.fields`.
const KAFKA: [&str; 3] = ["__connect_topic", "__connect_partition", "__connect_offset"];

/// Where a column's value is in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Topic,
    Partition,
    Offset,
    Key,
    KeyField(usize),
    Value,
    ValueField(usize),
}

/// A column that records have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name in the record.
    pub(super) name: String,
    /// What it is.
    pub(super) kind: Kind,
    /// Whether it may be null.
    pub(super) optional: bool,
    /// What stands for an absent value.
    pub(super) default: Option<Value>,
    source: Source,
}

/// What records of one pair of schemas become.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Where they go.
    pub(super) table: Arc<TableName>,
    /// Columns in the order of statements: those of the key first.
    pub(super) fields: Vec<Field>,
    /// How many of them are the key.
    pub(super) keys: usize,
    /// The order of columns in a new table, as places in `fields`.
    pub(super) created: Vec<usize>,
    /// Whether the row of the key is deleted.
    pub(super) delete: bool,
    /// Whether all rows are.
    pub(super) truncate: bool,
    raw_nulls: bool,
}

impl Plan {
    /// The plan for records like this one.
    ///
    /// # Errors
    /// A data error that says what such records lack.
    pub(super) fn of(config: &JdbcSinkConfig, table: Arc<TableName>, record: &SinkRecord) -> Result<Self> {
        let mapping = &config.mapping;
        let delete = record.value.is_null() && config.writes.delete_enabled;
        let value = if delete { None } else { Some(value_schema(&record.value)?) };
        let keys = keys(mapping, record, value)?;
        let mut fields = keys;
        let count = fields.len();
        match value {
            Some(schema) if schema.ty() == Type::Struct => {
                let listed = |name: &str| {
                    (mapping.fields_whitelist.is_empty()
                        || mapping.fields_whitelist.iter().any(|listed| listed == name))
                        && mapping.debezium.as_ref().is_none_or(|fields| fields.has(&record.topic, name))
                };
                for field in schema.fields() {
                    if fields[..count].iter().all(|key| *key.name != *field.name) && listed(&field.name) {
                        fields.push(value_field(mapping, &field.name, &field.schema, field.index)?);
                    }
                }
            }
            Some(_) => fields.push(string_field(mapping)?),
            None => {}
        }
        if fields.is_empty() {
            return Err(refused(format!("records of topic {} have no fields to write to {table}", record.topic)));
        }
        let created = created(&fields, count, value);
        let raw_nulls = !mapping.replace_null_with_default;
        Ok(Self { table, fields, keys: count, created, delete, truncate: false, raw_nulls })
    }

    /// The plan that empties a table.
    pub(super) fn truncate(table: Arc<TableName>) -> Self {
        let (fields, created) = (Vec::new(), Vec::new());
        Self { table, fields, keys: 0, created, delete: false, truncate: true, raw_nulls: false }
    }

    /// Whether records of both plans are written the same way.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self == other
    }

    /// The row of a record that the plan was made for.
    ///
    /// # Errors
    /// A data error that names the field that does not fit.
    pub(super) fn row(&self, record: &SinkRecord, clocks: &Clocks) -> Result<Vec<Cell>> {
        let cell = |(place, field): (usize, &Field)| {
            let raw = self.raw_nulls && place >= self.keys;
            let value = self.value(field, record, raw)?;
            clocks.cell(value, &field.kind).map_err(|error| error.context(format_args!("field {:?}", field.name)))
        };
        let special = |field: &Field| match field.source {
            Source::Topic => Some(Cell::Text(Arc::clone(&record.topic))),
            Source::Partition => Some(Cell::Int(record.partition.unwrap_or(record.origin().partition).into())),
            Source::Offset => Some(Cell::Int(record.offset())),
            _ => None,
        };
        self.fields
            .iter()
            .enumerate()
            .map(|(place, field)| special(field).map_or_else(|| cell((place, field)), Ok))
            .collect()
    }

    fn value<'r>(&self, field: &'r Field, record: &'r SinkRecord, raw: bool) -> Result<&'r Value> {
        let of = |datum: &'r Datum, index: usize| match &datum.value {
            Value::Struct(structure) if raw => Ok(structure.values().get(index).unwrap_or(&Value::Null)),
            Value::Struct(structure) => Ok(structure.at(index)),
            other => Err(refused(format!("expected a struct, not {}", other.kind()))),
        };
        match field.source {
            Source::Key => Ok(&record.key.value),
            Source::KeyField(index) => of(&record.key, index),
            Source::ValueField(index) => of(&record.value, index),
            _ => Ok(&record.value.value),
        }
    }
}

/// The value's schema, which must be a struct's or a string's.
fn value_schema(value: &Datum) -> Result<&Arc<Schema>> {
    match &value.schema {
        _ if value.is_null() => Err(refused(
            "the record has no value; delete.enabled=true with pk.mode=record_key would make it a delete".to_owned(),
        )),
        Some(schema) if schema.ty() == Type::Struct || is_text(schema) => Ok(schema),
        Some(schema) => {
            Err(refused(format!("a value of type {schema} cannot be a row; expected a struct or a string")))
        }
        None => Err(refused(
            "the record's value has no schema; a sink to tables needs one (schemas.enable=true, or a schema registry)"
                .to_owned(),
        )),
    }
}

fn is_text(schema: &Schema) -> bool {
    schema.ty() == Type::String
}

fn keys(mapping: &MappingConfig, record: &SinkRecord, value: Option<&Arc<Schema>>) -> Result<Vec<Field>> {
    let topic = &record.topic;
    match mapping.pk_mode {
        PkMode::None => Ok(Vec::new()),
        PkMode::Kafka => {
            let names = match mapping.pk_fields.as_slice() {
                [topic, partition, offset] => [topic.as_str(), partition, offset],
                _ => KAFKA,
            };
            let sources = [Source::Topic, Source::Partition, Source::Offset];
            let kinds = [Kind::String, Kind::Int32, Kind::Int64];
            let fields = names.iter().zip(sources).zip(kinds).map(|((name, source), kind)| Field {
                name: (*name).to_owned(),
                kind,
                optional: false,
                default: None,
                source,
            });
            Ok(fields.collect())
        }
        PkMode::RecordKey => {
            let schema = record.key.schema.as_ref().filter(|_| !record.key.is_null()).ok_or_else(|| {
                refused(format!("pk.mode=record_key needs a key with a schema; a record of topic {topic} has none"))
            })?;
            match schema.ty() {
                Type::Struct => struct_keys(mapping, schema, Source::KeyField, "key", topic),
                Type::Array | Type::Map => Err(refused(format!("a key of type {schema} cannot be a primary key"))),
                _ => match mapping.pk_fields.as_slice() {
                    [name] => Ok(vec![field(mapping, name, schema, Source::Key)?]),
                    names => Err(refused(format!(
                        "the key of topic {topic} is a single {schema}, so pk.fields needs exactly one name; it has {}",
                        names.len()
                    ))),
                },
            }
        }
        PkMode::RecordValue => match value {
            Some(schema) if schema.ty() == Type::Struct => {
                struct_keys(mapping, schema, Source::ValueField, "value", topic)
            }
            _ => Err(refused(format!("pk.mode=record_value needs a value that is a struct, in topic {topic}"))),
        },
    }
}

fn struct_keys(
    mapping: &MappingConfig,
    schema: &Arc<Schema>,
    source: fn(usize) -> Source,
    part: &str,
    topic: &str,
) -> Result<Vec<Field>> {
    if mapping.pk_fields.is_empty() {
        return schema.fields().iter().map(|f| field(mapping, &f.name, &f.schema, source(f.index))).collect();
    }
    let one = |name: &String| {
        let found = schema.field(name).ok_or_else(|| {
            let there: Vec<_> = schema.fields().iter().map(|field| &*field.name).collect();
            let there = there.join(", ");
            refused(format!("pk.fields names {name:?}, which the {part} of topic {topic} lacks; its fields: {there}"))
        })?;
        field(mapping, &found.name, &found.schema, source(found.index))
    };
    mapping.pk_fields.iter().map(one).collect()
}

fn field(mapping: &MappingConfig, name: &str, schema: &Arc<Schema>, source: Source) -> Result<Field> {
    let named = mapping.debezium.as_ref().and_then(|_| types::kind(schema));
    let kind = named.map_or_else(|| Kind::of(schema), Ok);
    let kind = kind.map_err(|error| error.context(format_args!("field {name:?}")))?;
    let default = schema.default_value().cloned();
    Ok(Field { name: name.to_owned(), kind, optional: schema.is_optional(), default, source })
}

fn value_field(mapping: &MappingConfig, name: &str, schema: &Arc<Schema>, index: usize) -> Result<Field> {
    let listed = mapping.timestamp_fields.iter().any(|listed| listed == name);
    if listed && matches!(schema.ty(), Type::Int64 | Type::String) && schema.name().is_none() {
        let kind = Kind::Epoch(mapping.timestamp_precision);
        let source = Source::ValueField(index);
        return Ok(Field { name: name.to_owned(), kind, optional: schema.is_optional(), default: None, source });
    }
    field(mapping, name, schema, Source::ValueField(index))
}

fn string_field(mapping: &MappingConfig) -> Result<Field> {
    for (key, list) in
        [("fields.whitelist", &mapping.fields_whitelist), ("timestamp.fields.list", &mapping.timestamp_fields)]
    {
        if !list.is_empty() {
            return Err(refused(format!("the value is a string, which has no fields for {key} to name")));
        }
    }
    let name = mapping.string_column.clone();
    Ok(Field { name, kind: Kind::String, optional: true, default: None, source: Source::Value })
}

/// Kafka's own names, then the value's order, then what only the key has, by name.
fn created(fields: &[Field], keys: usize, value: Option<&Arc<Schema>>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..fields.len()).collect();
    let place = |index: usize| {
        let field = &fields[index];
        if let Some(at) = KAFKA.iter().position(|name| *name == field.name) {
            return (0, at, "");
        }
        match value.and_then(|value| value.field(&field.name)) {
            Some(found) => (1, found.index, ""),
            None if index >= keys => (1, index, ""),
            None => (2, 0, field.name.as_str()),
        }
    };
    order.sort_by_key(|index| place(*index));
    order
}

fn refused(message: String) -> Error {
    Error::data(message).with_class("org.apache.kafka.connect.errors.ConnectException")
}
