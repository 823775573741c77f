//! Text in tokens: the delimiters, and what is between them.

/// Reads tokens from a text, from a place that can be set back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) const fn has_next(&self) -> bool {
        self.at < self.text.len()
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next token; empty at the end.
    pub(super) fn next(&mut self) -> &'a str {
        let token = self.peek();
        self.at += token.len();
        token
    }

    /// The text of so many tokens, as it stands; `None` when there are fewer.
    pub(super) fn next_many(&mut self, count: usize) -> Option<&'a str> {
        let start = self.at;
        for _ in 0..count {
            if !self.has_next() {
                return None;
            }
            self.next();
        }
        Some(&self.text[start..self.at])
    }

    /// Reads this token if it is the next one, blanks around it allowed. Blank tokens before the next one are
    /// skipped in any case, as Java does it.
    pub(super) fn take(&mut self, expected: &str) -> bool {
        loop {
            let token = self.peek();
            let after = self.at + token.len();
            let trimmed = trim(token);
            if trimmed.is_empty() && !token.is_empty() && after < self.text.len() {
                self.at = after;
                continue;
            }
            let found = !token.is_empty() && trimmed == expected;
            if found {
                self.at = after;
            }
            return found;
        }
    }

    /// A delimiter, or everything before one. A delimiter after a backslash is none.
    fn peek(&self) -> &'a str {
        let rest = self.rest();
        let mut escaped = false;
        for (index, byte) in rest.bytes().enumerate() {
            match byte {
                b'\\' => escaped = !escaped,
                b':' | b',' | b'{' | b'}' | b'[' | b']' | b'"' if !escaped => return &rest[..index.max(1)],
                _ => escaped = false,
            }
        }
        rest
    }
}

/// Java's `trim`: control characters are blanks too.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}
