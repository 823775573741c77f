//! Two workers in one process, each with a connector of its own, on one broker in memory.
//! `cargo run --example embedded`
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::sync::{Arc, Mutex};

use connect_api::{Delivery, Error, OffsetMap, Record, Result, SinkRecord};
use connect_runtime::{EmbeddedBroker, SinkOptions, SourceOptions, Worker, sink_fn, source_fn};

#[tokio::main]
async fn main() -> Result<()> {
    let broker = EmbeddedBroker::new();
    let orders = Worker::builder(broker.clone()).build().await?;
    let billing = Worker::builder(broker).build().await?;

    // What the service has anyway: here a queue, elsewhere a pool of connections.
    let queue = Arc::new(["2 apples", "3 pears", "no plums", "5 quinces"]);
    let total = Arc::new(Mutex::new(0));

    let source = source_fn(move |after: Option<OffsetMap>| {
        let next = after.and_then(|offset| offset.get_i64("order")).map_or(0, |order| order + 1);
        let new: Vec<_> = (0..).zip(*queue).skip_while(|(order, _)| *order < next).collect();
        async move {
            Ok(new.into_iter().map(|(n, text)| (Record::new("orders", text), OffsetMap::of("order", n))).collect())
        }
    });
    orders.start_source(SourceOptions::new("orders"), source, ()).await?;

    let sum = Arc::clone(&total);
    let sink = sink_fn(move |records: Vec<SinkRecord>| {
        let mut failed = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let text = record.value.value.to_string();
            match text.split(' ').next().unwrap_or_default().parse::<u32>() {
                Ok(count) => *sum.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += count,
                Err(error) => failed.push((index, Error::data(format!("order {text:?}")).with_source(error))),
            }
        }
        async { if failed.is_empty() { Ok(Delivery::Durable) } else { Err(Error::records(failed)) } }
    });
    billing.start_sink(SinkOptions::new("billing", ["orders"]).dead_letters("refused"), sink, ()).await?;

    // First what is written, then what is read.
    let _ = orders.drained().await?;
    let drained = billing.drained().await?;
    let counts = drained.connectors.iter().flat_map(|connector| &connector.tasks).map(|task| task.counts);
    let refused: u64 = counts.map(|counts| counts.dead_letters).sum();
    println!("billed {} pieces, refused {refused} order", total.lock().map_or(0, |total| *total));

    orders.shutdown().await?;
    billing.shutdown().await
}
