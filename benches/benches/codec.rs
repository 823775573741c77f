//! What encoding and decoding a record costs, with each codec. Records have 100 bytes each, in batches of 256 KiB.

use std::hint::black_box;

use bytes::Bytes;
use connect_kafka::ProducerId;
use connect_kafka::batch::{Batch, BatchBuilder, Checksum, Compressor};

const RECORDS: usize = 2400;

fn main() {
    divan::main();
}

/// Values of 100 bytes that shrink as JSON does: field names that come again, numbers that differ.
fn values() -> Vec<Vec<u8>> {
    let value = |n: usize| {
        let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let start = format!(
            "{{\"id\":{n:08},\"user\":\"{:012x}\",\"amount\":{},\"active\":true,\"note\":\"",
            mixed >> 16,
            mixed % 9973
        );
        let mut value = start.into_bytes();
        value.resize(98, b'.');
        value.extend_from_slice(b"\"}");
        value
    };
    (0..RECORDS).map(value).collect()
}

fn encode(values: &[Vec<u8>], with: Compressor) -> Bytes {
    let mut builder = BatchBuilder::with_capacity(300 << 10);
    for (n, value) in values.iter().enumerate() {
        builder.append(1_750_000_000_000 + n as i64, None, Some(value), []).expect("the batch is small");
    }
    builder.compress(with).finish(ProducerId::NONE, -1)
}

/// One item is one record.
#[divan::bench(args = Compressor::NAMES)]
fn write(bencher: divan::Bencher<'_, '_>, name: &str) {
    let (values, with) = (values(), Compressor::new(name, None).expect("a codec's name"));
    bencher.counter(RECORDS).bench_local(|| encode(black_box(&values), with));
}

/// Checksum, decompression, and every record as a view.
#[divan::bench(args = Compressor::NAMES)]
fn read(bencher: divan::Bencher<'_, '_>, name: &str) {
    let data = encode(&values(), Compressor::new(name, None).expect("a codec's name"));
    bencher.counter(RECORDS).bench_local(|| {
        let batch = Batch::parse(black_box(&data), Checksum::Verify).expect("own batch");
        batch.views().map(|view| view.expect("own record").value.map_or(0, <[u8]>::len)).sum::<usize>()
    });
}

/// The same with every record kept, as tasks keep them.
#[divan::bench(args = Compressor::NAMES)]
fn read_and_share(bencher: divan::Bencher<'_, '_>, name: &str) {
    let data = encode(&values(), Compressor::new(name, None).expect("a codec's name"));
    bencher.counter(RECORDS).bench_local(|| {
        let batch = Batch::parse(black_box(&data), Checksum::Verify).expect("own batch");
        batch.records().map(|record| record.expect("own record").value.map_or(0, |value| value.len())).sum::<usize>()
    });
}
