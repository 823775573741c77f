//! JSON paths on Connect's data, as much of Jayway's dialect as conditions need.
//!
//! `$`, `.name`, `['name']`, `[0]`, `[-1]`, `[*]`, `.*`, and filters `[?(...)]` with `@` paths, `==`, `!=`, `<`, `<=`,
//! `>`, `>=`, `=~ /regex/i`, `in [...]`, `nin [...]`, `&&`, `||`, `!` and parentheses. As in that dialect a filter on a
//! struct or map asks about itself, on an array about its elements.

mod condition;
mod read;

#[cfg(test)]
mod tests;

use std::fmt;

use connect_api::{Error, Result, Value};

use condition::Condition;

/// A path.
#[derive(Debug)]
pub(crate) struct Path {
    source: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Child(String),
    /// Below 0 it counts from the end.
    Index(i64),
    All,
    Filter(Box<Condition>),
}

impl Path {
    /// The path.
    ///
    /// # Errors
    /// A config error that says where it cannot be understood.
    pub(crate) fn new(source: &str) -> Result<Self> {
        let steps = read::path(source).map_err(|why| Error::config(format!("{source:?} is no JSON path: {why}")))?;
        Ok(Self { source: source.to_owned(), steps })
    }

    /// What the path leads to. `None` when a part that must be there is missing or null on the way.
    pub(crate) fn find<'a>(&self, root: &'a Value) -> Option<Vec<&'a Value>> {
        find(&self.steps, root, root)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn find<'a>(steps: &[Step], start: &'a Value, root: &'a Value) -> Option<Vec<&'a Value>> {
    let mut found = vec![start];
    // Whether each step so far leads to one place, which then must be there.
    let mut definite = true;
    for step in steps {
        if definite && found.first().is_none_or(|value| value.is_null()) {
            return None;
        }
        let mut next = Vec::new();
        for value in found {
            step.take(value, root, &mut next);
        }
        definite &= matches!(step, Step::Child(_) | Step::Index(_));
        found = next;
    }
    if definite && found.is_empty() { None } else { Some(found) }
}

impl Step {
    fn take<'a>(&self, value: &'a Value, root: &'a Value, next: &mut Vec<&'a Value>) {
        match (self, value) {
            (Self::Child(name), value) => next.extend(value.get(name)),
            (Self::Index(index), Value::Array(elements)) => {
                let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
                let index = if *index < 0 { length.saturating_add(*index) } else { *index };
                next.extend(usize::try_from(index).ok().and_then(|index| elements.get(index)));
            }
            (Self::All, Value::Array(elements)) => next.extend(elements.iter()),
            (Self::All, Value::Map(entries)) => next.extend(entries.iter().map(|(_, value)| value)),
            (Self::All, Value::Struct(structure)) => {
                next.extend((0..structure.values().len()).map(|index| structure.at(index)));
            }
            (Self::Filter(condition), Value::Array(elements)) => {
                next.extend(elements.iter().filter(|element| condition.holds(element, root)));
            }
            (Self::Filter(condition), Value::Map(_) | Value::Struct(_)) if condition.holds(value, root) => {
                next.push(value);
            }
            _ => {}
        }
    }
}
