#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "some of what databases have in common is of use to few")
)]

mod choice;
mod config;
mod dialect;
mod factory;
mod sink;
mod source;
mod url;
mod zone;

pub use config::{ConnectionConfig, Quote};
pub use factory::{ConnectionFactory, HostConnection};
pub use sink::{
    DateZone, DdlConfig, DebeziumJdbcSink, DebeziumJdbcSinkConfig, DebeziumKeyMode, InsertMode, JdbcSink,
    JdbcSinkConfig, JdbcSinkTask, MappingConfig, PkMode, Precision, RetryConfig, SchemaEvolution, TableType,
    WritesConfig,
};
pub use source::{
    CalendarSystem, Granularity, IncrementingColumn, Isolation, JdbcSource, JdbcSourceConfig, JdbcSourceSplit,
    JdbcSourceTask, Mode, NumericMapping, Pattern, TimestampColumns,
};
pub use zone::Zone;

#[cfg(not(any(feature = "mysql", feature = "postgres", feature = "sqlite")))]
compile_error!("connect-jdbc needs at least one of its features postgres, mysql, sqlite");
