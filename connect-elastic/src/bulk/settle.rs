//! What becomes of each document of an answered request.

use std::collections::BTreeSet;
use std::sync::Arc;

use connect_api::{Error, Record, Result, SinkRecord, TimestampType};

use super::batch::{Entry, Request};
use super::classify::{Action, Class, classify};
use super::entries::Entries;
use super::field::field;
use super::reply::{BulkReply, CallError, Item, ItemError};
use super::run::{Next, Piece};
use super::shared::Shared;
use crate::client::Reply;
use crate::config::Refused;

/// After so many writes the share of stale ones is looked at.
const LOOK_AFTER: u64 = 1000;
/// Most of a reason that is told.
const LONGEST_REASON: usize = 1000;

/// What is left of a request.
#[derive(Default)]
struct Rest {
    again: Vec<Entry>,
    why: Option<String>,
    no_index: BTreeSet<Arc<String>>,
    busy: bool,
}

impl Shared {
    /// Looks at the answer of every document.
    pub(super) async fn settle(self: &Arc<Self>, mut piece: Piece, reply: &Reply) -> Next {
        if BulkReply::is_all_well(&reply.body) {
            self.finish(&piece.request.entries, 0);
            self.speed_up();
            return Next::Settled;
        }
        let answer = match BulkReply::read(&reply.body) {
            Ok(answer) => answer,
            Err(error) => return self.again(piece, None, &format!("the answer is none to a bulk request: {error}")),
        };
        let (asked, told) = (piece.request.entries.len(), answer.items.len());
        if asked != told && (answer.errors || told > 0) {
            return self.again(piece, None, &format!("the answer speaks of {told} documents instead of {asked}"));
        }
        let mut rest = Rest::default();
        let repeated = piece.failures > 0;
        if let Err(error) = self.items(&mut piece.request, answer.items, repeated, &mut rest).await {
            return Next::Failed(error);
        }
        if rest.busy {
            self.slow_down();
        } else {
            self.speed_up();
        }
        if rest.again.is_empty() {
            return Next::Settled;
        }
        if !rest.no_index.is_empty() {
            if piece.recreated {
                let names: Vec<&str> = rest.no_index.iter().map(|name| name.as_str()).collect();
                let message = format!("there is no index {}, although it was made anew", names.join(", "));
                return Next::Failed(Error::fatal(message));
            }
            piece.recreated = true;
            for index in &rest.no_index {
                if let Err(error) = self.parts.resources.make_again(index).await {
                    return Next::Failed(error);
                }
            }
        }
        if rest.again.len() < asked {
            // Something was done, so this is not a server that never does anything.
            piece.failures = 0;
        }
        piece.request = piece.request.only(rest.again, &self.bodies);
        self.again(piece, reply.retry_after, &rest.why.unwrap_or_default())
    }

    /// Takes the entries out of the request.
    async fn items(&self, request: &mut Request, items: Vec<Item>, repeated: bool, rest: &mut Rest) -> Result<()> {
        let entries = std::mem::take(&mut request.entries);
        let mut finished = Entries::default();
        // What follows on a document that is to be written again is written again too, or it would be overtaken.
        let mut held: BTreeSet<u64> = BTreeSet::new();
        let (mut stale, mut diverted) = (0, 0_u64);
        for (entry, item) in entries.into_iter().zip(items) {
            let action = Action { kind: entry.kind, versioned: entry.versioned, own: entry.own };
            let mut class = classify(action, item.status, item.error.as_ref());
            if held.contains(&entry.lane) && entry.lane != 0 && !entry.versioned {
                class = Class::Busy;
            }
            diverted += u64::from(item.diverted);
            let error = item.error.unwrap_or_default();
            match class {
                Class::Done | Class::Repeated => {}
                Class::Stale if repeated || is_same_version(&error) => {}
                Class::Stale => {
                    stale += 1;
                    self.refuse(request, &entry, item.status, &error, self.parts.policies.on_conflict, true).await?;
                }
                Class::Conflict if self.parts.data_stream => {
                    tracing::warn!(index = %entry.index, "a document of this id was there already; it is kept");
                }
                Class::Conflict => {
                    self.refuse(request, &entry, item.status, &error, self.parts.policies.on_conflict, true).await?;
                }
                Class::Malformed => {
                    self.refuse(request, &entry, item.status, &error, self.parts.policies.on_malformed, false).await?;
                }
                Class::Busy | Class::NoIndex => {
                    rest.busy |= item.status == 429;
                    if class == Class::NoIndex {
                        rest.no_index.insert(Arc::clone(&entry.index));
                    }
                    if !error.kind.is_empty() || rest.why.is_none() {
                        rest.why = Some(format!("status {} {} of index {}", item.status, error.kind, entry.index));
                    }
                    if entry.lane != 0 {
                        held.insert(entry.lane);
                    }
                    rest.again.push(entry);
                    continue;
                }
                Class::Fatal => return Err(self.fatal(&entry, item.status, &error)),
            }
            finished.push(entry);
        }
        if diverted > 0 {
            tracing::warn!(task = %self.parts.context.id(), documents = diverted, "documents went to the failure store instead of their data stream");
        }
        self.finish(&finished, stale);
        Ok(())
    }

    /// A request of one document was refused as a whole.
    pub(super) async fn refuse_all(&self, piece: Piece, error: &CallError) -> Next {
        let item = ItemError { kind: error.kind.clone(), reason: error.reason.clone(), caused_by: None };
        for entry in piece.request.entries.iter() {
            let policy = self.parts.policies.on_malformed;
            if let Err(error) = self.refuse(&piece.request, entry, error.status, &item, policy, false).await {
                return Next::Failed(error);
            }
        }
        self.finish(&piece.request.entries, 0);
        Next::Settled
    }

    /// These are done with.
    fn finish(&self, entries: &Entries, stale: u64) {
        let mut state = self.lock();
        for entry in entries.iter() {
            state.tracker.done(entry.place);
            state.bytes -= entry.held();
        }
        state.records -= entries.len();
        let before = state.writes;
        state.writes += entries.len() as u64;
        state.stale += stale;
        if before < LOOK_AFTER && state.writes >= LOOK_AFTER && state.stale * 2 > state.writes {
            let (writes, stale) = (state.writes, state.stale);
            tracing::warn!(task = %self.parts.context.id(), writes, stale, "most documents are older than what the server has; was the topic made anew?");
        }
    }

    /// A document that the server does not take.
    async fn refuse(
        &self,
        request: &Request,
        entry: &Entry,
        status: u16,
        error: &ItemError,
        policy: Refused,
        stale: bool,
    ) -> Result<()> {
        if stale && policy == Refused::Ignore {
            return Ok(());
        }
        let text = self.text(entry, status, error);
        if policy == Refused::Warn {
            tracing::warn!(task = %self.parts.context.id(), why = %text, "a document was refused, and is skipped");
        }
        let origin = self.lock().tracker.origin(entry.place);
        // What was not done when its partition went comes again to whoever has it now, and is reported there.
        if let (Some(reporter), Some((origin, offset))) = (&self.parts.reporter, origin) {
            // The worker reads the record once more; what it gets here is for one that is gone from its topic.
            let record = Record::new(Arc::clone(&origin.topic), request.document(entry));
            let record = SinkRecord::new(record, origin, offset, TimestampType::CreateTime);
            reporter.report(&record, told(&text, entry, status, error)).await?;
        }
        match policy {
            Refused::Ignore | Refused::Warn => Ok(()),
            Refused::Report if self.parts.reporter.is_some() => Ok(()),
            Refused::Report | Refused::Fail => Err(Error::fatal(text)),
        }
    }

    fn text(&self, entry: &Entry, status: u16, error: &ItemError) -> String {
        let mut text = format!("Indexing failed: {} of index {}", error_name(status, error), entry.index);
        if let Some(field) = field_of(error) {
            text += &format!(", field {field:?}");
        }
        if let Some(cause) = error.caused_by.as_deref() {
            text += &format!(", caused by {}", cause.kind);
        }
        if let Some((origin, offset)) = self.lock().tracker.origin(entry.place) {
            let (topic, partition) = (&origin.topic, origin.partition);
            text += &format!(", record of topic {topic}, partition {partition}, offset {offset}");
        }
        if self.parts.policies.sensitive {
            let reason: String = error.reason.chars().take(LONGEST_REASON).collect();
            text += &format!(": {reason}");
        }
        text
    }

    fn fatal(&self, entry: &Entry, status: u16, error: &ItemError) -> Error {
        let remedy = match error.kind.as_str() {
            "security_exception" => "; the user needs the privileges create_index, read, write, view_index_metadata",
            "index_closed_exception" => "; open the index",
            _ => "",
        };
        Error::fatal(format!("{}, by {:?}{remedy}", self.text(entry, status, error), entry.kind))
    }
}

/// The error for the dead letter queue, with what programs may want to know of it.
fn told(text: &str, entry: &Entry, status: u16, error: &ItemError) -> Error {
    let told = Error::data(text)
        .with_detail("error.type", error.kind.clone())
        .with_detail("status", status.to_string())
        .with_detail("index", entry.index.as_str());
    match field_of(error) {
        Some(field) => told.with_detail("field", field),
        None => told,
    }
}

fn field_of(error: &ItemError) -> Option<&str> {
    field(&error.reason).or_else(|| error.caused_by.as_deref().and_then(|cause| field(&cause.reason)))
}

fn error_name(status: u16, error: &ItemError) -> String {
    if error.kind.is_empty() { format!("status {status}") } else { format!("{} (status {status})", error.kind) }
}

/// Whether what the server has is what it was given: the record came again.
fn is_same_version(error: &ItemError) -> bool {
    let number = |before: &str| {
        let rest = error.reason.split_once(before)?.1;
        rest.split_once(']')?.0.parse::<i64>().ok()
    };
    let (has, given) = (number("current version ["), number("to the one provided ["));
    has.is_some() && has == given
}
