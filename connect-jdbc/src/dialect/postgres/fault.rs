//! What PostgreSQL's errors mean.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;

use crate::dialect::{Class, Fault};

/// What an error of the driver or the server means.
pub(crate) fn fault(error: Error) -> Fault {
    let Some(db) = error.as_db_error() else { return without_state(error) };
    let state = db.code().code().to_owned();
    let mut message = db.message().to_owned();
    if let Some(detail) = db.detail() {
        message = format!("{message}: {detail}");
    }
    if let Some(hint) = db.hint() {
        message = format!("{message} ({hint})");
    }
    Fault::of(class(&state), state, message).with_source(error)
}

/// The class of a SQLSTATE.
pub(super) fn class(state: &str) -> Class {
    match state {
        // Too many connections; the server is starting or stopping for recovery.
        "53300" | "57P03" => Class::Transient,
        // A database that was dropped while we were in it.
        "57P04" => Class::Fatal,
        // A standby: after a failover the same address may lead to the primary.
        "25006" => Class::Connection,
        // No row fits into an index page; what a trigger refuses.
        "54000" | "P0001" => Class::Data,
        "55000" | "55P04" => Class::Fatal,
        other => Fault::class_of_sqlstate(other),
    }
}

fn without_state(error: Error) -> Fault {
    // The driver does not tell kinds of errors, but their texts are fixed.
    let text = error.to_string();
    let cause = error.source().map(ToString::to_string);
    let message = match cause {
        Some(cause) if !text.contains(&cause) => format!("{text}: {cause}"),
        _ => text.clone(),
    };
    let class = if text.starts_with("error serializing parameter") {
        Class::Data
    } else if error.is_closed() || text.starts_with("error connecting") || text.starts_with("timeout") {
        Class::Connection
    } else if text.starts_with("authentication error")
        || text.starts_with("invalid configuration")
        || is_of_tls(&error)
        || text.starts_with("error performing TLS handshake: server does not support TLS")
    {
        Class::Config
    } else if text.starts_with("error deserializing") || text.starts_with("unexpected number of rows") {
        Class::Fatal
    } else {
        Class::Connection
    };
    Fault::new(class, message).with_source(error)
}

/// Whether certificates or protocols do not match, as opposed to a connection that broke.
fn is_of_tls(error: &Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    cause.and_then(io::Error::get_ref).is_some_and(|inner| inner.is::<tokio_rustls::rustls::Error>())
}
