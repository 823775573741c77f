use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::ProducerId;
use crate::batch::{Batch, BatchBuilder, BatchHeader, Checksum, Limits};

const CODECS: [&str; 4] = ["gzip", "snappy", "lz4", "zstd"];

fn compressor(name: &str) -> Compressor {
    Compressor::new(name, None).unwrap()
}

fn codec(name: &str) -> Compression {
    compressor(name).codec()
}

fn batch(values: &[Vec<u8>], with: Compressor) -> Bytes {
    let mut builder = BatchBuilder::with_capacity(0);
    for value in values {
        builder.append(7, None, Some(value), []).unwrap();
    }
    let before = builder.len();
    let builder = builder.compress(with);
    assert!(builder.len() <= before);
    builder.finish(ProducerId::NONE, -1)
}

fn values(data: &Bytes) -> Result<Vec<Vec<u8>>, BatchError> {
    let batch = Batch::parse(data, Checksum::Verify)?;
    batch.records().map(|record| Ok(record?.value.unwrap_or_default().to_vec())).collect()
}

fn compress(name: &str, bytes: &[u8]) -> Bytes {
    compressor(name).compress(bytes, Vec::new()).unwrap().into()
}

#[test]
fn reads_what_java_wrote() {
    for name in CODECS {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/java-batches/{name}.batch"));
        let data = Bytes::from(std::fs::read(file).unwrap());
        let batch = Batch::parse(&data, Checksum::Verify).unwrap();
        assert_eq!((batch.header().compression(), batch.encoded_len()), (codec(name), data.len()), "{name}");
        let records: Vec<_> = batch.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), 1500, "{name}");
        for (n, record) in records.iter().enumerate() {
            assert_eq!(record.offset, n as i64);
            assert_eq!(record.key.as_deref(), Some(format!("k{}", n % 7).as_bytes()), "{name}");
            let value = format!("value {}, the same words again and again, again and again", n % 10);
            assert_eq!(record.value.as_deref(), Some(value.as_bytes()), "{name}");
        }
    }
}

#[test]
fn snappy_is_framed_as_java_does_and_read_bare_too() {
    let bytes = b"the same words again and again, again and again".repeat(2000);
    let framed = compress("snappy", &bytes);
    assert_eq!(framed[..16], *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01");
    assert_eq!(Compression::Snappy.decompress(framed, 1 << 20).unwrap(), bytes);
    let bare = snap::raw::Encoder::new().compress_vec(&bytes).unwrap();
    assert_eq!(Compression::Snappy.decompress(bare.into(), 1 << 20).unwrap(), bytes);
}

#[test]
fn what_does_not_shrink_stays() {
    for name in CODECS {
        let data = batch(&[vec![1, 2, 3]], compressor(name));
        assert_eq!(BatchHeader::parse(&data).unwrap().compression(), Compression::None);
        assert_eq!(values(&data).unwrap(), [[1, 2, 3]]);
    }
}

#[test]
fn nothing_is_appended_to_what_is_compressed() {
    let mut builder = BatchBuilder::with_capacity(0);
    builder.append(7, None, Some(&[0; 1000]), []).unwrap();
    let mut builder = builder.compress(compressor("lz4"));
    assert!(builder.len() < 200);
    assert!(builder.append(7, None, None, []).is_err());
    assert_eq!(values(&builder.compress(compressor("zstd")).finish(ProducerId::NONE, -1)).unwrap(), [[0; 1000]]);
}

#[test]
fn a_bomb_is_an_error() {
    let bomb = vec![0; 1 << 20];
    for name in CODECS {
        let small = compress(name, &bomb);
        let error = codec(name).decompress(small.clone(), 1 << 17).unwrap_err();
        assert_eq!(error, BatchError::DecompressedTooLarge { codec: name, limit: 1 << 17 }, "{name}");
        assert_eq!(codec(name).decompress(small, 1 << 20).unwrap().len(), 1 << 20, "{name}");

        let data = batch(std::slice::from_ref(&bomb), compressor(name));
        let limits = Limits { decompressed: 1000 };
        let error = Batch::parse_within(&data, Checksum::Verify, limits).unwrap_err();
        assert!(error.to_string().contains("more than 1000 bytes"), "{error}");
    }
}

#[test]
fn lies_and_cuts_are_errors() {
    // A bare snappy block that claims 4 GiB less one, and a frame whose block has a negative length.
    let claims =
        [&b"\xff\xff\xff\xff\x0f\0"[..], b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01\xff\xff\xff\xff", b"\x82SNAPPY\0\0"];
    for claim in claims {
        let error = Compression::Snappy.decompress(Bytes::from_static(claim), usize::MAX - 1).unwrap_err();
        assert!(matches!(error, BatchError::Decompression { codec: "snappy", .. }), "{error}");
    }
    // A zstd frame of one empty block that says it holds 48 MiB.
    let claim = Bytes::from_static(b"\x28\xb5\x2f\xfd\xa0\0\0\0\x03\x01\0\0");
    let error = Compression::Zstd.decompress(claim, 1 << 16).unwrap_err();
    assert_eq!(error, BatchError::DecompressedTooLarge { codec: "zstd", limit: 1 << 16 });
    let bytes = b"some words, some words, some more words".repeat(50);
    for name in CODECS {
        let whole = compress(name, &bytes);
        for length in 1..whole.len() {
            let cut = codec(name).decompress(whole.slice(..length), 1 << 20);
            // Snappy's and lz4's frames may end after any block; the records in them then end too early.
            assert!(cut.is_err() || cut.is_ok_and(|cut| bytes.starts_with(&cut)), "{name} cut to {length}");
        }
    }
    let trailed = [&compress("lz4", &bytes)[..], b"x"].concat();
    assert!(Compression::Lz4.decompress(trailed.into(), 1 << 20).is_err());
    let unknown = Compression::Reserved(6).decompress(Bytes::from_static(b"x"), 10).unwrap_err();
    assert_eq!(unknown, BatchError::Compressed(Compression::Reserved(6)));
}

#[test]
fn names_and_levels() {
    #[track_caller]
    fn check(name: &str, level: Option<i32>, expect: &str) {
        let said = Compressor::new(name, level).map_or_else(|error| error, |made| made.codec().name().into());
        assert_eq!(said, expect);
    }
    check("none", Some(3), "none");
    check("gzip", Some(-1), "gzip");
    check("zstd", Some(-7), "zstd");
    check("lz4", Some(17), "lz4");
    check("gzip", Some(0), "gzip has no compression level 0; there are: 1 to 9");
    check("zstd", Some(23), "zstd has no compression level 23; there are: -131072 to 22");
    check("zip", None, "no compression named \"zip\"; there are: none, gzip, snappy, lz4, zstd");
    let bytes = b"some words, some words, some more words".repeat(500);
    for (name, level) in [("gzip", 1), ("gzip", 9), ("zstd", -5), ("zstd", 1), ("zstd", 12), ("zstd", 22)] {
        let small = Compressor::new(name, Some(level)).unwrap().compress(&bytes, Vec::new()).unwrap();
        assert_eq!(codec(name).decompress(small.into(), 1 << 20).unwrap(), bytes, "{name} {level}");
    }
}

/// Bytes that shrink, with some that do not among them.
fn compressible() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just(b"again and ".to_vec()),
        Just(b"0123456789".to_vec()),
        prop::collection::vec(any::<u8>(), 0..20)
    ];
    prop::collection::vec(word, 0..30).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn round_trip(all in prop::collection::vec(compressible(), 1..12), name in prop::sample::select(CODECS.to_vec())) {
        prop_assert_eq!(values(&batch(&all, compressor(name))).unwrap(), all);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), magic: bool) {
        for name in CODECS {
            let start = if magic { compress(name, b"").slice(..4.min(compress(name, b"").len())) } else { Bytes::new() };
            let bytes = Bytes::from([&start[..], &bytes].concat());
            if let Ok(decompressed) = codec(name).decompress(bytes, 10_000) {
                prop_assert!(decompressed.len() <= 10_000);
            }
        }
    }

    #[test]
    fn mutated_bytes_never_panic(
        bytes in compressible(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        name in prop::sample::select(CODECS.to_vec()),
    ) {
        let mut mutated = compress(name, &bytes).to_vec();
        for (at, byte) in changes {
            if !mutated.is_empty() {
                let at = at.index(mutated.len());
                mutated[at] = byte;
            }
        }
        if let Ok(decompressed) = codec(name).decompress(mutated.into(), 10_000) {
            prop_assert!(decompressed.len() <= 10_000);
        }
    }
}
