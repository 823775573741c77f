use super::*;

fn check(file: &str, text: &str, expect: Result<&str, &str>) {
    let read = ConnectorFile::parse(Path::new(file), text);
    let shown = match &read {
        Ok(read) => Ok(format!("{:?} {:?}", read.initial_state, read.config)),
        Err(errors) => Err(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    };
    assert_eq!(shown.as_deref().map_err(String::as_str), expect, "{text}");
}

#[test]
fn forms() {
    check(
        "a.json",
        r#"{"name":"a","tasks.max":2,"x":true}"#,
        Ok(r#"Running {"name": "a", "tasks.max": "2", "x": "true"}"#),
    );
    check("a", r#" {"name":"a"}"#, Ok(r#"Running {"name": "a"}"#));
    check("a.properties", "name=a\nx: y", Ok(r#"Running {"name": "a", "x": "y"}"#));
    check("a", r#"{"name":"a","config":{"x":"y"},"tasks":[]}"#, Ok(r#"Running {"name": "a", "x": "y"}"#));
    check("a", r#"{"name":"a","config":{"name":"a"},"initial_state":"stopped"}"#, Ok(r#"Stopped {"name": "a"}"#));
    check("a", r#"{"name":"a","config":{},"initial_state":"PAUSED"}"#, Ok(r#"Paused {"name": "a"}"#));
    check("a", r#"{"name":"a","config":"plain"}"#, Ok(r#"Running {"config": "plain", "name": "a"}"#));
}

#[test]
fn wrong_forms() {
    check("a.json", "name=a", Err("is no JSON: expected ident at line 1 column 2"));
    check("a.json", "[]", Err("is JSON, but no object"));
    check(
        "a",
        r#"{"name":"a","x":null,"y":[1]}"#,
        Err(
            "x: is null; leave it out or give it a value; y: expected a string; lists are comma separated, nested keys have dots",
        ),
    );
    check(
        "a",
        r#"{"name":"a","config":{"name":"b"},"initial_state":"GONE"}"#,
        Err(
            r#"name: invalid value "b": config has another name than "a"; initial_state: invalid value "\"GONE\"": expected one of "RUNNING", "PAUSED", "STOPPED""#,
        ),
    );
    check("a", r#"{"config":{}}"#, Err("name: is required beside config"));
}
