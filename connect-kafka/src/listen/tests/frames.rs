//! Frames by their bytes: as they should be, cut off, and lying.

use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;

use super::super::apis::APIS;
use super::super::connection::parse;
use super::super::schema::walk;
use super::samples::{sample_of, samples};

#[test]
fn requests_lie_as_the_table_says() {
    for api in &APIS {
        for sample in samples(api) {
            let (call, _) = parse(sample.frame.clone()).unwrap();
            let mut rest = &call.body[..];
            assert!(walk(&mut rest, api.fields, call.version, call.version >= api.flexible).is_some());
            assert!(rest.is_empty(), "{:?} {}: {} bytes are left", sample.key, sample.version, rest.len());
            assert!((sample.decode)(&mut call.body.clone(), sample.version), "{:?} {}", sample.key, sample.version);
            // What ends too early is found out before it is decoded.
            for end in 0..sample.frame.len() {
                assert!(parse(sample.frame.slice(..end)).is_err(), "{:?} {} {end}", sample.key, sample.version);
            }
        }
    }
}

#[test]
fn lengths_are_not_believed() {
    for api in &APIS {
        for sample in samples(api) {
            for lie in [&[0x7f, 0xff, 0xff, 0xff][..], &[0xff, 0xff, 0xff, 0xff, 0x07], &[0x80, 0, 0, 0], &[0xff; 4]] {
                for at in 8..sample.frame.len().saturating_sub(lie.len()) {
                    let mut frame = BytesMut::from(&sample.frame[..]);
                    frame[at..at + lie.len()].copy_from_slice(lie);
                    if let Ok((call, _)) = parse(frame.freeze()) {
                        (sample.decode)(&mut call.body.clone(), call.version);
                    }
                }
            }
        }
    }
    // Topics without number, in both kinds of lengths.
    for (version, count) in [(1, &[0x7f, 0xff, 0xff, 0xff][..]), (9, &[0, 0xff, 0xff, 0xff, 0xff, 0x0f])] {
        let start = [0, 3, 0, version, 0, 0, 0, 7, 0xff, 0xff];
        assert!(parse(Bytes::from([&start[..], count, &[0; 20]].concat())).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        api in 0..APIS.len(),
        version in 0..12_i16,
        bytes in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(2), Just(0xff), any::<u8>()], 0..200),
    ) {
        let api = &APIS[api];
        let version = version.clamp(api.min, api.max);
        let mut frame = BytesMut::new();
        frame.put_i16(api.key as i16);
        frame.put_i16(version);
        frame.put_i32(7);
        frame.extend_from_slice(&bytes);
        if let Ok((call, _)) = parse(frame.freeze()) {
            (sample_of(api.key, version).decode)(&mut call.body.clone(), version);
        }
    }
}
