use connect_api::{Schema, Struct, Value};

use super::{java, murmur};

/// What Debezium's own functions say.
#[test]
fn hashes_of_values() {
    let long = "a\u{e9}\u{20ac}\u{1f600} and a longer one than sixteen bytes";
    let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
    for (value, by_java, by_murmur) in [
        (Value::from("orange"), -1_008_851_410, -1_471_092_080),
        ("APPLE".into(), 62_491_450, -56_245_222),
        ("".into(), 0, 89_125_410),
        (long.into(), 914_398_104, -1_646_280_927),
        ("0123456789abcdef".into(), 285_443_752, 26_898_387),
        ("éééééééé".into(), 1_280_820_352, -1_572_401_718),
        (1.into(), 1, -1_931_162_451),
        ((-1).into(), -1, 171_705_313),
        (5_i64.into(), 5, -837_177_610),
        ((-5_i64).into(), 4, 1_233_385_530),
        (1.5_f32.into(), 1_069_547_520, 1_166_483_436),
        ((-2.5_f64).into(), -1_073_479_680, -1_675_743_479),
        (true.into(), 1231, -1_891_831_265),
        ((-3_i8).into(), -3, -1_765_749_021),
        (300_i16.into(), 300, -297_510_042),
        (decimal("-12345678901234567890.25"), -494_186_182, 1_903_998_682),
        (decimal("1.50"), 4652, 1_881_887_724),
        (Value::Instant(1_566_570_894_346), -1_092_168_346, 785_637_353),
        (vec![1_u8, 254, 3].into(), 32_613, -1_459_025_727),
        (vec![Value::from(1), "x".into()].into(), 1112, -622_834_681),
        (vec![(Value::from("a"), Value::from(1))].into(), 96, -1_643_981_051),
    ] {
        assert_eq!((java(&value).unwrap(), murmur(&value).unwrap()), (by_java, by_murmur), "{value}");
    }
}

#[test]
fn a_struct_has_no_hash() {
    let empty = Struct::of(&Schema::structure().build().unwrap(), Vec::new()).unwrap();
    assert!(java(&empty.into()).unwrap_err().to_string().contains("a value of type struct"));
}
