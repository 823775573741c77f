//! Reads JSON value by value, without a tree: whoever knows the schema knows what comes next.

use std::borrow::Cow;
use std::sync::Arc;

use connect_api::{Error, Result};

use super::names::Names;

/// How deep arrays and objects may nest. It bounds the stack.
const DEPTH: usize = 512;

/// What a value is, by its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// For messages: with its article.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// A place in a JSON text.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Names that are known already.
    pub(super) names: Names,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, names: Names::default() }
    }

    /// An error at this place.
    pub(super) fn error(&self, what: &str) -> Error {
        Error::data(format!("malformed JSON at byte {}: {what}", self.at))
    }

    /// The text from here, blanks skipped.
    pub(super) fn rest(&mut self) -> &'a str {
        self.blanks();
        &self.text[self.at..]
    }

    /// Whether nothing but blanks is left.
    pub(super) fn at_end(&mut self) -> bool {
        self.rest().is_empty()
    }

    /// Goes on by this many bytes, which somebody has read by [`rest`](Self::rest).
    pub(super) const fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Reads this character, if it is the next one.
    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// What the next value is.
    pub(super) fn kind(&mut self) -> Result<Kind> {
        self.blanks();
        Ok(match self.peek() {
            Some(b'n') => Kind::Null,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b'"') => Kind::String,
            Some(b'[') => Kind::Array,
            Some(b'{') => Kind::Object,
            Some(_) => return Err(self.error("a value was expected")),
            None => return Err(self.error("the text ends where a value was expected")),
        })
    }

    fn word(&mut self, word: &str) -> Result<()> {
        if self.rest().starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.error("a value was expected"))
        }
    }

    pub(super) fn null(&mut self) -> Result<()> {
        self.word("null")
    }

    pub(super) fn boolean(&mut self) -> Result<bool> {
        let truth = self.rest().starts_with('t');
        self.word(if truth { "true" } else { "false" })?;
        Ok(truth)
    }

    /// The text of a number. Leading zeros are allowed, as in Kafka.
    pub(super) fn number(&mut self) -> Result<&'a str> {
        self.numeral().map(|(text, _)| text)
    }

    /// The text of a number, and whether it is written as an integer.
    pub(super) fn numeral(&mut self) -> Result<(&'a str, bool)> {
        self.blanks();
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        self.digits()?;
        let whole = self.at;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok((&self.text[start..self.at], self.at == whole))
    }

    fn digits(&mut self) -> Result<()> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.at += count;
        if count == 0 { Err(self.error("a digit was expected")) } else { Ok(()) }
    }

    /// The text of a string; borrowed unless it has escapes.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>> {
        if !self.take(b'"') {
            return Err(self.error("a string was expected"));
        }
        let mut unescaped: Option<String> = None;
        loop {
            let start = self.at;
            self.at = start + plain(&self.text.as_bytes()[start..]);
            let plain = &self.text[start..self.at];
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match unescaped {
                        None => Cow::Borrowed(plain),
                        Some(text) => Cow::Owned(text + plain),
                    });
                }
                Some(b'\\') => {
                    self.at += 1;
                    let c = self.escape()?;
                    let text = unescaped.get_or_insert_default();
                    text.push_str(plain);
                    text.push(c);
                }
                Some(_) => return Err(self.error("a control character stands in a string")),
                None => return Err(self.error("the text ends in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some_and(|byte| byte.is_ascii()));
        Ok(match byte {
            Some(c @ (b'"' | b'\\' | b'/')) => c.into(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.hex()?;
                let rest = &self.text[self.at..];
                if (0xd800..0xdc00).contains(&high) && rest.starts_with("\\u") {
                    let back = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = back;
                }
                // Half of a pair is no character.
                char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(self.error("an unknown escape")),
        })
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += if code.is_some() { 4 } else { 0 };
        code.ok_or_else(|| self.error("an escape of four hexadecimal digits was expected"))
    }

    fn enter(&mut self, open: u8, what: &str) -> Result<()> {
        if !self.take(open) {
            return Err(self.error(what));
        }
        self.depth += 1;
        if self.depth > DEPTH { Err(self.error("it is nested too deep")) } else { Ok(()) }
    }

    /// Reads an array; `element` reads one element each time.
    pub(super) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.enter(b'[', "an array was expected")?;
        if !self.take(b']') {
            loop {
                element(self)?;
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.error("a comma or the end of the array was expected"));
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads an object; `member` is given a key and reads its value.
    pub(super) fn object(&mut self, member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<()>) -> Result<()> {
        self.members(Self::string, member)
    }

    /// Reads an object as [`object`](Self::object) does, with shared keys.
    pub(super) fn shared(&mut self, member: impl FnMut(&mut Self, Arc<str>) -> Result<()>) -> Result<()> {
        self.members(Self::name, member)
    }

    fn name(&mut self) -> Result<Arc<str>> {
        self.blanks();
        let rest = &self.text.as_bytes()[self.at..];
        if let Some(known) = self.names.next_if(rest) {
            // And two quotes.
            self.at += known.len() + 2;
            return Ok(known);
        }
        let name = self.string()?;
        Ok(self.names.share(name))
    }

    fn members<K>(
        &mut self,
        key: impl Fn(&mut Self) -> Result<K>,
        mut member: impl FnMut(&mut Self, K) -> Result<()>,
    ) -> Result<()> {
        self.enter(b'{', "an object was expected")?;
        if !self.take(b'}') {
            loop {
                let key = key(self)?;
                if !self.take(b':') {
                    return Err(self.error("a colon was expected"));
                }
                member(self, key)?;
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.error("a comma or the end of the object was expected"));
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads any value and says what its text is.
    pub(super) fn skip(&mut self) -> Result<&'a str> {
        let kind = self.kind()?;
        let start = self.at;
        match kind {
            Kind::Null => self.null()?,
            Kind::Boolean => self.boolean().map(drop)?,
            Kind::Number => self.number().map(drop)?,
            Kind::String => self.string().map(drop)?,
            Kind::Array => self.array(|cursor| cursor.skip().map(drop))?,
            Kind::Object => self.object(|cursor, _| cursor.skip().map(drop))?,
        }
        Ok(&self.text[start..self.at])
    }
}

/// How many bytes stand before the first one that is no plain part of a string: a quote, a backslash, a control
/// character. Eight bytes at a time, since most of what is read are strings.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The high bit of each byte that is below `bound`. A borrow may mark further bytes, but only after a right one.
    const fn below(word: u64, bound: u64) -> u64 {
        word.wrapping_sub(ONES * bound) & !word & (ONES * 0x80)
    }
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let special = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        let found = below(word, 0x20) | special(b'"') | special(b'\\');
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let special = rest.iter().position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    bytes.len() - rest.len() + special.unwrap_or(rest.len())
}
