//! The keys of Debezium's connector, and what they are in those of the other one.

use std::sync::Arc;

use connect_api::config::{ConfigErrors, Millis, Secret};

use super::super::config::{DateZone, DdlConfig, InsertMode, JdbcSinkConfig, MappingConfig, PkMode, RetryConfig};
use super::super::config::{TableType, WritesConfig, defaults as sink};
use super::types::Fields;
use crate::choice::choice;
use crate::config::ConnectionConfig;
use crate::factory::ConnectionFactory;
use crate::source::CalendarSystem;
use crate::zone::Zone;

choice! {
    /// Where a row's key comes from, in Debezium's terms.
    #[derive(Default)]
    pub enum DebeziumKeyMode {
        /// Rows have none.
        #[default]
        None = "none",
        /// Topic, partition and offset.
        Kafka = "kafka",
        /// The record's key.
        RecordKey = "record_key",
        /// Fields of the row.
        RecordValue = "record_value",
        /// The record's headers.
        RecordHeader = "record_header",
    }
}

choice! {
    /// What may be done to tables that do not fit.
    #[derive(Default)]
    pub enum SchemaEvolution {
        /// Nothing.
        #[default]
        None = "none",
        /// Nothing, and the tables of assigned topics must be there at the start.
        ValidateOnly = "validate-only",
        /// Tables and columns are created.
        Basic = "basic",
    }
}

/// What a table's name is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// The topic with underscores for its dots.
    Default,
    /// The topic.
    Passthrough,
}

connect_api::config! {
    /// Configuration of [`DebeziumJdbcSink`](crate::DebeziumJdbcSink): the keys of Debezium's connector, and the
    /// exactly-once option of [`JdbcSink`](crate::JdbcSink).
    #[derive(Clone)]
    pub struct DebeziumJdbcSinkConfig {
        /// Address of the database, as a JDBC URL.
        #[serde(rename = "connection.url")]
        #[schemars(length(min = 1), extend("x-importance" = "high"))]
        pub url: String,
        /// User of the database.
        #[serde(rename = "connection.username", default)]
        #[schemars(extend("x-importance" = "high"))]
        pub username: Option<String>,
        /// Password of the user.
        #[serde(rename = "connection.password", default)]
        #[schemars(extend("x-importance" = "high"))]
        pub password: Option<Secret<String>>,
        /// Java's pool of connections. A task has one connection, so this and the sizes of pools have no effect.
        #[serde(rename = "connection.provider", default)]
        #[schemars(extend("x-importance" = "low"))]
        pub provider: Option<String>,
        /// No effect: a task has one connection.
        #[serde(rename = "connection.pool.min_size", default = "defaults::pool_min")]
        #[schemars(range(min = 0), extend("x-importance" = "low"))]
        pub pool_min: i32,
        /// No effect: a task has one connection.
        #[serde(rename = "connection.pool.max_size", default = "defaults::pool_max")]
        #[schemars(range(min = 1), extend("x-importance" = "low"))]
        pub pool_max: i32,
        /// No effect: a task has one connection.
        #[serde(rename = "connection.pool.timeout", default = "defaults::pool_timeout")]
        #[schemars(range(min = 0), extend("x-importance" = "low"))]
        pub pool_timeout: i64,
        /// No effect: a connection that is lost is always opened again.
        #[serde(rename = "connection.restart.on.errors", default)]
        #[schemars(extend("x-importance" = "low"))]
        pub restart_on_errors: bool,
        /// What a record with a value does: `insert` a row, `upsert` it by its key, or `update` the row of its key.
        #[serde(rename = "insert.mode", default)]
        #[schemars(extend("x-importance" = "high"))]
        pub insert_mode: InsertMode,
        /// Whether deletes are done; without it they are passed over.
        #[serde(rename = "delete.enabled", default)]
        pub delete_enabled: bool,
        /// Whether tables are emptied where their sources were.
        #[serde(rename = "truncate.enabled", default)]
        pub truncate_enabled: bool,
        /// Where a row's key comes from: `none`, `kafka`, `record_key`, `record_value` or `record_header`.
        #[serde(rename = "primary.key.mode", default)]
        #[schemars(extend("x-importance" = "high"))]
        pub key_mode: DebeziumKeyMode,
        /// Names of the key's columns.
        #[serde(rename = "primary.key.fields", default)]
        pub key_fields: Vec<String>,
        /// Whether names of tables and columns are quoted in statements; without it the database folds their case.
        #[serde(rename = "quote.identifiers", default)]
        pub quote_identifiers: bool,
        /// What may be done to tables that do not fit: `none`, `validate-only` or `basic`.
        #[serde(rename = "schema.evolution", default)]
        pub schema_evolution: SchemaEvolution,
        /// The table of a record; `${topic}` stands for its topic, `${source.x}` for field x of a change event's source.
        #[serde(rename = "collection.name.format", default = "defaults::format")]
        #[schemars(length(min = 1))]
        pub collection_format: String,
        /// The older name of `collection.name.format`.
        #[serde(rename = "table.name.format", default)]
        pub table_format: Option<String>,
        /// `DefaultCollectionNamingStrategy` puts underscores for the dots of topics, `PassthroughCollectionNamingStrategy`
        /// leaves them. There are no others.
        #[serde(rename = "collection.naming.strategy", default = "defaults::naming")]
        #[schemars(extend("x-importance" = "low", "x-type" = "class"))]
        pub collection_naming: String,
        /// The older name of `collection.naming.strategy`.
        #[serde(rename = "table.naming.strategy", default)]
        #[schemars(extend("x-importance" = "low", "x-type" = "class"))]
        pub table_naming: Option<String>,
        /// Only the default is there: a column is called what its field is.
        #[serde(rename = "column.naming.strategy", default = "defaults::column_naming")]
        #[schemars(extend("x-importance" = "low", "x-type" = "class"))]
        pub column_naming: String,
        /// No effect, in Debezium's connector neither.
        #[serde(rename = "collection.table.format", default = "defaults::table")]
        #[schemars(extend("x-importance" = "low"))]
        pub collection_table_format: String,
        /// Zone in which times that know theirs are written to columns that know none.
        #[serde(rename = "use.time.zone", default)]
        pub time_zone: Zone,
        /// The older name of `use.time.zone`.
        #[serde(rename = "database.time_zone", default)]
        pub database_time_zone: Option<Zone>,
        /// Most rows in one statement.
        #[serde(rename = "batch.size", default = "defaults::batch_size")]
        #[schemars(range(min = 1))]
        pub batch_size: i32,
        /// No effect: rows of one key are reduced to the last wherever that changes nothing.
        #[serde(rename = "use.reduction.buffer", default)]
        #[schemars(extend("x-importance" = "low"))]
        pub reduction_buffer: bool,
        /// No effect, as with `use.reduction.buffer`.
        #[serde(rename = "keyed.message.batch.mode", default = "defaults::batch_mode")]
        #[schemars(extend("x-importance" = "low"))]
        pub keyed_batch_mode: String,
        /// Fields to write beside the key, `field` or `topic:field`; all when empty.
        #[serde(rename = "field.include.list", default)]
        pub include: Vec<String>,
        /// Fields not to write, `field` or `topic:field`.
        #[serde(rename = "field.exclude.list", default)]
        pub exclude: Vec<String>,
        /// How often the same records are tried again when the database is away or busy, before the task fails.
        #[serde(rename = "flush.max.retries", default = "defaults::retries")]
        #[schemars(range(min = 0))]
        pub max_retries: i32,
        /// Milliseconds between two such attempts.
        #[serde(rename = "flush.retry.delay.ms", default = "defaults::delay")]
        pub retry_delay: Millis,
        /// No effect: PostgreSQL is always given arrays, or `COPY`.
        #[serde(rename = "dialect.postgres.unnest.insert.enabled", default)]
        #[schemars(extend("x-importance" = "low"))]
        pub unnest: bool,
        /// No effect: columns of geometry are not written.
        #[serde(rename = "dialect.postgres.postgis.schema", default = "defaults::postgis")]
        #[schemars(extend("x-importance" = "low"))]
        pub postgis_schema: String,
        /// No effect: SQL Server is not there.
        #[serde(rename = "dialect.sqlserver.identity.insert", default)]
        #[schemars(extend("x-importance" = "low"))]
        pub identity_insert: bool,
        /// Names of the schemas of CloudEvents, as a pattern; their `data` is what is written.
        #[serde(rename = "cloud.events.schema.name.pattern", default = "defaults::cloud_events")]
        #[schemars(extend("x-importance" = "low"))]
        pub cloud_events: String,
        /// Whether rows and consumer offsets are written in one transaction, into a table of the connector's own, so
        /// that a row is written exactly once whatever fails.
        #[serde(rename = "exactly.once.enabled", default)]
        #[schemars(extend("x-importance" = "low"))]
        pub exactly_once: bool,
        /// The table of those offsets; it is created when it is missing.
        #[serde(rename = "exactly.once.table", default = "sink::offsets_table")]
        #[schemars(length(min = 1), extend("x-importance" = "low"))]
        pub offsets_table: String,
        /// Opens connections in the connector's stead; the URL then only says which database it is.
        #[serde(skip)]
        #[schemars(skip)]
        pub factory: Option<ConnectionFactory>,
    }
}

mod defaults {
    use connect_api::config::Millis;

    pub(super) const fn pool_min() -> i32 {
        5
    }

    pub(super) const fn pool_max() -> i32 {
        32
    }

    pub(super) const fn pool_timeout() -> i64 {
        1800
    }

    pub(super) fn format() -> String {
        "${topic}".into()
    }

    pub(super) fn naming() -> String {
        "io.debezium.sink.naming.DefaultCollectionNamingStrategy".into()
    }

    pub(super) fn column_naming() -> String {
        "io.debezium.connector.jdbc.naming.DefaultColumnNamingStrategy".into()
    }

    pub(super) fn table() -> String {
        "${table}".into()
    }

    pub(super) const fn batch_size() -> i32 {
        500
    }

    pub(super) fn batch_mode() -> String {
        "deduplication".into()
    }

    pub(super) const fn retries() -> i32 {
        5
    }

    pub(super) const fn delay() -> Millis {
        Millis::new(1000)
    }

    pub(super) fn postgis() -> String {
        "public".into()
    }

    pub(super) fn cloud_events() -> String {
        ".*CloudEvents\\.Envelope$".into()
    }
}

impl DebeziumJdbcSinkConfig {
    /// The table name's format, whichever key gives it.
    pub(super) fn format(&self) -> &str {
        self.table_format.as_deref().filter(|format| !format.is_empty()).unwrap_or(&self.collection_format).trim()
    }

    /// How topics become names, `None` for a class that is not there.
    pub(super) fn naming(&self) -> Option<Naming> {
        let class = self.table_naming.as_ref().unwrap_or(&self.collection_naming);
        match class.rsplit('.').next()?.trim() {
            "DefaultCollectionNamingStrategy" | "DefaultTableNamingStrategy" => Some(Naming::Default),
            "PassthroughCollectionNamingStrategy" => Some(Naming::Passthrough),
            _ => None,
        }
    }

    /// What is wrong with the values, without asking the database.
    pub(super) fn errors(&self) -> ConfigErrors {
        let mut errors = self.settings().connection.errors(&self.url);
        let mode = self.key_mode;
        let user = self.username.as_ref().is_some_and(|user| !user.is_empty());
        if !user && self.factory.is_none() && !self.url.trim_start().starts_with("jdbc:sqlite:") {
            errors.add("connection.username", None, "missing, and it has no default");
        }
        if self.insert_mode == InsertMode::Multi {
            errors.add("insert.mode", Some("multi".into()), "expected one of insert, upsert, update");
        }
        let by_key = matches!(self.insert_mode, InsertMode::Upsert | InsertMode::Update);
        if by_key && mode == DebeziumKeyMode::None {
            let insert = self.insert_mode.text();
            let message = format!("insert.mode={insert} finds rows by their key: set primary.key.mode");
            errors.add("insert.mode", Some(insert.into()), &message);
            errors.add("primary.key.mode", Some("none".into()), &message);
        }
        if self.delete_enabled && matches!(mode, DebeziumKeyMode::None | DebeziumKeyMode::Kafka) {
            let message = "delete.enabled=true needs primary.key.mode record_key, record_value or record_header";
            errors.add("delete.enabled", Some("true".into()), message);
            errors.add("primary.key.mode", Some(mode.text().into()), message);
        }
        if !self.include.is_empty() && !self.exclude.is_empty() {
            for key in ["field.include.list", "field.exclude.list"] {
                errors.add(key, None, "field.include.list and field.exclude.list exclude each other");
            }
        }
        if self.naming().is_none() {
            let key = if self.table_naming.is_some() { "table.naming.strategy" } else { "collection.naming.strategy" };
            let class = self.table_naming.as_ref().unwrap_or(&self.collection_naming);
            let message = "there are DefaultCollectionNamingStrategy and PassthroughCollectionNamingStrategy";
            errors.add(key, Some(class.clone()), message);
        }
        if !self.column_naming.trim().ends_with("DefaultColumnNamingStrategy") {
            let class = Some(self.column_naming.clone());
            errors.add("column.naming.strategy", class, "only DefaultColumnNamingStrategy is there");
        }
        if !["deduplication", "passthrough"].contains(&self.keyed_batch_mode.trim().to_ascii_lowercase().as_str()) {
            let value = Some(self.keyed_batch_mode.clone());
            errors.add("keyed.message.batch.mode", value, "expected one of deduplication, passthrough");
        }
        if let Err(error) = regex::Regex::new(&self.cloud_events) {
            errors.add("cloud.events.schema.name.pattern", Some(self.cloud_events.clone()), error.to_string());
        }
        errors
    }

    /// The same in the terms of the other connector.
    pub(super) fn settings(&self) -> JdbcSinkConfig {
        let connection = ConnectionConfig {
            user: self.username.clone(),
            password: self.password.clone(),
            attempts: 1,
            aiven_quote: Some(self.quote_identifiers),
            factory: self.factory.clone(),
            ..ConnectionConfig::default()
        };
        let pk_mode = match self.key_mode {
            DebeziumKeyMode::None => PkMode::None,
            DebeziumKeyMode::Kafka => PkMode::Kafka,
            // A key is made of the value or the headers when the record is opened.
            _ => PkMode::RecordKey,
        };
        let own_key = matches!(self.key_mode, DebeziumKeyMode::RecordValue | DebeziumKeyMode::RecordHeader);
        let basic = self.schema_evolution == SchemaEvolution::Basic;
        JdbcSinkConfig {
            url: self.url.clone(),
            connection,
            writes: WritesConfig {
                insert_mode: self.insert_mode,
                batch_size: self.batch_size,
                delete_enabled: self.delete_enabled,
                table_types: vec![TableType::Table, TableType::Partitioned, TableType::View],
                exactly_once: self.exactly_once,
                offsets_table: self.offsets_table.clone(),
            },
            mapping: MappingConfig {
                pk_mode,
                pk_fields: if own_key { Vec::new() } else { self.key_fields.clone() },
                db_timezone: self.database_time_zone.clone().unwrap_or_else(|| self.time_zone.clone()),
                date_timezone: DateZone::Utc,
                date_calendar: CalendarSystem::ProlepticGregorian,
                debezium: Some(Arc::new(Fields::new(&self.include, &self.exclude))),
                ..MappingConfig::default()
            },
            ddl: DdlConfig { auto_create: basic, auto_evolve: basic },
            retries: RetryConfig {
                max_retries: self.max_retries,
                retry_backoff_ms: i32::try_from(self.retry_delay.duration().as_millis()).unwrap_or(i32::MAX),
                ..RetryConfig::default()
            },
        }
    }
}
