//! The vectors: inputs, and what Kafka's classes answered. `CONNECT_VECTORS` names a folder with other ones.
//!
//! `cargo test -p connect-converters vectors -- --nocapture` lists them.

use std::path::PathBuf;

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::values::Values;
use connect_api::{Converter, ConverterKind, ConverterPlugin, Datum, HeaderConverter, RawHeaders, Result, Written};
use connect_converters::{
    BooleanConverter, ByteArrayConverter, DoubleConverter, FloatConverter, IntegerConverter, JsonConverter,
    JsonConverterConfig, LongConverter, ShortConverter, SimpleHeaderConverter, StringConverter,
};
use serde_json::Value as Json;

use crate::notation::{datum, shown, tag, type_of, untag};

const ERROR: &str = "DataException";

/// Where we differ from Kafka on purpose: vector, what we answer, why. `K` vectors run twice, the second time
/// with `lenient`.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    ("K01", ERROR, "a number too large for its type is an error, it does not wrap around"),
    ("K02", ERROR, "a string is no number"),
    ("K04", NAN, "NaN reads back as NaN"),
    ("K04 lenient", NAN, "NaN reads back as NaN"),
    ("K13 lenient", "null", "Kafka 4.1 reads an empty message as null"),
    ("K16", ERROR, "a number of more than 64 bits is an error, it does not wrap around"),
    ("H15", r#"string "12:30""#, "what follows the first token is not dropped: the whole text is a string"),
    ("H16", r#"string "1,2,3""#, "what follows the first token is not dropped: the whole text is a string"),
];

const NAN: &str = r#"{"schema":{"type":"double","optional":false},"payload":"NaN"}"#;

const FILES: [&str; 5] =
    ["json_read.jsonl", "json_write.jsonl", "primitive.jsonl", "header_parse.jsonl", "header_print.jsonl"];

#[test]
#[expect(clippy::print_stdout, reason = "a list of what failed is what this test is for")]
fn vectors() {
    let folder = std::env::var_os("CONNECT_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors")), PathBuf::from);
    let (mut passed, mut failed) = (0, 0);
    for file in FILES {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let vector: Json = serde_json::from_str(line).unwrap();
            let id = vector["id"].as_str().unwrap();
            let runs: &[bool] = if vector["op"] == "json.de" { &[false, true] } else { &[false] };
            for &lenient in runs {
                let id = format!("{id}{}", if lenient { " lenient" } else { "" });
                let (mut expected, actual) = run(&vector, lenient);
                let deviation = DEVIATIONS.iter().find(|(deviating, ..)| *deviating == id);
                if let Some((_, ours, _)) = deviation {
                    assert_ne!(expected, *ours, "{id} does not deviate any more");
                    expected = (*ours).into();
                }
                if actual == expected {
                    passed += 1;
                } else {
                    failed += 1;
                    println!("{id} failed\n  expected {expected}\n  actual   {actual}");
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    assert_eq!(failed, 0);
}

/// What is expected and what is the case.
fn run(vector: &Json, lenient: bool) -> (String, String) {
    let out = if vector["err"].is_null() { &vector["out"] } else { &vector["err"] };
    match vector["op"].as_str().unwrap() {
        "json.de" => {
            let bytes = vector["in"].as_str().map(|text| Bytes::from(text.to_owned()));
            let read = Converter::read(&json_converter(&vector["cfg"], lenient), "t", &Vec::new(), bytes.as_ref());
            let expected = if out.is_string() { ERROR.into() } else { shown(&datum(out)) };
            (expected, read.map_or_else(|error| error_name(&error), |datum| shown(&datum)))
        }
        "json.ser" => {
            let expected = out.as_str().unwrap_or("null bytes").to_owned();
            let written = write(&json_converter(&vector["cfg"], false), &datum(&vector["in"]));
            (expected, or_error(written.map(|bytes| String::from_utf8(bytes.into()).unwrap())))
        }
        "prim" => {
            let written = primitive(vector["conv"].as_str().unwrap(), &untag(&vector["in"]).into());
            let hex = |bytes: Bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            (vector["hex"].as_str().unwrap().into(), or_error(written.map(hex)))
        }
        "parse" => {
            let expected = format!("{} {}", vector["t"].as_str().unwrap_or("?"), vector["v"]);
            let datum = Values::default().parse(vector["in"].as_str().unwrap());
            let schema = datum.schema.as_deref();
            (expected, format!("{} {}", type_of(schema), tag(schema, &datum.value)))
        }
        "tostr" => {
            let mut bytes = BytesMut::new();
            let value = untag(&vector["in"]).into();
            let written = HeaderConverter::write(&SimpleHeaderConverter::default(), "t", "k", &value, &mut bytes);
            assert_eq!(written.unwrap(), Written::Bytes);
            (out.as_str().unwrap().into(), String::from_utf8(bytes.into()).unwrap())
        }
        op => panic!("no operation {op:?}"),
    }
}

fn json_converter(settings: &Json, lenient: bool) -> JsonConverter {
    let mut config = JsonConverterConfig { lenient, ..Default::default() };
    for (key, value) in settings.as_object().unwrap() {
        let value = value.as_str().unwrap();
        match key.as_str() {
            "schemas.enable" => config.schemas_enable = value == "true",
            "replace.null.with.default" => config.replace_null_with_default = value == "true",
            "decimal.format" => config.decimal_format = value.into(),
            _ => panic!("no setting {key:?}"),
        }
    }
    <JsonConverter as ConverterPlugin>::new(config, ConverterKind::Value).unwrap()
}

fn write(converter: &dyn Converter, datum: &Datum) -> Result<Bytes> {
    let mut out = BytesMut::from("before");
    Ok(match converter.write("t", &mut RawHeaders::new(), datum, &mut out)? {
        Written::Null => Bytes::from_static(b"null bytes"),
        Written::Bytes => out.split_off(6).freeze(),
    })
}

/// Writes with the converter of this name; what was written must read back, unless it is text.
fn primitive(name: &str, datum: &Datum) -> Result<Bytes> {
    fn with<C: ConverterPlugin + Default>(name: &str, datum: &Datum) -> Option<Result<Bytes>> {
        if name != C::NAME {
            return None;
        }
        let converter = C::default();
        let written = write(&converter, datum);
        if let Ok(bytes) = &written
            && !name.ends_with(".StringConverter")
        {
            assert_eq!(converter.read("t", &Vec::new(), Some(bytes)).unwrap().value, datum.value);
        }
        Some(written)
    }
    with::<StringConverter>(name, datum)
        .or_else(|| with::<ByteArrayConverter>(name, datum))
        .or_else(|| with::<ShortConverter>(name, datum))
        .or_else(|| with::<IntegerConverter>(name, datum))
        .or_else(|| with::<LongConverter>(name, datum))
        .or_else(|| with::<FloatConverter>(name, datum))
        .or_else(|| with::<DoubleConverter>(name, datum))
        .or_else(|| with::<BooleanConverter>(name, datum))
        .unwrap_or_else(|| panic!("no converter {name:?}"))
}

fn or_error(result: Result<String>) -> String {
    result.unwrap_or_else(|error| error_name(&error))
}

fn error_name(error: &connect_api::Error) -> String {
    error.class_name().rsplit('.').next().unwrap_or_default().into()
}
