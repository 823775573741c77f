//! Headers come to a sink as they left the source: all of them, in order.

use std::sync::{Arc, Mutex};

use connect_api::{Delivery, OffsetMap, Record, SinkRecord, Value};
use connect_runtime::testing::TestWorker;
use connect_runtime::{SinkOptions, SourceOptions, sink_fn, source_fn};
use proptest::collection::vec;
use proptest::prelude::*;

type Pairs = Vec<(String, String)>;

/// Sends records with these headers through a topic; what a sink sees of them.
async fn through(sent: Vec<Pairs>) -> Vec<Pairs> {
    let worker = TestWorker::start().await;
    let source = source_fn(move |after: Option<OffsetMap>| {
        let unsent = if after.is_some() { Vec::new() } else { sent.clone() };
        async {
            let records = unsent.into_iter().zip(0i64..).map(|(headers, number)| {
                let record = Record::new("t", "value").with_partition(0);
                let add = |record: Record, (key, value): (String, String)| record.with_header(key, Value::from(value));
                (headers.into_iter().fold(record, add), OffsetMap::of("n", number))
            });
            Ok(records.collect())
        }
    });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let sink = sink_fn(move |records: Vec<SinkRecord>| {
        let pairs = |record: &SinkRecord| {
            record.headers.iter().map(|header| (header.key.to_string(), header.value.value.to_string())).collect()
        };
        noted.lock().unwrap().extend(records.iter().map(pairs));
        async { Ok(Delivery::Durable) }
    });
    worker.start_source(SourceOptions::new("from"), source, ()).await;
    worker.drained().await;
    worker.start_sink(SinkOptions::new("to", ["t"]), sink, ()).await;
    worker.drained().await;
    std::mem::take(&mut *seen.lock().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn order_and_duplicates_are_kept(sent in vec(vec(("[abc]?", "v[a-z]{0,3}"), 0..8), 1..5)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        prop_assert_eq!(runtime.block_on(through(sent.clone())), sent);
    }
}
