use connect_api::Decimal;
use connect_api::bytes::BytesMut;
use proptest::prelude::*;

use super::{plain, put_long, put_short};

/// What each way writes; `None` when it does not.
fn written(number: &Decimal) -> [Option<Vec<u8>>; 2] {
    let (mut short, mut long) = (BytesMut::new(), BytesMut::new());
    let short_fits = put_short(number, &mut short).is_some();
    assert!(short_fits || short.is_empty(), "{number}: what is begun is ended");
    let long_fits = put_long(number, &mut long).is_ok();
    [short_fits.then(|| short.to_vec()), long_fits.then(|| long.to_vec())]
}

#[test]
fn short_numbers_are_written_as_long_ones() {
    for unscaled in [0, 1, -1, 9, 10, 9999, 10_000, 10_001, 100_000_000, -123_456_789, i64::MAX / 1000, i64::MIN / 1000]
    {
        for scale in [0, 1, 2, 3, 4, 5, 8, 18, 127, 16_383] {
            let number = Decimal::new(unscaled, scale);
            let [short, long] = written(&number);
            assert!(short.is_some() && short == long, "{unscaled}, {scale}: {short:?} {long:?}");
        }
    }
    // Neither of these has a short form.
    for number in [Decimal::new(1, -1), Decimal::new(i64::MAX, 1), Decimal::new(i128::MAX, 0)] {
        assert_eq!(written(&number)[0], None, "{number}");
    }
}

proptest! {
    #[test]
    fn all_short_numbers_are_written_as_long_ones(unscaled: i64, digits in 0u32..19, scale in -3i32..40) {
        let [short, long] = written(&Decimal::new(unscaled / 10i64.pow(digits), scale));
        prop_assert!(short.is_none() || short == long, "{short:?} {long:?}");
    }

    #[test]
    fn plain_digits_are_the_same_number(unscaled: i128, digits in 0u32..38, scale in -3i32..40) {
        let number = Decimal::new(unscaled / 10i128.pow(digits), scale);
        let text = plain(&number).unwrap();
        prop_assert!(!text.contains(['e', 'E', '+']), "{text}");
        let zeros = number.unscaled().into_owned() * num_bigint::BigInt::from(10).pow(scale.min(0).unsigned_abs());
        prop_assert_eq!(text.parse::<Decimal>().unwrap(), Decimal::new(zeros, scale.max(0)));
    }
}
