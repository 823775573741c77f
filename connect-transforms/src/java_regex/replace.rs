//! Replacement text: `$1`, `${name}` and `\`.

use connect_api::{Error, Result};
use fancy_regex::Captures;

use super::JavaRegex;

/// A replacement, read for one expression. One that Java would refuse fails every record it is used on, as there.
#[derive(Debug, Clone)]
pub(crate) struct Replacement(Result<Vec<Piece>, String>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Replacement {
    pub(crate) fn new(text: &str, regex: &JavaRegex) -> Self {
        let read = pieces(text, regex);
        Self(read.map_err(|why| format!("the replacement {text:?} does not fit {:?}: {why}", regex.as_str())))
    }

    /// `text` with the match replaced.
    pub(super) fn apply(&self, text: &str, captures: &Captures<'_, str>) -> Result<String> {
        let pieces = self.0.as_ref().map_err(Error::data)?;
        let (start, end) = captures.get(0).map_or((0, 0), |all| (all.start(), all.end()));
        let mut out = text[..start].to_owned();
        for piece in pieces {
            match piece {
                Piece::Text(plain) => out.push_str(plain),
                Piece::Group(number) => out.push_str(captures.get(*number).map_or("", |group| group.as_str())),
            }
        }
        out.push_str(&text[end..]);
        Ok(out)
    }
}

fn pieces(text: &str, regex: &JavaRegex) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '\\' => {
                let escaped = rest.chars().next().ok_or("nothing follows the last \\")?;
                plain.push(escaped);
                rest = &rest[escaped.len_utf8()..];
            }
            '$' => {
                let (number, after) = group(rest, regex)?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Group(number));
                rest = after;
            }
            other => plain.push(other),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

/// The group named after a `$`, and what follows.
fn group<'a>(rest: &'a str, regex: &JavaRegex) -> Result<(usize, &'a str), String> {
    if let Some(braced) = rest.strip_prefix('{') {
        let (name, after) = braced.split_once('}').ok_or("a ${ has no }")?;
        let number = regex.group_named(name).ok_or_else(|| format!("there is no group named {name:?}"))?;
        return Ok((number, after));
    }
    let digit = |text: &str| text.bytes().next().filter(u8::is_ascii_digit).map(|digit| usize::from(digit - b'0'));
    let mut number = digit(rest).ok_or("a $ is followed by neither a number nor {name}; a plain one is \\$")?;
    let groups = regex.groups();
    if number > groups {
        return Err(format!("there is no group {number}; groups: {groups}"));
    }
    // As many digits as make the number of a group: $10 is group 1 and a zero when there are fewer than ten.
    let mut rest = &rest[1..];
    while let Some(longer) = digit(rest).map(|next| number * 10 + next).filter(|longer| *longer <= groups) {
        number = longer;
        rest = &rest[1..];
    }
    Ok((number, rest))
}
