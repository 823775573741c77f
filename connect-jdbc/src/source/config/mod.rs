//! The source's configuration.

mod check;
mod mapping;

use connect_api::config::{Millis, Secret};

pub(crate) use check::no_such_column;
pub use mapping::{IncrementingColumn, Pattern, TimestampColumns};

use crate::choice::choice;
use crate::config::ConnectionConfig;
use crate::zone::Zone;

choice! {
    /// How new rows are told from old ones.
    pub enum Mode {
        /// Not at all: all rows, again and again.
        Bulk = "bulk",
        /// By a timestamp later than the last one seen.
        Timestamp = "timestamp",
        /// By a number greater than the last one seen.
        Incrementing = "incrementing",
        /// By a timestamp, or at the same timestamp a number, greater than the last one seen.
        TimestampIncrementing = "timestamp+incrementing",
    }
}

choice! {
    /// What becomes of exact numbers.
    pub enum NumericMapping {
        /// Connect's decimal.
        None = "none",
        /// Integers where the digits fit one and none stand behind the point.
        PrecisionOnly = "precision_only",
        /// As `precision_only`, and doubles for up to 18 digits with some behind the point.
        BestFit = "best_fit",
        /// As `best_fit`, and doubles for all numbers with digits behind the point.
        BestFitEagerDouble = "best_fit_eager_double",
    }
}

choice! {
    /// How the days before 1582-10-15 are counted.
    pub enum CalendarSystem {
        /// As Java's old classes do: in the Julian calendar.
        Legacy = "LEGACY",
        /// In the Gregorian calendar, as databases do.
        ProlepticGregorian = "PROLEPTIC_GREGORIAN",
    }
}

choice! {
    /// What timestamps become.
    pub enum Granularity {
        /// Connect's timestamp, in milliseconds.
        ConnectLogical = "connect_logical",
        /// Microseconds since 1970.
        MicrosLong = "micros_long",
        /// Microseconds since 1970 as text.
        MicrosString = "micros_string",
        /// `2024-02-29T13:14:15.123456` in `db.timezone`.
        MicrosIso = "micros_iso_datetime_string",
        /// Nanoseconds since 1970.
        NanosLong = "nanos_long",
        /// Nanoseconds since 1970 as text.
        NanosString = "nanos_string",
        /// `2024-02-29T13:14:15.123456000` in `db.timezone`.
        NanosIso = "nanos_iso_datetime_string",
    }
}

choice! {
    /// How far transactions that read are kept apart from others.
    pub enum Isolation {
        /// As the database has it.
        Default = "DEFAULT",
        /// READ UNCOMMITTED
        ReadUncommitted = "READ_UNCOMMITTED",
        /// READ COMMITTED
        ReadCommitted = "READ_COMMITTED",
        /// REPEATABLE READ
        RepeatableRead = "REPEATABLE_READ",
        /// SERIALIZABLE
        Serializable = "SERIALIZABLE",
        /// SQL Server's snapshot; refused elsewhere.
        SqlServerSnapshot = "SQL_SERVER_SNAPSHOT",
    }
}

impl Mode {
    /// Whether rows are told by a number.
    pub(crate) const fn has_incrementing(self) -> bool {
        matches!(self, Self::Incrementing | Self::TimestampIncrementing)
    }

    /// Whether rows are told by timestamps.
    pub(crate) const fn has_timestamp(self) -> bool {
        matches!(self, Self::Timestamp | Self::TimestampIncrementing)
    }
}

impl Isolation {
    /// What stands behind `ISOLATION LEVEL`; `None` for the database's own.
    pub(crate) const fn sql(self) -> Option<&'static str> {
        match self {
            Self::Default | Self::SqlServerSnapshot => None,
            Self::ReadUncommitted => Some("READ UNCOMMITTED"),
            Self::ReadCommitted => Some("READ COMMITTED"),
            Self::RepeatableRead => Some("REPEATABLE READ"),
            Self::Serializable => Some("SERIALIZABLE"),
        }
    }
}

connect_api::config! {
    /// Configuration of [`JdbcSource`](crate::JdbcSource).
    #[derive(Clone)]
    pub struct JdbcSourceConfig {
        /// JDBC URL of the database: `jdbc:postgresql://host:5432/database`, `jdbc:mysql://host:3306/database`,
        /// `jdbc:sqlite:file`.
        #[serde(rename = "connection.url", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "high", "x-width" = "long"))]
        pub connection_url: String,
        /// How the database is entered.
        #[serde(flatten)]
        pub connection: ConnectionConfig,
        /// Tables to copy: by full name, with or without quotes, or by bare name.
        #[serde(rename = "table.whitelist", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "medium", "x-width" = "long"))]
        pub table_whitelist: Vec<String>,
        /// Tables not to copy, named as in `table.whitelist`.
        #[serde(rename = "table.blacklist", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "medium", "x-width" = "long"))]
        pub table_blacklist: Vec<String>,
        /// Regular expressions of which one must match the full name of a table, without quotes, for it to be copied.
        #[serde(rename = "table.include.list", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "medium", "x-width" = "long"))]
        pub table_include_list: Vec<Pattern>,
        /// Regular expressions of which none may match the full name of a table.
        #[serde(rename = "table.exclude.list", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "medium", "x-width" = "long"))]
        pub table_exclude_list: Vec<Pattern>,
        /// Catalog whose tables are listed; empty for those without one.
        #[serde(rename = "catalog.pattern", default)]
        #[schemars(extend("x-group" = "Database"))]
        pub catalog_pattern: Option<String>,
        /// Pattern, as in SQL's LIKE, of the schemas whose tables are listed; empty for those without one.
        #[serde(rename = "schema.pattern", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "high"))]
        pub schema_pattern: Option<String>,
        /// Deprecated: `true` is `numeric.mapping=precision_only` when that is not set.
        #[serde(rename = "numeric.precision.mapping", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "low"))]
        pub numeric_precision_mapping: bool,
        /// What NUMERIC columns become: `none`, `precision_only`, `best_fit` or `best_fit_eager_double`. DECIMAL columns
        /// of MySQL are always decimals.
        #[serde(rename = "numeric.mapping", default)]
        #[schemars(extend("x-group" = "Database", "x-importance" = "low"))]
        pub numeric_mapping: Option<NumericMapping>,
        /// How days before 1582-10-15 are counted.
        #[serde(rename = "date.calendar.system", default = "defaults::calendar")]
        #[schemars(extend("x-group" = "Database", "x-importance" = "low"))]
        pub date_calendar_system: CalendarSystem,

        /// How new rows are found: `bulk`, `timestamp`, `incrementing` or `timestamp+incrementing`.
        #[serde(default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "high", "x-dependents" = ["incrementing.column.name", "timestamp.column.name", "validate.non.null"]))]
        pub mode: Option<Mode>,
        /// Column whose numbers grow from row to row; empty to take the one that the database numbers itself.
        #[serde(rename = "incrementing.column.name", default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "medium"))]
        pub incrementing_column: String,
        /// Columns that say when a row was written; the first that is not null counts.
        #[serde(rename = "timestamp.column.name", default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "medium"))]
        pub timestamp_columns: Vec<String>,
        /// Timestamp columns by table: `regex:[first|second]` each.
        #[serde(rename = "timestamp.columns.mapping", default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "medium"))]
        pub timestamp_columns_mapping: Vec<TimestampColumns>,
        /// Incrementing column by table: `regex:column` each.
        #[serde(rename = "incrementing.column.mapping", default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "medium"))]
        pub incrementing_column_mapping: Vec<IncrementingColumn>,
        /// Where to begin when no offset is stored, in milliseconds since 1970; -1 for the database's present time. By
        /// default rows since 1970.
        #[serde(rename = "timestamp.initial", default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub timestamp_initial: Option<i64>,
        /// Number after which to begin when no offset is stored.
        #[serde(rename = "incrementing.initial", default = "defaults::incrementing_initial")]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub incrementing_initial: i64,
        /// As `timestamp.initial`, under Aiven's name; 0 says nothing.
        #[serde(rename = "timestamp.initial.ms", default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub timestamp_initial_ms: i64,
        /// Whether the task fails at its start when a column that tells new rows may be null.
        #[serde(rename = "validate.non.null", default = "defaults::yes")]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub validate_non_null: bool,
        /// A SELECT to run in place of copying tables.
        #[serde(default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "medium", "x-width" = "long"))]
        pub query: String,
        /// As `query`, and shown nowhere.
        #[serde(rename = "query.masked", default)]
        #[schemars(extend("default" = "", "x-group" = "Mode", "x-importance" = "medium", "x-width" = "long"))]
        pub query_masked: Secret<String>,
        /// Whether statements name tables with their schema.
        #[serde(rename = "table.names.qualify", default = "defaults::yes")]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub table_names_qualify: bool,
        /// Put at the end of every statement.
        #[serde(rename = "query.suffix", default)]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub query_suffix: String,
        /// Isolation of the transactions that read.
        #[serde(rename = "transaction.isolation.mode", default = "defaults::isolation")]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub isolation: Isolation,
        /// How often in a row a statement may fail for a reason that may pass before the task fails; without end when it
        /// is not positive.
        #[serde(rename = "query.retry.attempts", default = "defaults::retry_attempts")]
        #[schemars(extend("x-group" = "Mode", "x-importance" = "low"))]
        pub query_retry_attempts: i32,

        /// Kinds of tables to list.
        #[serde(rename = "table.types", default = "defaults::table_types")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "low", "x-recommended" = ["TABLE", "PARTITIONED TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SYSTEM TABLE", "GLOBAL TEMPORARY", "LOCAL TEMPORARY", "ALIAS", "SYNONYM"]))]
        pub table_types: Vec<String>,
        /// Time between the end of one reading of a table and the start of the next.
        #[serde(rename = "poll.interval.ms", default = "defaults::poll_interval")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "high", "x-type" = "INT"))]
        pub poll_interval: Millis,
        /// Most records that one poll gives.
        #[serde(rename = "batch.max.rows", default = "defaults::batch_max_rows")]
        #[schemars(range(min = 1), extend("x-group" = "Connector", "x-importance" = "low"))]
        pub batch_max_rows: i32,
        /// Bytes of data after which a poll gives no more records; a record longer than that comes alone.
        #[serde(rename = "batch.max.bytes", default = "defaults::batch_max_bytes")]
        #[schemars(range(min = 1), extend("x-group" = "Connector", "x-importance" = "low"))]
        pub batch_max_bytes: i32,
        /// Without effect: a poll reads what it gives, and what it gave is passed on while the next one reads.
        #[serde(rename = "max.buffer.size", default)]
        #[schemars(range(min = 0), extend("x-group" = "Connector", "x-importance" = "low"))]
        pub max_buffer_size: i32,
        /// Longest time that a poll waits for tables to be due; 0.4 seconds are the most. A table that is being read is
        /// waited for as long as that in any case.
        #[serde(rename = "poll.linger.ms", default = "defaults::poll_linger")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "low"))]
        pub poll_linger: Millis,
        /// Time between two listings of the tables.
        #[serde(rename = "table.poll.interval.ms", default = "defaults::table_poll_interval")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "low"))]
        pub table_poll_interval: Millis,
        /// How long the first listing of the tables may take.
        #[serde(rename = "table.monitoring.startup.polling.limit.ms", default = "defaults::startup_limit")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "low"))]
        pub table_startup_limit: Millis,
        /// Put in front of a table's bare name to make a topic's; the whole name of the topic with a query.
        #[serde(rename = "topic.prefix", default)]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "high"))]
        pub topic_prefix: String,
        /// How long rows with a timestamp are left alone, so that transactions with earlier ones can end.
        #[serde(rename = "timestamp.delay.interval.ms", default)]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "high"))]
        pub timestamp_delay_interval: i64,
        /// Zone of times in the database that say none.
        #[serde(rename = "db.timezone", default)]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "medium"))]
        pub db_timezone: Zone,
        /// What timestamps become.
        #[serde(rename = "timestamp.granularity", default = "defaults::granularity")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "low"))]
        pub timestamp_granularity: Granularity,
        /// Whether rows wait until no transaction is open that may still commit earlier ones, where the database tells:
        /// see the crate's documentation.
        #[serde(rename = "late.commit.protection", default = "defaults::yes")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "medium"))]
        pub late_commit_protection: bool,
        /// How long one open transaction may hold rows back. What it commits afterwards may be missed; a warning says so.
        #[serde(rename = "late.commit.max.wait.ms", default = "defaults::late_commit_wait")]
        #[schemars(extend("x-group" = "Connector", "x-importance" = "low"))]
        pub late_commit_wait: Millis,
    }
}

mod defaults {
    use connect_api::config::Millis;

    use super::{CalendarSystem, Granularity, Isolation};

    pub(super) const fn calendar() -> CalendarSystem {
        CalendarSystem::Legacy
    }

    pub(super) const fn incrementing_initial() -> i64 {
        -1
    }

    pub(super) const fn yes() -> bool {
        true
    }

    pub(super) const fn isolation() -> Isolation {
        Isolation::Default
    }

    pub(super) const fn retry_attempts() -> i32 {
        -1
    }

    pub(super) fn table_types() -> Vec<String> {
        vec!["TABLE".into()]
    }

    pub(super) const fn poll_interval() -> Millis {
        Millis::new(5000)
    }

    pub(super) const fn batch_max_rows() -> i32 {
        1000
    }

    pub(super) const fn batch_max_bytes() -> i32 {
        1024 * 1024
    }

    pub(super) const fn poll_linger() -> Millis {
        Millis::new(5000)
    }

    pub(super) const fn table_poll_interval() -> Millis {
        Millis::new(60_000)
    }

    pub(super) const fn startup_limit() -> Millis {
        Millis::new(10_000)
    }

    pub(super) const fn granularity() -> Granularity {
        Granularity::ConnectLogical
    }

    pub(super) const fn late_commit_wait() -> Millis {
        Millis::new(60_000)
    }
}
