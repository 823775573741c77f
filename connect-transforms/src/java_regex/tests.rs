use super::translate::translate;

/// Where the engine's syntax means something else, and what is written instead.
#[test]
fn translations() {
    for (java, engine) in [
        ("a.b", r"a[^\n\r\x{85}\x{2028}\x{2029}]b"),
        ("(?s).", "(?:)(?s:.)"),
        ("(?d).", r"(?:)[^\n]"),
        ("(?m)^$", "(?:)(?m:^)(?m:$)"),
        (r"^\d", r"\A[0-9]"),
        (r"[\d-]", r"[[0-9]\x{2D}]"),
        ("[]a]", r"[\x{5D}a]"),
        ("[~~+--]", r"[\x{7E}\x{7E}\x{2B}-\x{2D}]"),
        ("[[:a:]]", r"[[\x{3A}-\x{3A}a\x{3A}-\x{3A}]]"),
        (r"\<", r"\x{3C}"),
        (r"\1", "(?!)"),
        (r"(a)\12", r"(a)(?:\1)2"),
        (r"\b?", r"(?:\b|)"),
        ("(?=a)*?", "(?:|(?=a))"),
        ("(?!a){2}", "(?!a)"),
        ("(?<n>a)", "(?<n>a)"),
        ("(?i-s:a)", "(?i:a)"),
        ("(?x) a # b", "(?:)a"),
        (r"\Qa+\E+", r"a\x{2B}+"),
        (r"\pL\P{Lu}\p{IsLatin}", r"\p{L}\P{Lu}\p{Latin}"),
    ] {
        assert_eq!(translate(java).as_deref(), Ok(engine), "{java}");
    }
}
