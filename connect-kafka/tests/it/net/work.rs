//! What producers and consumers do behind a proxy, and the comparison with what is in the log afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::consumer::{Event, FetchConfig, GroupConfig, GroupConsumer, LogReader, OffsetReset, Subscription};
use connect_kafka::producer::{Ack, Producer, ProducerConfig};
use connect_kafka::{Broker, Isolation, TopicPartition, WireBroker, WireConfig};
use tokio::time::timeout;

use super::proxy::{Proxy, Random};

/// Offset and value of each record, by partition.
pub(crate) type Log = BTreeMap<i32, Vec<(i64, String)>>;

/// A client that goes through the proxy and has little patience.
pub(crate) fn client(proxy: &Proxy, patience: Duration) -> Arc<dyn Broker> {
    let patience = patience.as_millis().to_string();
    let properties = [
        ("bootstrap.servers", proxy.address().as_str()),
        ("request.timeout.ms", &patience),
        ("retry.backoff.ms", "1"),
        ("retry.backoff.max.ms", "20"),
        ("reconnect.backoff.ms", "1"),
        ("reconnect.backoff.max.ms", "20"),
        ("socket.connection.setup.timeout.ms", &patience),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()));
    Arc::new(WireBroker::new(WireConfig::from_properties(&properties.into()).unwrap()).unwrap())
}

/// Small batches and a patience that no fault outlasts.
pub(crate) fn producer_config(seed: u64, patience: Duration) -> ProducerConfig {
    ProducerConfig {
        batch_bytes: 200,
        request_timeout: patience,
        delivery_timeout: Duration::from_secs(300),
        retry_backoff: Duration::from_millis(1),
        retry_backoff_max: Duration::from_millis(20),
        seed,
        ..ProducerConfig::default()
    }
}

/// What was appended, and what came of it.
pub(crate) struct Produced {
    pub(crate) partitions: i32,
    /// Values in the order appended.
    pub(crate) appended: BTreeMap<i32, Vec<String>>,
    acks: Vec<Ack>,
}

impl Produced {
    pub(crate) fn new(partitions: i32) -> Self {
        Self { partitions, appended: BTreeMap::new(), acks: Vec::new() }
    }

    /// Appends `count` more records. Some stay unacknowledged.
    pub(crate) async fn append(&mut self, producer: &mut Producer, topic: &Arc<str>, count: u64) {
        for _ in 0..count {
            let number: usize = self.appended.values().map(Vec::len).sum();
            let partition = number as i32 % self.partitions;
            let value = format!("record {number}");
            // Of today: on its start, a broker forgets producers whose last record is a day old.
            let appended = producer.append(topic, Some(partition), None, None, Some(value.as_bytes()), []);
            let ticket = appended.await.unwrap();
            assert_eq!(ticket, number as u64);
            self.appended.entry(partition).or_default().push(value);
            while producer.unacked().0 > 200 {
                self.acks.push(producer.next_ack().await);
            }
        }
        producer.flush_batches();
    }

    /// Waits until everything appended so far is acknowledged.
    pub(crate) async fn acked(&mut self, producer: &mut Producer) {
        while producer.unacked().0 > 0 {
            self.acks.push(producer.next_ack().await);
        }
    }

    /// Waits for the rest.
    pub(crate) async fn finish(&mut self, mut producer: Producer) {
        producer.flush_batches();
        self.acked(&mut producer).await;
        self.acks.extend(producer.close().await);
    }

    /// Everything was acknowledged, and the log has exactly that.
    pub(crate) async fn check(&self, direct: &Arc<dyn Broker>, topic: &str) {
        let log = read(direct, topic, Isolation::ReadCommitted).await;
        let values = |(partition, records): (&i32, &Vec<(i64, String)>)| {
            (*partition, records.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>())
        };
        let found: BTreeMap<_, _> = log.iter().map(values).collect();
        assert!(found == self.appended, "{}", difference(&self.appended, &found));
        let mut answered = 0;
        for ack in &self.acks {
            let base = ack.result.clone().unwrap_or_else(|error| panic!("{:?}: {error}", ack.tickets));
            for (offset, ticket) in (base..).zip(ack.tickets.iter()) {
                answered += 1;
                if base >= 0 {
                    let records = &log[&ack.partition.partition];
                    let at = records.binary_search_by_key(&offset, |(offset, _)| *offset).unwrap();
                    assert_eq!(records[at].1, format!("record {ticket}"), "at {offset} of {}", ack.partition);
                }
            }
        }
        assert_eq!(answered, self.appended.values().map(Vec::len).sum::<usize>());
    }
}

/// Where two logs begin to differ.
pub(crate) fn difference(wanted: &BTreeMap<i32, Vec<String>>, found: &BTreeMap<i32, Vec<String>>) -> String {
    let mut text = String::new();
    for (partition, wanted) in wanted {
        let found = found.get(partition).map_or(&[][..], Vec::as_slice);
        let at = wanted.iter().zip(found).position(|(a, b)| a != b).unwrap_or(wanted.len().min(found.len()));
        if wanted.len() != found.len() || at < wanted.len() {
            let around = |all: &[String]| all[at.saturating_sub(2).min(all.len())..(at + 6).min(all.len())].to_vec();
            let lengths = (wanted.len(), found.len());
            text += &format!(
                "partition {partition} at {at} of {lengths:?}: {:?} instead of {:?}; ",
                around(found),
                around(wanted)
            );
        }
    }
    text
}

/// The whole topic as a reader on an undisturbed way sees it.
pub(crate) async fn read(direct: &Arc<dyn Broker>, topic: &str, isolation: Isolation) -> Log {
    let mut log = Log::new();
    let mut reader = LogReader::new(direct.clone(), topic, isolation);
    let each = |record: connect_kafka::batch::FetchedRecord, partition| {
        let value = String::from_utf8(record.value.unwrap_or_default().to_vec()).unwrap();
        log.entry(partition).or_default().push((record.offset, value));
    };
    reader.read_to_end(each).await.unwrap();
    log
}

/// How readers of a group come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// Gone without a word; its successor has the same name and need not wait for the session to end.
    Crash,
    Politely,
}

/// Members of a group, one after the other, and what they may expect.
pub(crate) struct Reading {
    topic: Arc<str>,
    config: GroupConfig,
    leaving: Leaving,
    /// Values by offset, as far as read.
    seen: BTreeMap<i32, Vec<String>>,
    /// The last offset whose commit was answered, and the last one that was tried, which may count as well.
    committed: BTreeMap<i32, (i64, i64)>,
    next: BTreeMap<i32, i64>,
}

impl Reading {
    pub(crate) fn new(topic: &Arc<str>, group: &str, leaving: Leaving, partitions: i32, patience: Duration) -> Self {
        let fetch = FetchConfig {
            partition_max_bytes: 500,
            max_bytes: 2000,
            max_wait: Duration::from_millis(20),
            offset_reset: OffsetReset::Earliest,
            request_timeout: patience,
            retry_backoff: Duration::from_millis(1),
            retry_backoff_max: Duration::from_millis(20),
            ..FetchConfig::default()
        };
        let config = GroupConfig {
            instance_id: (leaving == Leaving::Crash).then(|| "one".to_owned()),
            session_timeout: Duration::from_secs(6),
            rebalance_timeout: Duration::from_secs(2),
            heartbeat_interval: Duration::from_millis(100),
            fetch,
            ..GroupConfig::new(group)
        };
        let nothing = (0..partitions).map(|partition| (partition, (0, 0))).collect();
        Self { topic: topic.clone(), config, leaving, seen: BTreeMap::new(), committed: nothing, next: BTreeMap::new() }
    }

    /// Reads and commits until `total` records were read and committed; the member is replaced now and then.
    pub(crate) async fn run(&mut self, broker: &Arc<dyn Broker>, total: usize, mut random: Random) {
        let mut member = self.member(broker);
        loop {
            // When all is read, and the last commit was lost, nothing else may happen.
            let Ok(event) = timeout(Duration::from_millis(200), member.next()).await else {
                self.commit(&member).await;
                if self.is_committed(total) {
                    return;
                }
                continue;
            };
            match event.unwrap() {
                Event::Assigned(partitions) => self.assigned(&partitions),
                Event::Revoked(_) => {}
                Event::Lost(partitions) => {
                    for lost in partitions {
                        self.next.remove(&lost.partition);
                    }
                }
                Event::Records(fetched) => {
                    for (partition, record) in fetched.records() {
                        let record = record.unwrap();
                        self.saw(partition.partition, record.offset, record.value.unwrap_or_default().to_vec());
                    }
                    if random.below(3) > 0 {
                        self.commit(&member).await;
                    }
                }
            }
            let read: usize = self.seen.values().map(Vec::len).sum();
            assert!(read <= total, "{read} records of {total}");
            if read == total {
                self.commit(&member).await;
                if self.is_committed(total) {
                    // It may fail; then the session timeout ends the membership.
                    let _ = member.leave().await;
                    return;
                }
            }
            if random.below(12) == 0 {
                if self.leaving == Leaving::Politely {
                    let _ = member.leave().await;
                }
                self.next.clear();
                member = self.member(broker);
            }
        }
    }

    fn is_committed(&self, total: usize) -> bool {
        self.committed.values().map(|(answered, _)| *answered).sum::<i64>() == total as i64
    }

    fn member(&self, broker: &Arc<dyn Broker>) -> GroupConsumer {
        GroupConsumer::new(broker.clone(), self.config.clone(), Subscription::Topics(vec![self.topic.clone()]))
    }

    /// A partition is taken up where the group stands.
    fn assigned(&mut self, partitions: &[(TopicPartition, i64)]) {
        for (partition, position) in partitions {
            let (answered, tried) = self.committed[&partition.partition];
            assert!((answered..=tried).contains(position), "{partition} at {position}, not {answered} to {tried}");
            self.next.insert(partition.partition, *position);
        }
    }

    fn saw(&mut self, partition: i32, offset: i64, value: Vec<u8>) {
        let next = self.next.get_mut(&partition).expect("an assigned partition");
        assert_eq!(offset, *next, "partition {partition}");
        *next += 1;
        let seen = self.seen.entry(partition).or_default();
        let value = String::from_utf8(value).unwrap();
        match seen.get(offset as usize) {
            Some(before) => assert_eq!(*before, value),
            None => {
                assert_eq!(seen.len(), offset as usize);
                seen.push(value);
            }
        }
    }

    async fn commit(&mut self, member: &GroupConsumer) {
        let one = |(partition, offset): (&i32, &i64)| (TopicPartition::new(self.topic.clone(), *partition), *offset);
        let offsets: Vec<_> = self.next.iter().map(one).collect();
        for (partition, offset) in &offsets {
            let tried = &mut self.committed.get_mut(&partition.partition).unwrap().1;
            *tried = (*tried).max(*offset);
        }
        let Ok(answers) = member.commit(&offsets).await else { return };
        for ((partition, offset), (_, answer)) in offsets.into_iter().zip(answers) {
            if answer.is_ok() {
                self.committed.insert(partition.partition, (offset, offset));
            }
        }
    }

    /// Every record was read, in order.
    pub(crate) fn check(&self, appended: &BTreeMap<i32, Vec<String>>) {
        assert!(self.seen == *appended, "{}", difference(appended, &self.seen));
    }
}
