//! Replies of any kind: what is laid out right is decoded, and everything else is an error and nothing worse.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Decodable, HeaderVersion, Request};
use proptest::prelude::*;

use crate::wire::api::{Api, for_each_api};
use crate::wire::frame;
use crate::wire::shape::{Field, Kind, Shape};

/// Writes bodies by their layout, with contents from a seed.
struct Writer {
    out: BytesMut,
    version: i16,
    flexible: bool,
    seed: u64,
}

impl Writer {
    fn random(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    fn length(&mut self, length: usize, wide: bool) {
        match (self.flexible, wide) {
            (true, _) => self.out.put_u8(length as u8 + 1),
            (false, true) => self.out.put_i32(length as i32),
            (false, false) => self.out.put_i16(length as i16),
        }
    }

    fn kind(&mut self, kind: &Kind) {
        let length = self.random(4) as usize;
        match kind {
            Kind::Fixed(count) => {
                for _ in 0..*count {
                    let byte = self.random(256) as u8;
                    self.out.put_u8(byte);
                }
            }
            Kind::Text => {
                self.length(length, false);
                self.out.put_bytes(b'x', length);
            }
            Kind::Bytes => {
                self.length(length, true);
                self.out.put_bytes(0xff, length);
            }
            Kind::List(element) => {
                self.length(length, true);
                (0..length).for_each(|_| self.kind(element));
            }
            Kind::Array(fields) => {
                self.length(length, true);
                for _ in 0..length {
                    self.fields(fields);
                    self.tags(&[]);
                }
            }
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        let version = self.version;
        for field in fields.iter().filter(|field| (field.since..=field.until).contains(&version)) {
            self.kind(&field.kind);
        }
    }

    fn tags(&mut self, known: &[(u32, Kind)]) {
        if !self.flexible {
            return;
        }
        self.out.put_u8(known.len() as u8);
        for (tag, kind) in known {
            let mut content = Writer { out: BytesMut::new(), ..*self };
            content.kind(kind);
            self.seed = content.seed;
            self.out.put_u8(*tag as u8);
            assert!(content.out.len() < 128);
            self.out.put_u8(content.out.len() as u8);
            self.out.extend_from_slice(&content.out);
        }
    }
}

fn body(shape: &Shape, version: i16, seed: u64) -> Bytes {
    let mut writer = Writer { out: BytesMut::new(), version, flexible: version >= shape.flexible, seed };
    writer.fields(shape.fields);
    writer.tags(shape.tags);
    writer.out.freeze()
}

/// The body with the header of its reply.
fn reply<R: Api>(version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i32(7);
    if R::Response::header_version(version) > 0 {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}

proptest! {
    #[test]
    fn layouts_are_those_of_the_messages(seed: u64) {
        macro_rules! check {
            ($request:ident) => {
                for version in $request::SPOKEN.min..=$request::SPOKEN.max {
                    let body = body(&$request::REPLY, version, seed);
                    let mut rest = body.clone();
                    let decoded = <$request as Request>::Response::decode(&mut rest, version);
                    let what = format!("{} v{version}: {:?}", $request::NAME, &body[..]);
                    prop_assert!(decoded.is_ok(), "{what}: {:?}", decoded.err());
                    prop_assert!(rest.is_empty(), "{what}: {} bytes left", rest.len());
                    prop_assert!(frame::decode::<$request>(reply::<$request>(version, &body), version).is_ok(), "{what}");
                }
            };
        }
        for_each_api!(check);
    }

    #[test]
    fn damaged_replies_are_errors(seed: u64, at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
        macro_rules! check {
            ($request:ident) => {
                for version in $request::SPOKEN.min..=$request::SPOKEN.max {
                    let mut damaged = reply::<$request>(version, &body(&$request::REPLY, version, seed)).to_vec();
                    let at = at.index(damaged.len());
                    damaged[at] = byte;
                    // Either is fine, as long as it ends.
                    drop(frame::decode::<$request>(Bytes::from(damaged.clone()), version));
                    damaged.truncate(cut.index(damaged.len()));
                    drop(frame::decode::<$request>(Bytes::from(damaged), version));
                }
            };
        }
        for_each_api!(check);
    }

    #[test]
    fn any_bytes_are_a_reply_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        macro_rules! check {
            ($request:ident) => {
                for version in $request::SPOKEN.min..=$request::SPOKEN.max {
                    drop(frame::decode::<$request>(Bytes::from(bytes.clone()), version));
                }
            };
        }
        for_each_api!(check);
    }
}

#[test]
fn claims_are_not_believed() {
    // Throttle time, then two thousand million topics.
    for (version, claim) in [(2, &b"\0\0\0\0\x7f\xff\xff\xff"[..]), (6, &b"\0\0\0\0\xff\xff\xff\xff\x0f"[..])] {
        let frame = reply::<ListOffsetsRequest>(version, claim);
        let error = frame::decode::<ListOffsetsRequest>(frame, version).unwrap_err();
        assert!(error.message.contains("shorter than it says"), "{error}");
    }
}
