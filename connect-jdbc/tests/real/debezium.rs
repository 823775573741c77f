//! Debezium's sink on real servers: its types in tables that it makes, and in tables that are there.

use std::sync::Arc;

use connect_api::{Record, Schema, Struct, Type, Value};
use connect_jdbc::DebeziumJdbcSink;
use connect_runtime::Plugins;
use connect_runtime::testing::TestWorker;

use super::databases::Server;
use super::sink::{BOTH, config, shown};

const TYPES: [(&str, Type, &str); 15] = [
    ("day", Type::Int32, "io.debezium.time.Date"),
    ("ms", Type::Int64, "io.debezium.time.Timestamp"),
    ("us", Type::Int64, "io.debezium.time.MicroTimestamp"),
    ("ns", Type::Int64, "io.debezium.time.NanoTimestamp"),
    ("tms", Type::Int32, "io.debezium.time.Time"),
    ("tus", Type::Int64, "io.debezium.time.MicroTime"),
    ("tns", Type::Int64, "io.debezium.time.NanoTime"),
    ("zts", Type::String, "io.debezium.time.ZonedTimestamp"),
    ("zt", Type::String, "io.debezium.time.ZonedTime"),
    ("js", Type::String, "io.debezium.data.Json"),
    ("id", Type::String, "io.debezium.data.Uuid"),
    ("bits", Type::Bytes, "io.debezium.data.Bits"),
    ("kind", Type::String, "io.debezium.data.Enum"),
    ("year", Type::Int32, "io.debezium.time.Year"),
    ("name", Type::String, ""),
];

fn schema() -> Arc<Schema> {
    let field = |(ty, name): (Type, &str)| {
        let schema = Schema::builder(ty);
        match name {
            "" => {
                let sized = schema.parameter("__debezium.source.column.type", "VARCHAR");
                sized.parameter("__debezium.source.column.length", "9").build().unwrap()
            }
            "io.debezium.data.Bits" => schema.name(name).parameter("length", "10").build().unwrap(),
            name => schema.name(name).build().unwrap(),
        }
    };
    let number = Schema::structure().field("scale", Schema::required(Type::Int32));
    let number = number.field("value", Schema::required(Type::Bytes)).name("io.debezium.data.VariableScaleDecimal");
    let all = TYPES.iter().fold(Schema::structure(), |s, (name, ty, known)| s.field(*name, field((*ty, known))));
    all.field("num", number.build().unwrap()).build().unwrap()
}

fn row() -> Record {
    let schema = schema();
    let micros = 1_709_212_455_123_456_i64;
    let number = Struct::of(
        &schema.field("num").unwrap().schema,
        vec![Value::Int32(3), Value::from(12_345_i32.to_be_bytes().to_vec())],
    );
    let values = vec![
        Value::Int32(-1),
        (micros / 1000).into(),
        micros.into(),
        (micros * 1000 + 789).into(),
        Value::Int32(86_399_999),
        Value::Int64(86_399_999_999),
        Value::Int64(1),
        "2024-02-29T15:14:15.123456+02:00".into(),
        "01:00:00+02:00".into(),
        "{\"a\": 1}".into(),
        "00000000-0000-0000-0000-000000000001".into(),
        Value::from(vec![0b101_u8, 0b10]),
        "red".into(),
        Value::Int32(2024),
        "Ada".into(),
        number.unwrap().into(),
    ];
    Record::new("t", Struct::of(&schema, values).unwrap())
}

/// A worker whose sink has written a record into a table that it made.
async fn written(server: &Server, database: &str, record: Record) -> TestWorker {
    let worker = TestWorker::builder().plugins(Plugins::new().sink(DebeziumJdbcSink)).json().start().await;
    worker.send_records([record]).await;
    let more = "connector.class=io.debezium.connector.jdbc.JdbcSinkConnector\nschema.evolution=basic\n\
                use.time.zone=America/New_York";
    let mut config = config(server, database, "t", more);
    config.insert("connection.username".into(), server.user.clone());
    worker.create(config).await;
    worker.drained().await;
    worker
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn types_of_debezium() {
    let stamps = "2024-02-29 13:14:15.123|2024-02-29 13:14:15.123456|2024-02-29 13:14:15.123456";
    for db in BOTH {
        let server = Server::of(db);
        let name = "debezium-types";
        let mut session = server.fresh(name).await;
        let _worker = written(&server, name, row()).await;
        let (text, bits, zoned, clock) = match db {
            "pg" => (
                "select day, ms, us, ns, tms, tus, tns, zts at time zone 'UTC', zt, js, id, bits, kind, year, name, num",
                "1000000101",
                "2024-02-29 13:14:15.123456",
                "23:00:00+00",
            ),
            // A DATETIME has no zone: it is that of use.time.zone.
            _ => (
                "select day, ms, us, ns, tms, tus, tns, zts, zt, js, id, bin(bits + 0), kind, year, name, num",
                "1000000101",
                "2024-02-29 08:14:15.123456",
                "23:00:00.000000",
            ),
        };
        let nano = if db == "pg" { "00:00:00" } else { "00:00:00.000000" };
        let expect = format!(
            "1969-12-31|{stamps}|23:59:59.999|23:59:59.999999|{nano}|{zoned}|{clock}|{{\"a\": 1}}|\
             00000000-0000-0000-0000-000000000001|{bits}|red|2024|Ada|12.345"
        );
        assert_eq!(shown(&mut session, &format!("{text} from t")).await, [expect], "{db}");
        let lengths = "select character_maximum_length from information_schema.columns
                       where table_name = 't' and column_name = 'name' and table_schema in ('public', 'debezium-types')";
        assert_eq!(shown(&mut session, lengths).await, ["9"], "{db}");
    }
}

/// Defaults are those instants in whatever zone a session is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defaults_with_a_zone() {
    let server = Server::of("pg");
    let name = "debezium-defaults";
    let mut session = server.fresh(name).await;
    session.run(&format!("alter database \"{name}\" set timezone to 'Asia/Tokyo'")).await;
    let field = |known: &str, default: &str| {
        let schema = Schema::builder(Type::String).name(known).optional();
        schema.default_value(Value::from(default)).build().unwrap()
    };
    let schema = Schema::structure()
        .field("zts", field("io.debezium.time.ZonedTimestamp", "2024-02-29T15:14:15.123456+02:00"))
        .field("never", field("io.debezium.time.ZonedTimestamp", "infinity"))
        .field("zt", field("io.debezium.time.ZonedTime", "01:00:00+02:00"))
        .build()
        .unwrap();
    let rest = Schema::structure().field("id", Schema::optional(Type::Int32)).build().unwrap();
    let row = Struct::of(&schema, vec![Value::Null, Value::Null, Value::Null]).unwrap();
    let worker = written(&server, name, Record::new("t", row)).await;
    // The next row is the database's own.
    worker.send_records([Record::new("t", Struct::of(&rest, vec![1.into()]).unwrap())]).await;
    worker.drained().await;
    let query = "select zts at time zone 'UTC', never, zt at time zone 'UTC' from t where id = 1";
    assert_eq!(shown(&mut session, query).await, ["2024-02-29 13:14:15.123456|infinity|23:00:00+00"]);
}
