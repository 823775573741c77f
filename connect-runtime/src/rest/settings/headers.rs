//! `response.http.headers.config`: headers that every answer has.

#[cfg(test)]
mod tests;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

/// One rule: `set`, `add`, `setDate` or `addDate`, a name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderRule {
    replace: bool,
    name: HeaderName,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(HeaderValue),
    /// Milliseconds from now.
    Date(i64),
}

impl HeaderRule {
    /// Reads the comma separated rules; one with a comma stands in quotation marks.
    pub(crate) fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        split(text)?.iter().map(|rule| Self::parse(rule)).collect()
    }

    fn parse(rule: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("{rule:?}: {why}; expected \"ACTION NAME: VALUE\" with an action of set, add, setDate, addDate")
        };
        let (action, header) = rule.split_once(char::is_whitespace).ok_or_else(|| wrong("there is no action"))?;
        let (name, value) = header.split_once(':').ok_or_else(|| wrong("there is no colon"))?;
        let name = name.trim().parse().map_err(|_| wrong("this is no name of a header"))?;
        let value = value.trim();
        let (replace, date) = match action.to_ascii_lowercase().as_str() {
            "set" => (true, false),
            "add" => (false, false),
            "setdate" => (true, true),
            "adddate" => (false, true),
            _ => return Err(wrong("there is no such action")),
        };
        let value = if date {
            Value::Date(value.parse().map_err(|_| wrong("a date is a number of milliseconds from now"))?)
        } else {
            Value::Text(value.parse().map_err(|_| wrong("this is no value of a header"))?)
        };
        Ok(Self { replace, name, value })
    }

    /// Puts it into an answer made at `now_ms`.
    pub(crate) fn apply(&self, headers: &mut HeaderMap, now_ms: i64) {
        let value = match &self.value {
            Value::Text(value) => value.clone(),
            Value::Date(after) => match HeaderValue::from_str(&http_date(now_ms.saturating_add(*after))) {
                Ok(date) => date,
                Err(_) => return,
            },
        };
        if self.replace {
            headers.insert(&self.name, value);
        } else {
            headers.append(&self.name, value);
        }
    }
}

/// Parts between commas outside of quotation marks, without these.
fn split(text: &str) -> Result<Vec<String>, String> {
    let (mut rules, mut rule, mut quoted) = (Vec::new(), String::new(), false);
    for char in text.chars() {
        match char {
            '"' => quoted = !quoted,
            ',' if !quoted => rules.push(std::mem::take(&mut rule)),
            _ => rule.push(char),
        }
    }
    if quoted {
        return Err(format!("{text:?}: a quotation mark is not closed"));
    }
    rules.push(rule);
    Ok(rules.iter().map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect())
}

/// A time in milliseconds since 1970 as HTTP writes it.
fn http_date(ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = ms.div_euclid(1000).clamp(0, 253_402_300_799);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1 March of the year 0, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    let name =
        |names: &[&'static str], at: i64| usize::try_from(at).ok().and_then(|at| names.get(at).copied()).unwrap_or("");
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        name(&DAYS, days.rem_euclid(7)),
        name(&MONTHS, month),
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}
