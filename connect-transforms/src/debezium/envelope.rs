//! What Debezium's connectors send: the change of a row, in an envelope.

use connect_api::{Datum, Error, Result, Value};

use crate::parts::unknown_field;

/// The row before the change.
pub(super) const BEFORE: &str = "before";
/// The row after it.
pub(super) const AFTER: &str = "after";
/// What was done, as a letter.
pub(super) const OPERATION: &str = "op";
/// Where it was done.
pub(super) const SOURCE: &str = "source";
/// The operation that deletes a row.
pub(super) const DELETE: &str = "d";

/// Whether data is an envelope: a struct whose schema's name ends in `.Envelope`, or a map without a schema that has
/// an operation, a source and a row.
pub(super) fn is_envelope(datum: &Datum) -> bool {
    match &datum.value {
        Value::Struct(structure) => structure.schema().name().is_some_and(|name| name.ends_with(".Envelope")),
        map @ Value::Map(_) => {
            datum.schema.is_none()
                && operation(map).is_some()
                && matches!(map.get(SOURCE), Some(Value::Map(_)))
                && (map.get(BEFORE).is_some() || map.get(AFTER).is_some())
        }
        _ => false,
    }
}

/// What an envelope says was done.
pub(super) fn operation(envelope: &Value) -> Option<&str> {
    envelope.get(OPERATION).and_then(Value::as_str)
}

/// The row before or after the change; null when there is none.
///
/// # Errors
/// A data error when the schema of a struct has no such field.
pub(super) fn row<'a>(envelope: &'a Value, which: &str) -> Result<&'a Value> {
    match (envelope.get(which), envelope) {
        (Some(row), _) => Ok(row),
        (None, Value::Struct(structure)) => Err(unknown_field(which, structure.schema())),
        (None, _) => Ok(&Value::Null),
    }
}

/// A field of a row, which must have it.
///
/// # Errors
/// A data error when it has not, or is neither a struct nor a map.
pub(super) fn column<'a>(row: &'a Value, name: &str) -> Result<&'a Value> {
    match (row.get(name), row) {
        (Some(value), _) => Ok(value),
        (None, Value::Struct(structure)) => Err(unknown_field(name, structure.schema())),
        (None, Value::Map(_)) => Err(Error::data(format!("the row has no field {name:?}"))),
        (None, other) => Err(Error::data(format!("the row is {}, a struct or map was expected", other.kind()))),
    }
}

/// The text of a field of a row; `None` when it is null.
///
/// # Errors
/// Those of [`column`], and a data error when it is no string.
pub(super) fn text_column<'a>(row: &'a Value, name: &str) -> Result<Option<&'a str>> {
    match column(row, name)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other => Err(Error::data(format!("field {name:?}: a string was expected, {} was found", other.kind()))),
    }
}
