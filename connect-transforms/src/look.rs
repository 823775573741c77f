//! Looking at a record's parts, for transforms that do not care whether there is a schema.

use connect_api::{Datum, Error, Result, Value};

/// The text of a string, number or boolean.
pub(crate) fn simple_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Boolean(_)
        | Value::Int8(_)
        | Value::Int16(_)
        | Value::Int32(_)
        | Value::Int64(_)
        | Value::Float32(_)
        | Value::Float64(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A field of a struct or map; null when it is not there.
///
/// # Errors
/// A data error when it is neither a struct nor a map; `part` is what it is called there.
pub(crate) fn field<'a>(part: &str, datum: &'a Datum, name: &str) -> Result<&'a Value> {
    match &datum.value {
        container @ (Value::Struct(_) | Value::Map(_)) => Ok(container.get(name).unwrap_or(&Value::Null)),
        other => Err(Error::data(format!(
            "the {part} is {}, a struct or map with the field {name:?} was expected",
            other.kind()
        ))),
    }
}
