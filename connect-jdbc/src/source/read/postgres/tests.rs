use connect_api::Decimal;
use proptest::prelude::*;
use tokio_postgres::types::Type;

use super::copy::tuple;
use super::decode::{Decoder, of};
use super::numeric;
use crate::source::column::JdbcType;

/// The binary form of a decimal number, as the server writes it.
fn binary(text: &str) -> Vec<u8> {
    let (sign, digits) = text.strip_prefix('-').map_or((0u16, text), |digits| (0x4000, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
    let padded = format!("{fraction}{}", "0".repeat((4 - fraction.len() % 4) % 4));
    let mut groups: Vec<u16> = format!("{whole}{padded}")
        .as_bytes()
        .chunks(4)
        .map(|four| std::str::from_utf8(four).unwrap().parse().unwrap())
        .collect();
    let mut weight = (whole.len() / 4) as i16 - 1;
    while groups.first() == Some(&0) {
        groups.remove(0);
        weight -= 1;
    }
    while groups.last() == Some(&0) {
        groups.pop();
    }
    if groups.is_empty() {
        weight = 0;
    }
    let head = [groups.len() as u16, weight as u16, sign, fraction.len() as u16];
    head.into_iter().chain(groups).flat_map(u16::to_be_bytes).collect()
}

#[test]
fn numbers() {
    let long = format!("-{}.{}", "9".repeat(1000), "0123456789".repeat(50));
    for text in [
        "0",
        "0.00",
        "1",
        "-1",
        "12345.678",
        "0.0001",
        "0.00010",
        "100000000",
        "10000.0000",
        "0.000000000000000001",
        &long,
    ] {
        assert_eq!(numeric::read(&binary(text)).unwrap(), text.parse::<Decimal>().unwrap(), "{text}");
    }
    let special = |sign: u16| [0, 0, sign, 0].into_iter().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
    for sign in [0xC000, 0xD000, 0xF000, 0x1234] {
        assert!(numeric::read(&special(sign)).is_err(), "{sign:x}");
    }
}

#[test]
fn precision_and_scale() {
    let modifier = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
    let rows = [
        (-1, 0, 0),
        (modifier(10, 2), 10, 2),
        (modifier(38, 0), 38, 0),
        (modifier(5, -3), 5, -3),
        (modifier(1000, 1000), 1000, 1000),
    ];
    for (modifier, precision, scale) in rows {
        assert_eq!(of(&Type::NUMERIC, modifier), (JdbcType::Numeric { precision, scale }, Decoder::Numeric));
    }
}

proptest! {
    #[test]
    fn any_number_is_read(whole in "[1-9][0-9]{0,60}|0", fraction in "(\\.[0-9]{1,60})?", negative: bool) {
        let text = format!("{}{whole}{fraction}", if negative { "-" } else { "" });
        let expected: Decimal = text.parse().unwrap();
        // There is no negative zero.
        prop_assume!(!negative || expected.unscaled().bits() > 0);
        prop_assert_eq!(numeric::read(&binary(&text)).unwrap(), expected);
    }

    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes: Vec<u8>, first: bool) {
        let _ = numeric::read(&bytes);
        if let Ok(Some(tuple)) = tuple(&bytes, first) {
            tuple.for_each(drop);
        }
        for decoder in [Decoder::Boolean, Decoder::Date, Decoder::TimeTz, Decoder::Bits, Decoder::BitText, Decoder::Jsonb, Decoder::Uuid] {
            let _ = decoder.cell(Some(&bytes), &mut String::new());
        }
    }
}
