use connect_api::ErrorKind;
use proptest::prelude::*;

use super::{FieldPath, FieldSyntax};

#[track_caller]
fn check(text: &str, expect: Option<&[&str]>) {
    match (FieldPath::parse(text, FieldSyntax::V2), expect) {
        (Ok(path), Some(steps)) => assert_eq!(path.steps().iter().map(|step| &**step).collect::<Vec<_>>(), steps),
        (Err(error), None) => assert_eq!(error.kind(), ErrorKind::Config),
        (Ok(path), None) => panic!("{text} was read as {path:?}"),
        (Err(error), Some(_)) => panic!("{text} was not read: {error}"),
    }
}

#[test]
fn paths() {
    for (text, steps) in [
        ("a", &["a"][..]),
        ("a.b.c", &["a", "b", "c"]),
        ("a.`b.c`", &["a", "b.c"]),
        ("`b.c`.d", &["b.c", "d"]),
        ("`a`", &["a"]),
        ("a.", &["a", ""]),
        ("`a`.", &["a", ""]),
        (".", &["", ""]),
        ("..a", &["", "", "a"]),
        ("``", &[""]),
        ("``.a", &["", "a"]),
        ("`a\\`.b`.c", &["a`.b", "c"]),
        ("`a`b`", &["a`b"]),
        ("`a`b.c`.d", &["a`b.c", "d"]),
        ("`a\\`b`", &["a\\`b"]),
        ("a`b.c", &["a`b", "c"]),
        ("a`.c", &["a`", "c"]),
        ("ä.`ö.ü`", &["ä", "ö.ü"]),
    ] {
        check(text, Some(steps));
    }
}

#[test]
fn unclosed_backticks_and_no_text_are_errors() {
    for text in ["`", "`a", "`a.b", "a.`b", "`a\\`", "`a\\`.b", "`a`b`c", ""] {
        check(text, None);
    }
}

#[test]
fn version_1_reads_no_syntax() {
    let path = FieldPath::parse("`a.b", FieldSyntax::V1).unwrap();
    assert_eq!(path.steps(), ["`a.b".into()]);
}

#[test]
fn versions() {
    for (text, expect) in [("V1", FieldSyntax::V1), ("v2", FieldSyntax::V2)] {
        assert_eq!(FieldSyntax::parse(text).unwrap(), expect);
    }
    let error = FieldSyntax::parse("V3").unwrap_err();
    assert_eq!(error.to_string(), "field.syntax.version: no version named \"V3\"; possible: V1, V2");
}

proptest! {
    #[test]
    fn any_text_is_a_path_or_an_error(text in "[a.`\\\\é]{0,12}") {
        if let Ok(path) = FieldPath::parse(&text, FieldSyntax::V2) {
            prop_assert!(!path.steps().is_empty());
        }
    }

    #[test]
    fn quoted_names_are_read_back(names in prop::collection::vec("[a-c. ]{0,5}", 1..4)) {
        let text = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(".");
        let path = FieldPath::parse(&text, FieldSyntax::V2).unwrap();
        prop_assert_eq!(path.steps().iter().map(|step| step.to_string()).collect::<Vec<_>>(), names);
    }
}
