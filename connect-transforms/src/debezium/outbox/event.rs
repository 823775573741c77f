//! The parts of an event.

use connect_api::{Datum, Error, Result, Value, logical};

use super::super::envelope::column;

/// A row of an outbox table.
#[derive(Clone, Copy)]
pub(super) struct Row<'a>(pub(super) &'a Value);

impl<'a> Row<'a> {
    /// A column with its schema, which a map has not.
    ///
    /// # Errors
    /// A data error when there is no such column.
    pub(super) fn datum(self, name: &str) -> Result<Datum> {
        let value = column(self.0, name)?.clone();
        let schema = self.0.as_struct().and_then(|row| row.schema().field(name)).map(|field| field.schema.clone());
        Ok(Datum { schema, value })
    }

    /// Whether there is such a column.
    pub(super) fn has(self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// A number; `None` when it is null.
    ///
    /// # Errors
    /// A data error when there is no such column, or it is no `int32`.
    pub(super) fn int32(self, name: &str) -> Result<Option<i32>> {
        match column(self.0, name)? {
            Value::Null => Ok(None),
            Value::Int32(number) => Ok(Some(*number)),
            other => Err(Error::data(format!("field {name:?}: int32 was expected, {} was found", other.kind()))),
        }
    }

    /// A moment in milliseconds; `None` when it is null. A number of a map is taken for milliseconds.
    ///
    /// # Errors
    /// A data error when there is no such column, or it is none of the types that count from 1970 on.
    pub(super) fn moment(self, name: &str) -> Result<Option<i64>> {
        let datum = self.datum(name)?;
        let number = match datum.value {
            Value::Null => return Ok(None),
            Value::Instant(ms) => return Ok(Some(ms)),
            Value::Int64(number) => number,
            other => {
                let found = other.kind();
                return Err(Error::data(format!("field {name:?}: a timestamp was expected, {found} was found")));
            }
        };
        let Some(schema) = datum.schema else { return Ok(Some(number)) };
        match schema.name() {
            Some("io.debezium.time.Timestamp" | logical::TIMESTAMP) => Ok(Some(number)),
            Some("io.debezium.time.MicroTimestamp") => Ok(Some(number / 1000)),
            Some("io.debezium.time.NanoTimestamp") => Ok(Some(number / 1_000_000)),
            _ => Err(Error::data(format!(
                "field {name:?}: {schema} is no timestamp; possible: io.debezium.time.Timestamp, MicroTimestamp and \
                 NanoTimestamp"
            ))),
        }
    }
}
