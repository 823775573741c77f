//! Vectors of JSON and of the converters of primitive types.

use std::collections::BTreeMap;

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{Converter, ConverterKind, ConverterPlugin, Datum, Error, RawHeaders, Result, Written, config};
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
    let read = json_converter(&vector["cfg"], lenient)
        .and_then(|converter| Converter::read(&converter, "t", &Vec::new(), bytes.as_ref()));
    let expected = vector["err"].as_str().map_or_else(|| shown(&datum(&vector["out"])), str::to_owned);
    (expected, read.map_or_else(|error| error_name(&error), |datum| shown(&datum)))
}

pub(super) fn write_json(vector: &Json) -> (String, String) {
    let expected = vector["err"].as_str().unwrap_or_else(|| vector["out"].as_str().unwrap_or("null bytes")).to_owned();
    let converter = json_converter(&vector["cfg"], false);
    let written = converter.and_then(|converter| write(&converter, &datum(&vector["in"])));
    (expected, or_error(written.map(|bytes| String::from_utf8(bytes.into()).unwrap())))
}

pub(super) fn primitive(vector: &Json) -> (String, String) {
    let written = written_by(vector["conv"].as_str().unwrap(), &untag(&vector["in"]).into());
    let hex = |bytes: Bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = vector["err"].as_str().or(vector["hex"].as_str()).unwrap_or("null bytes");
    (expected.into(), or_error(written.map(hex)))
}

/// A converter of these settings; one without a word about `lenient` is what the caller says.
fn json_converter(settings: &Json, lenient: bool) -> Result<JsonConverter> {
    let settings = settings.as_object().into_iter().flatten();
    let settings = settings.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
    let mut all = BTreeMap::from([("lenient".to_owned(), lenient.to_string())]);
    all.extend(settings);
    let config = config::parse::<JsonConverterConfig>(&all).map_err(|errors| Error::config(errors.to_string()))?;
    <JsonConverter as ConverterPlugin>::new(config.config, ConverterKind::Value)
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
