//! Classes of characters: `[a-z&&[^b]]`, `\d`, `\p{Alpha}`.

use super::translate::{Chars, Flags, Read, literal};

/// Nested classes, which bound the stack.
const DEPTH: usize = 50;

/// After `[`.
pub(super) fn class(chars: &mut Chars<'_>, out: &mut String, flags: Flags, depth: usize) -> Read<()> {
    if depth > DEPTH {
        return Err(chars.bad("classes are nested too deeply"));
    }
    out.push('[');
    if chars.take("^") {
        out.push('^');
    }
    let mut first = true;
    loop {
        let before = chars.clone();
        let Some(next) = chars.next() else { return Err(before.bad("a [ has no ]")) };
        match next {
            ']' if !first => {
                out.push(']');
                return Ok(());
            }
            '[' => class(chars, out, flags, depth + 1)?,
            // With nothing before it, it says nothing.
            '&' if chars.take("&") => out.push_str(if first { "" } else { "&&" }),
            '\\' if chars.take("Q") => {
                for quoted in chars.until(r"\E")?.chars() {
                    literal(quoted, out);
                }
            }
            plain => {
                let low = if plain == '\\' { escaped(chars, out, flags)? } else { Some(plain) };
                if let Some(low) = low {
                    range(chars, out, flags, low)?;
                }
            }
        }
        first = false;
    }
}

/// A character, or from it to another.
fn range(chars: &mut Chars<'_>, out: &mut String, flags: Flags, low: char) -> Read<()> {
    literal(low, out);
    let mut ahead = chars.clone();
    if !ahead.take("-") || matches!(ahead.peek(), None | Some('[' | ']')) {
        if low == ':' {
            // As a range, since the engine takes [: for the start of a POSIX class.
            out.push_str(r"-\x{3A}");
        }
        return Ok(());
    }
    *chars = ahead;
    let high = match chars.next() {
        Some('\\') => escaped(chars, &mut String::new(), flags)?,
        other => other,
    };
    let high = high.filter(|high| *high >= low).ok_or_else(|| chars.bad("a range ends before it begins"))?;
    out.push('-');
    literal(high, out);
    Ok(())
}

/// After `\`: writes a class or a character.
pub(super) fn escape(chars: &mut Chars<'_>, out: &mut String, flags: Flags) -> Read<()> {
    if let Some(plain) = escaped(chars, out, flags)? {
        literal(plain, out);
    }
    Ok(())
}

/// After `\`: the character it stands for; a class is written.
fn escaped(chars: &mut Chars<'_>, out: &mut String, flags: Flags) -> Read<Option<char>> {
    let next = chars.next().ok_or_else(|| chars.bad("nothing follows the last \\"))?;
    Ok(Some(match next {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\x0C',
        'a' => '\x07',
        'e' => '\x1B',
        '0' => octal(chars)?,
        'x' if chars.take("{") => {
            let digits = chars.until("}")?;
            number(chars, digits, 16)?
        }
        'x' => hex(chars, 2)?,
        'u' => hex(chars, 4)?,
        'c' => {
            let control = chars.next().filter(char::is_ascii).ok_or_else(|| chars.bad(r"\c has no character"))?;
            char::from(control as u8 ^ 64)
        }
        'p' | 'P' => {
            let name = if chars.take("{") {
                chars.until("}")?.to_owned()
            } else {
                chars.next().map(String::from).unwrap_or_default()
            };
            property(chars, out, &name, next == 'P')?;
            return Ok(None);
        }
        'd' | 'D' | 'w' | 'W' | 's' | 'S' if flags.unicode => {
            out.push('\\');
            out.push(next);
            return Ok(None);
        }
        'd' | 'w' | 's' | 'h' | 'v' | 'D' | 'W' | 'S' | 'H' | 'V' => {
            out.push_str(if next.is_ascii_uppercase() { "[^" } else { "[" });
            out.push_str(match next.to_ascii_lowercase() {
                'd' => "0-9",
                'w' => "a-zA-Z_0-9",
                's' => r"\t\n\x0B\x0C\r\x20",
                'h' => r"\x20\t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}",
                _ => r"\n\x0B\x0C\r\x{85}\x{2028}\x{2029}",
            });
            out.push(']');
            return Ok(None);
        }
        letter if letter.is_ascii_alphanumeric() => {
            return Err(chars.bad(&format!("\\{letter} is not supported here")));
        }
        plain => plain,
    }))
}

fn property(chars: &Chars<'_>, out: &mut String, name: &str, negated: bool) -> Read<()> {
    let ascii = match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E",
        "Graph" => r"\x21-\x7E",
        "Print" => r"\x20-\x7E",
        "Blank" => r"\x20\t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r"\t\n\x0B\x0C\r\x20",
        _ => "",
    };
    if !ascii.is_empty() {
        out.push_str(if negated { "[^" } else { "[" });
        out.push_str(ascii);
        out.push(']');
        return Ok(());
    }
    let known = name.strip_prefix("Is").unwrap_or(name);
    let plain = known.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'='));
    if known.is_empty() || !plain || name.starts_with("In") || name.starts_with("java") {
        return Err(chars.bad(&format!("the property {name:?} is not supported here")));
    }
    out.push_str(if negated { r"\P{" } else { r"\p{" });
    out.push_str(known);
    out.push('}');
    Ok(())
}

/// Up to three octal digits, the first of three at most 3.
fn octal(chars: &mut Chars<'_>) -> Read<char> {
    let digits = chars.rest().bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
    let too_large = digits == 3 && chars.rest().as_bytes()[0] > b'3';
    let digits = digits - usize::from(too_large);
    let digits = &chars.rest()[..digits];
    chars.take(digits);
    number(chars, digits, 8)
}

fn hex(chars: &mut Chars<'_>, count: usize) -> Read<char> {
    let digits = chars.rest().get(..count).ok_or_else(|| chars.bad("hexadecimal digits are missing"))?;
    chars.take(digits);
    number(chars, digits, 16)
}

fn number(chars: &Chars<'_>, digits: &str, radix: u32) -> Read<char> {
    let plain = digits.bytes().all(|b| b.is_ascii_alphanumeric());
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain);
    code.and_then(char::from_u32).ok_or_else(|| chars.bad(&format!("{digits:?} is no number of a character")))
}
