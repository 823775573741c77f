//! Columns and cells as databases give them.

use connect_api::Decimal;

use super::moment::Moment;

/// The type of a column in JDBC's terms, which decide what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JdbcType {
    /// A truth value.
    Boolean,
    /// Integers.
    Int8,
    Int16,
    Int32,
    Int64,
    /// Floats.
    Float32,
    Float64,
    /// An exact number that `numeric.mapping` is about.
    Numeric {
        precision: i32,
        scale: i32,
    },
    /// An exact number that is always a decimal.
    Decimal {
        precision: i32,
        scale: i32,
    },
    /// Text, binary data.
    String,
    Bytes,
    /// A day, a time of day, a point in time.
    Date,
    Time,
    Timestamp,
    /// What Kafka Connect leaves out.
    Unsupported,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResultColumn {
    /// Its label.
    pub(super) name: String,
    pub(super) ty: JdbcType,
    /// What the database calls the type, for messages.
    pub(super) type_name: String,
    /// Whether null is a value, or may be one for all that is known.
    pub(super) nullable: bool,
}

/// A value as a database gave it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Unsigned(u64),
    Float32(f32),
    Float64(f64),
    Decimal(Decimal),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// Days since 1970-01-01 in the Gregorian calendar.
    Date(i64),
    /// Nanoseconds since midnight by the clock on the wall; negative and more than a day where the database has such.
    Time(i64),
    /// What the clock on the wall shows.
    Wall(Moment),
    /// An instant.
    Instant(Moment),
    /// Before (false) or after everything.
    Infinite(bool),
}
