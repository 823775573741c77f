//! `RegexRouter`.

use connect_api::{Record, Transform as _, TransformPlugin as _};
use connect_transforms::{RegexRouter, RegexRouterConfig};
use proptest::prelude::*;

use crate::kit::{failure, kept, refuses, transform};

fn settings<'a>(regex: &'a str, replacement: &'a str) -> [(&'a str, &'a str); 2] {
    [("regex", regex), ("replacement", replacement)]
}

#[test]
fn topics() {
    for (regex, replacement, topic, expected) in [
        ("ord", "x", "orders", "orders"),
        ("orders", "x", "orders", "x"),
        ("orders", "", "orders", ""),
        // Found once more from the start, the lazy expression replaces less than it matched.
        ("o.*?", "x", "orders", "xrders"),
        ("(?<p>ord).*", r"${p}\$X", "orders", "ord$X"),
        ("(.*)-(.*)", "$2-$1", "a-b", "b-a"),
        ("(.*)", "$10", "a", "a0"),
        ("(.*)", "$01", "a", "a"),
        ("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", "$10", "abcdefghij", "j"),
        ("(a)|b", "[$1]", "b", "[]"),
        ("(a)|b", "[$0]", "b", "[b]"),
        (".*", r"\a\\", "x", r"a\"),
        (r"\Qa.b\E.*", "x", "a.bc", "x"),
        (r"\p{Alpha}++\d*+", "x", "abc12", "x"),
        (r"a++a", "x", "aa", "aa"),
        (r"(\w)\1", "$1", "aa", "a"),
        (r"(?<n>.)\k<n>", "x", "aa", "x"),
        (r"(?<=^|x)o.*", "x", "orders", "x"),
        (r"[a-z&&[^o]].*", "x", "orders", "orders"),
        (r"(?s).*", "x", "a\nb", "x"),
        (r".*", "x", "a\nb", "a\nb"),
        (r"\w+", "x", "été", "été"),
        (r"(?i)É", "x", "é", "x"),
        (r"a\x{2e}b\u002Ec\056d", "x", "a.b.c.d", "x"),
        (r"(?x) o r # a comment", "x", "or", "x"),
    ] {
        let record = kept::<RegexRouter>(&settings(regex, replacement), Record::new(topic, "v"));
        assert_eq!(&*record.topic, expected, "{regex} {replacement} {topic}");
        assert_eq!(record.value, "v".into());
    }
}

#[test]
fn a_replacement_that_does_not_fit_fails_what_matches() {
    for (replacement, text) in [
        ("$1", "there is no group 1; groups: 0"),
        ("${nope}", "there is no group named \"nope\""),
        ("${nope", "a ${ has no }"),
        ("$", "a plain one is \\$"),
        ("$x", "a plain one is \\$"),
        ("x\\", "nothing follows the last \\"),
    ] {
        let settings = settings("o.*", replacement);
        let message = failure::<RegexRouter>(&settings, Record::new("orders", "v"));
        assert!(message.starts_with("topic \"orders\": ") && message.contains(text), "{message}");
        assert_eq!(&*kept::<RegexRouter>(&settings, Record::new("users", "v")).topic, "users");
    }
}

#[test]
fn an_expression_that_never_ends_fails_the_record() {
    let topic = "a".repeat(60);
    let message = failure::<RegexRouter>(&settings(r"(?:a|a)*(?!a)b", "x"), Record::new(topic, "v"));
    assert!(message.contains("was given up"), "{message}");
}

#[test]
fn expressions_that_are_none() {
    refuses::<RegexRouter>(&[
        (&[("replacement", "x")], &["regex"]),
        (&[("regex", "x")], &["replacement"]),
        (&settings("(", "x"), &["regex", "a ( has no )", "near index 1"]),
        (&settings(")", "x"), &["a ) has no ("]),
        (&settings("[a", "x"), &["a [ has no ]"]),
        (&settings("*a", "x"), &["nothing stands before '*'"]),
        (&settings("${topic}", "x"), &["is no number of repetitions"]),
        (&settings("a{2,1}", "x"), &["{2,1} ends before it begins"]),
        (&settings("[b-a]", "x"), &["a range ends before it begins"]),
        (&settings(r"\p{InGreek}", "x"), &["InGreek", "not supported"]),
        (&settings(r"\p{Nope}", "x"), &["is no regular expression"]),
        (&settings(r"\y", "x"), &["\\y is not supported"]),
        (&settings(r"a\", "x"), &["nothing follows the last"]),
        (&settings("(?<a>b)(?<a>c)", "x"), &["given to two groups"]),
        (&settings("(?q)", "x"), &["'q' is neither a flag"]),
        (&settings(r"\x{110000}", "x"), &["is no number of a character"]),
    ]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the settings and the topic are, there is an answer.
    #[test]
    fn never_panics(
        regex in r"([a-c.*+?|(){}\[\]^$\\\-&0-9,:<>=!#]|\\[a-zA-Z0-9]|\\[pP]\{[A-Za-z]{1,5}\}|\(\?[<a-zA-Z=!>:]{1,4}|é|\P{Cc}){0,12}",
        replacement in r"(\$\{?[a-z0-9]{0,2}\}?|\\|\P{Cc}){0,4}",
        topic in r"[a-c.\-0-9é\n]{0,12}",
    ) {
        if let Ok(router) = transform::<RegexRouter>(&settings(&regex, &replacement)) {
            let mut record = Record::new(topic, "v");
            let _ = router.transform(&mut record);
        }
    }
}

#[test]
fn what_java_matches_and_replaces() {
    for line in include_str!("../vectors/regex.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| row[key].as_str().unwrap();
        let regex = text("regex").parse().expect(line);
        let router = RegexRouter::new(RegexRouterConfig { regex, replacement: text("replacement").into() }).unwrap();
        let mut record = Record::new(text("text"), "v");
        match router.transform(&mut record) {
            Ok(_) => assert_eq!(&*record.topic, row["out"].as_str().unwrap_or(text("text")), "{line}"),
            Err(error) => assert_eq!(row["out"]["error"], true, "{error} {line}"),
        }
    }
}
