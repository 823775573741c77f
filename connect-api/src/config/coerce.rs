//! One string into what its key's type asks for.

use serde_json::{Number, Value};

use super::hint::did_you_mean;
use super::kind::{IntegerRange, Kind, Limits, Type};
use super::shape::text;

impl Type {
    /// The value in `given`, or what was expected of it. The message never repeats `given`.
    pub(super) fn coerce(&self, given: &str) -> Result<Value, String> {
        let trimmed = given.trim();
        match &self.kind {
            Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            Kind::Boolean => Err(self.expectation()),
            Kind::Integer(range) => self.integer(*range, trimmed).ok_or_else(|| self.expectation()),
            Kind::Number => self.number(trimmed).ok_or_else(|| self.expectation()),
            Kind::Text => {
                let text = if self.limits.verbatim { given } else { trimmed };
                let fits = self.limits.allow_len(text.chars().count());
                if fits { Ok(text.into()) } else { Err(self.expectation()) }
            }
            Kind::Enum(values) => {
                values.iter().find(|value| self.limits.is_word(&text(value), trimmed)).cloned().ok_or_else(|| {
                    let names: Vec<String> = values.iter().map(text).collect();
                    // A hint is the only part of a message that depends on the value.
                    let hint = match self.secret {
                        true => String::new(),
                        false => did_you_mean(trimmed, names.iter().map(String::as_str)),
                    };
                    self.expectation() + &hint
                })
            }
            Kind::List(item) => self.list(item, trimmed),
            Kind::AnyOf(types) => types.iter().find_map(|t| t.coerce(given).ok()).ok_or_else(|| self.expectation()),
            Kind::Json => serde_json::from_str(trimmed).map_err(|_| self.expectation()),
        }
    }

    fn integer(&self, range: IntegerRange, trimmed: &str) -> Option<Value> {
        let (min, max) = self.bounds(range);
        let value = trimmed.parse::<i128>().ok().filter(|value| (min..=max).contains(value))?;
        i64::try_from(value).map(Value::from).or_else(|_| u64::try_from(value).map(Value::from)).ok()
    }

    fn number(&self, trimmed: &str) -> Option<Value> {
        let limits = &self.limits;
        let value = trimmed.parse::<f64>().ok()?;
        let allowed = limits.min.is_none_or(|min| value >= min)
            && limits.max.is_none_or(|max| value <= max)
            && limits.above.is_none_or(|above| value > above)
            && limits.below.is_none_or(|below| value < below);
        // JSON has no NaN and no infinity, and no config means one.
        Number::from_f64(value).filter(|_| allowed).map(Value::Number)
    }

    fn list(&self, item: &Type, trimmed: &str) -> Result<Value, String> {
        // As in Connect: no text is no items, and an empty place between commas is an empty item.
        let parts: Vec<&str> =
            if trimmed.is_empty() { Vec::new() } else { trimmed.split(',').map(str::trim).collect() };
        if !self.limits.allow_len(parts.len()) {
            return Err(self.expectation());
        }
        let mut items: Vec<Value> = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let value = item.coerce(part).map_err(|message| format!("item {}: {message}", index + 1))?;
            if self.limits.unique && items.contains(&value) {
                return Err(format!("item {} repeats an earlier one: expected each item once", index + 1));
            }
            items.push(value);
        }
        Ok(Value::Array(items))
    }

    /// The integers allowed, both ends included.
    pub(super) fn bounds(&self, range: IntegerRange) -> (i128, i128) {
        // A float to integer cast saturates, so an absurd limit cannot wrap.
        let lower = [self.limits.min.map(|x| x.ceil() as i128), self.limits.above.map(|x| x.floor() as i128 + 1)];
        let upper = [self.limits.max.map(|x| x.floor() as i128), self.limits.below.map(|x| x.ceil() as i128 - 1)];
        (lower.into_iter().flatten().fold(range.min, i128::max), upper.into_iter().flatten().fold(range.max, i128::min))
    }

    fn expectation(&self) -> String {
        format!("expected {}", self.expected())
    }

    /// What is possible, to stand after "expected".
    pub(super) fn expected(&self) -> String {
        match &self.kind {
            Kind::Boolean => "true or false".to_owned(),
            Kind::Integer(range) => match self.bounds(*range) {
                (min, max) if max >= i64::MAX.into() && min > i64::MIN.into() => {
                    format!("a whole number of at least {min}")
                }
                (min, max) if min <= i64::MIN.into() && max >= i64::MAX.into() => {
                    "a whole number of 64 bits".to_owned()
                }
                (min, max) if min <= i64::MIN.into() => format!("a whole number of at most {max}"),
                (min, max) => format!("a whole number from {min} to {max}"),
            },
            Kind::Number => format!("a number{}", self.limits.number_words()),
            Kind::Text => format!("text{}", self.limits.len_words("characters")),
            Kind::Enum(values) => {
                let names: Vec<String> = values.iter().map(|value| format!("{:?}", text(value))).collect();
                match names.as_slice() {
                    [only] => only.clone(),
                    _ => format!("one of {}", names.join(", ")),
                }
            }
            Kind::List(item) => {
                let length = self.limits.len_words("items");
                match &item.kind {
                    Kind::Text => format!("a comma-separated list{length}"),
                    _ => format!("a comma-separated list{length}, each item {}", item.expected()),
                }
            }
            Kind::AnyOf(types) => types.iter().map(Type::expected).collect::<Vec<_>>().join(", or "),
            Kind::Json => "JSON".to_owned(),
        }
    }
}

impl Limits {
    /// Whether `given` is this word of an enum.
    fn is_word(&self, word: &str, given: &str) -> bool {
        if self.any_case { word.eq_ignore_ascii_case(given) } else { word == given }
    }

    fn allow_len(&self, len: usize) -> bool {
        let len = len as u64;
        self.min_len.is_none_or(|min| len >= min) && self.max_len.is_none_or(|max| len <= max)
    }

    fn len_words(&self, what: &str) -> String {
        match (self.min_len, self.max_len) {
            (None | Some(0), None) => String::new(),
            (Some(min), Some(max)) if min == max => format!(" of exactly {min} {what}"),
            (Some(min), Some(max)) => format!(" of {min} to {max} {what}"),
            (Some(min), None) => format!(" of at least {min} {what}"),
            (None, Some(max)) => format!(" of at most {max} {what}"),
        }
    }

    fn number_words(&self) -> String {
        let parts = [
            self.min.map(|x| format!(" of at least {x}")),
            self.above.map(|x| format!(" above {x}")),
            self.max.map(|x| format!(" of at most {x}")),
            self.below.map(|x| format!(" below {x}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" and")
    }
}
