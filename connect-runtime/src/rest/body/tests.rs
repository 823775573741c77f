use super::{config, create, text_member};

#[test]
fn scalars_keep_their_text() {
    let read =
        config(br#" {"a":"x","b":1.50,"c":1e3,"d":12345678901234567890,"e":true,"f":null,"a":"\u00fc \n"} "#).unwrap();
    let shown: Vec<_> = read.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
    assert_eq!(
        shown,
        [
            ("a", Some("ü \n")),
            ("b", Some("1.50")),
            ("c", Some("1e3")),
            ("d", Some("12345678901234567890")),
            ("e", Some("true")),
            ("f", None)
        ]
    );
}

#[test]
fn what_is_no_configuration_is_refused() {
    for (body, said) in [
        ("", "there is no body"),
        (" \n", "there is no body"),
        ("{", "not valid JSON: EOF while parsing an object at line 1 column 1"),
        ("{\"a\":1} x", "not valid JSON: trailing characters"),
        ("[]", "the body is an array; expected a JSON object"),
        ("\"hunter2\"", "the body is a string; expected"),
        ("{\"a\":[\"hunter2\"]}", "\"a\" is an array"),
        ("{\"a\":{}}", "\"a\" is an object"),
        ("{\"a\":\"\\ud800\"}", "\"a\" is no text in Unicode"),
    ] {
        let failure = config(body.as_bytes()).unwrap_err();
        assert_eq!(failure.status, 400);
        assert!(failure.message.contains(said) && !failure.message.contains("hunter2"), "{body}: {}", failure.message);
    }
    assert_eq!(config(b"{\"a\":\"\xff\"}").unwrap_err().status, 400);
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(config(deep.as_bytes()).unwrap_err().status, 400);
}

#[test]
fn creations() {
    let read = create(br#"{"name":12,"config":{"a":"b"},"initial_state":null}"#).unwrap();
    assert_eq!((read.name.as_str(), read.config.len(), read.initial_state), ("12", 1, None));
    for (body, said) in [
        (r#"{"config":{}}"#, "\"name\" is missing"),
        (r#"{"name":null,"config":{}}"#, "\"name\" is missing"),
        (r#"{"name":"a"}"#, "\"config\" is missing"),
        (r#"{"name":"a","config":null}"#, "\"config\" is missing"),
        (r#"{"name":"a","config":[]}"#, "\"config\" is an array"),
        (r#"{"name":{},"config":{}}"#, "\"name\" is an object"),
        (r#"{"name":"a","config":{},"state":1}"#, "\"state\" is not known; possible: name, config, initial_state"),
    ] {
        let failure = create(body.as_bytes()).unwrap_err();
        assert!(failure.message.contains(said), "{body}: {}", failure.message);
    }
}

#[test]
fn members() {
    assert_eq!(text_member(br#"{"level":5}"#, "level").unwrap().as_deref(), Some("5"));
    assert_eq!(text_member(br"{}", "level").unwrap(), None);
    assert!(text_member(br#"{"level":[]}"#, "level").is_err());
}
