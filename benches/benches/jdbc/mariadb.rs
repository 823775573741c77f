//! MariaDB.

use std::env::var;

use benches::cost;
use connect_jdbc::InsertMode;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, OptsBuilder, Params, Row, Value};

use super::{COLUMNS, ROWS, TEXT, beside, records, sink, sink_config, source, source_config};

pub(crate) async fn run(address: &str) {
    let (host, port) = address.rsplit_once(':').expect("host:port");
    let options = OptsBuilder::default().ip_or_hostname(host).tcp_port(port.parse().expect("a port"));
    let options = options.user(var("MARIADB_USER").ok()).pass(var("MARIADB_PASSWORD").ok()).prefer_socket(false);
    let mut conn = Conn::new(options.tcp_nodelay(true)).await.expect("MariaDB");
    for sql in ["create database if not exists bench", "use bench"] {
        conn.query_drop(sql).await.expect("a database");
    }
    let types = "(id bigint primary key, qty int not null, weight double not null, price decimal(18,4) not null,
                  name varchar(80) not null, note varchar(80) not null, changed datetime(3) not null, paid tinyint not null)";
    let records = records();
    for mode in [InsertMode::Insert, InsertMode::Upsert] {
        let mut costs = Vec::new();
        for ours in [false, true] {
            // Upserts change the rows that are there.
            if mode == InsertMode::Insert {
                for sql in ["drop table if exists bench", &format!("create table bench {types}")] {
                    conn.query_drop(sql).await.expect("a table");
                }
            }
            costs.push(match ours {
                true => {
                    sink(&sink_config(format!("jdbc:mysql://{address}/bench"), "MARIADB", mode), &records, 3000).await
                }
                false => cost(rows_of_mariadb(&mut conn, mode)).await,
            });
        }
        if mode == InsertMode::Insert {
            let bare = cost(read(&mut conn)).await;
            let ours = source(&source_config(format!("jdbc:mysql://{address}/bench"), "MARIADB")).await;
            beside("MariaDB, read", bare, ours);
        }
        beside(&format!("MariaDB, {}, 3000 at once", mode.text()), costs[0], costs[1]);
    }
}

/// Prepared statements of 500 rows, six in a transaction.
async fn rows_of_mariadb(conn: &mut Conn, mode: InsertMode) {
    let set: Vec<_> = COLUMNS.split(", ").skip(1).map(|column| format!("{column}=VALUES({column})")).collect();
    let conflict =
        if mode == InsertMode::Upsert { format!(" ON DUPLICATE KEY UPDATE {}", set.join(",")) } else { String::new() };
    let statement = |rows: usize| {
        format!("INSERT INTO bench ({COLUMNS}) VALUES {}{conflict}", vec!["(?,?,?,?,?,?,?,?)"; rows].join(","))
    };
    let full = statement(500);
    let ids: Vec<i64> = (0..ROWS as i64).collect();
    for ids in ids.chunks(3000) {
        conn.query_drop("START TRANSACTION").await.expect("begun");
        for ids in ids.chunks(500) {
            let values = ids.iter().flat_map(|n| {
                [
                    Value::Int(*n),
                    Value::Int(7),
                    Value::Double(1.5),
                    Value::Bytes(format!("{}.{}001", n / 10, n % 10).into_bytes()),
                    Value::Bytes(TEXT.into()),
                    Value::Bytes(TEXT.into()),
                    Value::Date(2024, 2, 29, 13, 14, 15, 123_000),
                    Value::Int(1),
                ]
            });
            let values = Params::Positional(values.collect());
            let sql = if ids.len() == 500 { full.clone() } else { statement(ids.len()) };
            conn.exec_drop(sql, values).await.expect("written");
        }
        conn.query_drop("COMMIT").await.expect("committed");
    }
}

/// All rows, one by one.
async fn read(conn: &mut Conn) {
    let mut rows = conn.exec_iter(format!("SELECT {COLUMNS} FROM bench ORDER BY id"), ()).await.expect("a result");
    while rows.next().await.expect("rows").is_some_and(|row: Row| !row.is_empty()) {}
}
