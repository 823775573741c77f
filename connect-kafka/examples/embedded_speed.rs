//! How fast the embedded broker takes and gives data: `embedded_speed <directory|memory> <batch bytes> <MiB> <in flight>
//! <retention.bytes>`.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::BTreeMap;
use std::time::Duration;

use connect_kafka::batch::BatchBuilder;
use connect_kafka::{
    Broker, EmbeddedBroker, EmbeddedOptions, FetchPartition, FetchRequest, Isolation, NewTopic, ProduceBatch,
    ProduceRequest, ProducerId, TopicPartition,
};
use futures::StreamExt;
use tokio::time::Instant;

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| status.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    format!("{} {}", line("VmRSS"), line("VmHWM")).replace('\t', " ")
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |at: usize, or: usize| arguments.get(at).and_then(|a| a.parse().ok()).unwrap_or(or);
    let place = arguments.get(1).map_or("memory", String::as_str);
    let (size, total, in_flight) = (number(2, 102_400), number(3, 1024) << 20, number(4, 5));
    let start = Instant::now();
    let broker = match place {
        "memory" => EmbeddedBroker::new(),
        directory => EmbeddedBroker::open(directory, EmbeddedOptions::default()).expect("the directory opens"),
    };
    println!("open {:?}, {}", start.elapsed(), memory());
    let retention = arguments.get(5).map_or("-1", String::as_str);
    let configs = BTreeMap::from([("retention.ms", "-1"), ("retention.bytes", retention)]);
    let configs = configs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let topic = NewTopic { name: "speed".into(), partitions: 1, replication_factor: 1, configs };
    let created = broker.create_topic(topic).await;
    let partition = TopicPartition::new("speed", 0);
    let mut batch = BatchBuilder::with_capacity(size);
    let mut noise = 1_u64;
    while batch.len() < size {
        let value: Vec<u8> = (0..size.min(1024) / 8)
            .flat_map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                noise.to_be_bytes()
            })
            .collect();
        batch.append(1, None, Some(&value), []).expect("it fits");
    }
    let data = batch.finish(ProducerId::NONE, -1);
    if created.is_ok() {
        let start = Instant::now();
        let sends = futures::stream::iter(0..total / size).map(|_| {
            let batches = vec![ProduceBatch { partition: partition.clone(), data: data.clone() }];
            async {
                broker
                    .produce(ProduceRequest {
                        batches,
                        acks: connect_kafka::Acks::All,
                        timeout: Duration::from_secs(30),
                        transactional_id: None,
                    })
                    .await
            }
        });
        let sent = sends
            .buffered(in_flight)
            .fold(0, |n, r| async move { n + r.map_or(0, |r| r.iter().filter(|one| one.result.is_ok()).count()) })
            .await;
        let rate = (sent * data.len()) as f64 / 1e6 / start.elapsed().as_secs_f64();
        println!("produce {sent} batches of {size}, {in_flight} in flight: {rate:.0} MB/s, {}", memory());
    }
    let mut offset = broker.log_start(&partition).expect("the topic is there");
    let (start, mut read) = (Instant::now(), 0);
    loop {
        let request = FetchRequest {
            partitions: vec![FetchPartition { partition: partition.clone(), offset, max_bytes: 1 << 20 }],
            min_bytes: 1,
            max_wait: Duration::ZERO,
            max_bytes: 10 << 20,
            isolation: Isolation::ReadUncommitted,
        };
        let fetched = broker.fetch(request).await.expect("fetches").remove(0).result.expect("reads");
        let Some(last) = fetched.batches.last() else { break };
        read += fetched.batches.iter().map(bytes::Bytes::len).sum::<usize>();
        offset = connect_kafka::batch::BatchHeader::parse(last).expect("a batch").last_offset() + 1;
    }
    let rate = read as f64 / 1e6 / start.elapsed().as_secs_f64();
    println!("fetch {} MB: {rate:.0} MB/s, {}", read / 1_000_000, memory());
}
