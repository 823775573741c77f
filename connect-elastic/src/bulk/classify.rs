//! What an answer means: the one table of errors.

use super::reply::{CallError, ItemError};
use crate::document::Kind;

/// What becomes of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// It was done.
    Done,
    /// The server has something newer.
    Stale,
    /// It had been done before: the answer was lost, or the record came again.
    Repeated,
    /// Somebody else wrote the same document.
    Conflict,
    /// It may be done later.
    Busy,
    /// The document is at fault.
    Malformed,
    /// The index is not there.
    NoIndex,
    /// Nothing that goes on will help.
    Fatal,
}

/// What is known of an action besides the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action {
    pub(crate) kind: Kind,
    pub(crate) versioned: bool,
    pub(crate) own: bool,
}

/// A row: status (0: any), type (empty: any), what it means. The first that fits holds.
type Row = (u16, &'static str, Class);

/// Types decide before statuses, as servers disagree about these.
const ITEMS: &[Row] = &[
    (429, "", Class::Busy),
    (0, "es_rejected_execution_exception", Class::Busy),
    (0, "rejected_execution_exception", Class::Busy),
    (0, "circuit_breaking_exception", Class::Busy),
    (0, "cluster_block_exception", Class::Busy),
    (0, "unavailable_shards_exception", Class::Busy),
    (0, "process_cluster_event_timeout_exception", Class::Busy),
    (0, "no_shard_available_action_exception", Class::Busy),
    (0, "version_conflict_engine_exception", Class::Conflict),
    (409, "", Class::Conflict),
    (0, "strict_dynamic_mapping_exception", Class::Malformed),
    (0, "mapper_parsing_exception", Class::Malformed),
    (0, "document_parsing_exception", Class::Malformed),
    (0, "action_request_validation_exception", Class::Malformed),
    (0, "illegal_argument_exception", Class::Malformed),
    (0, "document_missing_exception", Class::Malformed),
    // Elasticsearch says 500 of a document that is no object.
    (0, "not_x_content_exception", Class::Malformed),
    (0, "x_content_parse_exception", Class::Malformed),
    (0, "routing_missing_exception", Class::Malformed),
    (0, "max_bytes_length_exceeded_exception", Class::Malformed),
    // A pipeline's processor that is there to refuse documents says 500.
    (0, "fail_processor_exception", Class::Malformed),
    (0, "index_not_found_exception", Class::NoIndex),
    (0, "index_closed_exception", Class::Fatal),
    (0, "invalid_index_name_exception", Class::Fatal),
    // The cluster may have no more shards.
    (0, "validation_exception", Class::Fatal),
    (0, "security_exception", Class::Fatal),
    (401, "", Class::Fatal),
    (403, "", Class::Fatal),
    (408, "", Class::Busy),
    (413, "", Class::Malformed),
    (500, "", Class::Busy),
    (502, "", Class::Busy),
    (503, "", Class::Busy),
    (504, "", Class::Busy),
];

/// What became of one action of a request that was answered.
pub(crate) fn classify(action: Action, status: u16, error: Option<&ItemError>) -> Class {
    let kind = match error {
        None if status < 300 || (status == 404 && action.kind == Kind::Delete) => return Class::Done,
        None => "",
        Some(error) => error.kind.as_str(),
    };
    let row =
        ITEMS.iter().find(|(code, name, _)| (*code == 0 || *code == status) && (name.is_empty() || *name == kind));
    match row.map_or(Class::Fatal, |(_, _, class)| *class) {
        Class::Conflict if action.versioned => Class::Stale,
        Class::Conflict if action.kind == Kind::Create && action.own => Class::Repeated,
        // A race, which the next attempt may win.
        Class::Conflict if action.kind == Kind::Update => Class::Busy,
        class => class,
    }
}

/// What becomes of a request that was refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallClass {
    /// The same again, later and on another node.
    Busy,
    /// It is too large.
    TooLarge,
    /// Something in it is wrong, and nothing of it was done.
    Poisoned,
    /// We are not who we should be.
    Unauthorized,
    /// Nothing that goes on will help.
    Fatal,
}

/// What a status says of a whole request.
pub(crate) fn classify_call(error: &CallError) -> CallClass {
    match error.status {
        408 | 429 | 500..=599 => CallClass::Busy,
        413 => CallClass::TooLarge,
        401 | 403 if error.kind == "cluster_block_exception" => CallClass::Busy,
        401 | 403 => CallClass::Unauthorized,
        400 => CallClass::Poisoned,
        // A cluster that is just starting, or a proxy that has lost it, says so of everything.
        404 if error.kind.is_empty() => CallClass::Busy,
        _ => CallClass::Fatal,
    }
}
