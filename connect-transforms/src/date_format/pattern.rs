//! Reading a pattern.

use super::letters::{ALL, Letter};

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// What is written as it is.
    Text(String),
    /// So many of a letter.
    Field(Letter, usize),
}

/// The parts of a pattern, or what is wrong with it.
pub(super) fn pieces(source: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut chars = source.chars().peekable();
    let mut quoted = false;
    while let Some(next) = chars.next() {
        if next == '\'' {
            // Two of them are one, in quotes or not.
            if chars.next_if_eq(&'\'').is_some() {
                text('\'', &mut pieces);
            } else {
                quoted = !quoted;
            }
        } else if quoted || !next.is_ascii_alphabetic() {
            text(next, &mut pieces);
        } else {
            let letter = Letter::of(next)
                .ok_or_else(|| format!("the letter {next:?} means nothing; letters: {ALL}; plain text goes in ''"))?;
            let mut count = 1;
            while chars.next_if_eq(&next).is_some() {
                count += 1;
            }
            if letter == Letter::IsoZone && count > 3 {
                return Err(format!("there are {count} X, there can be 1 to 3"));
            }
            pieces.push(Piece::Field(letter, count));
        }
    }
    if quoted {
        return Err("a quote does not end".into());
    }
    Ok(pieces)
}

fn text(next: char, pieces: &mut Vec<Piece>) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(next),
        _ => pieces.push(Piece::Text(next.into())),
    }
}
