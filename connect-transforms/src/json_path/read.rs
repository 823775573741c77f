//! Reading paths and conditions.

use connect_api::Value;

use super::Step;
use super::condition::{Condition, Operand, Operator};
use crate::java_regex::JavaRegex;

/// Nested conditions, which bound the stack.
const DEPTH: usize = 32;

type Read<T> = Result<T, String>;

struct Reader<'a> {
    source: &'a str,
    at: usize,
}

/// The steps after the `$`.
pub(super) fn path(source: &str) -> Read<Vec<Step>> {
    let mut reader = Reader { source, at: 0 };
    reader.skip();
    reader.expect("$")?;
    let steps = reader.steps(0)?;
    reader.skip();
    if reader.rest().is_empty() { Ok(steps) } else { Err(reader.bad("a step, such as .name or [0], was expected")) }
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn skip(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Takes a text after blanks.
    fn token(&mut self, text: &str) -> bool {
        self.skip();
        self.take(text)
    }

    fn expect(&mut self, text: &str) -> Read<()> {
        if self.token(text) { Ok(()) } else { Err(self.bad(&format!("{text:?} was expected"))) }
    }

    fn bad(&self, why: &str) -> String {
        format!("{why}, at {:?}", self.rest())
    }

    fn while_in(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !of(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn steps(&mut self, depth: usize) -> Read<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            if self.rest().starts_with("..") {
                return Err(self.bad("searching all levels with .. is not supported here"));
            }
            if self.take(".") {
                if self.take("*") {
                    steps.push(Step::All);
                } else if !self.rest().starts_with('[') {
                    let name = self.while_in(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'));
                    if name.is_empty() || self.rest().starts_with('(') {
                        return Err(self.bad("the name of a field was expected"));
                    }
                    steps.push(Step::Child(name.to_owned()));
                }
            } else if self.take("[") {
                steps.push(self.bracket(depth)?);
                self.expect("]")?;
            } else {
                return Ok(steps);
            }
        }
    }

    /// After `[`.
    fn bracket(&mut self, depth: usize) -> Read<Step> {
        self.skip();
        if self.take("*") {
            return Ok(Step::All);
        }
        if self.take("?") {
            self.expect("(")?;
            let condition = self.condition(depth + 1)?;
            self.expect(")")?;
            return Ok(Step::Filter(Box::new(condition)));
        }
        if self.rest().starts_with(['\'', '"']) {
            return Ok(Step::Child(self.text()?));
        }
        let number = self.while_in(|c| c.is_ascii_digit() || c == '-');
        number.parse().map(Step::Index).map_err(|_| self.bad("a name in quotes, a number, * or ?( was expected"))
    }

    fn condition(&mut self, depth: usize) -> Read<Condition> {
        if depth > DEPTH {
            return Err(self.bad("conditions are nested too deeply"));
        }
        let mut all = vec![self.conjunction(depth)?];
        while self.token("||") {
            all.push(self.conjunction(depth)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::Or(all) })
    }

    fn conjunction(&mut self, depth: usize) -> Read<Condition> {
        let mut all = vec![self.single(depth)?];
        while self.token("&&") {
            all.push(self.single(depth)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::And(all) })
    }

    fn single(&mut self, depth: usize) -> Read<Condition> {
        if depth > DEPTH {
            return Err(self.bad("conditions are nested too deeply"));
        }
        if self.token("!") {
            return Ok(Condition::Not(Box::new(self.single(depth + 1)?)));
        }
        if self.token("(") {
            let inner = self.condition(depth + 1)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let left = self.operand(depth)?;
        self.skip();
        if self.take("=~") {
            return Ok(Condition::Matches(left, Box::new(self.regex()?)));
        }
        for (word, inside) in [("in", true), ("nin", false)] {
            let after = self.rest().strip_prefix(word);
            if after.is_some_and(|after| after.trim_start().starts_with('[')) {
                self.take(word);
                let condition = Condition::In(left, self.list()?);
                return Ok(if inside { condition } else { Condition::Not(Box::new(condition)) });
            }
        }
        // Longer ones first.
        let operators = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        match operators.into_iter().find(|(text, _)| self.take(text)) {
            Some((_, operator)) => Ok(Condition::Compare(left, operator, self.operand(depth)?)),
            None if matches!(left, Operand::Literal(_)) => Err(self.bad("an operator was expected")),
            None => Ok(Condition::Exists(left)),
        }
    }

    fn operand(&mut self, depth: usize) -> Read<Operand> {
        if self.token("@") {
            return Ok(Operand::Here(self.steps(depth)?));
        }
        if self.take("$") {
            return Ok(Operand::Root(self.steps(depth)?));
        }
        self.literal().map(Operand::Literal)
    }

    fn literal(&mut self) -> Read<Value> {
        self.skip();
        if self.rest().starts_with(['\'', '"']) {
            return self.text().map(Value::from);
        }
        let before = self.at;
        let word = self.while_in(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
        let number = || match word.parse::<i64>() {
            Ok(number) => Some(Value::from(number)),
            Err(_) => word.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
        };
        match word {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            "null" => Ok(Value::Null),
            _ => number().ok_or_else(|| {
                self.at = before;
                self.bad("a path, a text in quotes, a number, true, false or null was expected")
            }),
        }
    }

    /// A text in quotes of either kind; `\` makes the next character plain.
    fn text(&mut self) -> Read<String> {
        let mut chars = self.rest().char_indices();
        let Some((_, quote)) = chars.next() else { return Err(self.bad("a quote was expected")) };
        let mut text = String::new();
        while let Some((index, next)) = chars.next() {
            match next {
                '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
                next if next == quote => {
                    self.at += index + quote.len_utf8();
                    return Ok(text);
                }
                next => text.push(next),
            }
        }
        Err(self.bad("a quote does not end"))
    }

    /// `/.../`, and `i` for any case.
    fn regex(&mut self) -> Read<JavaRegex> {
        self.expect("/")?;
        let (mut end, mut escaped) = (None, false);
        for (index, next) in self.rest().char_indices() {
            match next {
                '/' if !escaped => {
                    end = Some(index);
                    break;
                }
                _ => escaped = next == '\\' && !escaped,
            }
        }
        let end = end.ok_or_else(|| self.bad("the expression has no / at its end"))?;
        let mut pattern = self.rest()[..end].to_owned();
        self.at += end + 1;
        if self.take("i") {
            pattern.insert_str(0, "(?i)");
        }
        JavaRegex::new(pattern).map_err(|error| error.to_string())
    }

    fn list(&mut self) -> Read<Vec<Value>> {
        self.expect("[")?;
        let mut values = Vec::new();
        if self.token("]") {
            return Ok(values);
        }
        loop {
            values.push(self.literal()?);
            if self.token("]") {
                return Ok(values);
            }
            self.expect(",")?;
        }
    }
}
