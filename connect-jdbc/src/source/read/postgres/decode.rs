//! PostgreSQL's types in JDBC's terms, and their binary forms.

use std::fmt::Write as _;

use connect_api::{Error, Result};
use tokio_postgres::types::{Kind, Type};

use super::numeric;
use crate::source::column::{Cell, JdbcType};
use crate::source::moment::Moment;

/// 2000-01-01, from which PostgreSQL counts.
const Y2K_DAYS: i64 = 10_957;
const Y2K_SECONDS: i64 = Y2K_DAYS * 86_400;

/// How the values of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoder {
    Boolean,
    Int16,
    Int32,
    Int64,
    Oid,
    Float32,
    Float64,
    Numeric,
    Money,
    Text,
    Jsonb,
    Uuid,
    Bytes,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    /// Of one bit.
    Bit,
    /// Of up to eight: their number.
    Bits,
    /// Of more: zeros and ones as text.
    BitText,
    Unsupported,
}

/// What a column's type is, and how it is read.
pub(crate) fn of(ty: &Type, modifier: i32) -> (JdbcType, Decoder) {
    match *ty {
        Type::BOOL => (JdbcType::Boolean, Decoder::Boolean),
        Type::INT2 => (JdbcType::Int16, Decoder::Int16),
        Type::INT4 => (JdbcType::Int32, Decoder::Int32),
        Type::INT8 => (JdbcType::Int64, Decoder::Int64),
        Type::OID => (JdbcType::Int64, Decoder::Oid),
        Type::FLOAT4 => (JdbcType::Float32, Decoder::Float32),
        Type::FLOAT8 => (JdbcType::Float64, Decoder::Float64),
        Type::NUMERIC => (precision(modifier), Decoder::Numeric),
        Type::MONEY => (JdbcType::Float64, Decoder::Money),
        Type::CHAR | Type::BPCHAR | Type::VARCHAR | Type::TEXT | Type::NAME | Type::JSON | Type::XML => {
            (JdbcType::String, Decoder::Text)
        }
        Type::JSONB => (JdbcType::String, Decoder::Jsonb),
        Type::UUID => (JdbcType::String, Decoder::Uuid),
        Type::BYTEA => (JdbcType::Bytes, Decoder::Bytes),
        Type::DATE => (JdbcType::Date, Decoder::Date),
        Type::TIME => (JdbcType::Time, Decoder::Time),
        Type::TIMETZ => (JdbcType::Time, Decoder::TimeTz),
        Type::TIMESTAMP => (JdbcType::Timestamp, Decoder::Timestamp),
        Type::TIMESTAMPTZ => (JdbcType::Timestamp, Decoder::TimestampTz),
        Type::BIT => match modifier {
            1 => (JdbcType::Boolean, Decoder::Bit),
            2..=8 => (JdbcType::Int8, Decoder::Bits),
            _ => (JdbcType::Bytes, Decoder::BitText),
        },
        _ => match ty.kind() {
            Kind::Enum(_) => (JdbcType::String, Decoder::Text),
            Kind::Domain(base) => of(base, modifier),
            _ => (JdbcType::Unsupported, Decoder::Unsupported),
        },
    }
}

/// Precision and scale of a `numeric`; both 0 when it has none.
fn precision(modifier: i32) -> JdbcType {
    let Some(both) = modifier.checked_sub(4).filter(|both| *both >= 0) else {
        return JdbcType::Numeric { precision: 0, scale: 0 };
    };
    // The scale has eleven bits, the first of them its sign.
    JdbcType::Numeric { precision: both >> 16, scale: ((both & 0x7ff) ^ 0x400) - 0x400 }
}

impl Decoder {
    /// The cell that these bytes are, `None` being null. What has to be written out for it is written into `text`.
    ///
    /// # Errors
    /// A data error when they are none of the type.
    pub(crate) fn cell<'a>(self, bytes: Option<&'a [u8]>, text: &'a mut String) -> Result<Cell<'a>> {
        let Some(bytes) = bytes else { return Ok(Cell::Null) };
        Ok(match self {
            Self::Boolean => Cell::Boolean(fixed::<1>(bytes)? != [0]),
            Self::Int16 => Cell::Integer(i16::from_be_bytes(fixed(bytes)?).into()),
            Self::Int32 => Cell::Integer(i32::from_be_bytes(fixed(bytes)?).into()),
            Self::Int64 => Cell::Integer(i64::from_be_bytes(fixed(bytes)?)),
            Self::Oid => Cell::Integer(u32::from_be_bytes(fixed(bytes)?).into()),
            Self::Float32 => Cell::Float32(f32::from_be_bytes(fixed(bytes)?)),
            Self::Float64 => Cell::Float64(f64::from_be_bytes(fixed(bytes)?)),
            Self::Numeric => Cell::Decimal(numeric::read(bytes)?),
            #[expect(clippy::cast_precision_loss, reason = "Kafka Connect has money as a double")]
            Self::Money => Cell::Float64(i64::from_be_bytes(fixed(bytes)?) as f64 / 100.0),
            Self::Text => Cell::Text(utf8(bytes)?),
            Self::Jsonb => match bytes.split_first() {
                Some((1, json)) => Cell::Text(utf8(json)?),
                _ => return Err(broken()),
            },
            Self::Uuid => {
                uuid(fixed(bytes)?, text);
                Cell::Text(text)
            }
            Self::Bytes => Cell::Bytes(bytes),
            Self::Date => match i32::from_be_bytes(fixed(bytes)?) {
                i32::MAX => Cell::Infinite(true),
                i32::MIN => Cell::Infinite(false),
                days => Cell::Date(i64::from(days) + Y2K_DAYS),
            },
            Self::Time => Cell::Time(i64::from_be_bytes(fixed(bytes)?).saturating_mul(1000)),
            Self::TimeTz => {
                let (micros, west) = bytes.split_first_chunk::<8>().ok_or_else(broken)?;
                let (micros, west) = (i64::from_be_bytes(*micros), i32::from_be_bytes(fixed(west)?));
                // What is before or after the day is told within it, as JDBC does.
                let micros = (micros + i64::from(west) * 1_000_000).rem_euclid(86_400_000_000);
                Cell::Instant(Moment::of_micros(micros))
            }
            Self::Timestamp => match i64::from_be_bytes(fixed(bytes)?) {
                i64::MAX => Cell::Infinite(true),
                i64::MIN => Cell::Infinite(false),
                micros => Cell::Wall(Moment::of_micros(micros).plus_seconds(Y2K_SECONDS)),
            },
            Self::TimestampTz => match i64::from_be_bytes(fixed(bytes)?) {
                i64::MAX => Cell::Infinite(true),
                i64::MIN => Cell::Infinite(false),
                micros => Cell::Instant(Moment::of_micros(micros).plus_seconds(Y2K_SECONDS)),
            },
            Self::Bit => Cell::Boolean(bits(bytes)?.1.first().is_some_and(|byte| byte & 0x80 != 0)),
            Self::Bits => {
                let (count, bits) = bits(bytes)?;
                let byte = bits.first().copied().ok_or_else(broken)?;
                // Eight bits are a signed byte, as the field has no more room.
                Cell::Integer((byte >> 8usize.saturating_sub(count).min(7)).cast_signed().into())
            }
            Self::BitText => {
                let (count, bits) = bits(bytes)?;
                let bit = |at: usize| bits.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
                text.clear();
                text.extend((0..count).map(|at| if bit(at) { '1' } else { '0' }));
                Cell::Text(text)
            }
            Self::Unsupported => Cell::Null,
        })
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| broken())
}

/// How many bits there are, and the bytes they are in.
fn bits(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let (count, bits) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
    let count = usize::try_from(i32::from_be_bytes(*count)).map_err(|_| broken())?;
    if bits.len() != count.div_ceil(8) {
        return Err(broken());
    }
    Ok((count, bits))
}

fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::data("the text is not UTF-8"))
}

fn uuid(bytes: [u8; 16], text: &mut String) {
    text.clear();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}

fn broken() -> Error {
    Error::data("the server's value is not in the binary form of its type")
}
