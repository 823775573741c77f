//! What must hold for any data and any bytes.

use std::collections::HashSet;
use std::sync::Arc;

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Datum, Decimal, HeaderConverter, Schema, Struct, Type, Value, Written,
    java_double, java_float, logical,
};
use connect_converters::{
    BooleanConverter, ByteArrayConverter, IntegerConverter, JsonConverter, JsonConverterConfig, SimpleHeaderConverter,
    StringConverter,
};
use proptest::collection::vec;
use proptest::prelude::*;

const DAY_MS: i64 = 86_400_000;

fn json(config: JsonConverterConfig) -> JsonConverter {
    <JsonConverter as ConverterPlugin>::new(config, ConverterKind::Value).unwrap()
}

fn leaf() -> impl Strategy<Value = Arc<Schema>> {
    let primitive: Vec<_> = Type::ALL.into_iter().filter(|ty| ty.is_primitive()).collect();
    let ty = prop::sample::select(primitive);
    let described = (ty, any::<bool>(), any::<Option<String>>(), any::<Option<i32>>(), vec(any::<[String; 2]>(), 0..3))
        .prop_map(|(ty, optional, doc, version, parameters)| {
            let mut builder = Schema::builder(ty);
            if optional {
                builder = builder.optional();
            }
            if let Some(doc) = doc {
                builder = builder.doc(doc);
            }
            if let Some(version) = version {
                builder = builder.version(version);
            }
            parameters.into_iter().fold(builder, |builder, [key, value]| builder.parameter(key, value)).build().unwrap()
        });
    let logical = prop_oneof![
        (-5..20i32).prop_map(logical::decimal),
        Just(logical::date()),
        Just(logical::time().optional()),
        Just(logical::timestamp()),
    ];
    let default = any::<i32>().prop_map(|n| Schema::builder(Type::Int32).default_value(n).build().unwrap());
    prop_oneof![6 => described, 3 => logical.prop_map(|builder| builder.build().unwrap()), 1 => default]
}

fn schema() -> impl Strategy<Value = Arc<Schema>> {
    leaf().prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Schema::array(part).build().unwrap()),
            (any::<bool>(), inner.clone()).prop_map(|(text, part)| {
                let keys = Schema::required(if text { Type::String } else { Type::Int32 });
                Schema::map(keys, part).optional().build().unwrap()
            }),
            vec((any::<String>(), inner), 0..4).prop_map(|fields| {
                let builder = Schema::structure().name("a.B");
                let named = fields.into_iter().enumerate();
                named.fold(builder, |b, (index, (name, part))| b.field(format!("{index}{name}"), part)).build().unwrap()
            }),
        ]
    })
}

fn value(schema: &Arc<Schema>) -> BoxedStrategy<Value> {
    let some = match (schema.name(), schema.ty()) {
        (Some(logical::DECIMAL), _) => {
            let scale = schema.parameter(logical::SCALE).unwrap().parse().unwrap();
            any::<i128>().prop_map(move |unscaled| Decimal::new(unscaled, scale).into()).boxed()
        }
        (Some(logical::DATE), _) => any::<i32>().prop_map(|days| Value::Instant(i64::from(days) * DAY_MS)).boxed(),
        (Some(logical::TIME), _) => (0..=DAY_MS).prop_map(Value::Instant).boxed(),
        (Some(logical::TIMESTAMP), _) => any::<i64>().prop_map(Value::Instant).boxed(),
        (_, Type::Int8) => any::<i8>().prop_map(Value::from).boxed(),
        (_, Type::Int16) => any::<i16>().prop_map(Value::from).boxed(),
        (_, Type::Int32) => any::<i32>().prop_map(Value::from).boxed(),
        (_, Type::Int64) => any::<i64>().prop_map(Value::from).boxed(),
        (_, Type::Float32) => any::<u32>().prop_map(|bits| f32::from_bits(bits).into()).boxed(),
        (_, Type::Float64) => any::<u64>().prop_map(|bits| f64::from_bits(bits).into()).boxed(),
        (_, Type::Boolean) => any::<bool>().prop_map(Value::from).boxed(),
        (_, Type::String) => any::<String>().prop_map(Value::from).boxed(),
        (_, Type::Bytes) => any::<Vec<u8>>().prop_map(Value::from).boxed(),
        (_, Type::Array) => vec(value(schema.value_schema().unwrap()), 0..4).prop_map(Value::from).boxed(),
        (_, Type::Map) => {
            let entry = (value(schema.key_schema().unwrap()), value(schema.value_schema().unwrap()));
            vec(entry, 0..4)
                .prop_map(|mut entries| {
                    let mut seen = HashSet::new();
                    entries.retain(|(key, _)| seen.insert(key.clone()));
                    entries.into()
                })
                .boxed()
        }
        (_, Type::Struct) => {
            let fields: Vec<_> = schema.fields().iter().map(|field| value(&field.schema)).collect();
            let schema = Arc::clone(schema);
            fields.prop_map(move |values| Struct::of(&schema, values).unwrap().into()).boxed()
        }
    };
    if schema.is_optional() { prop_oneof![1 => Just(Value::Null), 5 => some].boxed() } else { some }
}

fn datum() -> impl Strategy<Value = Datum> {
    schema().prop_flat_map(|schema| value(&schema).prop_map(move |value| Datum::new(Arc::clone(&schema), value)))
}

/// JSON, mostly wrong.
fn soup() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u12",
        "null",
        "true",
        "1",
        "-0.5e9",
        "\"a\"",
        "\"schema\":",
        "\"payload\":",
        "{\"type\":\"int8\"}",
        "\"type\":\"struct\"",
        "\"fields\":[",
        "\"field\":\"a\"",
        " ",
        "é",
    ]);
    vec(word, 0..20).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn json_reads_what_it_writes(datum in datum(), lenient in any::<bool>(), cached in any::<bool>()) {
        let schemas_cache_size = if cached { 1000 } else { 0 };
        let converter = json(JsonConverterConfig { lenient, schemas_cache_size, ..Default::default() });
        for _ in 0..2 {
            let mut out = BytesMut::new();
            let written = Converter::write(&converter, "t", &mut Vec::new(), &datum, &mut out).unwrap();
            prop_assert_eq!(written, Written::Bytes);
            let bytes = out.freeze();
            serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
            let read = Converter::read(&converter, "t", &Vec::new(), Some(&bytes)).unwrap();
            prop_assert_eq!(&read, &datum);
        }
    }

    #[test]
    fn floats_are_written_as_java_does(bits in any::<u64>(), plain in -2e7..2e7f64, small in any::<u32>()) {
        let converter = json(JsonConverterConfig { schemas_enable: false, ..Default::default() });
        let text = |value: Value| {
            let mut out = BytesMut::new();
            let _bytes = Converter::write(&converter, "t", &mut Vec::new(), &value.into(), &mut out).unwrap();
            String::from_utf8_lossy(&out).trim_matches('"').to_owned()
        };
        for number in [f64::from_bits(bits), plain, plain / 1e9, plain.trunc()] {
            prop_assert_eq!(text(number.into()), java_double(number));
        }
        #[expect(clippy::cast_possible_truncation, reason = "any float will do")]
        for number in [f32::from_bits(small), plain as f32, plain as f32 / 1e9] {
            prop_assert_eq!(text(number.into()), java_float(number));
        }
    }

    #[test]
    fn numeric_decimals_read_back(unscaled in any::<i128>(), scale in -400..400i32) {
        let converter = json(JsonConverterConfig { decimal_format: "numeric".into(), ..Default::default() });
        let datum = Datum::new(logical::decimal(scale).build().unwrap(), Decimal::new(unscaled, scale));
        let mut out = BytesMut::new();
        prop_assert_eq!(Converter::write(&converter, "t", &mut Vec::new(), &datum, &mut out).unwrap(), Written::Bytes);
        prop_assert_eq!(Converter::read(&converter, "t", &Vec::new(), Some(&out.freeze())).unwrap(), datum);
    }

    #[test]
    fn no_bytes_panic(bytes in prop_oneof![any::<Vec<u8>>(), soup().prop_map(String::into_bytes)]) {
        let bytes = Bytes::from(bytes);
        let mut converters: Vec<Box<dyn Converter>> = vec![
            Box::new(StringConverter::default()),
            Box::new(ByteArrayConverter::default()),
            Box::new(IntegerConverter::default()),
            Box::new(BooleanConverter::default()),
        ];
        for (lenient, schemas_enable) in [(false, false), (false, true), (true, false), (true, true)] {
            let config = JsonConverterConfig { lenient, schemas_enable, ..Default::default() };
            converters.push(Box::new(json(config)));
        }
        let content = r#"{"type":"struct","fields":[{"field":"a","type":"int8","optional":true}]}"#;
        converters.push(Box::new(json(JsonConverterConfig { schema_content: Some(content.into()), ..Default::default() })));
        for converter in converters {
            if let Ok(datum) = converter.read("t", &Vec::new(), Some(&bytes)) {
                // What was read may still be nothing that can be written; a panic it must not be.
                let _any = converter.write("t", &mut Vec::new(), &datum, &mut BytesMut::new());
            }
        }
    }

    #[test]
    fn header_text_is_stable(text in prop_oneof![any::<String>(), soup()]) {
        let converter = SimpleHeaderConverter::default();
        let read = |text: Bytes| HeaderConverter::read(&converter, "t", "k", Some(&text)).unwrap();
        let first = read(text.into());
        let mut out = BytesMut::new();
        if HeaderConverter::write(&converter, "t", "k", &first, &mut out).unwrap() == Written::Bytes {
            read(out.freeze());
        }
    }
}
