//! From Java's syntax to the engine's.

use super::class;

/// Java's `.` leaves out more line ends than the engine's.
const NOT_LINE_END: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";
/// Before the end, or before the line end there.
const AT_END: &str = r"(?=(?:\r\n|[\n\r\x{85}\x{2028}\x{2029}])?\z)";
/// What is like no text.
const NOTHING: &str = "(?!)";
/// Nested groups, which bound the stack.
const DEPTH: usize = 200;

pub(super) type Read<T> = Result<T, String>;

/// The expression in the engine's syntax, or what is wrong with it.
pub(super) fn translate(source: &str) -> Read<String> {
    // A reference to a group means something else when there is no such group, and the group may come later.
    let mut counting = Translator::new(source, usize::MAX);
    counting.alternatives(Flags::default(), 0)?;
    let mut translator = Translator::new(source, counting.groups);
    translator.alternatives(Flags::default(), 0)?;
    Ok(translator.out)
}

/// The flags that change the translation. The others go to the engine as they are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    dot_all: bool,
    multi_line: bool,
    unix_lines: bool,
    comments: bool,
    pub(super) unicode: bool,
}

struct Translator<'a> {
    chars: Chars<'a>,
    out: String,
    groups: usize,
    names: Vec<&'a str>,
    all_groups: usize,
}

/// A cursor over the expression.
#[derive(Clone)]
pub(super) struct Chars<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Chars<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// What stands before `end`; both are taken.
    pub(super) fn until(&mut self, end: &str) -> Read<&'a str> {
        let (found, _) = self.rest().split_once(end).ok_or_else(|| self.bad(&format!("no {end:?} follows")))?;
        self.at += found.len() + end.len();
        Ok(found)
    }

    pub(super) fn bad(&self, why: &str) -> String {
        format!("{why}, near index {}", self.source[..self.at].chars().count())
    }
}

impl<'a> Translator<'a> {
    fn new(source: &'a str, all_groups: usize) -> Self {
        Self { chars: Chars { source, at: 0 }, out: String::new(), groups: 0, names: Vec::new(), all_groups }
    }

    /// Until the end of the group, or of the expression outside of any.
    fn alternatives(&mut self, mut flags: Flags, depth: usize) -> Read<()> {
        if depth > DEPTH {
            return Err(self.chars.bad("groups are nested too deeply"));
        }
        // Whether there is something that a quantifier can follow, and where it begins.
        let (mut quantifiable, mut atom) = (false, 0);
        while let Some(next) = self.chars.next() {
            if !matches!(next, '*' | '+' | '?' | '{') {
                atom = self.out.len();
            }
            match next {
                ')' if depth > 0 => return Ok(()),
                ')' => return Err(self.chars.bad("a ) has no (")),
                '*' | '+' | '?' | '{' => {
                    if !quantifiable {
                        return Err(self.chars.bad(&format!("nothing stands before {next:?} to be repeated")));
                    }
                    self.quantifier(next, atom)?;
                    quantifiable = false;
                    continue;
                }
                '|' => {
                    self.out.push('|');
                    quantifiable = false;
                    continue;
                }
                '(' => self.group(&mut flags, depth)?,
                '[' => class::class(&mut self.chars, &mut self.out, flags, 0)?,
                '.' if flags.dot_all => self.out.push_str("(?s:.)"),
                '.' if flags.unix_lines => self.out.push_str(r"[^\n]"),
                '.' => self.out.push_str(NOT_LINE_END),
                '^' => self.out.push_str(if flags.multi_line { "(?m:^)" } else { r"\A" }),
                '$' => self.out.push_str(if flags.multi_line { "(?m:$)" } else { AT_END }),
                '\\' => self.escape(flags)?,
                '#' if flags.comments => {
                    while self.chars.next().is_some_and(|c| c != '\n') {}
                    continue;
                }
                blank if flags.comments && blank.is_ascii_whitespace() => continue,
                plain => literal(plain, &mut self.out),
            }
            quantifiable = true;
        }
        if depth > 0 { Err(self.chars.bad("a ( has no )")) } else { Ok(()) }
    }

    /// After the first character of a quantifier of what the translation has from `atom` on.
    fn quantifier(&mut self, first: char, atom: usize) -> Read<()> {
        let mut times = first.to_string();
        let mut least = u32::from(first == '+');
        if first == '{' {
            let range = self.chars.until("}")?;
            let (from, to) = range.split_once(',').unwrap_or((range, range));
            let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && text.len() < 6;
            if from.is_empty() || !number(from) || !number(to) {
                return Err(self.chars.bad(&format!("{{{range}}} is no number of repetitions")));
            }
            least = from.parse().unwrap_or_default();
            if to.parse().is_ok_and(|most: u32| most < least) {
                return Err(self.chars.bad(&format!("{{{range}}} ends before it begins")));
            }
            times = format!("{{{range}}}");
        }
        let how = ["?", "+"].into_iter().find(|how| self.chars.take(how)).unwrap_or_default();
        if !is_assertion(&self.out[atom..]) {
            self.out.push_str(&times);
            self.out.push_str(how);
        } else if least == 0 {
            // The engine does not repeat what matches no text. Once is as good as often.
            self.out.insert_str(atom, if how == "?" { "(?:|" } else { "(?:" });
            self.out.push_str(if how == "?" { ")" } else { "|)" });
        }
        Ok(())
    }

    /// After `(`.
    fn group(&mut self, flags: &mut Flags, depth: usize) -> Read<()> {
        let mut inner = *flags;
        if !self.chars.take("?") {
            self.groups += 1;
            self.out.push('(');
        } else if let Some(kind) = [":", "=", "!", ">", "<=", "<!"].into_iter().find(|kind| self.chars.take(kind)) {
            self.out.push_str("(?");
            self.out.push_str(kind);
        } else if self.chars.take("<") {
            let name = self.chars.until(">")?;
            if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.bytes().all(|b| b.is_ascii_alphanumeric())
            {
                return Err(self.chars.bad(&format!("{name:?} is no name of a group: letters and digits are")));
            }
            if self.names.contains(&name) {
                return Err(self.chars.bad(&format!("the name {name:?} is given to two groups")));
            }
            self.names.push(name);
            self.groups += 1;
            self.out.push_str("(?<");
            self.out.push_str(name);
            self.out.push('>');
        } else {
            let insensitive = self.flags(&mut inner)?;
            if self.chars.take(")") {
                // For the rest of the group around.
                *flags = inner;
                self.out.push_str(match insensitive {
                    Some(true) => "(?i)",
                    Some(false) => "(?-i)",
                    None => "(?:)",
                });
                return Ok(());
            }
            if !self.chars.take(":") {
                return Err(self.chars.bad("an unknown kind of group"));
            }
            self.out.push_str(match insensitive {
                Some(true) => "(?i:",
                Some(false) => "(?-i:",
                None => "(?:",
            });
        }
        self.alternatives(inner, depth + 1)?;
        self.out.push(')');
        Ok(())
    }

    /// Sets what `(?dmsux-i` says; says whether case begins or ceases to be ignored.
    fn flags(&mut self, flags: &mut Flags) -> Read<Option<bool>> {
        let (mut on, mut insensitive) = (true, None);
        while let Some(next) = self.chars.peek().filter(|next| !matches!(next, ')' | ':')) {
            match next {
                '-' if on => on = false,
                'i' => insensitive = Some(on),
                's' => flags.dot_all = on,
                'm' => flags.multi_line = on,
                'd' => flags.unix_lines = on,
                'x' => flags.comments = on,
                'U' => flags.unicode = on,
                // The engine ignores the case of all letters anyway.
                'u' => {}
                other => return Err(self.chars.bad(&format!("{other:?} is neither a flag nor a kind of group"))),
            }
            self.chars.next();
        }
        Ok(insensitive)
    }

    /// After `\`, outside of a class.
    fn escape(&mut self, flags: Flags) -> Read<()> {
        let next = self.chars.peek().ok_or_else(|| self.chars.bad("nothing follows the last \\"))?;
        match next {
            'Q' => {
                self.chars.next();
                // Without an \E it is the whole rest.
                let rest = self.chars.rest();
                let quoted = self.chars.until(r"\E").unwrap_or(rest);
                if quoted.len() == rest.len() {
                    self.chars.at += rest.len();
                }
                quoted.chars().for_each(|c| literal(c, &mut self.out));
                return Ok(());
            }
            '1'..='9' => {
                self.reference();
                return Ok(());
            }
            _ => {}
        }
        let out = match next {
            'A' => r"\A",
            'b' => r"\b",
            'B' => r"\B",
            'z' => r"\z",
            'Z' => AT_END,
            'R' => r"(?>\r\n|[\n\x0B\x0C\r\x{85}\x{2028}\x{2029}])",
            'k' => {
                self.chars.next();
                if !self.chars.take("<") {
                    return Err(self.chars.bad(r"\k is not followed by <name>"));
                }
                let name = self.chars.until(">")?;
                self.out.push_str(&format!(r"(?:\k<{name}>)"));
                return Ok(());
            }
            'X' | 'G' | 'N' | 'E' => return Err(self.chars.bad(&format!("\\{next} is not supported here"))),
            _ => return class::escape(&mut self.chars, &mut self.out, flags),
        };
        self.chars.next();
        self.out.push_str(out);
        Ok(())
    }

    /// A reference to a group: as many digits as make the number of one so far, at least one.
    fn reference(&mut self) {
        let mut number = 0;
        while let Some(digit) = self.chars.peek().and_then(|c| c.to_digit(10)) {
            let longer = number * 10 + digit as usize;
            if number > 0 && longer > self.groups {
                break;
            }
            number = longer;
            self.chars.next();
        }
        if number <= self.all_groups {
            self.out.push_str(&format!(r"(?:\{number})"));
        } else {
            self.out.push_str(NOTHING);
        }
    }
}

/// Whether a part of the translation looks only, and matches no text.
fn is_assertion(part: &str) -> bool {
    ["(?=", "(?!", "(?<=", "(?<!", "(?m:", r"\A", r"\b", r"\B", r"\z"].iter().any(|start| part.starts_with(start))
}

/// A character that stands for itself, so written that it means nothing else to the engine.
pub(super) fn literal(plain: char, out: &mut String) {
    if plain.is_ascii_alphanumeric() || !plain.is_ascii() {
        out.push(plain);
    } else {
        out.push_str(&format!(r"\x{{{:X}}}", u32::from(plain)));
    }
}
