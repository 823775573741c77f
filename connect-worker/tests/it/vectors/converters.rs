//! Vectors of JSON and of the converters of primitive types.

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{Converter, ConverterKind, ConverterPlugin, Datum, RawHeaders, Result, Written};
use connect_converters::{
    BooleanConverter, ByteArrayConverter, DoubleConverter, FloatConverter, IntegerConverter, JsonConverter,
    JsonConverterConfig, LongConverter, ShortConverter, StringConverter,
};
use serde_json::Value as Json;

use super::notation::{shown, untag};
use super::{datum, error_name, or_error};

/// What is expected and what is the case, as all of these.
pub(super) fn read_json(vector: &Json, lenient: bool) -> (String, String) {
    let bytes = vector["in"].as_str().map(|text| Bytes::from(text.to_owned()));
    let read = Converter::read(&json_converter(&vector["cfg"], lenient), "t", &Vec::new(), bytes.as_ref());
    let expected = vector["err"].as_str().map_or_else(|| shown(&datum(&vector["out"])), str::to_owned);
    (expected, read.map_or_else(|error| error_name(&error), |datum| shown(&datum)))
}

pub(super) fn write_json(vector: &Json) -> (String, String) {
    let expected = vector["err"].as_str().unwrap_or_else(|| vector["out"].as_str().unwrap_or("null bytes")).to_owned();
    let written = write(&json_converter(&vector["cfg"], false), &datum(&vector["in"]));
    (expected, or_error(written.map(|bytes| String::from_utf8(bytes.into()).unwrap())))
}

pub(super) fn primitive(vector: &Json) -> (String, String) {
    let written = written_by(vector["conv"].as_str().unwrap(), &untag(&vector["in"]).into());
    let hex = |bytes: Bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = vector["err"].as_str().or(vector["hex"].as_str()).unwrap_or("null bytes");
    (expected.into(), or_error(written.map(hex)))
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
fn written_by(name: &str, datum: &Datum) -> Result<Bytes> {
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
