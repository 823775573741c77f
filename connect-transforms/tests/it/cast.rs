//! Cast: every pair of types, specs, what becomes of schemas.

use serde_json::{Value as Json, json};

use crate::rig::{check, refuse};

const TYPES: [&str; 8] = ["int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string"];
const TAGS: [&str; 8] = ["i8", "i16", "i32", "i64", "f32", "f64", "", ""];

const ERROR: &str = "error";

/// A value without a schema cast to each type; the results without their tags.
#[track_caller]
fn rows(rows: &[(Json, [Json; 8])]) {
    for (input, results) in rows {
        for ((ty, tag), result) in TYPES.into_iter().zip(TAGS).zip(results) {
            let settings = json!({"spec": ty});
            let result = match (tag, result) {
                (_, result) if *result == ERROR => {
                    check("Cast$Value", &settings, &json!({"v": input}), Err("Data: value: "));
                    continue;
                }
                ("", result) => result.clone(),
                (tag, result) => json!({tag: result}),
            };
            check("Cast$Value", &settings, &json!({"v": input}), Ok(json!({"v": result})));
        }
    }
}

#[test]
fn numbers() {
    rows(
        &[
            (json!({"i8": -1}), json!([-1, -1, -1, -1, -1.0, -1.0, true, "-1"])),
            (json!({"i16": 300}), json!([44, 300, 300, 300, 300.0, 300.0, true, "300"])),
            (json!({"i32": 65536}), json!([0, 0, 65536, 65536, 65536.0, 65536.0, true, "65536"])),
            (json!({"i32": 0}), json!([0, 0, 0, 0, 0.0, 0.0, false, "0"])),
            (
                json!({"i64": i64::MAX}),
                json!([-1, -1, -1, i64::MAX, 9.223_372e18, 9_223_372_036_854_775_807.0, true, "9223372036854775807"]),
            ),
            (json!({"f32": 1.5}), json!([1, 1, 1, 1, 1.5, 1.5, true, "1.5"])),
            (json!({"f64": 300.7}), json!([44, 300, 300, 300, 300.7, 300.7, true, "300.7"])),
            (json!({"f64": -0.5}), json!([0, 0, 0, 0, -0.5, -0.5, false, "-0.5"])),
            (json!({"f64": 1e7}), json!([-128, -27008, 10_000_000, 10_000_000, 1e7, 1e7, true, "1.0E7"])),
            (json!({"f64": 4e9}), json!([-1, -1, i32::MAX, 4_000_000_000i64, 4e9, 4e9, true, "4.0E9"])),
            (json!({"f64": -1e20}), json!([0, 0, i32::MIN, i64::MIN, -1e20, -1e20, true, "-1.0E20"])),
        ]
        .map(|(input, results)| (input, array(results))),
    );
}

fn array(results: Json) -> [Json; 8] {
    results.as_array().unwrap().clone().try_into().unwrap()
}

#[test]
fn text_and_booleans() {
    const E: &str = ERROR;
    rows(
        &[
            (json!(true), json!([1, 1, 1, 1, 1.0, 1.0, true, "true"])),
            (json!(false), json!([0, 0, 0, 0, 0.0, 0.0, false, "false"])),
            (json!("5"), json!([5, 5, 5, 5, 5.0, 5.0, false, "5"])),
            (json!("-128"), json!([-128, -128, -128, -128, -128.0, -128.0, false, "-128"])),
            (json!("+128"), json!([E, 128, 128, 128, 128.0, 128.0, false, "+128"])),
            (json!("32768"), json!([E, E, 32768, 32768, 32768.0, 32768.0, false, "32768"])),
            (
                json!("2147483648"),
                json!([E, E, E, 2_147_483_648i64, 2_147_483_648.0, 2_147_483_648.0, false, "2147483648"]),
            ),
            (
                json!("9223372036854775808"),
                json!([E, E, E, E, 9.223_372e18, 9.223372036854775e18, false, "9223372036854775808"]),
            ),
            (json!("1.5"), json!([E, E, E, E, 1.5, 1.5, false, "1.5"])),
            (json!(" 5 "), json!([E, E, E, E, 5.0, 5.0, false, " 5 "])),
            (json!("TRUE"), json!([E, E, E, E, E, E, true, "TRUE"])),
            (json!(" true"), json!([E, E, E, E, E, E, false, " true"])),
            (json!(""), json!([E, E, E, E, E, E, false, ""])),
            (json!("+"), json!([E, E, E, E, E, E, false, "+"])),
            (json!("1_000"), json!([E, E, E, E, E, E, false, "1_000"])),
            (json!("0x10"), json!([E, E, E, E, E, E, false, "0x10"])),
        ]
        .map(|(input, results)| (input, array(results))),
    );
}

#[test]
fn others() {
    const E: &str = ERROR;
    rows(
        &[
            (json!({"bytes": "AQID"}), json!([E, E, E, E, E, E, E, "AQID"])),
            (json!({"list": []}), json!([E, E, E, E, E, E, E, E])),
            (json!({"map": {}}), json!([E, E, E, E, E, E, E, E])),
            (json!({"dec": "1.5"}), json!([E, E, E, E, E, E, E, E])),
            (json!({"date": 0}), json!([E, E, E, E, E, E, E, E])),
        ]
        .map(|(input, results)| (input, array(results))),
    );
    for ty in TYPES {
        check("Cast$Value", &json!({"spec": ty}), &json!({"v": null}), Ok(json!({})));
    }
}

#[test]
fn floats_in_text() {
    // What Java's parseDouble takes, and what it does not.
    for (text, double) in [
        ("1.", "1.0"),
        (".5", "0.5"),
        ("1e3", "1000.0"),
        ("1E-3", "0.001"),
        ("-0", "-0.0"),
        ("1d", "1.0"),
        ("1.5F", "1.5"),
        ("1e400", "Infinity"),
        ("-1e400", "-Infinity"),
        ("1e-400", "0.0"),
        ("NaN", "NaN"),
        ("+Infinity", "Infinity"),
        ("\t-Infinity\n", "-Infinity"),
        ("0x1p3", "8.0"),
        ("0x1.8p1", "3.0"),
        ("-0X.8P0d", "-0.5"),
        ("0x1p-1074", "4.9E-324"),
        ("0x1p-1075", "0.0"),
        ("0x1.8p-1075", "4.9E-324"),
        ("0x1p1023", "8.98846567431158E307"),
        ("0x1p1024", "Infinity"),
        ("0x1p99999999999999999999", "Infinity"),
        ("0x1p-99999999999999999999", "0.0"),
        ("0x0p0", "0.0"),
        ("0x1.00000000000008p0", "1.0"),
        ("0x1.000000000000080000001p0", "1.0000000000000002"),
        ("0x1.00000000000018p0", "1.0000000000000004"),
        ("0x123456789abcdef01p0", "2.0988295479420645E19"),
    ] {
        let (input, text) = (json!({"v": {"map": {"a": text}}}), format!("{text:?}"));
        // Doubles that are no JSON numbers are compared by their text.
        let doubled = json!({"spec": "a:float64"});
        let made = crate::rig::transform("Cast$Value", &doubled).unwrap().unwrap();
        let mut record = crate::rig::record(&input);
        let _ = made.transform(&mut record).unwrap();
        assert_eq!(record.value.value.get("a").unwrap().to_string(), double, "{text}");
    }
    for text in [
        "inf", "infinity", "nan", "-nan", "NAN", "1e", "e1", ".", "1dd", "0x1", "0xp1", "0x.p1", "0x1p", "1 2", "1f2",
        "0x1pf", "+-1",
    ] {
        check("Cast$Value", &json!({"spec": "float64"}), &json!({"v": text}), Err("is no float64"));
        check("Cast$Value", &json!({"spec": "float32"}), &json!({"v": text}), Err("is no float32"));
    }
    for (text, float) in
        [("0.1", 0.1), ("16777217", 16_777_216.0), ("0x1.000001p0", 1.0), ("0x1.000003p0", 1.000_000_2)]
    {
        check("Cast$Value", &json!({"spec": "float32"}), &json!({"v": text}), Ok(json!({"v": {"f32": float}})));
    }
}

fn logical(name: &str, base: &str, scale: Option<&str>) -> Json {
    let mut schema = json!({"type": base, "name": format!("org.apache.kafka.connect.data.{name}"), "version": 1});
    if let Some(scale) = scale {
        schema["parameters"] = json!({"scale": scale});
    }
    schema
}

#[test]
fn logical_types() {
    let decimal = logical("Decimal", "bytes", Some("2"));
    let (date, time) = (logical("Date", "int32", None), logical("Time", "int32", None));
    let timestamp = logical("Timestamp", "int64", None);
    for (schema, value, ty, name, result) in [
        (&decimal, json!(300.75), "int8", "int8", json!(44)),
        (&decimal, json!(-1.50), "int64", "int64", json!(-1)),
        (&decimal, json!(1.10), "float32", "float", json!(1.1)),
        (&decimal, json!(0.75), "float64", "double", json!(0.75)),
        (&decimal, json!(0.75), "boolean", "boolean", json!(false)),
        (&decimal, json!(0.75), "string", "string", json!("0.75")),
        (&date, json!(18131), "int32", "int32", json!(18131)),
        (&date, json!(18131), "int8", "int8", json!(-45)),
        (&date, json!(18131), "float64", "double", json!(18131.0)),
        (&date, json!(18131), "string", "string", json!("2019-08-23")),
        (&date, json!(0), "string", "string", json!("00:00:00.000Z")),
        (&time, json!(52_494_346), "int32", "int32", json!(52_494_346)),
        (&time, json!(52_494_346), "boolean", "boolean", json!(true)),
        (&time, json!(52_494_346), "string", "string", json!("14:34:54.346Z")),
        (&timestamp, json!(1_566_570_894_346i64), "int64", "int64", json!(1_566_570_894_346i64)),
        (&timestamp, json!(1_566_570_894_346i64), "int32", "int32", json!(-1_092_168_694)),
        (&timestamp, json!(1_566_570_894_346i64), "string", "string", json!("2019-08-23T14:34:54.346Z")),
        (&timestamp, json!(-1), "string", "string", json!("23:59:59.999Z")),
    ] {
        let result = json!({"vs": {"type": name}, "v": result});
        check("Cast$Value", &json!({"spec": ty}), &json!({"vs": schema, "v": value}), Ok(result));
    }
}

#[test]
fn schemas_of_wholes() {
    let described = json!({"type": "int32", "optional": true, "name": "n", "version": 3, "doc": "d",
        "parameters": {"p": "q"}, "default": 300});
    let expect = json!({"type": "int8", "optional": true, "name": "n", "version": 3, "doc": "d",
        "parameters": {"p": "q"}, "default": 44});
    check("Cast$Key", &json!({"spec": "INT8"}), &json!({"ks": described, "k": 5}), Ok(json!({"ks": expect, "k": 5})));
    // The description of a logical type goes, its documentation stays.
    let mut timestamp = logical("Timestamp", "int64", None);
    timestamp["doc"] = "d".into();
    let expect = json!({"vs": {"type": "string", "doc": "d"}, "v": "00:00:00.005Z"});
    check("Cast$Value", &json!({"spec": "string"}), &json!({"vs": timestamp, "v": 5}), Ok(expect));
    // A tombstone keeps its schema.
    let null = json!({"vs": {"type": "int32", "optional": true}, "v": null});
    check("Cast$Value", &json!({"spec": "int8"}), &null, Ok(json!({})));
    let bytes = json!({"vs": {"type": "bytes"}, "v": "AQID"});
    check("Cast$Value", &json!({"spec": "int8"}), &bytes, Err("bytes can be cast to string"));
    // The value could be cast, the default cannot: nothing is.
    let default = json!({"vs": {"type": "string", "default": "text"}, "v": "5"});
    check("Cast$Value", &json!({"spec": "int8"}), &default, Err("default: \"text\" is no int8"));
}

#[test]
fn fields_with_a_schema() {
    let input = json!({
        "vs": {"type": "struct", "name": "s", "version": 2, "doc": "sd", "optional": true, "parameters": {"p": "q"}, "fields": [
            {"field": "a", "type": "int64", "name": "an", "doc": "d", "version": 7, "parameters": {"x": "y"}},
            {"field": "b", "type": "string", "optional": true, "default": "12"},
            {"field": "c", "type": "double", "optional": true},
            {"field": "d", "type": "int8", "default": 7, "doc": "kept"}]},
        "v": {"a": 300, "b": null, "c": null, "d": null}});
    let schema = json!({"type": "struct", "name": "s", "version": 2, "doc": "sd", "optional": true, "parameters": {"p": "q"}, "fields": [
        {"field": "a", "type": "int8"},
        {"field": "b", "type": "int32", "optional": true, "default": 12},
        {"field": "c", "type": "string", "optional": true},
        {"field": "d", "type": "int8", "default": 7, "doc": "kept"}]});
    let spec = "a:int8, b:int32 ,c : STRING,unknown:int8";
    let expect = json!({"vs": schema, "v": {"a": 44, "b": 12, "c": null, "d": 7}});
    check("Cast$Value", &json!({"spec": spec}), &input, Ok(expect));
    // Without defaults nulls stay.
    let raw = json!({"spec": spec, "replace.null.with.default": "false"});
    let expect = json!({"vs": schema, "v": {"a": 44, "b": "UNSET", "c": null, "d": "UNSET"}});
    check("Cast$Value", &raw, &input, Ok(expect));

    let nested = json!({"vs": {"type": "struct", "fields": [{"field": "a", "type": "array", "items": {"type": "int8"}}]},
        "v": {"a": [1]}});
    check(
        "Cast$Value",
        &json!({"spec": "a:int8"}),
        &nested,
        Err("field \"a\": a value of type array cannot be cast to int8"),
    );
    let text = json!({"vs": {"type": "struct", "fields": [{"field": "a", "type": "string"}]}, "v": {"a": "12x"}});
    check("Cast$Value", &json!({"spec": "a:int8"}), &text, Err("field \"a\": \"12x\" is no int8"));
    let default = json!({"vs": {"type": "struct", "fields": [{"field": "a", "type": "string", "default": "x"}]}, "v": {"a": "1"}});
    check("Cast$Value", &json!({"spec": "a:int8"}), &default, Err("\"a\": default: \"x\" is no int8"));
    let scalar = json!({"vs": {"type": "int8"}, "v": 1});
    check("Cast$Value", &json!({"spec": "a:int8"}), &scalar, Err("the value is of type int8, expected a struct"));
}

#[test]
fn fields_without_a_schema() {
    let input = json!({"v": {"map": {"a": {"i64": 1}, "b": "x", "n": null}}});
    let expect = json!({"v": {"map": {"a": {"i8": 1}, "b": "x", "n": null, "missing": null}}});
    check("Cast$Value", &json!({"spec": "a:int8,n:int32,missing:string"}), &input, Ok(expect));
    check("Cast$Value", &json!({"spec": "b:int8"}), &input, Err("field \"b\": \"x\" is no int8"));
    check("Cast$Value", &json!({"spec": "a:int8"}), &json!({"v": "x"}), Err("of type string, expected a map"));
    check("Cast$Key", &json!({"spec": "a:int8"}), &json!({"k": {"list": []}}), Err("the key is of type array"));
    check("Cast$Value", &json!({"spec": "a:int8"}), &json!({"v": null}), Ok(json!({})));
}

#[test]
fn paths() {
    let v2 = |spec: &str| json!({"spec": spec, "field.syntax.version": "V2"});
    let schema = |ty: &str| {
        json!({"type": "struct", "fields": [
            {"field": "o", "type": "struct", "optional": true, "name": "inner", "fields": [
                {"field": "a", "type": ty}, {"field": "b", "type": "string"}]},
            {"field": "x.y", "type": "string"}]})
    };
    let input = json!({"vs": schema("string"), "v": {"o": {"a": "5", "b": "b"}, "x.y": "6"}});
    let expect = json!({"vs": schema("int32"), "v": {"o": {"a": 5, "b": "b"}, "x.y": "6"}});
    check("Cast$Value", &v2("o.a:int32,o.zz:int8"), &input, Ok(expect));
    check("Cast$Value", &json!({"spec": "o.a:int32"}), &input, Ok(json!({})));
    let null = json!({"vs": schema("string"), "v": {"o": null, "x.y": "6"}});
    let expect = json!({"vs": schema("int32"), "v": {"o": null, "x.y": "6"}});
    check("Cast$Value", &v2("o.a:int32"), &null, Ok(expect));
    check("Cast$Value", &v2("`x.y`.z:int32"), &input, Err("field \"x.y\": a path leads into a value of type string"));
    check("Cast$Value", &v2("o.b:int32"), &input, Err("field \"o\": field \"b\": \"b\" is no int32"));

    let input = json!({"v": {"map": {"o": {"map": {"a": "5"}}, "n": null, "x.y": "6"}}});
    let expect = json!({"v": {"map": {"o": {"map": {"a": {"i8": 5}, "b": null}}, "n": null, "x.y": {"i8": 6}}}});
    check("Cast$Value", &v2("o.a:int8,o.b:int8,n.a:int8,m.a:int8,`x.y`:int8"), &input, Ok(expect));
    check(
        "Cast$Value",
        &v2("o.a.b:int8"),
        &input,
        Err("field \"o\": field \"a\": a path leads into a value of type string"),
    );
}

#[test]
fn settings() {
    let types = "types: int8, int16, int32, int64, float32, float64, boolean, string";
    for spec in ["bytes", "a:bytes", "a:struct", "int", "a:", "a:b:int8", "int8,a:int8", "int8,int8", "a:int8,", ":"] {
        refuse("Cast$Value", &json!({"spec": spec}), &["spec", types]);
    }
    refuse("Cast$Value", &json!({"spec": ""}), &["spec", "at least 1"]);
    refuse("Cast$Value", &json!({}), &["spec"]);
    refuse("Cast$Value", &json!({"spec": "int8", "field.syntax.version": "3"}), &["possible: V1, V2"]);
    refuse("Cast$Value", &json!({"spec": "`a:int8", "field.syntax.version": "v2"}), &["spec", "backtick"]);
    refuse("Cast$Value", &json!({"spec": "a:int8,a.b:int8", "field.syntax.version": "v2"}), &["\"a.b\" leads into"]);
    refuse("Cast$Value", &json!({"spec": "int8", "replace.null.with.default": "x"}), &["true or false"]);
}
