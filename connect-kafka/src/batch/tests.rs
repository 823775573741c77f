use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::ProducerId;

type Headers = Vec<(Vec<u8>, Option<Vec<u8>>)>;
type Row = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Headers);

fn encode(rows: &[Row], producer: ProducerId, sequence: i32) -> Bytes {
    let mut builder = BatchBuilder::with_capacity(0);
    for (timestamp, key, value, headers) in rows {
        let headers = headers.iter().map(|(name, value)| (name.as_slice(), value.as_deref()));
        let before = builder.len();
        let full = builder.append_within(0, *timestamp, key.as_deref(), value.as_deref(), headers.clone());
        assert!(full.is_err() && builder.len() == before);
        builder.append(*timestamp, key.as_deref(), value.as_deref(), headers).unwrap();
    }
    let len = builder.len();
    let data = builder.finish(producer, sequence);
    assert_eq!(data.len(), len);
    data
}

fn decode(data: &Bytes) -> Result<Vec<Row>, BatchError> {
    Batch::parse(data, Checksum::Verify)?
        .records()
        .map(|record| {
            let record = record?;
            let headers = record.headers.iter().map(|(k, v)| (k.to_vec(), v.as_ref().map(|v| v.to_vec()))).collect();
            Ok((record.timestamp, record.key.map(Into::into), record.value.map(Into::into), headers))
        })
        .collect()
}

fn row() -> impl Strategy<Value = Row> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..200);
    let headers = prop::collection::vec((prop::collection::vec(any::<u8>(), 0..6), prop::option::of(bytes())), 0..4);
    (any::<i64>(), prop::option::of(bytes()), prop::option::of(bytes()), headers)
}

/// Written down by hand from Kafka's description of the format; the checksum by a second implementation.
#[test]
fn golden_bytes() {
    let rows = [
        (1000, Some(b"k".to_vec()), Some(b"v1".to_vec()), vec![]),
        (1001, None, None, vec![(b"h".to_vec(), None), (b"h".to_vec(), Some(b"x".to_vec()))]),
    ];
    let data = encode(&rows, ProducerId { id: 7, epoch: 1 }, 5);
    #[rustfmt::skip]
    let mut expected: Vec<u8> = vec![
        0, 0, 0, 0, 0, 0, 0, 0, // base offset
        0, 0, 0, 73, // length after this field: 49 + 10 + 14
        0xff, 0xff, 0xff, 0xff, // leader epoch
        2, // magic
        0, 0, 0, 0, // checksum, below
        0, 0, // attributes
        0, 0, 0, 1, // last offset delta
        0, 0, 0, 0, 0, 0, 0x03, 0xe8, // base timestamp
        0, 0, 0, 0, 0, 0, 0x03, 0xe9, // max timestamp
        0, 0, 0, 0, 0, 0, 0, 7, // producer id
        0, 1, // producer epoch
        0, 0, 0, 5, // base sequence
        0, 0, 0, 2, // records
        18, 0, 0, 0, 2, b'k', 4, b'v', b'1', 0, // 9 bytes; attributes, deltas, key, value, no headers
        26, 0, 2, 2, 1, 1, 4, 2, b'h', 1, 2, b'h', 2, b'x', // 13 bytes; nulls and two headers of one name
    ];
    let crc = crc_bitwise(&expected[21..]);
    expected[17..21].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(data, expected);
    assert_eq!(decode(&data).unwrap(), rows);
}

fn crc_bitwise(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc: u32, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn murmur2_of_kafka() {
    let rows: [(&[u8], i32); 6] = [
        (b"21", -973_932_308),
        (b"foobar", -790_332_482),
        (b"a-little-bit-long-string", -985_981_536),
        (b"a-little-bit-longer-string", -1_486_304_829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        (b"abc", 479_470_107),
    ];
    for (key, hash) in rows {
        assert_eq!(murmur2(key), hash, "{key:?}");
        assert_eq!(partition_for_key(key, 7), (hash & i32::MAX) % 7);
    }
}

#[test]
fn header_setters() {
    let mut data = encode(&[(10, None, Some(vec![1]), vec![])], ProducerId::NONE, -1).to_vec();
    set_base_offset(&mut data, 40);
    set_leader_epoch(&mut data, 3);
    let batch = Batch::parse(&data.clone().into(), Checksum::Verify).unwrap();
    assert_eq!((batch.base_offset(), batch.last_offset(), batch.header().leader_epoch), (40, 40, 3));
    assert_eq!(batch.records().next().unwrap().unwrap().offset, 40);
    set_log_append_time(&mut data, 99);
    set_producer(&mut data, ProducerId { id: 4, epoch: 2 }, 8);
    let batch = Batch::parse(&data.into(), Checksum::Verify).unwrap();
    assert_eq!((batch.header().producer.id, batch.header().base_sequence), (4, 8));
    let record = batch.records().next().unwrap().unwrap();
    assert_eq!((record.timestamp, record.timestamp_type), (99, TimestampType::LogAppendTime));
}

#[test]
fn empty_compressed_and_cut_batches() {
    let mut emptied = encode(&[], ProducerId::NONE, -1).to_vec();
    emptied[26] = 4; // last offset delta
    let batch = Batch::parse(&emptied.clone().into(), Checksum::Trusted).unwrap();
    assert_eq!((batch.last_offset(), batch.records().count()), (4, 0));
    assert!(matches!(Batch::parse(&emptied.clone().into(), Checksum::Verify), Err(BatchError::Checksum { .. })));
    emptied[22] = 4; // attributes; compaction leaves the codec
    assert_eq!(Batch::parse(&emptied.into(), Checksum::Trusted).unwrap().records().count(), 0);

    let one = encode(&[(1, None, None, vec![])], ProducerId::NONE, -1);
    let two: Bytes = [&one[..], &one[..], &one[..30]].concat().into();
    assert_eq!(Batches::new(two, Checksum::Verify).map(Result::unwrap).count(), 2);
}

#[test]
fn lying_counts_allocate_nothing() {
    let mut data = encode(&[(1, None, None, vec![])], ProducerId::NONE, -1).to_vec();
    data[57..61].copy_from_slice(&i32::MAX.to_be_bytes());
    let last = data.len() - 1;
    let batch = Batch::parse(&data.clone().into(), Checksum::Trusted).unwrap();
    assert_eq!(batch.records().filter(Result::is_err).count(), 1);
    data[last] = 0x7e; // 63 headers in no bytes
    assert!(Batch::parse(&data.into(), Checksum::Trusted).unwrap().records().next().unwrap().is_err());
}

proptest! {
    #[test]
    fn round_trip(rows in prop::collection::vec(row(), 0..20)) {
        let data = encode(&rows, ProducerId { id: 1, epoch: 0 }, 3);
        prop_assert_eq!(decode(&data).unwrap(), rows.clone());
        let batch = Batch::parse(&data, Checksum::Trusted).unwrap();
        for (view, record) in batch.views().zip(batch.records()) {
            let (view, record) = (view.unwrap(), record.unwrap());
            prop_assert_eq!(view.key, record.key.as_deref());
            prop_assert_eq!(view.headers.len(), record.headers.len());
        }
    }

    #[test]
    fn random_bytes_never_panic(mut data in prop::collection::vec(any::<u8>(), 0..300), valid_magic: bool) {
        if valid_magic && data.len() > 16 {
            data[16] = 2;
            data[..12].fill(0);
            data[11] = data.len() as u8 % 200;
        }
        for batch in Batches::new(data.into(), Checksum::Trusted).flatten() {
            batch.records().for_each(drop);
            let _ = batch.is_abort_marker();
        }
    }

    #[test]
    fn mutated_batches_never_panic(
        rows in prop::collection::vec(row(), 1..5),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut data = encode(&rows, ProducerId::NONE, -1).to_vec();
        let original = data.clone();
        for (at, byte) in changes {
            let at = at.index(data.len());
            data[at] = byte;
        }
        let changed = data[21..] != original[21..];
        let data = Bytes::from(data);
        if let Ok(batch) = Batch::parse(&data, Checksum::Trusted) {
            batch.records().for_each(drop);
        }
        if changed && data[8..12] == original[8..12] {
            // Scattered changes slip through a CRC once in four billion.
            prop_assert!(Batch::parse(&data, Checksum::Verify).is_err());
        }
    }
}
