//! The orders of a shop, from a table of SQLite to a topic: those that are there, and those that come.
//! `cargo run --example table_to_topic`
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::sync::mpsc;

use connect_api::{Error, Result, SinkRecord};
use connect_jdbc::{JdbcSource, JdbcSourceConfig, Mode};
use connect_runtime::{EmbeddedBroker, SinkOptions, SourceOptions, Worker, WorkerConfig, sink_fn};
use rusqlite::Connection;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir().map_err(|error| Error::fatal("no folder").with_source(error))?;
    let file = folder.path().join("shop.db");
    let run = |sql: &str| {
        let run = Connection::open(&file).and_then(|shop| shop.execute_batch(sql));
        run.map_err(|error| Error::fatal("the shop's database").with_source(error))
    };
    run("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL, pieces INTEGER);
         INSERT INTO orders (customer, pieces) VALUES ('Ada', 2), ('Grace', 5)")?;

    // Rows have columns: their structs keep their schemas on the way.
    let json = "org.apache.kafka.connect.json.JsonConverter";
    let converters =
        WorkerConfig { key_converter: json.into(), value_converter: json.into(), ..WorkerConfig::default() };
    let worker = Worker::builder(EmbeddedBroker::new()).config(converters).build().await?;
    let mut config = JdbcSourceConfig::new(format!("jdbc:sqlite:{}", file.display()), Mode::Incrementing, "shop-");
    config.incrementing_column = "id".into();
    worker.start_source(SourceOptions::new("shop"), JdbcSource::new(), config).await?;

    let (arrived, orders) = mpsc::channel();
    let sink = sink_fn(move |records: Vec<SinkRecord>| {
        for record in records {
            // Nobody listens any more when the program ends.
            let _ = arrived.send(record.value.value.to_string());
        }
        async { Ok(connect_api::Delivery::Durable) }
    });
    worker.start_sink(SinkOptions::new("print", ["shop-orders"]), sink, ()).await?;

    let _ = worker.drained().await?;
    run("INSERT INTO orders (customer, pieces) VALUES ('Edsger', 1)")?;
    for order in orders.iter().take(3) {
        println!("{order}");
    }
    worker.shutdown().await
}
