//! Values in PostgreSQL's binary form.

use std::error::Error as StdError;

use connect_api::bytes::{BufMut as _, BytesMut};
use connect_api::{Error, Result};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::super::cell::{Cell, plain};
use super::super::ddl;
use super::super::debezium::types::Semantic;
use super::super::kind::Kind;
use super::numeric;
use crate::dialect::Column;

/// Days from 1970-01-01 to PostgreSQL's own epoch, 2000-01-01.
const EPOCH_DAYS: i64 = 10_957;
/// The same in microseconds.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// As what values of a column are sent. The server casts from there to the column's own type as in any assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    /// Text that is cast to the column's type: uuid, json, enums, arrays and so on.
    TextCast,
    Bytea,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
}

impl Wire {
    /// For a field of a kind and the column it goes to.
    pub(super) fn of(kind: &Kind, column: &Column) -> Self {
        match kind {
            Kind::Int8 | Kind::Int16 => Self::Int2,
            Kind::Int32 => Self::Int4,
            Kind::Int64 => Self::Int8,
            Kind::Float32 => Self::Float4,
            Kind::Float64 => Self::Float8,
            Kind::Boolean => Self::Bool,
            Kind::Bytes => Self::Bytea,
            Kind::Decimal(_) => Self::Numeric,
            Kind::Date => Self::Date,
            Kind::Time => Self::Time,
            Kind::Timestamp | Kind::Epoch(_) if column.type_oid == Type::TIMESTAMPTZ.oid() => Self::TimestampTz,
            Kind::Timestamp | Kind::Epoch(_) => Self::Timestamp,
            Kind::Array(_) => Self::TextCast,
            Kind::Semantic(Semantic::Timestamp(_) | Semantic::ZonedTimestamp) => {
                if column.type_oid == Type::TIMESTAMPTZ.oid() { Self::TimestampTz } else { Self::Timestamp }
            }
            Kind::Semantic(Semantic::ZonedTime) if column.type_oid == Type::TIMETZ.oid() => Self::TimeTz,
            Kind::Semantic(Semantic::Time(_) | Semantic::ZonedTime) => Self::Time,
            Kind::Semantic(Semantic::Decimal) => Self::Numeric,
            Kind::Semantic(Semantic::Bits(_)) => Self::TextCast,
            Kind::String | Kind::Semantic(Semantic::Text(..) | Semantic::Sized(_)) => {
                let texts = [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME];
                if texts.iter().any(|text| text.oid() == column.type_oid) { Self::Text } else { Self::TextCast }
            }
        }
    }

    fn ty(self) -> Type {
        match self {
            Self::Bool => Type::BOOL,
            Self::Int2 => Type::INT2,
            Self::Int4 => Type::INT4,
            Self::Int8 => Type::INT8,
            Self::Float4 => Type::FLOAT4,
            Self::Float8 => Type::FLOAT8,
            Self::Numeric => Type::NUMERIC,
            Self::Text | Self::TextCast => Type::TEXT,
            Self::Bytea => Type::BYTEA,
            Self::Date => Type::DATE,
            Self::Time => Type::TIME,
            Self::TimeTz => Type::TIMETZ,
            Self::Timestamp => Type::TIMESTAMP,
            Self::TimestampTz => Type::TIMESTAMPTZ,
        }
    }

    /// The type's number.
    pub(super) fn type_oid(self) -> u32 {
        self.ty().oid()
    }

    /// The type's name.
    pub(super) fn name(self) -> String {
        self.ty().name().to_owned()
    }

    /// Whether the server must be told to cast.
    pub(super) fn is_cast(self) -> bool {
        self == Self::TextCast
    }

    /// Appends a value behind its length.
    pub(super) fn put(self, cell: &Cell, out: &mut BytesMut) -> Result<()> {
        if *cell == Cell::Null {
            out.put_i32(-1);
            return Ok(());
        }
        let start = out.len();
        out.put_i32(0);
        self.body(cell, out)?;
        let length = i32::try_from(out.len() - start - 4).map_err(|_| Error::data("a value of more than 2 GiB"))?;
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    fn body(self, cell: &Cell, out: &mut BytesMut) -> Result<()> {
        match (self, cell) {
            (Self::Bool, Cell::Bool(truth)) => out.put_u8((*truth).into()),
            (Self::Int2, Cell::Int(number)) => out.put_i16(i16::try_from(*number).map_err(|_| range(cell))?),
            (Self::Int4, Cell::Int(number)) => out.put_i32(i32::try_from(*number).map_err(|_| range(cell))?),
            (Self::Int8, Cell::Int(number)) => out.put_i64(*number),
            (Self::Float4, Cell::Float32(bits)) => out.put_u32(*bits),
            (Self::Float8, Cell::Float64(bits)) => out.put_u64(*bits),
            (Self::Numeric, Cell::Decimal(number)) => numeric::put(number, out)?,
            (Self::Text | Self::TextCast, Cell::Text(text) | Cell::Bits(text)) => out.put_slice(text.as_bytes()),
            (Self::TextCast, Cell::Array(cells)) => {
                let mut text = String::new();
                array_text(cells, &mut text)?;
                out.put_slice(text.as_bytes());
            }
            (Self::Bytea, Cell::Bytes(bytes)) => out.put_slice(bytes),
            (Self::Date, Cell::Date { day, .. }) => {
                out.put_i32(i32::try_from(day - EPOCH_DAYS).map_err(|_| range(cell))?);
            }
            (Self::Time, Cell::Time { micros, .. }) => out.put_i64(*micros),
            (Self::TimeTz, Cell::Time { micros, .. }) => {
                out.put_i64(*micros);
                // In UTC.
                out.put_i32(0);
            }
            (Self::Timestamp, Cell::Timestamp { local: micros, .. })
            | (Self::TimestampTz, Cell::Timestamp { instant: micros, .. }) => {
                // The ends are PostgreSQL's infinities, too.
                out.put_i64(match *micros {
                    end @ (i64::MIN | i64::MAX) => end,
                    micros => micros.checked_sub(EPOCH_MICROS).ok_or_else(|| range(cell))?,
                });
            }
            _ => return Err(Error::fatal(format!("{cell:?} was to be sent as {self:?}"))),
        }
        Ok(())
    }
}

fn range(cell: &Cell) -> Error {
    Error::data(format!("{cell:?} is out of range"))
}

/// `{1,2,NULL,"a \"b\""}`, which every type of array reads.
fn array_text(cells: &[Cell], out: &mut String) -> Result<()> {
    out.push('{');
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let text = match cell {
            Cell::Null => {
                out.push_str("NULL");
                continue;
            }
            Cell::Bool(truth) => truth.to_string(),
            Cell::Int(number) => number.to_string(),
            Cell::Float32(bits) => f32::from_bits(*bits).to_string(),
            Cell::Float64(bits) => f64::from_bits(*bits).to_string(),
            Cell::Text(text) | Cell::Bits(text) => text.to_string(),
            Cell::Bytes(bytes) => bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}")),
            Cell::Decimal(number) => plain(number)?,
            Cell::Date { day, .. } => ddl::date(*day),
            Cell::Time { micros, .. } => ddl::time(*micros),
            Cell::Timestamp { local, .. } => ddl::timestamp(*local),
            Cell::Array(_) => return Err(Error::data("arrays within arrays have no column type")),
        };
        out.push('"');
        for at in text.chars() {
            if at == '"' || at == '\\' {
                out.push('\\');
            }
            out.push(at);
        }
        out.push('"');
    }
    out.push('}');
    Ok(())
}

/// A column's type without its length, so that a cast to it cuts nothing off; the assignment then checks the length.
pub(super) fn base_type(name: &str) -> String {
    let (mut base, mut depth) = (String::with_capacity(name.len()), 0);
    let mut quoted = false;
    for at in name.chars() {
        quoted ^= at == '"';
        match at {
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ if depth == 0 => base.push(at),
            _ => {}
        }
    }
    // These two have a length of 1 when none is given.
    let (element, array) = base.strip_suffix("[]").map_or((&*base, ""), |element| (element, "[]"));
    match element.trim() {
        "character" => format!("bpchar{array}"),
        "bit" => format!("varbit{array}"),
        _ => base,
    }
}

/// A parameter that is encoded already.
#[derive(Debug)]
pub(super) struct Raw(pub(super) BytesMut);

impl ToSql for Raw {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
