//! Tables and columns that are made for records.

use connect_api::calendar::Calendar;
use connect_api::{Error, Result};

use super::cell::{Cell, Clocks, from_bits, plain};
use super::debezium::types::{Semantic, Unit};
use super::kind::Kind;
use super::plan::{Field, Plan};
use crate::dialect::{Connection, Quoting, TableName};

/// What a statement of DDL needs to know of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavor {
    Postgres,
    MySql,
    MariaDb,
    Sqlite,
}

impl Flavor {
    /// That of a connection.
    pub(super) const fn of(connection: &Connection) -> Self {
        match connection {
            #[cfg(feature = "postgres")]
            Connection::Postgres(_) => Self::Postgres,
            #[cfg(feature = "mysql")]
            Connection::MySql(connection) if connection.is_mariadb => Self::MariaDb,
            #[cfg(feature = "mysql")]
            Connection::MySql(_) => Self::MySql,
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => Self::Sqlite,
        }
    }

    const fn is_mysql(self) -> bool {
        matches!(self, Self::MySql | Self::MariaDb)
    }

    /// The type of a column for a kind of field.
    ///
    /// # Errors
    /// A data error when the database has none.
    fn column_type(self, kind: &Kind, key: bool) -> Result<String> {
        let of = |postgres: &str, mysql: &str, sqlite: &str| {
            let name = match self {
                Self::Postgres => postgres,
                Self::MySql | Self::MariaDb => mysql,
                Self::Sqlite => sqlite,
            };
            Ok(name.to_owned())
        };
        match kind {
            Kind::Int8 => of("SMALLINT", "TINYINT", "INTEGER"),
            Kind::Int16 => of("SMALLINT", "SMALLINT", "INTEGER"),
            Kind::Int32 => of("INT", "INT", "INTEGER"),
            Kind::Int64 => of("BIGINT", "BIGINT", "INTEGER"),
            Kind::Float32 => of("REAL", "FLOAT", "REAL"),
            Kind::Float64 => of("DOUBLE PRECISION", "DOUBLE", "REAL"),
            Kind::Boolean => of("BOOLEAN", "TINYINT", "INTEGER"),
            // A key of unlimited length cannot be indexed there.
            Kind::String if key => of("TEXT", "VARCHAR(255)", "TEXT"),
            Kind::String => of("TEXT", "TEXT", "TEXT"),
            Kind::Bytes => of("BYTEA", "VARBINARY(1024)", "BLOB"),
            Kind::Decimal(scale) if self.is_mysql() => match scale {
                0..=30 => Ok(format!("DECIMAL(65,{scale})")),
                _ => Err(Error::data(format!("MySQL has no decimal of scale {scale}; it takes 0 to 30"))),
            },
            Kind::Decimal(_) => of("DECIMAL", "", "NUMERIC"),
            Kind::Date => of("DATE", "DATE", "NUMERIC"),
            Kind::Time => of("TIME", "TIME(3)", "NUMERIC"),
            Kind::Timestamp => of("TIMESTAMP", "DATETIME(3)", "NUMERIC"),
            Kind::Epoch(_) => of("TIMESTAMP", "DATETIME(6)", "NUMERIC"),
            Kind::Semantic(semantic) => self.semantic_type(*semantic, key),
            Kind::Array(element) if self == Self::Postgres => Ok(format!("{}[]", self.column_type(element, false)?)),
            Kind::Array(_) => Err(Error::data("only PostgreSQL has columns for arrays")),
        }
    }

    fn semantic_type(self, semantic: Semantic, key: bool) -> Result<String> {
        let (postgres, mysql, sqlite) = match semantic {
            Semantic::Timestamp(Unit::Millis) => ("TIMESTAMP(3)", "DATETIME(3)", "NUMERIC"),
            Semantic::Timestamp(_) => ("TIMESTAMP", "DATETIME(6)", "NUMERIC"),
            Semantic::Time(Unit::Millis) => ("TIME(3)", "TIME(3)", "NUMERIC"),
            Semantic::Time(_) => ("TIME", "TIME(6)", "NUMERIC"),
            Semantic::ZonedTimestamp => ("TIMESTAMPTZ", "DATETIME(6)", "NUMERIC"),
            Semantic::ZonedTime => ("TIMETZ", "TIME(6)", "NUMERIC"),
            Semantic::Decimal => ("DECIMAL", "DOUBLE", "NUMERIC"),
            Semantic::Text(postgres, "TEXT") if key => (postgres, "VARCHAR(255)", "TEXT"),
            Semantic::Text(postgres, mysql) => (postgres, mysql, "TEXT"),
            // A key cannot be longer there.
            Semantic::Sized(length) if key && self.is_mysql() => return Ok(format!("VARCHAR({})", length.min(255))),
            Semantic::Sized(_) if self == Self::Sqlite => return Ok("TEXT".into()),
            Semantic::Sized(length) => return Ok(format!("VARCHAR({length})")),
            Semantic::Bits(_) if self == Self::Sqlite => return Ok("BLOB".into()),
            Semantic::Bits(length @ 65..) if self.is_mysql() => {
                return Ok(format!("VARBINARY({})", length.div_ceil(8)));
            }
            Semantic::Bits(length) => return Ok(format!("BIT({length})")),
        };
        let name = match self {
            Self::Postgres => postgres,
            Self::MySql | Self::MariaDb => mysql,
            Self::Sqlite => sqlite,
        };
        Ok(name.to_owned())
    }

    /// A value as a literal.
    fn literal(self, cell: &Cell) -> Result<String> {
        Ok(match cell {
            Cell::Null => "NULL".into(),
            Cell::Bool(truth) if self == Self::Postgres => if *truth { "TRUE" } else { "FALSE" }.into(),
            Cell::Bool(truth) => u8::from(*truth).to_string(),
            Cell::Int(number) => number.to_string(),
            Cell::Float32(bits) => self.float(f32::from_bits(*bits).into(), &f32::from_bits(*bits).to_string())?,
            Cell::Float64(bits) => self.float(f64::from_bits(*bits), &f64::from_bits(*bits).to_string())?,
            Cell::Text(text) => self.text(text),
            Cell::Bytes(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                if self == Self::Postgres { format!("'\\x{hex}'") } else { format!("x'{hex}'") }
            }
            Cell::Bits(bits) if self == Self::Sqlite => self.literal(&Cell::Bytes(from_bits(bits).into()))?,
            Cell::Bits(bits) => format!("B'{bits}'"),
            Cell::Decimal(number) => plain(number)?,
            Cell::Date { millis, .. } | Cell::Time { millis, .. } if self == Self::Sqlite => millis.to_string(),
            Cell::Timestamp { instant, .. } if self == Self::Sqlite => instant.div_euclid(1000).to_string(),
            Cell::Date { day, .. } => format!("'{}'", date(*day)),
            Cell::Time { micros, .. } => format!("'{}'", time(*micros)),
            Cell::Timestamp { local, .. } => format!("'{}'", timestamp(*local)),
            Cell::Array(cells) => {
                let items: Result<Vec<_>> = cells.iter().map(|cell| self.literal(cell)).collect();
                format!("ARRAY[{}]", items?.join(","))
            }
        })
    }

    /// A default as a literal. Where the column knows its zone, so does the literal: sessions have zones of their own.
    fn default(self, cell: &Cell, kind: &Kind) -> Result<String> {
        Ok(match (kind, cell) {
            (Kind::Semantic(Semantic::ZonedTimestamp), Cell::Timestamp { instant, .. }) if self == Self::Postgres => {
                match *instant {
                    i64::MAX => "'infinity'".into(),
                    i64::MIN => "'-infinity'".into(),
                    instant => format!("'{}+00'", timestamp(instant)),
                }
            }
            (Kind::Semantic(Semantic::ZonedTime), Cell::Time { micros, .. }) if self == Self::Postgres => {
                format!("'{}+00'", time(*micros))
            }
            _ => self.literal(cell)?,
        })
    }

    fn float(self, number: f64, text: &str) -> Result<String> {
        match self {
            _ if number.is_finite() => Ok(text.to_owned()),
            Self::Postgres => Ok(format!("'{number}'")),
            _ => Err(Error::data(format!("{number} cannot be a column's default"))),
        }
    }

    /// A text as a literal that holds it whatever it is.
    pub(super) fn text(self, text: &str) -> String {
        let doubled = text.replace('\'', "''");
        match self {
            // Sessions of ours take a backslash for an escape, always.
            Self::MySql | Self::MariaDb => format!("'{}'", doubled.replace('\\', "\\\\")),
            // With this mark it means the same whatever standard_conforming_strings says.
            Self::Postgres if text.contains('\\') => format!("E'{}'", doubled.replace('\\', "\\\\")),
            _ => format!("'{doubled}'"),
        }
    }

    fn column(self, field: &Field, key: bool, quoting: Quoting, clocks: &Clocks) -> Result<String> {
        let context = |error: Error| error.context(format_args!("column {:?}", field.name));
        let ty = self.column_type(&field.kind, key).map_err(context)?;
        let name = quoting.ident(&field.name);
        // MySQL has no defaults for texts without a length.
        let has_no_default = self == Self::MySql && ty == "TEXT";
        let rest = match &field.default {
            Some(default) if !has_no_default => {
                let cell = clocks.cell(default, &field.kind).map_err(context)?;
                format!("DEFAULT {}", self.default(&cell, &field.kind).map_err(context)?)
            }
            _ if field.optional || field.default.is_some() => "NULL".into(),
            _ => "NOT NULL".into(),
        };
        Ok(format!("{name} {ty} {rest}"))
    }

    /// The statement that makes a table for records of a plan.
    ///
    /// # Errors
    /// A data error when a field has no column type.
    pub(super) fn create(self, plan: &Plan, table: &TableName, quoting: Quoting, clocks: &Clocks) -> Result<String> {
        let columns = plan.created.iter().map(|&at| self.column(&plan.fields[at], at < plan.keys, quoting, clocks));
        let mut lines: Vec<String> = columns.collect::<Result<_>>()?;
        let keys: Vec<&str> =
            plan.created.iter().filter(|at| **at < plan.keys).map(|at| plan.fields[*at].name.as_str()).collect();
        if !keys.is_empty() {
            lines.push(format!("PRIMARY KEY({})", quoting.list(keys)));
        }
        Ok(format!("CREATE TABLE {} (\n{})", quoting.table(table), lines.join(",\n")))
    }

    /// The statements that add columns to a table.
    ///
    /// # Errors
    /// A data error when a field has no column type.
    pub(super) fn alter(
        self,
        fields: &[&Field],
        table: &TableName,
        quoting: Quoting,
        clocks: &Clocks,
    ) -> Result<Vec<String>> {
        let columns = fields.iter().map(|field| Ok(format!("ADD {}", self.column(field, false, quoting, clocks)?)));
        let added: Vec<String> = columns.collect::<Result<_>>()?;
        let name = quoting.table(table);
        Ok(match self {
            Self::Sqlite => added.iter().map(|column| format!("ALTER TABLE {name} {column}")).collect(),
            _ => vec![format!("ALTER TABLE {name} {}", added.join(",\n"))],
        })
    }
}

/// `2024-02-29`; years beyond four digits as they are.
pub(super) fn date(day: i64) -> String {
    let (year, month, of_month) = Calendar::Gregorian.date(day);
    // Its months count from 0.
    format!("{year:04}-{:02}-{of_month:02}", month + 1)
}

/// `2024-02-29 13:14:15.123`.
pub(super) fn timestamp(local: i64) -> String {
    let day = 86_400_000_000;
    format!("{} {}", date(local.div_euclid(day)), time(local.rem_euclid(day)))
}

/// `13:14:15.123`, with microseconds only if there are any.
pub(super) fn time(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let fraction = micros % 1_000_000;
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match fraction % 1000 {
        0 => format!("{clock}.{:03}", fraction / 1000),
        _ => format!("{clock}.{fraction:06}"),
    }
}

/// What is known to be in a plan but not in a table, as names.
pub(super) fn names(fields: &[&Field]) -> String {
    fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The error of records whose table or columns are missing and may not be made.
pub(super) fn missing(message: String) -> Error {
    Error::data(message).with_class("io.confluent.connect.jdbc.sink.TableAlterOrCreateException")
}
