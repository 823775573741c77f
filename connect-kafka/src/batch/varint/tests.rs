use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn round_trip(long: i64, short: i32) {
        let mut scratch = Scratch::new();
        scratch.i64(long);
        prop_assert_eq!(scratch.as_slice().len(), size_i64(long));
        prop_assert_eq!(read_i64(&mut scratch.as_slice()), Some(long));
        let mut scratch = Scratch::new();
        scratch.i32(short);
        prop_assert_eq!(scratch.as_slice().len(), size_i32(short));
        prop_assert_eq!(read_i32(&mut scratch.as_slice()), Some(short));
    }
}

#[test]
fn sizes_at_the_edges() {
    for shift in 0..64 {
        for value in [1_i64 << shift, (1_i64 << shift).wrapping_sub(1), (1_i64 << shift).wrapping_neg()] {
            let mut scratch = Scratch::new();
            scratch.i64(value);
            assert_eq!(scratch.as_slice().len(), size_i64(value), "{value}");
        }
    }
    assert_eq!(read_i32(&mut [0x80_u8; 5].as_slice()), None);
    assert_eq!(read_i32(&mut [0xff_u8, 0xff, 0xff, 0xff, 0x7f].as_slice()), None);
    assert_eq!(read_i64(&mut [0xff_u8; 12].as_slice()), None);
}
