use bytes::Bytes;

use super::*;
use crate::batch::{BatchHeader, Compression, Compressor};

async fn headers(broker: &InMemoryBroker) -> Vec<(BatchHeader, usize)> {
    let all: Vec<Bytes> = broker.batches(&TopicPartition::new("t", 0)).await.unwrap();
    all.iter().map(|data| (BatchHeader::parse(data).unwrap(), data.len())).collect()
}

#[tokio::test(start_paused = true)]
async fn batches_fill_to_their_size_when_compressed() {
    for (name, codec) in [
        ("gzip", Compression::Gzip),
        ("snappy", Compression::Snappy),
        ("lz4", Compression::Lz4),
        ("zstd", Compression::Zstd),
    ] {
        let broker = broker(1).await;
        let mut producer = producer(&broker, |config| {
            config.compression = Compressor::new(name, None).unwrap();
            config.batch_bytes = 2000;
            config.max_request_bytes = 40_000;
        });
        let values: Vec<_> =
            (0..5000).map(|n| format!("value {n} {}, the same words again and again", n * 7919 % 1009)).collect();
        for value in &values {
            add(&mut producer, Some(0), value).await.unwrap();
        }
        producer.flush_batches();
        assert!(acks(&mut producer).await.iter().all(|ack| ack.result.is_ok()));
        assert_eq!(producer.unacked(), (0, 0));
        let log = log(&broker, 0).await;
        assert!(log.into_iter().map(|(_, value)| value).eq(values), "{name}");
        let headers = headers(&broker).await;
        let (full, _) = headers.split_at(headers.len() - 1);
        assert!(full.iter().all(|(header, len)| header.compression() == codec && *len < 2400), "{name}");
        // The first ones are small, since nothing is known then.
        let late: Vec<_> = full[full.len() / 2..].iter().map(|(_, len)| *len).collect();
        let average = late.iter().sum::<usize>() / late.len();
        assert!((1500..2100).contains(&average), "{name}: batches have {average} bytes on average");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_shrink_is_sent_as_it_is() {
    let broker = broker(1).await;
    let mut producer = producer(&broker, |config| config.compression = Compressor::new("zstd", None).unwrap());
    add(&mut producer, Some(0), "x").await.unwrap();
    producer.flush_batches();
    let acks = acks(&mut producer).await;
    assert_eq!((text(&acks), producer.unacked()), ("0..1 at t-0: 0".into(), (0, 0)));
    assert_eq!(headers(&broker).await[0].0.compression(), Compression::None);
}

/// Sealed for want of room, a batch would make as little room as it takes compressed, the next one have as few records
/// as that holds, and so on until each record had a request of its own.
#[tokio::test(start_paused = true)]
async fn batches_are_full_when_the_buffer_is() {
    let broker = broker(1).await;
    broker.faults().inject(Fault::delay(Api::Produce, Duration::from_millis(7)));
    let mut producer = producer(&broker, |config| {
        config.compression = Compressor::new("lz4", None).unwrap();
        (config.buffer_bytes, config.batch_bytes) = (20_000, 2000);
    });
    for n in 0..5000 {
        add(&mut producer, Some(0), &format!("value {n} {}, the same words again and again", n * 7919 % 1009))
            .await
            .unwrap();
    }
    producer.flush_batches();
    acks(&mut producer).await;
    let batches = headers(&broker).await.len();
    assert!(batches < 300, "{batches} batches for 5000 records");
}
