//! Bytes into lines.

use std::ops::Range;

use memchr::memchr2;

use super::config::LineTooLong;

/// Bytes the buffer has room for, unless a line needs more. A batch of the default size and common line lengths
/// fits in it.
pub(super) const BLOCK: usize = 256 * 1024;

/// Room that a read gets at least.
const READ_MIN: usize = 64 * 1024;

/// What lines may look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Longest line in bytes.
    pub(super) max: usize,
    /// What to do about longer ones.
    pub(super) too_long: LineTooLong,
    /// Whether lines must be UTF-8.
    pub(super) strict: bool,
}

/// A line: where its text is in the buffer, and the position after its terminator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: Range<usize>,
    pub(super) next: u64,
}

/// A line that may not pass. It stays where it is, so that asking again says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadLine {
    /// It starts there and is longer than the limit.
    TooLong { start: u64 },
    /// It is not UTF-8 there.
    NotUtf8 { at: u64 },
}

/// What comes of the terminator that stands right at the beginning, after a line that was cut off before its
/// terminator: that line has been emitted, and its terminator must not make an empty one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Swallow {
    Nothing,
    /// A `\n`, as a `\r` stands before.
    LineFeed,
    /// Any terminator.
    Terminator,
}

/// Cuts a stream of bytes at `\n`, `\r\n` and lone `\r`, and knows the position of each line in bytes.
///
/// Memory is bounded: the buffer holds one block and the longest line that is allowed.
#[derive(Debug)]
pub(super) struct Splitter {
    limits: Limits,
    buffer: Vec<u8>,
    /// The line that is being read starts here.
    start: usize,
    /// Up to here there is no terminator, but perhaps a `\r` of which nobody knows yet whether `\n` follows.
    scanned: usize,
    end: usize,
    /// Position of `start` in the stream.
    position: u64,
    /// Bytes of the present line that were thrown away, as it is too long; `None` while it is not.
    dropped: Option<u64>,
    swallow: Swallow,
    /// Lines that were truncated or skipped since [`take_too_long`](Self::take_too_long).
    too_long: u64,
}

impl Splitter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            end: 0,
            position: 0,
            dropped: None,
            swallow: Swallow::Nothing,
            too_long: 0,
        }
    }

    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Other limits for what follows.
    pub(super) fn limit(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Forgets what is buffered and goes on at a position, before which stands this byte.
    pub(super) fn restart(&mut self, position: u64, before: Option<u8>) {
        (self.start, self.scanned, self.end) = (0, 0, 0);
        self.position = position;
        self.dropped = None;
        self.swallow = match before {
            None | Some(b'\n') => Swallow::Nothing,
            Some(b'\r') => Swallow::LineFeed,
            Some(_) => Swallow::Terminator,
        };
    }

    /// Position of the line that is being read.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Bytes in the buffer.
    pub(super) const fn buffered(&self) -> usize {
        self.end - self.start
    }

    /// Bytes of a line whose end has not come yet; asked when there is no complete one.
    pub(super) fn unfinished(&self) -> u64 {
        self.buffered() as u64 + self.dropped.unwrap_or(0)
    }

    /// How many lines were truncated or skipped since the last time.
    pub(super) fn take_too_long(&mut self) -> u64 {
        std::mem::take(&mut self.too_long)
    }

    /// The text of a line, until more bytes are added.
    pub(super) fn text(&self, span: &Span) -> &[u8] {
        &self.buffer[span.text.clone()]
    }

    /// Where the next bytes go; [`filled`](Self::filled) says how many came. Ends the life of spans.
    pub(super) fn space(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.start..self.end, 0);
        self.scanned -= self.start;
        self.end -= self.start;
        self.start = 0;
        let wanted = BLOCK.max((self.end + READ_MIN).next_power_of_two());
        // `next_power_of_two` may overshoot the bound that the memory is promised to keep.
        let wanted = wanted.min(BLOCK.max(self.end) + READ_MIN + self.limits.max);
        if wanted != self.buffer.len() {
            self.buffer.resize(wanted, 0);
            self.buffer.shrink_to(wanted);
        }
        &mut self.buffer[self.end..]
    }

    /// So many bytes were written to [`space`](Self::space).
    pub(super) fn filled(&mut self, bytes: usize) {
        self.end += bytes;
        debug_assert!(self.end <= self.buffer.len());
    }

    /// The next complete line.
    pub(super) fn next_line(&mut self) -> Result<Option<Span>, BadLine> {
        loop {
            self.swallow();
            let Some(at) = memchr2(b'\n', b'\r', &self.buffer[self.scanned..self.end]) else {
                self.scanned = self.end;
                self.bound(self.end)?;
                return Ok(None);
            };
            let at = self.scanned + at;
            let after = match self.buffer[at] {
                b'\n' => at + 1,
                _ if at + 1 == self.end => {
                    self.scanned = at;
                    self.bound(at)?;
                    return Ok(None);
                }
                _ if self.buffer[at + 1] == b'\n' => at + 2,
                _ => at + 1,
            };
            if let Some(line) = self.emit(at, after)? {
                return Ok(Some(line));
            }
        }
    }

    /// Takes what is buffered as a line although no terminator came; asked when there is no complete line.
    pub(super) fn finish(&mut self) -> Result<Option<Span>, BadLine> {
        if self.unfinished() == 0 {
            return Ok(None);
        }
        let carriage_return = self.scanned < self.end;
        let text_end = self.scanned;
        let line = self.emit(text_end, self.end)?;
        self.swallow = if carriage_return { Swallow::LineFeed } else { Swallow::Terminator };
        Ok(line)
    }

    /// Goes over the line `start..at` to `after`; `None` if the line is skipped.
    fn emit(&mut self, at: usize, after: usize) -> Result<Option<Span>, BadLine> {
        let mut text = self.start..at;
        let too_long = self.dropped.is_some() || text.len() > self.limits.max;
        if too_long {
            match self.limits.too_long {
                LineTooLong::Fail => return Err(BadLine::TooLong { start: self.position }),
                LineTooLong::Skip => text.end = text.start,
                LineTooLong::Truncate => {
                    let end = at.min(text.start + self.limits.max);
                    text.end = text.start + whole_chars(&self.buffer[text.start..end]);
                }
            }
        }
        let skip = too_long && self.limits.too_long == LineTooLong::Skip;
        if self.limits.strict
            && !skip
            && let Err(error) = std::str::from_utf8(&self.buffer[text.clone()])
        {
            return Err(BadLine::NotUtf8 { at: self.position + error.valid_up_to() as u64 });
        }
        self.too_long += u64::from(too_long);
        self.position += (after - self.start) as u64 + self.dropped.take().unwrap_or(0);
        self.start = after;
        self.scanned = after;
        Ok((!skip).then_some(Span { text, next: self.position }))
    }

    /// Keeps an unfinished line, whose text reaches to `at`, from growing without bound.
    fn bound(&mut self, at: usize) -> Result<(), BadLine> {
        if self.dropped.is_none() && at - self.start <= self.limits.max {
            return Ok(());
        }
        let keep = match self.limits.too_long {
            LineTooLong::Fail => return Err(BadLine::TooLong { start: self.position }),
            LineTooLong::Skip => self.start,
            LineTooLong::Truncate => at.min(self.start + self.limits.max),
        };
        let dropped = at - keep;
        self.buffer.copy_within(at..self.end, keep);
        self.end -= dropped;
        self.scanned = keep;
        *self.dropped.get_or_insert(0) += dropped as u64;
        Ok(())
    }

    fn swallow(&mut self) {
        while self.swallow != Swallow::Nothing && self.start < self.end {
            let first = self.buffer[self.start];
            let (swallowed, then) = match (self.swallow, first) {
                (Swallow::LineFeed | Swallow::Terminator, b'\n') => (1, Swallow::Nothing),
                (Swallow::Terminator, b'\r') => (1, Swallow::LineFeed),
                _ => (0, Swallow::Nothing),
            };
            self.start += swallowed;
            self.position += swallowed as u64;
            self.scanned = self.scanned.max(self.start);
            self.swallow = then;
        }
    }
}

/// Length of the text without a character that is cut in two at its end. Bytes that are no UTF-8 anyway stay.
fn whole_chars(text: &[u8]) -> usize {
    let tail = text.iter().rev().take(3).take_while(|byte| **byte & 0xC0 == 0x80).count();
    let Some(lead) = text.len().checked_sub(tail + 1) else { return text.len() };
    let length = match text[lead] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    if length > tail + 1 { lead } else { text.len() }
}
