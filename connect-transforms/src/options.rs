//! Options that several transforms have.

/// Default of `replace.null.with.default`.
pub(crate) const fn yes() -> bool {
    true
}

/// Default of `field.syntax.version`.
pub(crate) fn v1() -> String {
    "V1".into()
}

/// The two parts of `a:b`; nothing else has exactly one colon and something after it.
pub(crate) fn pair(text: &str) -> Option<(&str, &str)> {
    text.split_once(':').filter(|(_, second)| !second.is_empty() && !second.contains(':'))
}
