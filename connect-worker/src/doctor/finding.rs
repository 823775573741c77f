//! One line of what was found.

use std::fmt;

/// Something that is as it has to be, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// What was looked at.
    what: String,
    /// How it is.
    told: String,
    /// What to do about it; none when it is well.
    advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(what: impl Into<String>, told: impl Into<String>) -> Self {
        Self { what: what.into(), told: told.into(), advice: None }
    }

    pub(super) fn problem(what: impl Into<String>, told: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), told: told.into(), advice: Some(advice.into()) }
    }

    pub(super) const fn is_problem(&self) -> bool {
        self.advice.is_some()
    }

    /// The same with other texts.
    pub(super) fn map(self, change: &dyn Fn(String) -> String) -> Self {
        Self { what: change(self.what), told: change(self.told), advice: self.advice.map(change) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_problem() { "problem" } else { "ok" };
        let told = self.told.replace('\n', "\n           ");
        writeln!(f, "{word:7}  {}: {told}", self.what)?;
        match &self.advice {
            Some(advice) => writeln!(f, "         -> {advice}"),
            None => Ok(()),
        }
    }
}
