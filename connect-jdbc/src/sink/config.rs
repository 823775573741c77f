//! The sink's configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::config::{ConfigErrors, Group};
use connect_api::{Deserialize, JsonSchema};

use super::debezium::types::Fields;
use crate::choice::choice;
use crate::config::ConnectionConfig;
use crate::dialect::TableKind;
use crate::source::CalendarSystem;
use crate::zone::Zone;

choice! {
    /// What a record with a value does.
    #[derive(Default)]
    pub enum InsertMode {
        /// Adds a row.
        #[default]
        Insert = "insert",
        /// Adds a row, or changes the one of the same key.
        Upsert = "upsert",
        /// Changes the row of the key; without one it does nothing.
        Update = "update",
        /// Aiven's name for `insert`.
        Multi = "multi",
    }
}

choice! {
    /// Where a row's key comes from.
    #[derive(Default)]
    pub enum PkMode {
        /// Rows have none.
        #[default]
        None = "none",
        /// Topic, partition and offset.
        Kafka = "kafka",
        /// The record's key.
        RecordKey = "record_key",
        /// Fields of the record's value.
        RecordValue = "record_value",
    }
}

choice! {
    /// Which zone a Connect Date is written in.
    #[derive(Default)]
    pub enum DateZone {
        /// That of `db.timezone`: midnight UTC may be the day before there.
        #[default]
        Db = "DB_TIMEZONE",
        /// UTC: the day is the day.
        Utc = "UTC",
    }
}

choice! {
    /// The unit of the fields of `timestamp.fields.list`.
    #[derive(Default)]
    pub enum Precision {
        /// Microseconds since 1970.
        #[default]
        Micros = "MICROSECONDS",
        /// Nanoseconds since 1970.
        Nanos = "NANOSECONDS",
    }
}

choice! {
    /// A kind of object that counts as a table.
    pub enum TableType {
        /// A table.
        Table = "TABLE",
        /// A partitioned table.
        Partitioned = "PARTITIONED TABLE",
        /// A view.
        View = "VIEW",
    }
}

impl TableType {
    /// Whether an object of this kind is of this type.
    pub(super) const fn includes(self, kind: TableKind) -> bool {
        matches!(
            (self, kind),
            (Self::Table, TableKind::Table | TableKind::Temporary | TableKind::Foreign)
                | (Self::Partitioned, TableKind::Partitioned)
                | (Self::View, TableKind::View)
        )
    }
}

connect_api::config! {
    /// Configuration of [`JdbcSink`](crate::JdbcSink).
    #[derive(Clone)]
    pub struct JdbcSinkConfig {
        /// Address of the database: `jdbc:postgresql://host/database`, `jdbc:mysql://host/database`,
        /// `jdbc:sqlite:/path/to/file`.
        #[serde(rename = "connection.url")]
        #[schemars(length(min = 1), extend("x-group" = "Database", "x-display-name" = "JDBC URL"))]
        pub url: String,
        /// How the database is reached.
        #[serde(flatten)]
        pub connection: ConnectionConfig,
        /// What is written.
        #[serde(flatten)]
        pub writes: WritesConfig,
        /// What becomes of fields.
        #[serde(flatten)]
        pub mapping: MappingConfig,
        /// What may be changed in the database beside rows.
        #[serde(flatten)]
        pub ddl: DdlConfig,
        /// What happens when the database does not answer.
        #[serde(flatten)]
        pub retries: RetryConfig,
    }
}

/// What is written, and how much at a time.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde")]
#[schemars(crate = "connect_api::schemars", transform = Group("Writes"))]
pub struct WritesConfig {
    /// What a record with a value does: `insert` a row, `upsert` it by its key, or `update` the row of its key.
    #[serde(rename = "insert.mode", default)]
    #[schemars(extend("x-importance" = "high"))]
    pub insert_mode: InsertMode,
    /// Most rows in one statement.
    #[serde(rename = "batch.size", default = "defaults::batch_size")]
    #[schemars(range(min = 0))]
    pub batch_size: i32,
    /// Whether a record without value deletes the row of its key; needs `pk.mode=record_key`.
    #[serde(rename = "delete.enabled", default)]
    pub delete_enabled: bool,
    /// Kinds of objects that may be written to.
    #[serde(rename = "table.types", default = "defaults::table_types")]
    #[schemars(length(min = 1), extend("x-importance" = "low"))]
    pub table_types: Vec<TableType>,
    /// Whether rows and consumer offsets are written in one transaction, into a table of the connector's own, so that
    /// a row is written exactly once whatever fails.
    #[serde(rename = "exactly.once.enabled", default)]
    #[schemars(extend("x-importance" = "low"))]
    pub exactly_once: bool,
    /// The table of those offsets; it is created when it is missing.
    #[serde(rename = "exactly.once.table", default = "defaults::offsets_table")]
    #[schemars(length(min = 1), extend("x-importance" = "low"))]
    pub offsets_table: String,
}

/// Names, keys and values.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde")]
#[schemars(crate = "connect_api::schemars", transform = Group("Data Mapping"))]
pub struct MappingConfig {
    /// The table of a topic; `${topic}` stands for its name.
    #[serde(rename = "table.name.format", default = "defaults::table_name_format")]
    #[schemars(length(min = 1))]
    pub table_name_format: String,
    /// Aiven's list of `topic:table`; topics that are not in it follow `table.name.format`.
    #[serde(rename = "topics.to.tables.mapping", default)]
    pub topics_to_tables: Vec<String>,
    /// Whether every character of a table name that is no letter, digit or underscore becomes an underscore.
    #[serde(rename = "table.name.normalize", default)]
    pub table_name_normalize: bool,
    /// Where a row's key comes from: `none`, `kafka`, `record_key` or `record_value`.
    #[serde(rename = "pk.mode", default)]
    #[schemars(extend("x-importance" = "high"))]
    pub pk_mode: PkMode,
    /// Names of the key's columns.
    #[serde(rename = "pk.fields", default)]
    pub pk_fields: Vec<String>,
    /// Fields of the value to write beside the key; all when empty.
    #[serde(rename = "fields.whitelist", default)]
    pub fields_whitelist: Vec<String>,
    /// Zone in which timestamps and times are written to columns that know none.
    #[serde(rename = "db.timezone", default)]
    pub db_timezone: Zone,
    /// Zone in which dates are written: that of `db.timezone`, or UTC.
    #[serde(rename = "date.timezone", default)]
    pub date_timezone: DateZone,
    /// Calendar of days before 1582-10-15.
    #[serde(rename = "date.calendar.system", default = "defaults::calendar")]
    #[schemars(extend("x-importance" = "low"))]
    pub date_calendar: CalendarSystem,
    /// Fields of type int64 or string that hold a time since 1970, to be written as timestamps.
    #[serde(rename = "timestamp.fields.list", default)]
    pub timestamp_fields: Vec<String>,
    /// The unit of those fields.
    #[serde(rename = "timestamp.precision.mode", default)]
    pub timestamp_precision: Precision,
    /// Column of a value that is a string.
    #[serde(rename = "string.output.value.column.name", default = "defaults::string_column")]
    #[schemars(length(min = 1))]
    pub string_column: String,
    /// Whether a field of the value that is null is written as its schema's default.
    #[serde(rename = "replace.null.with.default", default = "defaults::yes")]
    pub replace_null_with_default: bool,
    /// Set when records are Debezium's: its types have meanings, and fields may be left out.
    #[serde(skip)]
    #[schemars(skip)]
    #[doc(hidden)]
    pub debezium: Option<Arc<Fields>>,
}

/// Tables and columns that are missing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde")]
#[schemars(crate = "connect_api::schemars", transform = Group("DDL Support"))]
pub struct DdlConfig {
    /// Whether a table that is missing is created.
    #[serde(rename = "auto.create", default)]
    pub auto_create: bool,
    /// Whether a column that is missing is added.
    #[serde(rename = "auto.evolve", default)]
    pub auto_evolve: bool,
}

/// Failures that may pass.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde")]
#[schemars(crate = "connect_api::schemars", transform = Group("Retries"))]
pub struct RetryConfig {
    /// How often the same records are tried again when the database is away or busy, before the task fails.
    #[serde(rename = "max.retries", default = "defaults::max_retries")]
    #[schemars(range(min = 0))]
    pub max_retries: i32,
    /// Milliseconds between two such attempts.
    #[serde(rename = "retry.backoff.ms", default = "defaults::retry_backoff")]
    #[schemars(range(min = 0))]
    pub retry_backoff_ms: i32,
    /// Whether messages of the database, which may repeat values, are left out of errors and logs.
    #[serde(rename = "trim.sensitive.log", default)]
    #[schemars(extend("x-importance" = "low"))]
    pub trim_sensitive_log: bool,
    /// For SQL Server, which is not there; it has no effect.
    #[serde(rename = "mssql.use.merge.holdlock", default = "defaults::yes")]
    #[schemars(extend("x-importance" = "low"))]
    pub mssql_holdlock: bool,
}

pub(super) mod defaults {
    use super::{CalendarSystem, TableType};

    pub(super) const fn calendar() -> CalendarSystem {
        CalendarSystem::Legacy
    }

    pub(super) const fn batch_size() -> i32 {
        3000
    }

    pub(super) fn table_types() -> Vec<TableType> {
        vec![TableType::Table]
    }

    pub(in crate::sink) fn offsets_table() -> String {
        "connect_offsets".into()
    }

    pub(super) fn table_name_format() -> String {
        "${topic}".into()
    }

    pub(super) fn string_column() -> String {
        "record_value".into()
    }

    pub(super) const fn yes() -> bool {
        true
    }

    pub(super) const fn max_retries() -> i32 {
        10
    }

    pub(super) const fn retry_backoff() -> i32 {
        3000
    }
}

impl Default for WritesConfig {
    fn default() -> Self {
        Self {
            insert_mode: InsertMode::default(),
            batch_size: defaults::batch_size(),
            delete_enabled: false,
            table_types: defaults::table_types(),
            exactly_once: false,
            offsets_table: defaults::offsets_table(),
        }
    }
}

impl Default for MappingConfig {
    fn default() -> Self {
        Self {
            table_name_format: defaults::table_name_format(),
            topics_to_tables: Vec::new(),
            table_name_normalize: false,
            pk_mode: PkMode::default(),
            pk_fields: Vec::new(),
            fields_whitelist: Vec::new(),
            db_timezone: Zone::utc(),
            date_timezone: DateZone::default(),
            date_calendar: defaults::calendar(),
            timestamp_fields: Vec::new(),
            timestamp_precision: Precision::default(),
            string_column: defaults::string_column(),
            replace_null_with_default: true,
            debezium: None,
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_retries: defaults::max_retries(),
            retry_backoff_ms: defaults::retry_backoff(),
            trim_sensitive_log: false,
            mssql_holdlock: true,
        }
    }
}

impl JdbcSinkConfig {
    /// Rows of records into tables of the topics' names, everything else by default.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connection: ConnectionConfig::default(),
            writes: WritesConfig::default(),
            mapping: MappingConfig::default(),
            ddl: DdlConfig::default(),
            retries: RetryConfig::default(),
        }
    }

    /// What is wrong with the values, without asking the database.
    pub(super) fn errors(&self) -> ConfigErrors {
        let mut errors = self.connection.errors(&self.url);
        let (writes, mapping) = (&self.writes, &self.mapping);
        let mut at_least = |key: &str, value: i32| {
            if value < 0 {
                errors.add(key, Some(value.to_string()), "must be at least 0");
            }
        };
        at_least("batch.size", writes.batch_size);
        at_least("max.retries", self.retries.max_retries);
        at_least("retry.backoff.ms", self.retries.retry_backoff_ms);
        if writes.table_types.is_empty() {
            errors.add("table.types", None, "at least one is needed");
        }
        if writes.delete_enabled && mapping.pk_mode != PkMode::RecordKey {
            let message = "deletes are found by the record's key: delete.enabled=true needs pk.mode=record_key";
            errors.add("delete.enabled", Some("true".into()), message);
            errors.add("pk.mode", Some(mapping.pk_mode.text().into()), message);
        }
        if writes.insert_mode == InsertMode::Update && mapping.pk_mode == PkMode::None {
            let message = "insert.mode=update without a key would change every row of the table; set pk.mode";
            errors.add("insert.mode", Some("update".into()), message);
            errors.add("pk.mode", Some("none".into()), message);
        }
        if mapping.pk_mode == PkMode::Kafka && !matches!(mapping.pk_fields.len(), 0 | 3) {
            let message = "pk.mode=kafka takes three names, for topic, partition and offset, or none";
            errors.add("pk.fields", Some(mapping.pk_fields.join(",")), message);
        }
        if let Err(error) = self.table_of() {
            errors.add("topics.to.tables.mapping", Some(mapping.topics_to_tables.join(",")), error);
        }
        if writes.exactly_once && writes.offsets_table.trim().is_empty() {
            errors.add("exactly.once.table", None, "must not be empty");
        }
        errors
    }

    /// `topics.to.tables.mapping` as a map, or what is wrong with it.
    pub(super) fn table_of(&self) -> Result<BTreeMap<String, String>, String> {
        let entries = self.mapping.topics_to_tables.iter().filter(|entry| !entry.trim().is_empty());
        entries
            .map(|entry| match entry.split_once(':').map(|(topic, table)| (topic.trim(), table.trim())) {
                Some((topic, table)) if !topic.is_empty() && !table.is_empty() => Ok((topic.into(), table.into())),
                _ => Err(format!("{entry:?} is not of the form topic:table")),
            })
            .collect()
    }
}
