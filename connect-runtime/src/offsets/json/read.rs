//! Reading flat JSON.
//!
//! Not by serde_json: offsets must read back exactly, floats to the last bit and integers beyond 64 bits cut to
//! their low ones as in Java, and that must not hang on features that other crates switch on.

use std::collections::BTreeMap;
use std::str::Chars;

use connect_api::{OffsetMap, Value};

type Parsed<T> = Result<T, String>;

pub(super) struct Reader<'a> {
    text: &'a str,
    rest: Chars<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Parsed<Self> {
        let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))?;
        Ok(Self { text, rest: text.chars() })
    }

    /// Fails unless only white space is left.
    pub(super) fn end(mut self) -> Parsed<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("the end")),
        }
    }

    /// Takes the character, after white space.
    pub(super) fn demand(&mut self, wanted: char) -> Parsed<()> {
        if self.take(wanted) { Ok(()) } else { Err(self.wrong(&format!("'{wanted}'"))) }
    }

    pub(super) fn map_or_null(&mut self) -> Parsed<OffsetMap> {
        if !self.take('{') {
            return match self.plain()? {
                Value::Null => Ok(OffsetMap::NULL),
                other => Err(format!("expected an object or null, found {} {other}", other.kind())),
            };
        }
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut places = BTreeMap::new();
        if !self.take('}') {
            loop {
                self.demand('"')?;
                let name = self.string()?;
                self.demand(':')?;
                let value = self.plain()?;
                // The last one of a name wins, as in Java, at the place of the first.
                match places.get(&name) {
                    Some(&place) => entries[place] = (name, value),
                    None => {
                        places.insert(name.clone(), entries.len());
                        entries.push((name, value));
                    }
                }
                if !self.take(',') {
                    break;
                }
            }
            self.demand('}')?;
        }
        Ok(OffsetMap::from_entries(entries.into_iter().map(|(name, value)| (name.into(), value))))
    }

    /// A string, number, boolean or null.
    pub(super) fn plain(&mut self) -> Parsed<Value> {
        match self.peek() {
            Some('"') => {
                self.rest.next();
                Ok(Value::String(self.string()?.into()))
            }
            Some('-' | '0'..='9') => self.number(),
            Some('a'..='z') => {
                let word = self.word(|c| c.is_ascii_lowercase());
                match word {
                    "null" => Ok(Value::Null),
                    "true" => Ok(Value::Boolean(true)),
                    "false" => Ok(Value::Boolean(false)),
                    _ => Err(format!("unknown word {word:?}")),
                }
            }
            _ => Err(self.wrong("a string, number, boolean or null")),
        }
    }

    fn number(&mut self) -> Parsed<Value> {
        let word = self.word(|c| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let digits = word.strip_prefix('-').unwrap_or(word);
        if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let size = digits
                .bytes()
                .fold(0i64, |number, digit| number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')));
            return Ok(Value::Int64(if word.len() > digits.len() { size.wrapping_neg() } else { size }));
        }
        // JSON wants a digit first; Rust would take `.5` and `-.5` too.
        let number = digits.starts_with(|c: char| c.is_ascii_digit()).then(|| word.parse::<f64>().ok()).flatten();
        number.map(Value::Float64).ok_or_else(|| format!("malformed number {word:?}"))
    }

    /// The rest of a string whose opening quote is taken.
    fn string(&mut self) -> Parsed<String> {
        let mut content = String::new();
        loop {
            match self.rest.next() {
                Some('"') => return Ok(content),
                Some('\\') => content.push(self.escape()?),
                Some(control @ '\0'..' ') => return Err(format!("control character {control:?} in a string")),
                Some(character) => content.push(character),
                None => return Err("a string does not end".into()),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        Ok(match self.rest.next() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('f') => '\u{c}',
            Some('r') => '\r',
            Some('u') => {
                let mut units = vec![self.unit()?];
                if matches!(units[0], 0xd800..0xdc00) && self.rest.as_str().starts_with("\\u") {
                    self.rest.nth(1);
                    units.push(self.unit()?);
                }
                let mut decoded = char::decode_utf16(units);
                match (decoded.next(), decoded.next()) {
                    (Some(Ok(character)), None) => character,
                    _ => return Err("half a surrogate pair in a string".into()),
                }
            }
            _ => return Err("unknown escape in a string".into()),
        })
    }

    fn unit(&mut self) -> Parsed<u16> {
        let digits = self.rest.as_str().get(..4).filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).ok_or("malformed \\u escape")?;
        self.rest.nth(3);
        Ok(unit)
    }

    /// Takes as many characters as `part` allows.
    fn word(&mut self, part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest.as_str();
        let (word, rest) = rest.split_at(rest.find(|c| !part(c)).unwrap_or(rest.len()));
        self.rest = rest.chars();
        word
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.rest.next();
        }
        there
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.as_str().trim_start_matches([' ', '\t', '\n', '\r']).chars();
        self.rest.clone().next()
    }

    fn wrong(&self, wanted: &str) -> String {
        let at = self.text.len() - self.rest.as_str().len();
        match self.rest.clone().next() {
            Some(found) => format!("expected {wanted} at byte {at}, found {found:?}"),
            None => format!("expected {wanted} at byte {at}, found the end"),
        }
    }
}
