//! Flatten, MaskField, ReplaceField, SetSchemaMetadata: data of another shape, or with other content.

use serde_json::{Value as Json, json};

use crate::rig::{check, refuse};

fn structure(fields: Json) -> Json {
    json!({"type": "struct", "fields": fields})
}

const LOGICAL: [(&str, &str); 3] = [("Date", "int32"), ("Time", "int32"), ("Timestamp", "int64")];

fn logical((name, base): (&str, &str)) -> Json {
    json!({"type": base, "name": format!("org.apache.kafka.connect.data.{name}"), "version": 1})
}

fn with(mut json: Json, key: &str, value: impl Into<Json>) -> Json {
    json[key] = value.into();
    json
}

#[test]
fn flatten_without_a_schema() {
    let none = json!({});
    let input = json!({"v": {"map": {"a": {"map": {"b": {"map": {"c": {"i8": 1}, "n": null}}, "e": {"map": {}}, "l": {"list": [{"map": {}}]}}},
        "x": {"bytes": "AQ=="}, "": {"map": {"y": true}}}}});
    let expect = |d: &str| {
        json!({"v": {"map": {format!("a{d}b{d}c"): {"i8": 1}, format!("a{d}b{d}n"): null,
        format!("a{d}l"): {"list": [{"map": {}}]}, "x": {"bytes": "AQ=="}, "y": true}}})
    };
    check("Flatten$Value", &none, &input, Ok(expect(".")));
    check("Flatten$Value", &json!({"delimiter": " "}), &input, Ok(expect(" ")));
    check("Flatten$Value", &json!({"delimiter": ""}), &input, Ok(expect("")));
    let clash = json!({"v": {"map": {"a": {"map": {"b": "first"}}, "a.b": "last"}}});
    check("Flatten$Value", &none, &clash, Ok(json!({"v": {"map": {"a.b": "last"}}})));
    for (bad, error) in [
        (json!({"map": {"a": {"map": {"b": {"dec": "1"}}}}}), "field \"a.b\": a value of type decimal needs a schema"),
        (json!({"map": {"a": {"date": 0}}}), "field \"a\": a value of type instant needs a schema"),
        (json!({"map": {"a": {"pairs": [[{"i8": 1}, "x"]]}}}), "a: a map key of type int8, expected a string"),
        (json!({"list": []}), "the value is of type array, expected a map"),
    ] {
        check("Flatten$Value", &none, &json!({"v": bad}), Err(error));
    }
    check("Flatten$Key", &none, &json!({"k": null}), Ok(json!({})));
}

#[test]
fn flatten_of_many_entries_keeps_the_last() {
    // More than are compared one by one.
    let twice = |value: &str| (0..40).map(|n| (format!("a.{n}"), json!(value))).collect::<serde_json::Map<_, _>>();
    let mut entries = twice("first");
    let inner: serde_json::Map<_, _> = (0..40).map(|n| (n.to_string(), json!("last"))).collect();
    entries.insert("a".into(), json!({"map": inner}));
    let expect = json!({"v": {"map": twice("last")}});
    check("Flatten$Value", &json!({}), &json!({"v": {"map": entries}}), Ok(expect));
}

#[test]
fn flatten_with_a_schema() {
    let kinds: Vec<Json> = ["int8", "int16", "int32", "int64", "float", "double", "boolean", "string", "bytes"]
        .into_iter()
        .map(|ty| json!({"type": ty, "doc": "d"}))
        .chain(LOGICAL.map(logical))
        .chain([
            json!({"type": "bytes", "name": "org.apache.kafka.connect.data.Decimal", "version": 1, "parameters": {"scale": "1"}}),
            json!({"type": "array", "items": {"type": "map", "keys": {"type": "string"}, "values": {"type": "int8"}}}),
        ])
        .collect();
    let values = json!([1, 2, 3, 4, 1.5, 2.5, true, "x", "AQ==", 10, 20, 30, 1.5, [{"k": 1}]]);
    let named = |prefix: &str, optional: bool| -> Json {
        let field = |(n, kind): (usize, &Json)| {
            let field = with(kind.clone(), "field", format!("{prefix}{n}"));
            if optional { with(field, "optional", true) } else { field }
        };
        kinds.iter().enumerate().map(field).collect()
    };
    let object = |prefix: &str| -> Json {
        let values = values.as_array().unwrap().iter().enumerate();
        Json::Object(values.map(|(n, value)| (format!("{prefix}{n}"), value.clone())).collect())
    };
    for optional in [false, true] {
        let inner = with(with(structure(named("f", false)), "field", "s"), "optional", optional);
        let schema = with(with(structure(json!([inner])), "name", "n"), "doc", "d");
        let flat = with(with(structure(named("s_f", optional)), "name", "n"), "doc", "d");
        let input = json!({"vs": schema, "v": {"s": object("f")}});
        check("Flatten$Value", &json!({"delimiter": "_"}), &input, Ok(json!({"vs": flat, "v": object("s_f")})));
    }
}

#[test]
fn what_flat_fields_inherit() {
    let leaf = |name: &str| json!({"field": name, "type": "int32"});
    let defaulted = |name: &str| with(leaf(name), "default", 7);
    let inner = with(with(structure(json!([leaf("a"), defaulted("b")])), "field", "s"), "optional", true);
    let schema = with(structure(json!([inner, defaulted("c")])), "optional", true);
    let flat = structure(json!([
        with(leaf("s.a"), "optional", true),
        with(defaulted("s.b"), "optional", true),
        with(defaulted("c"), "optional", true)
    ]));
    let none = json!({});
    let input = json!({"vs": schema, "v": {"s": {"a": 1, "b": null}, "c": null}});
    check("Flatten$Value", &none, &input, Ok(json!({"vs": flat, "v": {"s.a": 1, "s.b": 7, "c": 7}})));
    // The fields of a struct that is null stay unset.
    let input = json!({"vs": schema, "v": {"s": null, "c": 1}});
    check("Flatten$Value", &none, &input, Ok(json!({"vs": flat, "v": {"s.a": "UNSET", "s.b": "UNSET", "c": 1}})));
    check("Flatten$Value", &none, &json!({"vs": schema, "v": null}), Ok(json!({})));

    let clash = structure(json!([with(structure(json!([leaf("a")])), "field", "s"), leaf("s.a")]));
    let input = json!({"vs": clash, "v": {"s": {"a": 1}, "s.a": 2}});
    check("Flatten$Value", &none, &input, Err("field \"s.a\" was added twice"));
    let map =
        json!({"field": "m", "type": "map", "keys": {"type": "string"}, "values": {"type": "int8"}, "optional": true});
    let input = json!({"vs": structure(json!([map])), "v": {"m": null}});
    check("Flatten$Value", &none, &input, Err("field \"m\": a map with a schema cannot be flattened"));
    check("Flatten$Value", &none, &json!({"vs": {"type": "int8"}, "v": 1}), Err("of type int8, expected a struct"));
}

#[test]
fn masks_without_a_replacement() {
    let schema = |ty: Json| structure(json!([with(ty, "field", "f")]));
    let decimal = json!({"type": "bytes", "name": "org.apache.kafka.connect.data.Decimal", "version": 1, "parameters": {"scale": "1"}});
    let mut rows = vec![
        (json!({"type": "boolean"}), json!(true), json!(false)),
        (json!({"type": "int8"}), json!(1), json!(0)),
        (json!({"type": "int16"}), json!(1), json!(0)),
        (json!({"type": "int32"}), json!(1), json!(0)),
        (json!({"type": "int64"}), json!(1), json!(0)),
        (json!({"type": "float"}), json!(1.5), json!(0.0)),
        (json!({"type": "double"}), json!(1.5), json!(0.0)),
        (json!({"type": "string"}), json!("x"), json!("")),
        (decimal, json!(1.2), json!(0.0)),
        (json!({"type": "array", "items": {"type": "int8"}}), json!([1]), json!([])),
        (json!({"type": "map", "keys": {"type": "string"}, "values": {"type": "int8"}}), json!({"a": 1}), json!({})),
        (json!({"type": "int8", "optional": true}), json!(null), json!(null)),
        (json!({"type": "int8", "optional": true, "default": 5}), json!(null), json!(0)),
    ];
    rows.extend(LOGICAL.map(|name| (logical(name), json!(5), json!(0))));
    for (ty, value, masked) in rows {
        let input = json!({"vs": schema(ty.clone()), "v": {"f": value}});
        let expect = json!({"vs": schema(ty), "v": {"f": masked}});
        check("MaskField$Value", &json!({"fields": "f,unknown"}), &input, Ok(expect));
    }
    for ty in [json!({"type": "bytes"}), structure(json!([]))] {
        let value = if ty["type"] == "bytes" { json!("AQ==") } else { json!({}) };
        let input = json!({"vs": schema(ty), "v": {"f": value}});
        check("MaskField$Value", &json!({"fields": "f"}), &input, Err("field \"f\": a value of type"));
    }
}

#[test]
fn masks_with_a_replacement() {
    let mask = |text: &str| json!({"fields": "f", "replacement": text});
    for (input, text, masked) in [
        (json!({"i8": 1}), "300", json!({"i8": 44})),
        (json!({"i16": 1}), "12.9", json!({"i16": 12})),
        (json!({"i32": 1}), "1e3", json!({"i32": 1000})),
        (json!({"i64": 1}), "-9223372036854775809", json!({"i64": i64::MAX})),
        (json!({"f32": 1.0}), "0.1", json!({"f32": 0.1})),
        (json!({"f64": 1.0}), "1.25", json!({"f64": 1.25})),
        (json!("x"), "*** ", json!("*** ")),
        (json!("x"), " ", json!(" ")),
        (json!({"dec": "5"}), "1.50", json!({"dec": "1.50"})),
        (json!(null), "x", json!(null)),
    ] {
        let expect = json!({"v": {"map": {"f": masked}}});
        check("MaskField$Value", &mask(text), &json!({"v": {"map": {"f": input}}}), Ok(expect));
    }
    for input in [json!(true), json!({"date": 1}), json!({"list": []}), json!({"map": {}}), json!({"bytes": "AQ=="})] {
        check("MaskField$Value", &mask("1"), &json!({"v": {"map": {"f": input}}}), Err("cannot be masked"));
    }
    for tag in ["i8", "i16", "i32", "i64", "f32", "f64"] {
        for text in ["x", " 1", "NaN"] {
            check("MaskField$Value", &mask(text), &json!({"v": {"map": {"f": {tag: 1}}}}), Err("is no"));
        }
    }
}

#[test]
fn masked_maps_and_what_is_around_masks() {
    let input = json!({"v": {"map": {"a": {"dec": "1.5"}, "b": {"date": 5}, "keep": {"i8": 1}}}});
    let expect = json!({"v": {"map": {"a": {"dec": "0"}, "b": {"date": 0}, "keep": {"i8": 1}, "missing": null}}});
    check("MaskField$Value", &json!({"fields": "a,b,missing"}), &input, Ok(expect));
    check(
        "MaskField$Key",
        &json!({"fields": "a"}),
        &json!({"k": null}),
        Err("the key is of type null, expected a map"),
    );
    let schema = structure(
        json!([{"field": "a", "type": "string"}, {"field": "d", "type": "int8", "default": 5, "optional": true}]),
    );
    check("MaskField$Value", &json!({"fields": "a"}), &json!({"vs": schema, "v": null}), Err("expected a struct"));
    // Defaults are filled in everywhere, or nowhere.
    let input = json!({"vs": schema, "v": {"a": "x", "d": null}});
    check("MaskField$Value", &json!({"fields": "a"}), &input, Ok(json!({"vs": schema, "v": {"a": "", "d": 5}})));
    let raw = json!({"fields": "a,d", "replace.null.with.default": "false"});
    check("MaskField$Value", &raw, &input, Ok(json!({"vs": schema, "v": {"a": "", "d": null}})));

    let path = json!({"fields": "o.a,n.a", "field.syntax.version": "V2"});
    let inner = |name: &str| json!({"field": name, "type": "struct", "optional": true, "fields": [{"field": "a", "type": "string"}, {"field": "b", "type": "string"}]});
    let schema = structure(json!([inner("o"), inner("n")]));
    let input = json!({"vs": schema, "v": {"o": {"a": "x", "b": "x"}, "n": null}});
    check("MaskField$Value", &path, &input, Ok(json!({"vs": schema, "v": {"o": {"a": "", "b": "x"}, "n": null}})));
    let input = json!({"v": {"map": {"o": {"map": {"a": "x", "b": "x"}}, "n": null}}});
    check("MaskField$Value", &path, &input, Ok(json!({"v": {"map": {"o": {"map": {"a": "", "b": "x"}}, "n": null}}})));
    check(
        "MaskField$Value",
        &path,
        &json!({"v": {"map": {"o": "x"}}}),
        Err("field \"o\": a path leads into a value of type string"),
    );

    refuse("MaskField$Value", &json!({"fields": ""}), &["fields", "at least 1"]);
    refuse("MaskField$Value", &json!({"fields": "a", "replacement": ""}), &["replacement", "at least 1"]);
    refuse("MaskField$Value", &json!({"fields": "a,a.b", "field.syntax.version": "V2"}), &["\"a.b\" leads into"]);
}

fn abc() -> Json {
    json!([{"field": "a", "type": "string"}, {"field": "b", "type": "int8", "default": 5}, {"field": "c", "type": "int16", "optional": true}])
}

/// `abc` with these fields only, under these names.
fn picked(names: &[(usize, &str)]) -> Json {
    let fields = abc();
    structure(names.iter().map(|(index, name)| with(fields[index].clone(), "field", *name)).collect())
}

#[test]
fn fields_left_out_and_renamed() {
    for (settings, expect) in [
        (json!({}), vec![(0, "a"), (1, "b"), (2, "c")]),
        (json!({"exclude": "a"}), vec![(1, "b"), (2, "c")]),
        (json!({"exclude": "zz"}), vec![(0, "a"), (1, "b"), (2, "c")]),
        (json!({"include": "a,c,zz"}), vec![(0, "a"), (2, "c")]),
        (json!({"include": "a,c", "exclude": "c"}), vec![(0, "a")]),
        (json!({"blacklist": "a", "exclude": "b"}), vec![(2, "c")]),
        (json!({"whitelist": "a", "include": "b"}), vec![(0, "a"), (1, "b")]),
        (json!({"renames": "a:x,b:y,zz:q"}), vec![(0, "x"), (1, "y"), (2, "c")]),
        (json!({"renames": "a:c,c:a"}), vec![(0, "c"), (1, "b"), (2, "a")]),
        (json!({"renames": "a:b", "exclude": "b"}), vec![(0, "b"), (2, "c")]),
        (json!({"renames": "a:x", "include": "a"}), vec![(0, "x")]),
        (json!({"renames": "a:x,a:y"}), vec![(0, "y"), (1, "b"), (2, "c")]),
        (json!({"exclude": "a,b,c"}), vec![]),
    ] {
        let values = [json!("x"), json!(5), json!(null)];
        let value: Json =
            Json::Object(expect.iter().map(|(index, name)| ((*name).to_owned(), values[*index].clone())).collect());
        let described = |schema: Json| with(with(schema, "name", "n"), "doc", "d");
        let input =
            json!({"vs": with(described(structure(abc())), "optional", true), "v": {"a": "x", "b": null, "c": null}});
        check("ReplaceField$Value", &settings, &input, Ok(json!({"vs": described(picked(&expect)), "v": value})));
        // The same without a schema.
        let tags = [json!("x"), json!({"i8": 5}), json!(null)];
        let map: Json =
            Json::Object(expect.iter().map(|(index, name)| ((*name).to_owned(), tags[*index].clone())).collect());
        let input = json!({"v": {"map": {"a": "x", "b": {"i8": 5}, "c": null}}});
        check("ReplaceField$Value", &settings, &input, Ok(json!({"v": {"map": map}})));
    }
    let input = json!({"vs": structure(abc()), "v": {"a": "x", "b": null, "c": 1}});
    let raw = json!({"exclude": "a", "replace.null.with.default": "false"});
    let expect = json!({"vs": picked(&[(1, "b"), (2, "c")]), "v": {"b": "UNSET", "c": 1}});
    check("ReplaceField$Value", &raw, &input, Ok(expect));
    check("ReplaceField$Value", &json!({"renames": "a:b"}), &input, Err("field \"b\" was added twice"));
    let map = json!({"v": {"map": {"a": "first", "b": "last"}}});
    check("ReplaceField$Value", &json!({"renames": "a:b"}), &map, Ok(json!({"v": {"map": {"b": "last"}}})));
    check("ReplaceField$Value", &json!({"exclude": "a"}), &json!({"v": null}), Ok(json!({})));
    let null = json!({"vs": with(structure(abc()), "optional", true), "v": null});
    check("ReplaceField$Value", &json!({"exclude": "a"}), &null, Ok(json!({})));
    check(
        "ReplaceField$Key",
        &json!({"exclude": "a"}),
        &json!({"k": "x"}),
        Err("the key is of type string, expected a map"),
    );
    check(
        "ReplaceField$Value",
        &json!({"exclude": "a"}),
        &json!({"vs": {"type": "int8"}, "v": 1}),
        Err("expected a struct"),
    );
}

#[test]
fn paths_left_out_and_renamed() {
    let v2 = |key: &str, paths: &str| json!({key: paths, "field.syntax.version": "V2"});
    let outer = |inner: Json| {
        structure(json!([{"field": "z", "type": "int8"}, with(with(inner, "field", "o"), "optional", true)]))
    };
    let all = json!({"a": "x", "b": 1, "c": 2});
    let input = json!({"vs": outer(structure(abc())), "v": {"z": 1, "o": all}});
    for (settings, inner, value) in [
        (v2("exclude", "o.a,o.b"), picked(&[(2, "c")]), json!({"c": 2})),
        (v2("renames", "o.a:x,z:z"), picked(&[(0, "x"), (1, "b"), (2, "c")]), json!({"x": "x", "b": 1, "c": 2})),
        (v2("include", "z,o.b"), picked(&[(1, "b")]), json!({"b": 1})),
    ] {
        check(
            "ReplaceField$Value",
            &settings,
            &input,
            Ok(json!({"vs": outer(inner.clone()), "v": {"z": 1, "o": value}})),
        );
        let null = json!({"vs": outer(structure(abc())), "v": {"z": 1, "o": null}});
        check("ReplaceField$Value", &settings, &null, Ok(json!({"vs": outer(inner), "v": {"z": 1, "o": null}})));
    }
    let map = json!({"v": {"map": {"o": {"map": {"a": "x", "b": "y"}}, "n": null}}});
    let expect = json!({"v": {"map": {"o": {"map": {"b": "y"}}, "n": null}}});
    check("ReplaceField$Value", &v2("exclude", "o.a,n.a"), &map, Ok(expect));
    check(
        "ReplaceField$Value",
        &v2("exclude", "z.a"),
        &input,
        Err("field \"z\": a path leads into a value of type int8"),
    );
    check(
        "ReplaceField$Value",
        &v2("exclude", "o.a.b"),
        &map,
        Err("field \"a\": a path leads into a value of type string"),
    );
}

#[test]
fn replace_settings() {
    for renames in ["a", "a:b:c", "a:", ":", "a:b,c"] {
        refuse("ReplaceField$Value", &json!({"renames": renames}), &["renames", "expected old:new"]);
    }
    refuse("ReplaceField$Value", &json!({"exclude": "`a", "field.syntax.version": "V2"}), &["exclude", "backtick"]);
}

#[test]
fn names_and_versions() {
    let both = json!({"schema.name": "new", "schema.version": "7"});
    let schema = json!({"type": "struct", "name": "old", "version": 1, "doc": "d", "optional": true, "parameters": {"p": "q"}, "fields": abc()});
    let input = json!({"vs": schema, "v": {"a": "x", "b": null, "c": null}});
    for (settings, name, version) in [
        (both.clone(), "new", 7),
        (json!({"schema.name": "new"}), "new", 1),
        (json!({"schema.version": " 7 "}), "old", 7),
    ] {
        let renamed = with(with(schema.clone(), "name", name), "version", version);
        let expect = json!({"vs": renamed, "v": {"a": "x", "b": 5, "c": null}});
        check("SetSchemaMetadata$Value", &settings, &input, Ok(expect));
        check(
            "SetSchemaMetadata$Value",
            &settings,
            &json!({"vs": schema, "v": null}),
            Ok(json!({"vs": renamed, "v": null})),
        );
    }
    let raw = with(both.clone(), "replace.null.with.default", "false");
    let renamed = with(with(schema, "name", "new"), "version", 7);
    check(
        "SetSchemaMetadata$Value",
        &raw,
        &input,
        Ok(json!({"vs": renamed, "v": {"a": "x", "b": "UNSET", "c": null}})),
    );
    // Anything that has a schema can have another name.
    for (ty, value) in [
        (json!({"type": "int32", "default": 5, "optional": true}), json!(1)),
        (json!({"type": "int32", "optional": true}), json!(null)),
        (json!({"type": "array", "items": {"type": "int8"}}), json!([1])),
        (json!({"type": "map", "keys": {"type": "string"}, "values": {"type": "int8"}, "doc": "d"}), json!({"a": 1})),
    ] {
        let renamed = with(with(ty.clone(), "name", "new"), "version", 7);
        check("SetSchemaMetadata$Key", &both, &json!({"ks": ty, "k": value}), Ok(json!({"ks": renamed, "k": value})));
    }
    check("SetSchemaMetadata$Value", &both, &json!({"v": null}), Ok(json!({})));
    check("SetSchemaMetadata$Value", &both, &json!({"v": "x"}), Err("the value has no schema"));
    refuse("SetSchemaMetadata$Value", &json!({}), &["schema.name, schema.version"]);
    refuse("SetSchemaMetadata$Value", &json!({"schema.version": "x"}), &["schema.version", "whole number"]);
}

#[test]
fn names_of_logical_types() {
    for (name, base) in LOGICAL {
        let full = format!("org.apache.kafka.connect.data.{name}");
        let to = json!({"schema.name": full});
        let schema = json!({"type": base, "name": full});
        check(
            "SetSchemaMetadata$Value",
            &to,
            &json!({"vs": {"type": base}, "v": 5}),
            Ok(json!({"vs": schema, "v": 5})),
        );
        let from = json!({"schema.name": "n"});
        let input = json!({"vs": logical((name, base)), "v": 5});
        check(
            "SetSchemaMetadata$Value",
            &from,
            &input,
            Ok(json!({"vs": {"type": base, "name": "n", "version": 1}, "v": 5})),
        );
        check("SetSchemaMetadata$Value", &to, &json!({"vs": {"type": "string"}, "v": "x"}), Err("cannot be named"));
    }
}
