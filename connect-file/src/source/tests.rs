//! The splitter: whatever the sizes of reads, the same lines at the same positions.

use proptest::prelude::*;

use super::config::LineTooLong;
use super::splitter::{BadLine, Limits, Splitter};

type Lines = Vec<(Vec<u8>, u64)>;

const LIMITS: Limits = Limits { max: 1024, too_long: LineTooLong::Fail, strict: false };

fn limits(max: usize, too_long: LineTooLong) -> Limits {
    Limits { max, too_long, ..LIMITS }
}

/// What has come so far.
fn drain(splitter: &mut Splitter, lines: &mut Lines) -> Result<(), BadLine> {
    while let Some(span) = splitter.next_line()? {
        lines.push((splitter.text(&span).to_vec(), span.next));
    }
    Ok(())
}

/// Splits `bytes[from..]`, read in chunks of these sizes in turn; `finish` also gives the end.
fn split(limits: Limits, bytes: &[u8], from: u64, chunks: &[usize], finish: bool) -> (Lines, Result<(), BadLine>) {
    let mut splitter = Splitter::new(limits);
    let start = usize::try_from(from).unwrap();
    splitter.restart(from, start.checked_sub(1).map(|before| bytes[before]));
    let mut lines = Vec::new();
    let mut rest = &bytes[start..];
    for size in chunks.iter().copied().filter(|size| *size > 0).chain([1]).cycle() {
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        splitter.space()[..chunk.len()].copy_from_slice(chunk);
        splitter.filled(chunk.len());
        if let Err(bad) = drain(&mut splitter, &mut lines) {
            return (lines, Err(bad));
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    if finish {
        match splitter.finish() {
            Ok(span) => lines.extend(span.map(|span| (splitter.text(&span).to_vec(), span.next))),
            Err(bad) => return (lines, Err(bad)),
        }
    }
    (lines, Ok(()))
}

/// A slow splitter that sees all at once.
fn reference(bytes: &[u8]) -> Lines {
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let after = match (bytes[at], bytes.get(at + 1)) {
            (b'\n', _) => at + 1,
            (b'\r', Some(b'\n')) => at + 2,
            (b'\r', Some(_)) => at + 1,
            (b'\r', None) => break,
            _ => {
                at += 1;
                continue;
            }
        };
        lines.push((bytes[start..at].to_vec(), after as u64));
        (start, at) = (after, after);
    }
    lines
}

#[test]
fn lines() {
    #[track_caller]
    fn check(bytes: &str, expect: &[(&str, u64)], finished: Option<(&str, u64)>) {
        let own = |(text, next): &(&str, u64)| (text.as_bytes().to_vec(), *next);
        let expect: Lines = expect.iter().map(own).collect();
        let with_end: Lines = expect.iter().cloned().chain(finished.iter().map(own)).collect();
        for chunk in 1..=bytes.len().max(1) {
            assert_eq!(split(LIMITS, bytes.as_bytes(), 0, &[chunk], false).0, expect, "{bytes:?} by {chunk}");
            assert_eq!(split(LIMITS, bytes.as_bytes(), 0, &[chunk], true).0, with_end, "{bytes:?} by {chunk}");
        }
    }
    check("", &[], None);
    check("a\nb\n", &[("a", 2), ("b", 4)], None);
    check("a\r\nb\r\n", &[("a", 3), ("b", 6)], None);
    check("a\rb\rc", &[("a", 2), ("b", 4)], Some(("c", 5)));
    check("a\r", &[], Some(("a", 2)));
    check("\r", &[], Some(("", 1)));
    check("\n\r\r\n\n", &[("", 1), ("", 2), ("", 4), ("", 5)], None);
    check("a", &[], Some(("a", 1)));
    check("zażółć\ngęś\n", &[("zażółć", 11), ("gęś", 17)], None);
}

#[test]
fn a_terminator_after_an_emitted_end_makes_no_empty_line() {
    #[track_caller]
    fn check(before: &str, end: (&str, u64), after: &str, expect: &[(&str, u64)]) {
        let mut splitter = Splitter::new(LIMITS);
        let add = |splitter: &mut Splitter, text: &str| {
            let mut lines = Vec::new();
            for byte in text.bytes() {
                splitter.space()[0] = byte;
                splitter.filled(1);
                drain(splitter, &mut lines).unwrap();
            }
            lines
        };
        assert_eq!(add(&mut splitter, before), []);
        let span = splitter.finish().unwrap().unwrap();
        assert_eq!((splitter.text(&span), span.next), (end.0.as_bytes(), end.1));
        let expect: Lines = expect.iter().map(|(text, next)| (text.as_bytes().to_vec(), *next)).collect();
        assert_eq!(add(&mut splitter, after), expect, "going on");
        let all = format!("{before}{after}");
        assert_eq!(split(LIMITS, all.as_bytes(), end.1, &[], false).0, expect, "after a restart");
    }
    check("abc", ("abc", 3), "\ndef\n", &[("def", 8)]);
    check("abc", ("abc", 3), "\r\ndef\n", &[("def", 9)]);
    check("abc", ("abc", 3), "\rdef\n", &[("def", 8)]);
    check("abc", ("abc", 3), "def\n", &[("def", 7)]);
    check("abc", ("abc", 3), "\n\nd\n", &[("", 5), ("d", 7)]);
    check("abc\r", ("abc", 4), "\ndef\n", &[("def", 9)]);
    check("abc\r", ("abc", 4), "\n\n", &[("", 6)]);
    check("abc\r", ("abc", 4), "\rd\n", &[("", 5), ("d", 7)]);
}

#[test]
fn long_lines() {
    #[track_caller]
    fn check(max: usize, too_long: LineTooLong, bytes: &str, expect: &[(&str, u64)], end: Result<(), BadLine>) {
        let expect: Lines = expect.iter().map(|(text, next)| (text.as_bytes().to_vec(), *next)).collect();
        for chunk in 1..=bytes.len() {
            let (lines, result) = split(limits(max, too_long), bytes.as_bytes(), 0, &[chunk], true);
            assert_eq!((lines, result), (expect.clone(), end), "{bytes:?} by {chunk}");
        }
    }
    use LineTooLong::{Fail, Skip, Truncate};
    check(3, Fail, "abc\r\nabc\rabc", &[("abc", 5), ("abc", 9), ("abc", 12)], Ok(()));
    check(3, Fail, "abc\nabcd\nab\n", &[("abc", 4)], Err(BadLine::TooLong { start: 4 }));
    check(3, Fail, "abcd", &[], Err(BadLine::TooLong { start: 0 }));
    check(3, Truncate, "abcdefg\r\nab\nabcd", &[("abc", 9), ("ab", 12), ("abc", 16)], Ok(()));
    check(3, Truncate, "zażółć\n", &[("za", 11)], Ok(()));
    check(4, Truncate, "zażółć\n", &[("zaż", 11)], Ok(()));
    check(3, Skip, "abcdefg\r\nab\nabcd\rc\nabcde", &[("ab", 12), ("c", 19)], Ok(()));
}

#[test]
fn strict_lines_say_where() {
    let strict = Limits { strict: true, ..LIMITS };
    let (lines, result) = split(strict, b"ok\nbad \xff\nok\n", 0, &[100], false);
    assert_eq!((lines.len(), result), (1, Err(BadLine::NotUtf8 { at: 7 })));
}

#[test]
fn memory_is_bounded() {
    let mut splitter = Splitter::new(limits(1000, LineTooLong::Truncate));
    let mut most = 0;
    for _ in 0..100 {
        let space = splitter.space();
        space.fill(b'x');
        let bytes = space.len();
        most = most.max(bytes);
        splitter.filled(bytes);
        assert_eq!(splitter.next_line(), Ok(None));
    }
    assert!(most <= 512 * 1024, "{most}");
    assert!(splitter.unfinished() > 20 * 1024 * 1024);
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => Just(b'\n'),
        3 => Just(b'\r'),
        4 => prop::sample::select(b"ab\xc5\xbc\xff".to_vec()),
    ];
    prop::collection::vec(byte, 0..60)
}

proptest! {
    #[test]
    fn chunks_do_not_matter(bytes in texts(), chunks in prop::collection::vec(1usize..9, 0..6)) {
        prop_assert_eq!(split(LIMITS, &bytes, 0, &chunks, false).0, reference(&bytes));
    }

    #[test]
    fn chunks_do_not_matter_to_long_lines(
        bytes in texts(),
        chunks in prop::collection::vec(1usize..9, 0..6),
        max in 1usize..6,
        policy in prop::sample::select(vec![LineTooLong::Truncate, LineTooLong::Skip, LineTooLong::Fail]),
    ) {
        let whole = split(limits(max, policy), &bytes, 0, &[1000], true);
        prop_assert_eq!(split(limits(max, policy), &bytes, 0, &chunks, true), whole);
    }

    #[test]
    fn any_position_resumes_exactly(bytes in texts(), chunks in prop::collection::vec(1usize..9, 0..6)) {
        let all = split(LIMITS, &bytes, 0, &chunks, true).0;
        for (index, (_, next)) in all.iter().enumerate() {
            let rest = split(LIMITS, &bytes, *next, &chunks, true).0;
            prop_assert_eq!(&rest[..], &all[index + 1..], "from {}", next);
        }
    }
}
