//! `sasl.jaas.config`: `LoginModule flag key="value" ...;`.

use std::collections::BTreeMap;

/// A login module and its options.
pub(super) struct Jaas {
    /// Class name without its package.
    pub(super) module: String,
    pub(super) options: BTreeMap<String, String>,
}

/// Reads the one entry of the property. Errors never show values, which are secrets.
pub(super) fn parse(text: &str) -> Result<Jaas, String> {
    let mut tokens = Tokens { rest: text.trim() };
    let class = tokens.word()?;
    let module = class.rsplit('.').next().unwrap_or_default().to_owned();
    if !module.ends_with("LoginModule") {
        return Err(format!("it begins with {class:?}, which is not the name of a login module"));
    }
    let flag = tokens.word()?;
    if !["required", "requisite", "sufficient", "optional"].contains(&flag.to_ascii_lowercase().as_str()) {
        return Err(format!("{flag:?} after the login module is not a control flag; write: required"));
    }
    let mut options = BTreeMap::new();
    loop {
        tokens.blanks();
        if let Some(rest) = tokens.rest.strip_prefix(';') {
            if !rest.trim().is_empty() {
                return Err("there is text after the semicolon; one login module is possible".into());
            }
            return Ok(Jaas { module, options });
        }
        if tokens.rest.is_empty() {
            return Err("it does not end with a semicolon".into());
        }
        let key = tokens.word()?;
        tokens.blanks();
        tokens.rest = tokens.rest.strip_prefix('=').ok_or_else(|| format!("option {key:?} has no value"))?;
        let value = tokens.value().ok_or_else(|| format!("the value of option {key:?} does not end"))?;
        options.insert(key, value);
    }
}

struct Tokens<'a> {
    rest: &'a str,
}

impl Tokens<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn word(&mut self) -> Result<String, String> {
        self.blanks();
        let end = self.rest.find(|c: char| c.is_whitespace() || "=;\"'".contains(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if word.is_empty() {
            return Err("write: LoginModuleClass required option=\"value\" ...;".into());
        }
        Ok(word.to_owned())
    }

    fn value(&mut self) -> Option<String> {
        self.blanks();
        let mut chars = self.rest.char_indices();
        let quote = match chars.next()? {
            (_, quote @ ('"' | '\'')) => quote,
            _ => return self.word().ok(),
        };
        let mut value = String::new();
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Some(value);
                }
                '\\' => value.push(match chars.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                }),
                c => value.push(c),
            }
        }
        None
    }
}
