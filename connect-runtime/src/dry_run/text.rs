//! A trace for people.

use std::fmt::{self, Write as _};

use connect_api::{Datum, Record};

use super::parts::{Part, schema_text};
use super::{Did, Ended, Shared, Trace};

impl fmt::Display for Trace {
    /// The record, each step with what it changed, and the end; lines end with `\n`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out)?;
        f.write_str(&self.shared.hidden.text(&out))
    }
}

impl Trace {
    fn write(&self, out: &mut String) -> fmt::Result {
        let record = match &self.input {
            Ok(record) => record,
            Err(error) => {
                writeln!(out, "record {}: could not be read", self.number)?;
                write_indented(out, &error.trace())?;
                return out.write_str("  failed\n");
            }
        };
        write!(out, "record {}: topic {:?}", self.number, record.topic)?;
        let numbers = [
            ("partition", record.partition.map(i64::from)),
            ("offset", record.kafka_offset()),
            ("timestamp", record.timestamp),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                write!(out, ", {name} {number}")?;
            }
        }
        out.push('\n');
        let nothing = Record::new(std::sync::Arc::clone(&record.topic), Datum::NULL);
        for part in [Part::Key, Part::KeySchema, Part::Value, Part::ValueSchema, Part::Headers] {
            if part == Part::Value || part.differs(&nothing, record) {
                self.shared.write_part(out, "  ", part, record)?;
            }
        }
        for (number, (before, step)) in self.transitions().enumerate() {
            write!(out, "  step {}: {} ({}): ", number + 1, step.alias, step.class)?;
            match &step.did {
                Did::Changed => out.push_str("changed\n"),
                Did::Nothing => out.push_str("nothing changed\n"),
                Did::Dropped => out.push_str("dropped\n"),
                Did::Skipped { predicate, answer } => {
                    let because = if *answer { "is true, and negated" } else { "is false" };
                    writeln!(out, "skipped, predicate {predicate} {because}")?;
                }
                Did::Failed(error) => {
                    out.push_str("failed\n");
                    write_indented(out, &error.trace())?;
                }
            }
            if matches!(step.did, Did::Changed) {
                for part in Part::changes(before, &step.after) {
                    self.shared.write_part(out, "    ", part, &step.after)?;
                }
            }
        }
        let end = match self.ended() {
            Ended::Kept => "kept",
            Ended::Dropped => "dropped",
            Ended::Failed => "failed",
        };
        writeln!(out, "  {end}")
    }
}

impl Shared {
    fn write_part(&self, out: &mut String, indent: &str, part: Part, record: &Record) -> fmt::Result {
        let schema = |datum: &Datum| datum.schema.as_ref().map_or("none".into(), |schema| schema_text(schema));
        let none = || "none".to_owned();
        let (name, text) = match part {
            Part::Topic => ("topic", format!("{:?}", record.topic)),
            Part::Partition => ("partition", record.partition.map_or_else(none, |number| number.to_string())),
            Part::Timestamp => ("timestamp", record.timestamp.map_or_else(none, |number| number.to_string())),
            Part::Key => ("key", self.json(&record.key).0.to_string()),
            Part::KeySchema => ("key schema", schema(&record.key)),
            Part::Value => ("value", self.json(&record.value).0.to_string()),
            Part::ValueSchema => ("value schema", schema(&record.value)),
            Part::Headers => {
                let headers = record.headers.iter().map(|header| {
                    let typed = header.value.schema.as_ref().map(|schema| format!(" ({})", schema_text(schema)));
                    let value = self.json(&header.value).0;
                    format!("\n{indent}  {:?}: {value}{}", header.key, typed.unwrap_or_default())
                });
                let headers: String = headers.collect();
                ("headers", if headers.is_empty() { none() } else { headers })
            }
        };
        let gap = if text.starts_with('\n') { "" } else { " " };
        writeln!(out, "{indent}{name}:{gap}{text}")
    }
}

fn write_indented(out: &mut String, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(out, "    {line}"))
}
