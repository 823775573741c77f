//! The worker is killed at random moments and started again, until everything has arrived.
//!
//! # The bound
//! A kill may repeat exactly what it left uncommitted: at the source, lines that are in the topic and whose position is
//! not in the offset file; at the sink, lines that are in the file and whose offset is not committed. After each kill
//! both are read from what is on the disk, and at the end no more lines may have been repeated than their sum.
//! A commit begins every `offset.flush.interval.ms` and takes at most `offset.flush.timeout.ms`.
//!
//! `dev/kill-test` runs this with more lines and more kills.

use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::time::Duration;

use connect_api::OffsetMap;
use connect_kafka::{EmbeddedBroker, EmbeddedOptions, TopicPartition};
use connect_runtime::offsets::{FileOffsetStore, OffsetStore as _};

use crate::random::{Random, seed, setting};
use crate::support::{CONVERTERS, Place, until};

/// Bytes of each line with its end, so that lines can be counted by length.
const LINE: u64 = 44;
const ALL: &str = "standalone worker.properties source.properties sink.json";

fn line(number: u64) -> String {
    format!("{number:010} of the lines that have to arrive\n")
}

fn append(place: &Place, numbers: Range<u64>) {
    let file = fs::File::options().create(true).append(true).open(place.path("in.txt"));
    file.expect("a file is opened").write_all(numbers.map(line).collect::<String>().as_bytes()).expect("it is written");
}

/// Whole lines in the sink's file.
fn lines_of_sink(place: &Place) -> u64 {
    fs::metadata(place.path("out.txt")).map_or(0, |file| file.len()) / LINE
}

/// What is on the disk after a kill, in lines and records.
#[derive(Debug, Clone, Copy, Default)]
struct Disk {
    /// Lines that the offset file says are in the topic.
    stored: u64,
    /// Records in the topic.
    topic: u64,
    /// Records that are committed as being in the sink's file.
    committed: u64,
    /// Whole lines in the sink's file.
    sink: u64,
}

impl Disk {
    async fn look(place: &Place) -> Self {
        let broker = EmbeddedBroker::open(place.path("data/log"), EmbeddedOptions::default()).expect("the log opens");
        let lines = TopicPartition::new("lines", 0);
        // Killed early, it may not have made the topic.
        let topic = broker.log_end(&lines).unwrap_or(0).unsigned_abs();
        let committed = broker.committed("connect-to").first().map_or(0, |(_, offset)| offset.unsigned_abs());
        broker.close().await;
        let store = FileOffsetStore::open(place.path("data/connect.offsets")).await.expect("the offsets are readable");
        let found = store.load("from", &[OffsetMap::of("filename", "in.txt")]).await.expect("the offset is readable");
        let position =
            found[0].as_ref().and_then(|offset| offset.get("position")?.as_i64()).unwrap_or(0).unsigned_abs();
        assert_eq!(position % LINE, 0, "the stored position is inside a line");
        Self { stored: position / LINE, topic, committed, sink: lines_of_sink(place) }
    }
}

/// What the kills so far may lead to.
#[derive(Debug, Default)]
struct Ledger {
    before: Disk,
    /// Lines that are in the topic at least once, and records that are at the sink at least once.
    reached: (u64, u64),
    /// Repetitions that the kills allow.
    topic_repeats: u64,
    sink_repeats: u64,
    most: u64,
    /// Kills that struck between the first line and the last.
    midway: u64,
}

impl Ledger {
    fn killed(&mut self, now: Disk, lines: u64) {
        let before = self.before;
        // Each run goes on from what is stored and committed.
        self.reached.0 = self.reached.0.max(before.stored + (now.topic - before.topic));
        self.reached.1 = self.reached.1.max(before.committed + (now.sink - before.sink));
        assert!(now.stored <= self.reached.0, "stored beyond what is in the topic: {now:?} {self:?}");
        assert!(now.committed <= self.reached.1, "committed beyond what is at the sink: {now:?} {self:?}");
        let (topic, sink) = (self.reached.0 - now.stored, self.reached.1 - now.committed);
        self.topic_repeats += topic;
        self.sink_repeats += sink;
        self.most = self.most.max(topic + sink);
        self.midway += u64::from(now.topic > before.topic && now.stored < lines);
        self.before = now;
    }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the seed, and what the script is for")]
async fn killed_at_random_moments() {
    let (lines, kills) = (setting("CONNECT_KILL_LINES", || 60_000), setting("CONNECT_KILL_KILLS", || 12));
    let seed = seed("CONNECT_KILL_SEED");
    println!("{lines} lines, {kills} kills, CONNECT_KILL_SEED={seed}");
    let mut random = Random::new(seed);
    let place = Place::with_copy();
    // Small batches, so that copying takes time; commits as often as batches, so that kills strike them.
    place.write("worker.properties", format!("{CONVERTERS}broker.dir=data\noffset.flush.interval.ms=5\n"));
    let source = "name=from\nconnector.class=FileStreamSource\nfile=in.txt\ntopic=lines\nbatch.size=100\n";
    place.write("source.properties", source);

    let mut ledger = Ledger::default();
    // Each life has as many lines of its own to copy, the last one without a kill.
    let each = lines / (kills + 1);
    assert!(each > 0, "fewer lines than kills");
    for kill in 0..kills {
        append(&place, kill * each..(kill + 1) * each);
        let mut running = place.spawn(ALL);
        let moment = match random.below(8) {
            // Right at the start.
            0 => 20_000,
            // While nothing, or little, was copied.
            1 => {
                running.wait_for("connector=to");
                20_000
            }
            _ => {
                let before = ledger.before;
                let goal = before.sink + (before.topic - before.committed) + 1 + random.below(each);
                until(|| {
                    running.go_on_for(Duration::ZERO);
                    let sink = lines_of_sink(&place);
                    (sink >= goal).then_some(()).ok_or_else(|| format!("{sink} of {goal} lines"))
                });
                10_000
            }
        };
        running.go_on_for(Duration::from_micros(random.below(moment)));
        running.kill();
        ledger.killed(Disk::look(&place).await, lines);
    }
    append(&place, kills * each..lines);
    place.run(&format!("{ALL} --until-drained")).expect(0, &["stopped in order"]);

    let end = Disk::look(&place).await;
    let copied = place.read("out.txt");
    assert_eq!(copied.len() as u64, end.sink * LINE, "the last line is torn");
    let repeated = check_order(&copied, lines);
    assert_eq!((end.stored, end.committed), (lines, end.topic), "everything is committed");
    assert!(end.topic - lines <= ledger.topic_repeats, "{end:?} {ledger:?}");
    assert!(end.sink - end.topic <= ledger.sink_repeats, "{end:?} {ledger:?}");
    assert_eq!(repeated, end.sink - lines);
    let (topic, sink, most, midway) = (end.topic - lines, end.sink - end.topic, ledger.most, ledger.midway);
    println!(
        "killed {kills} times, {midway} of them while it copied; {lines} lines arrived in order; \
         repeated: {topic} by the source, {sink} by the sink; at most {most} lines could be by one kill"
    );
    assert!(midway * 6 >= kills, "most kills struck while nothing was copied: {ledger:?}");
}

/// Every line is whole and there, in order but for repetitions, of which it gives the number.
fn check_order(copied: &str, lines: u64) -> u64 {
    let (mut next, mut repeated) = (0, 0);
    for (at, text) in copied.split_inclusive('\n').enumerate() {
        if text == line(next) {
            next += 1;
            continue;
        }
        let number: u64 = text.get(..10).and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX);
        assert!(number < next && text == line(number), "line {at} is {text:?} where {next} was to come");
        repeated += 1;
    }
    assert_eq!(next, lines, "lines are missing");
    repeated
}
