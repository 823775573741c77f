//! `${provider:path:key}` in a text.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Kafka's pattern: neither part holds a `}`, the key may hold colons when there is a path. It is a constant that every
/// test of a variable makes, so it is one for good.
static PATTERN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}").expect("the pattern is one"));

/// A variable in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable<'a> {
    pub(super) provider: &'a str,
    /// Empty when there is none.
    pub(super) path: &'a str,
    pub(super) key: &'a str,
    /// As it is written.
    pub(super) text: &'a str,
    /// Where in the text.
    pub(super) place: Range<usize>,
}

/// The variables of a text, in order.
pub(super) fn variables(text: &str) -> impl Iterator<Item = Variable<'_>> {
    // Most values have none, and many workers never need the pattern, which takes memory.
    let found = text.contains("${").then(|| PATTERN.captures_iter(text));
    found.into_iter().flatten().filter_map(|found| {
        let part = |number| found.get(number).map_or("", |part| part.as_str());
        let whole = found.get(0)?;
        Some(Variable { provider: part(1), path: part(2), key: part(3), text: whole.as_str(), place: whole.range() })
    })
}
