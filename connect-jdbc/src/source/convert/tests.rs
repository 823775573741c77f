//! Decimals of doubles.

use proptest::prelude::*;

use super::{Cell, decimal, rescaled, short};

/// By the double's shortest text, which is how it is defined.
fn by_text(number: f64, scale: i32) -> Option<connect_api::Decimal> {
    rescaled(&format!("{number:e}").parse().expect("a decimal"), scale)
}

#[test]
fn what_has_too_many_digits_is_refused() {
    let error = decimal(&Cell::Float64(0.1 + 0.2), 4).expect_err("digits would be lost").to_string();
    assert_eq!(error, "0.30000000000000004 does not fit a decimal of scale 4");
}

#[test]
fn ends_of_what_is_short() {
    for number in [0.0, -0.0, 0.5, -0.05, 1e15, 999_999_999_999_999.0, 1e22, 4.35, 1.005, 0.000_1, 123_456_789.123_4] {
        for scale in [-1, 0, 1, 4, 15, 16] {
            assert!(short(number, scale).is_none_or(|short| Some(short) == by_text(number, scale)), "{number} {scale}");
        }
    }
    assert_eq!(short(4.35, 2), Some(connect_api::Decimal::short(435, 2)));
    assert_eq!(short(4.35, 1), None);
}

proptest! {
    #[test]
    fn doubles_of_few_digits(unscaled in -10_000_000_000_000_000_i64..10_000_000_000_000_000, places in 0..16, scale in 0..16) {
        #[expect(clippy::cast_precision_loss, reason = "some double")]
        let number = unscaled as f64 / 10f64.powi(places);
        prop_assert_eq!(decimal(&Cell::Float64(number), scale).ok(), by_text(number, scale));
    }

    #[test]
    fn any_doubles(number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO, scale in 0..16) {
        prop_assert_eq!(decimal(&Cell::Float64(number), scale).ok(), by_text(number, scale));
    }
}
