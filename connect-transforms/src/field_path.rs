//! Names of fields in configurations: plain ones, and paths into nested data.

use std::sync::Arc;

use connect_api::{Error, Result};

/// How names of fields are read: `field.syntax.version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldSyntax {
    /// The whole text is the name of one field.
    V1,
    /// Dots lead into nested data: `a.b`. A name that has dots stands in backticks: `` a.`b.c` ``.
    V2,
}

impl FieldSyntax {
    /// Reads `V1` or `V2`, in any case.
    ///
    /// # Errors
    /// A config error that lists both.
    pub fn parse(text: &str) -> Result<Self> {
        let is = |name: &str| text.trim().eq_ignore_ascii_case(name);
        if is("V1") {
            return Ok(Self::V1);
        }
        if is("V2") {
            return Ok(Self::V2);
        }
        Err(Error::config(format!("field.syntax.version: no version named {text:?}; possible: V1, V2")))
    }
}

/// The way to a field: its name, after the names of the fields around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath(Vec<Arc<str>>);

impl FieldPath {
    /// Reads a path.
    ///
    /// In version 2, a step that starts with a backtick ends at the next backtick before a dot or the end; `` \` ``
    /// there is a backtick of the name.
    ///
    /// # Errors
    /// A config error: a backtick that is not closed, or no text in version 2.
    pub fn parse(text: &str, syntax: FieldSyntax) -> Result<Self> {
        if syntax == FieldSyntax::V1 {
            return Ok(Self(vec![text.into()]));
        }
        if text.is_empty() {
            return Err(Error::config("a path of no steps leads to no field"));
        }
        let mut steps = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (step, further) = match text.strip_prefix('`') {
                Some(quoted) => quoted_step(quoted).ok_or_else(|| unclosed(text))?,
                None => match text.split_once('.') {
                    Some((step, further)) => (step.to_owned(), Some(further)),
                    None => (text.to_owned(), None),
                },
            };
            steps.push(step.into());
            rest = further;
        }
        Ok(Self(steps))
    }

    /// The names in order; there is at least one.
    #[must_use]
    pub fn steps(&self) -> &[Arc<str>] {
        &self.0
    }
}

/// A step after its opening backtick, and what follows its closing one; `None` when there is no closing one.
fn quoted_step(text: &str) -> Option<(String, Option<&str>)> {
    let mut name = String::new();
    let mut begin = 0;
    for (at, _) in text.match_indices('`') {
        let after = &text[at + 1..];
        if !after.is_empty() && !after.starts_with('.') {
            continue;
        }
        if text[..at].ends_with('\\') {
            // Before the end there is nothing that could close the step.
            if after.is_empty() {
                return None;
            }
            name.push_str(&text[begin..at - 1]);
            name.push('`');
            begin = at + 1;
            continue;
        }
        name.push_str(&text[begin..at]);
        return Some((name, after.strip_prefix('.')));
    }
    None
}

fn unclosed(text: &str) -> Error {
    Error::config(format!("the backtick before {:?} is not closed; to mean a backtick, write \\`", &text[1..]))
}

#[cfg(test)]
mod tests;
