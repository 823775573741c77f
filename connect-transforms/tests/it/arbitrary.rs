//! Any schema, and any value of it.

use std::sync::Arc;

use connect_api::{Datum, Decimal, Schema, SchemaBuilder, Struct, Type, Value, logical};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Short names, so that they clash; some have the signs of paths.
pub(crate) fn names() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[abc]", 1 => "[ab]\\.[ab]", 1 => "[a-c`.: ]{1,4}"]
}

/// Text of which much is a number or nearly.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9]{1,20}",
        "[-+]?[0-9]{0,3}(\\.[0-9]{0,3})?([eE][-+]?[0-9]{1,3})?[dDfF]?",
        "[-+]?0[xX][0-9a-fA-F.]{0,20}[pP][-+]?[0-9]{1,6}[fd]?",
        Just("true".to_owned()),
        Just("NaN".to_owned()),
        Just("-Infinity".to_owned()),
        any::<String>(),
    ]
}

/// A value without a schema, nested.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts().prop_map(Value::from),
        vec(any::<u8>(), 0..4).prop_map(Value::from),
        decimals().prop_map(Value::from),
        any::<i64>().prop_map(Value::Instant),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let key = prop_oneof![6 => names().prop_map(Value::from), 1 => inner.clone()];
        prop_oneof![vec(inner.clone(), 0..4).prop_map(Value::from), vec((key, inner), 0..5).prop_map(Value::from),]
    })
}

fn decimals() -> impl Strategy<Value = Decimal> {
    (any::<i128>(), prop_oneof![-3..6i32, any::<i32>()]).prop_map(|(unscaled, scale)| Decimal::new(unscaled, scale))
}

/// A schema of any type, some with a name of their own, optional, or with a default.
pub(crate) fn schemas() -> impl Strategy<Value = Arc<Schema>> {
    let primitive: Vec<_> = Type::ALL.into_iter().filter(|ty| ty.is_primitive()).collect();
    let leaf = prop_oneof![
        prop::sample::select(primitive).prop_map(Schema::builder),
        (-3..6i32).prop_map(logical::decimal),
        Just(logical::date()),
        Just(logical::time()),
        Just(logical::timestamp()),
    ];
    let leaf = described(leaf);
    leaf.prop_recursive(4, 24, 4, |inner| {
        described(prop_oneof![
            inner.clone().prop_map(Schema::array),
            (inner.clone(), inner.clone()).prop_map(|(keys, values)| Schema::map(keys, values)),
            structs_of(inner),
        ])
    })
}

/// A schema of a struct.
pub(crate) fn struct_schemas() -> impl Strategy<Value = Arc<Schema>> {
    described(structs_of(schemas()))
}

fn structs_of(fields: impl Strategy<Value = Arc<Schema>>) -> impl Strategy<Value = SchemaBuilder> {
    vec((names(), fields), 0..5).prop_map(|fields| {
        let mut seen = std::collections::BTreeSet::new();
        let fields = fields.into_iter().filter(|(name, _)| seen.insert(name.clone())).collect::<Vec<_>>();
        fields.into_iter().fold(Schema::structure(), |schema, (name, field)| schema.field(name, field))
    })
}

/// Optional or not, documented or not, with a default or not.
fn described(builders: impl Strategy<Value = SchemaBuilder>) -> impl Strategy<Value = Arc<Schema>> {
    (builders, any::<bool>(), option::of("[a-c]"), any::<bool>(), any::<u64>()).prop_map(
        |(mut builder, optional, doc, default, seed)| {
            if optional {
                builder = builder.optional();
            }
            if let Some(doc) = doc {
                builder = builder.doc(doc).parameter("p", "1");
            }
            let schema = builder.clone().build().unwrap();
            if !default {
                return schema;
            }
            match value_of(&schema, &mut Seed(seed)) {
                Value::Null => schema,
                value => builder.default_value(value).build().unwrap(),
            }
        },
    )
}

/// A value of the schema.
pub(crate) fn values_of(schema: Arc<Schema>) -> impl Strategy<Value = Datum> {
    any::<u64>().prop_map(move |seed| Datum::new(Arc::clone(&schema), value_of(&schema, &mut Seed(seed))))
}

/// Data of a schema.
pub(crate) fn data() -> impl Strategy<Value = Datum> {
    prop_oneof![struct_schemas(), schemas()].prop_flat_map(values_of)
}

/// Numbers that follow from a seed.
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The low bits have short periods.
        (self.0 >> 24) ^ (self.0 << 40)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "any number will do")]
fn value_of(schema: &Arc<Schema>, seed: &mut Seed) -> Value {
    if schema.is_optional() && seed.below(3) == 0 {
        return Value::Null;
    }
    const DAY: i64 = 86_400_000;
    let bits = seed.next();
    match (schema.name(), schema.ty()) {
        (Some(logical::DECIMAL), _) => {
            let scale = schema.parameter(logical::SCALE).unwrap().parse().unwrap();
            Decimal::new(bits as i64 >> (bits % 60), scale).into()
        }
        (Some(logical::DATE), _) => Value::Instant(i64::from(bits as i32) * DAY),
        (Some(logical::TIME), _) => Value::Instant(bits as i64 & 0x3ff_ffff),
        (Some(logical::TIMESTAMP), _) => Value::Instant(bits as i64),
        (_, Type::Int8) => Value::Int8(bits as i8),
        (_, Type::Int16) => Value::Int16(bits as i16),
        (_, Type::Int32) => Value::Int32(bits as i32),
        (_, Type::Int64) => Value::Int64(bits as i64),
        (_, Type::Float32) => Value::Float32(f32::from_bits(bits as u32)),
        (_, Type::Float64) => Value::Float64(f64::from_bits(bits)),
        (_, Type::Boolean) => Value::Boolean(bits & 1 == 0),
        (_, Type::String) => match bits % 3 {
            0 => (bits as i16).to_string().into(),
            1 => f64::from_bits(seed.next()).to_string().into(),
            _ => "text".into(),
        },
        (_, Type::Bytes) => bits.to_be_bytes()[..(bits % 9) as usize].to_vec().into(),
        (_, Type::Array) => {
            let elements = schema.value_schema().unwrap();
            (0..seed.below(3)).map(|_| value_of(elements, seed)).collect::<Vec<_>>().into()
        }
        (_, Type::Map) => {
            let (keys, values) = (schema.key_schema().unwrap(), schema.value_schema().unwrap());
            (0..seed.below(3)).map(|_| (value_of(keys, seed), value_of(values, seed))).collect::<Vec<_>>().into()
        }
        (_, Type::Struct) => {
            let values = schema.fields().iter().map(|field| match field.schema.default_value() {
                Some(_) if seed.below(3) == 0 => Value::Null,
                _ => value_of(&field.schema, seed),
            });
            Struct::unchecked(schema, values.collect::<Vec<_>>()).into()
        }
    }
}
