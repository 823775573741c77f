//! Which versions of a plugin a configuration allows (KIP-891), written as Maven writes ranges.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use connect_api::{Error, Result};

/// The release of Kafka Connect whose behaviour this is: of plugins with Kafka's names, and of the REST API, whose clients
/// decide by it what they may ask.
pub const KAFKA_VERSION: &str = "4.1.2";

/// The versions that are allowed: `1.2`, `[1.2]`, `[1,2)`, `(,1.0],[1.2,)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Versions(Vec<Interval>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Interval {
    low: Option<(String, bool)>,
    high: Option<(String, bool)>,
}

impl Versions {
    /// None when any will do.
    ///
    /// # Errors
    /// The text is neither a version nor a range.
    pub(crate) fn read(text: &str) -> Result<Option<Self>> {
        let text = text.trim();
        if text.is_empty() || text == "latest" {
            return Ok(None);
        }
        let wrong = || Error::config(format!("{text:?} is no version and no range such as [1.0,2.0)"));
        if !text.starts_with(['[', '(']) {
            let exact = Some((text.to_owned(), true));
            let plain = !text.contains([',', '[', ']', '(', ')']);
            return plain.then(|| Some(Self(vec![Interval { low: exact.clone(), high: exact }]))).ok_or_else(wrong);
        }
        let mut intervals = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let with_low = rest.starts_with('[');
            let inner = rest.strip_prefix(['[', '(']).ok_or_else(wrong)?;
            let end = inner.find([']', ')']).ok_or_else(wrong)?;
            let with_high = inner[end..].starts_with(']');
            intervals.push(Interval::read(&inner[..end], with_low, with_high).ok_or_else(wrong)?);
            rest = inner[end + 1..].trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        Ok(Some(Self(intervals)))
    }

    pub(crate) fn allow(&self, version: &str) -> bool {
        self.0.iter().any(|interval| interval.holds(version))
    }
}

impl Interval {
    fn read(inner: &str, with_low: bool, with_high: bool) -> Option<Self> {
        let end = |text: &str, inclusive| (!text.trim().is_empty()).then(|| (text.trim().to_owned(), inclusive));
        match inner.split_once(',') {
            None => {
                let exact = end(inner, true).filter(|_| with_low && with_high)?;
                Some(Self { low: Some(exact.clone()), high: Some(exact) })
            }
            Some((_, high)) if high.contains(',') => None,
            Some((low, high)) => Some(Self { low: end(low, with_low), high: end(high, with_high) }),
        }
    }

    fn holds(&self, version: &str) -> bool {
        let within = |end: &Option<(String, bool)>, outside: Ordering| {
            end.as_ref().is_none_or(|(end, inclusive)| match compare(version, end) {
                Ordering::Equal => *inclusive,
                order => order != outside,
            })
        };
        within(&self.low, Ordering::Less) && within(&self.high, Ordering::Greater)
    }
}

/// Numbers by size, `1` as `1.0`; what is no number (a qualifier, such as `rc1`) is older than nothing there.
fn compare(one: &str, other: &str) -> Ordering {
    let (one, other): (Vec<_>, Vec<_>) = (parts(one), parts(other));
    for at in 0..one.len().max(other.len()) {
        let order = match (one.get(at).copied().unwrap_or(""), other.get(at).copied().unwrap_or("")) {
            (one, other) if number(one).is_some() && number(other).is_some() => number(one).cmp(&number(other)),
            (one, other) => {
                (number(one).is_some(), one.to_lowercase()).cmp(&(number(other).is_some(), other.to_lowercase()))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn parts(version: &str) -> Vec<&str> {
    version.trim().split(['.', '-']).collect()
}

/// No more part counts as zero.
fn number(part: &str) -> Option<u64> {
    if part.is_empty() { Some(0) } else { part.parse().ok() }
}

/// # Errors
/// What was asked for is not the version there is, or is no version.
pub(crate) fn check(class: &str, version: &str, asked: &str) -> Result<()> {
    match Versions::read(asked)? {
        Some(versions) if !versions.allow(version) => {
            Err(Error::config(format!("{class} is not there in version {asked}; there is {version}")))
        }
        _ => Ok(()),
    }
}
