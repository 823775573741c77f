//! Orders of a service, as they change, into a table of PostgreSQL: each by its key, and exactly once.
//! `DATABASE=jdbc:postgresql://localhost/shop DATABASE_USER=shop DATABASE_PASSWORD=secret cargo run --example
//! topic_to_postgres`
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::env::var;

use connect_api::{Datum, Error, OffsetMap, Record, Result, Schema, Struct, Type, Value};
use connect_jdbc::{InsertMode, JdbcSink, JdbcSinkConfig, PkMode};
use connect_runtime::{EmbeddedBroker, SinkOptions, SourceOptions, Worker, WorkerConfig, source_fn};

#[tokio::main]
async fn main() -> Result<()> {
    // Rows have columns: their structs keep their schemas on the way.
    let json = "org.apache.kafka.connect.json.JsonConverter";
    let converters =
        WorkerConfig { key_converter: json.into(), value_converter: json.into(), ..WorkerConfig::default() };
    let worker = Worker::builder(EmbeddedBroker::new()).config(converters).build().await?;

    // What the service has: orders that come, change, and are withdrawn.
    let key = Schema::required(Type::Int64);
    let order = Schema::structure().field("customer", Schema::required(Type::String));
    let order = order.field("pieces", Schema::required(Type::Int32)).build()?;
    let events = [(1, "Ada", Some(2)), (2, "Grace", Some(5)), (1, "Ada", Some(3)), (3, "Edsger", None)];
    let source = source_fn(move |after: Option<OffsetMap>| {
        let next = after.and_then(|offset| offset.get_i64("event")).map_or(0, |event| event + 1);
        let made = (0..).zip(events).skip_while(|(event, _)| *event < next).map(|(event, (id, customer, pieces))| {
            let value = match pieces {
                Some(pieces) => Struct::of(&order, vec![customer.into(), Value::Int32(pieces)])?.into(),
                None => Value::Null,
            };
            let record = Record::new("orders", value).with_key(Datum::new(key.clone(), Value::Int64(id)));
            Ok((record, OffsetMap::of("event", event)))
        });
        let made: Result<Vec<_>> = made.collect();
        async move { made }
    });
    worker.start_source(SourceOptions::new("service"), source, ()).await?;

    let url = var("DATABASE").map_err(|_| Error::config("DATABASE is not set; it is a JDBC URL"))?;
    let mut config = JdbcSinkConfig::new(url);
    config.connection.user = var("DATABASE_USER").ok();
    config.connection.password = var("DATABASE_PASSWORD").ok().map(Into::into);
    config.writes.insert_mode = InsertMode::Upsert;
    config.writes.delete_enabled = true;
    config.writes.exactly_once = true;
    config.mapping.pk_mode = PkMode::RecordKey;
    config.mapping.pk_fields = vec!["id".into()];
    config.ddl.auto_create = true;
    worker.start_sink(SinkOptions::new("orders-to-shop", ["orders"]), JdbcSink, config).await?;

    let drained = worker.drained().await?;
    println!("table orders is {} the topic", if drained.is_complete() { "equal to" } else { "behind" });
    worker.shutdown().await
}
