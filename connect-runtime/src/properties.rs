//! Java's properties files, as `java.util.Properties.load` reads them.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

/// Something that is wrong with the text of a properties file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertiesError {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong there; values are not repeated.
    pub message: String,
}

impl fmt::Display for PropertiesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for PropertiesError {}

/// Reads the entries; of a key that is there twice the last one counts.
///
/// # Errors
/// An incomplete `\uXXXX`, the only thing that Java refuses.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, PropertiesError> {
    let mut entries = BTreeMap::new();
    let mut lines = natural_lines(text).enumerate().peekable();
    while let Some((number, first)) = lines.next() {
        let first = first.trim_start_matches(is_blank);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = first.to_owned();
        while continues(&logical) {
            logical.pop();
            match lines.next() {
                Some((_, next)) => logical.push_str(next.trim_start_matches(is_blank)),
                None => break,
            }
        }
        let (key, value) = split(&logical);
        let wrong = |message| PropertiesError { line: number + 1, message };
        entries.insert(unescape(key).map_err(wrong)?, unescape(value).map_err(wrong)?);
    }
    Ok(entries)
}

/// Lines end with `\n`, `\r` or `\r\n`.
fn natural_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let after = if text[end..].starts_with("\r\n") { end + 2 } else { end + 1 };
        rest = Some(&text[after..]);
        Some(&text[..end])
    })
}

/// Java's idea of white space, which is not Unicode's.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

/// Whether the line ends with a backslash that is not itself escaped.
fn continues(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// The key ends at the first unescaped `=`, `:` or blank; blanks and one `=` or `:` come before the value.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.char_indices().find(|(_, c)| {
        let ends = !escaped && (matches!(c, '=' | ':') || is_blank(*c));
        escaped = *c == '\\' && !escaped;
        ends
    });
    let Some((end, _)) = end else { return (line, "") };
    let rest = line[end..].trim_start_matches(is_blank);
    let value = rest.strip_prefix(['=', ':']).map_or(rest, |value| value.trim_start_matches(is_blank));
    (&line[..end], value)
}

fn unescape(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('f') => plain.push('\x0c'),
            Some('u') => plain.push(unicode(&mut chars)?),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Ok(plain)
}

/// What follows `\u`: four digits of UTF-16, and perhaps the second half of a pair in another `\u`.
fn unicode(chars: &mut Peekable<Chars<'_>>) -> Result<char, String> {
    let first = four_digits(chars)?;
    if (0xd800..0xdc00).contains(&first) {
        let mut ahead = chars.clone();
        if (ahead.next(), ahead.next()) == (Some('\\'), Some('u')) {
            let second = four_digits(&mut ahead)?;
            if let Some(Ok(c)) = char::decode_utf16([first, second]).next() {
                *chars = ahead;
                return Ok(c);
            }
        }
    }
    Ok(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn four_digits(chars: &mut Peekable<Chars<'_>>) -> Result<u16, String> {
    let digits: String = std::iter::from_fn(|| chars.next_if(char::is_ascii_hexdigit)).take(4).collect();
    match u16::from_str_radix(&digits, 16) {
        Ok(number) if digits.len() == 4 => Ok(number),
        _ => Err(format!("\\u{digits} is incomplete: four hexadecimal digits have to follow \\u")),
    }
}

#[cfg(test)]
mod tests;
