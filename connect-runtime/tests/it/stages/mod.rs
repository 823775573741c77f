//! `errors.*` at every stage of a record's way: where it failed is told, what is tolerated is skipped, what may
//! succeed later is tried again as long as the connector says.

mod giving_up;
mod picky;
mod retrying;

use std::sync::Arc;
use std::time::Duration;

use connect_api::{OffsetMap, Record, Value};
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, source_fn};

use self::picky::{MOOD, Picky, PickyHeaders, PickyTransform, judge};
use crate::support::Seen;

/// A stage, the class that is at work there, and the configuration that makes it picky.
type Stage = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const KEY: Stage = ("KEY_CONVERTER", "com.example.PickyConverter", &[("key.converter", "com.example.PickyConverter")]);
const VALUE: Stage =
    ("VALUE_CONVERTER", "com.example.PickyConverter", &[("value.converter", "com.example.PickyConverter")]);
const HEADER: Stage = (
    "HEADER_CONVERTER",
    "com.example.PickyHeaderConverter",
    &[("header.converter", "com.example.PickyHeaderConverter")],
);
const TRANSFORM: Stage = (
    "TRANSFORMATION",
    "com.example.PickyTransform",
    &[("transforms", "picky"), ("transforms.picky.type", "com.example.PickyTransform")],
);
const PUT: Stage = ("TASK_PUT", "org.apache.kafka.connect.sink.SinkTask", &[]);
const PRODUCE: Stage = ("KAFKA_PRODUCE", "org.apache.kafka.connect.runtime.WorkerSourceTask", &[]);

fn record(text: &str) -> Record {
    Record::new("t", text).with_key(text).with_header("h", Value::from(text))
}

/// Which way records go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Sink,
    Source,
}

/// A connector `c` under test: a sink that is to take the texts from topic `t`, or a source that is to bring them there.
struct Run {
    worker: TestWorker,
    way: Way,
    seen: Seen,
}

impl Run {
    /// Starts it, with texts and configuration.
    async fn start(way: Way, texts: &[String], config: &[(&str, &str)]) -> Self {
        let seen = Seen::default();
        let sink = seen.sink(|seen, records| {
            if MOOD.with_borrow(|mood| mood.put) {
                records.iter().try_for_each(|record| judge(record.value.value.as_str().unwrap()))?;
            }
            seen.take(records)
        });
        let given: Arc<[String]> = texts.into();
        let source = source_fn(move |after: Option<OffsetMap>| {
            let given = given.clone();
            async move {
                let next = after.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1);
                let left = given.iter().zip(0i64..).skip(next as usize);
                Ok(left.map(|(text, n)| (record(text), OffsetMap::of("n", n))).collect())
            }
        });
        let plugins = match way {
            Way::Sink => Plugins::new().sink(sink),
            Way::Source => Plugins::new().source(source),
        };
        let plugins = plugins.converter::<Picky>().header_converter::<PickyHeaders>().transform::<PickyTransform>();
        let worker = TestWorker::builder().plugins(plugins).patience(Duration::from_secs(86_400)).start().await;
        let mut all = vec![("name", "c"), ("connector.class", "closure"), ("errors.log.enable", "true")];
        if way == Way::Sink {
            worker.send_records(texts.iter().map(|text| record(text))).await;
            all.push(("topics", "t"));
        } else {
            worker.topic("t", 1).await;
        }
        all.extend_from_slice(config);
        worker.create(all).await;
        Self { worker, way, seen }
    }

    /// What arrived.
    fn arrived(&self) -> Vec<String> {
        match self.way {
            Way::Sink => self.seen.all(),
            Way::Source => self.worker.values("t"),
        }
    }

    /// How many records the stored or committed offset has passed.
    async fn passed(&self) -> i64 {
        match self.way {
            Way::Sink => self.worker.committed("c", "t")[0],
            Way::Source => {
                let stored = self.worker.stored_offset("c", &OffsetMap::of("source", "closure")).await;
                stored.and_then(|offset| offset.get_i64("n")).map_or(0, |n| n + 1)
            }
        }
    }
}

/// All texts are good but the second; for a broker to refuse, that one is large.
fn texts(stage: Stage) -> Vec<String> {
    let bad = if stage == PRODUCE { format!("bad 1{}", "x".repeat(2 << 20)) } else { "bad 1".into() };
    vec!["good 0".into(), bad, "good 2".into()]
}

const DEAD_LETTERS: [(&str, &str); 3] = [
    ("errors.deadletterqueue.topic.name", "dlq"),
    ("errors.deadletterqueue.topic.replication.factor", "1"),
    ("errors.deadletterqueue.context.headers.enable", "true"),
];
