//! The field that an error is about, without its value.

/// What stands before the name of a field in servers' reasons. The name is in brackets, or in quotes.
const BEFORE: [(&str, char); 7] = [
    ("failed to parse field [", ']'),
    ("object mapping for [", ']'),
    ("dynamic introduction of [", ']'),
    ("immense term in field=\"", '"'),
    ("data stream timestamp field [", ']'),
    ("timestamp field '", '\''),
    ("mapper [", ']'),
];

/// Longest name of a field that is told.
const LONGEST: usize = 256;

/// The name of the field that a reason names.
pub(super) fn field(reason: &str) -> Option<&str> {
    let (rest, close) = BEFORE.iter().find_map(|(before, close)| {
        let at = reason.find(before)?;
        Some((&reason[at + before.len()..], *close))
    })?;
    let name = &rest[..rest.find(close)?];
    (!name.is_empty() && name.len() <= LONGEST).then_some(name)
}
