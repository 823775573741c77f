//! SQLite's result codes.

use rusqlite::{Error, ErrorCode};

use crate::dialect::{Class, Fault};

/// What an error of SQLite means.
pub(crate) fn fault(error: Error) -> Fault {
    let (failure, message) = match &error {
        Error::SqliteFailure(failure, message) => (failure, message.clone().unwrap_or_else(|| failure.to_string())),
        Error::SqlInputError { error: failure, msg, .. } => (failure, msg.clone()),
        Error::ToSqlConversionFailure(_) | Error::NulError(_) => return Fault::new(Class::Data, error.to_string()),
        _ => return Fault::new(Class::Fatal, error.to_string()),
    };
    let class = match failure.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::DiskFull
        | ErrorCode::OutOfMemory
        | ErrorCode::OperationInterrupted
        | ErrorCode::SystemIoFailure => Class::Transient,
        ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig => Class::Data,
        ErrorCode::SchemaChanged => Class::Schema,
        ErrorCode::CannotOpen | ErrorCode::NotADatabase => Class::Config,
        // The general code stands for mistakes in a statement; only its text tells a table that is not there.
        _ if is_missing(&message) => Class::Schema,
        _ => Class::Fatal,
    };
    Fault::of(class, failure.extended_code.to_string(), message).with_source(error)
}

fn is_missing(message: &str) -> bool {
    ["no such table", "no such column", "has no column named", "already exists", "duplicate column name"]
        .iter()
        .any(|part| message.contains(part))
        || message.contains("ON CONFLICT clause does not match")
}
