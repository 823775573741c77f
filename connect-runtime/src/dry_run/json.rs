//! A trace for machines.

use connect_api::{Datum, Error, Header, Record};
use serde_json::{Map, Value, json};

use super::parts::Part;
use super::{Did, Ended, Shared, Trace};

impl Trace {
    /// The trace as one line of JSON, without the line's end: `record` (its number), `outcome` (`kept`, `dropped`,
    /// `failed`), `input`, `steps`, `output`, `error`.
    ///
    /// A step has `alias`, `class`, `outcome` (`changed`, `unchanged`, `skipped`, `dropped`, `failed`), `changes` with the
    /// parts that are others now, `predicate` when it was skipped, `error` when it failed. Records have the members that
    /// [`DryRun::records`](super::DryRun::records) reads; an error has `class`, `message` and `trace`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Map::new();
        out.insert("record".into(), self.number.into());
        let outcome = match self.ended() {
            Ended::Kept => "kept",
            Ended::Dropped => "dropped",
            Ended::Failed => "failed",
        };
        out.insert("outcome".into(), outcome.into());
        match &self.input {
            Ok(record) => drop(out.insert("input".into(), self.shared.record(record))),
            Err(error) => drop(out.insert("error".into(), told(error))),
        }
        let steps = self.transitions().map(|(before, step)| {
            let mut out = json!({"alias": &*step.alias, "class": &*step.class});
            let outcome = match &step.did {
                Did::Changed => {
                    let changes = Part::changes(before, &step.after);
                    let changes: Map<_, _> = changes.map(|part| self.shared.part(part, &step.after)).collect();
                    out["changes"] = changes.into();
                    "changed"
                }
                Did::Nothing => "unchanged",
                Did::Skipped { predicate, answer } => {
                    out["predicate"] = json!({"alias": &**predicate, "answer": answer});
                    "skipped"
                }
                Did::Dropped => "dropped",
                Did::Failed(error) => {
                    out["error"] = told(error);
                    "failed"
                }
            };
            out["outcome"] = outcome.into();
            out
        });
        out.insert("steps".into(), steps.collect());
        if let Some(record) = self.output() {
            out.insert("output".into(), self.shared.record(record));
        }
        Value::Object(out).to_string()
    }
}

fn told(error: &Error) -> Value {
    json!({"class": error.class_name(), "message": error.to_string(), "trace": error.trace()})
}

impl Shared {
    fn record(&self, record: &Record) -> Value {
        let mut out: Map<_, _> = Part::ALL.into_iter().map(|part| self.part(part, record)).collect();
        if let Some(offset) = record.kafka_offset() {
            out.insert("offset".into(), offset.into());
        }
        out.retain(|name, value| name == "value" || !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)));
        out.into()
    }

    fn part(&self, part: Part, record: &Record) -> (String, Value) {
        let schema = |datum: &Datum| self.json(datum).1.unwrap_or_default();
        let header = |header: &Header| {
            let (value, schema) = self.json(&header.value);
            let mut out = json!({"key": &*header.key, "value": value});
            if let Some(schema) = schema {
                out["schema"] = schema;
            }
            out
        };
        let (name, value) = match part {
            Part::Topic => ("topic", record.topic.as_ref().into()),
            Part::Partition => ("partition", record.partition.into()),
            Part::Timestamp => ("timestamp", record.timestamp.into()),
            Part::Key => ("key", self.json(&record.key).0),
            Part::KeySchema => ("keySchema", schema(&record.key)),
            Part::Value => ("value", self.json(&record.value).0),
            Part::ValueSchema => ("valueSchema", schema(&record.value)),
            Part::Headers => ("headers", record.headers.iter().map(header).collect()),
        };
        (name.to_owned(), self.hide(value))
    }

    /// Variables for values in every text of a part.
    fn hide(&self, value: Value) -> Value {
        if self.hidden.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => self.hidden.text(&text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.hide(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (self.hidden.text(&name), self.hide(value))).collect()
            }
            // A value may have been read as a number.
            Value::Number(number) => {
                let text = number.to_string();
                let hidden = self.hidden.text(&text);
                if hidden == text { Value::Number(number) } else { hidden.into() }
            }
            other => other,
        }
    }
}
