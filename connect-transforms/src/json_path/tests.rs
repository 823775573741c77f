use connect_api::Value;
use proptest::prelude::*;

use super::Path;

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => (*truth).into(),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().into(),
        },
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(elements) => elements.iter().map(value).collect::<Vec<_>>().into(),
        serde_json::Value::Object(entries) => {
            entries.iter().map(|(key, member)| (key.as_str().into(), value(member))).collect::<Vec<_>>().into()
        }
    }
}

fn found(path: &str) -> Option<String> {
    let data = value(&serde_json::json!({
        "a": {"b": "x", "n": 5, "f": 1.5, "z": null, "t": true, "it's": "q"},
        "l": [{"k": "v1", "n": 1}, {"k": "v2", "n": 2}, {"n": 3}],
        "s": "text",
    }));
    let path = Path::new(path).unwrap_or_else(|error| panic!("{error}"));
    path.find(&data).map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

#[test]
fn what_paths_lead_to() {
    let whole = "{b=x, n=5, f=1.5, z=null, t=true, it's=q}";
    for (path, expected) in [
        ("$.a.b", Some("x")),
        ("$['a'][\"b\"]", Some("x")),
        (r"$.a['it\'s']", Some("q")),
        ("$.a.z", Some("null")),
        ("$.a.z.deeper", None),
        ("$.a.nope", None),
        ("$.nope[?(@.x)]", None),
        ("$.l[0].k", Some("v1")),
        ("$.l[-1].n", Some("3")),
        ("$.l[9]", None),
        ("$.l[*].k", Some("v1; v2")),
        ("$.a.*", Some("x; 5; 1.5; null; true; q")),
        ("$.l[?(@.k)].n", Some("1; 2")),
        ("$.l[?(!@.k)].n", Some("3")),
        ("$.l[?(@.k == 'v1' || @.k == 'v2')].n", Some("1; 2")),
        ("$.l[?(@.n > 1 && @.n <= 3)].n", Some("2; 3")),
        ("$.l[?(@.n >= 2)].n", Some("2; 3")),
        ("$.l[?(@.n < 2)].n", Some("1")),
        ("$.l[?(@.k != 'v1')].n", Some("2; 3")),
        ("$.l[?(@.k =~ /V\\d/i)].n", Some("1; 2")),
        ("$.l[?(@.k =~ /v/)].n", Some("")),
        ("$.l[?(@.n in [1, 3])].n", Some("1; 3")),
        ("$.l[?(@.n nin [1, 3])].n", Some("2")),
        ("$.l[?(@.n in [])].n", Some("")),
        ("$.l[?((@.n == 1 || @.n == 2) && @.k == 'v2')].n", Some("2")),
        ("$.l[?(@.n == $.a.n)].n", Some("")),
        ("$.a[?(@.b == 'x')]", Some(whole)),
        ("$.a[?(@.b == 'y')]", Some("")),
        ("$.a[?(@.f == 1.5 && @.t == true && @.z == null)]", Some(whole)),
        ("$.a[?(@.z)]", Some(whole)),
        ("$.[?(@.s == \"text\")].s", Some("text")),
        ("$.s[?(@.b)]", Some("")),
    ] {
        assert_eq!(found(path).as_deref(), expected, "{path}");
    }
}

#[test]
fn what_is_no_path() {
    for (path, text) in [
        ("", "\"$\" was expected"),
        ("a.b", "\"$\" was expected"),
        ("$..a", "searching all levels"),
        ("$.a.length()", "the name of a field was expected"),
        ("$.a b", "a step, such as .name or [0], was expected"),
        ("$[?(@.a == )]", "a path, a text in quotes"),
        ("$[?(@.a == 'x]", "a quote does not end"),
        ("$[?('a')]", "an operator was expected"),
        ("$[?(@.a =~ /(/)]", "a ( has no )"),
        ("$[?(@.a =~ /x)]", "no / at its end"),
        ("$[1:2]", "\"]\" was expected"),
        ("$[x]", "a name in quotes, a number, * or ?( was expected"),
    ] {
        let message = Path::new(path).unwrap_err().to_string();
        assert!(message.contains(text), "{text:?} is not in {message:?}");
    }
    assert!(Path::new(&format!("$[?({}@.a{})]", "(".repeat(10_000), ")".repeat(10_000))).is_err());
    assert!(Path::new(&format!("$[?({}@.a)]", "!".repeat(10_000))).is_err());
    assert!(Path::new(&format!("${}", "[?(@".repeat(10_000))).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(path in r"\$(\.[a-l]|\[[?(]{0,2}|@|['/]|==|&&|in|[0-9)\]!é*\\ -]|\PC){0,12}") {
        if let Ok(path) = Path::new(&path) {
            let data = value(&serde_json::json!({"a": [{"b": 1}], "l": "x"}));
            let _ = path.find(&data);
        }
    }
}
