//! PostgreSQL.

use std::env::var;

use benches::cost;
use connect_api::bytes::{BufMut as _, Bytes, BytesMut};
use connect_jdbc::InsertMode;
use futures::{SinkExt as _, TryStreamExt as _};
use tokio_postgres::{Client, NoTls};

use super::{COLUMNS, MILLIS, ROWS, TEXT, beside, records, sink, sink_config, source, source_config};

pub(crate) async fn run(address: &str) {
    let (host, port) = address.rsplit_once(':').expect("host:port");
    let mut settings = tokio_postgres::Config::new();
    settings.host(host).port(port.parse().expect("a port")).dbname("postgres");
    settings.user(var("POSTGRES_USER").expect("POSTGRES_USER"));
    settings.password(var("POSTGRES_PASSWORD").expect("POSTGRES_PASSWORD"));
    let (client, connection) = settings.connect(NoTls).await.expect("PostgreSQL");
    tokio::spawn(connection);
    // The bare loops do without TLS as well.
    let url = format!("jdbc:postgresql://{address}/postgres?sslmode=disable");
    let types = "(id bigint primary key, qty int not null, weight float8 not null, price numeric(18,4) not null,
                  name text not null, note text not null, changed timestamp not null, paid boolean not null)";
    let anew = || async {
        execute(&client, &format!("drop table if exists bench; create table bench {types}; checkpoint")).await
    };
    let records = records();
    for at_once in [3000, 50_000] {
        let copies = copies(at_once);
        anew().await;
        let bare = cost(async {
            for rows in &copies {
                copy(&client, rows).await;
            }
        });
        let bare = bare.await;
        anew().await;
        let ours = sink(&sink_config(url.clone(), "POSTGRES", InsertMode::Insert), &records, at_once).await;
        beside(&format!("PostgreSQL, insert by COPY, {at_once} at once"), bare, ours);
    }
    // The same as one COPY, which is the ceiling.
    let whole = copies(ROWS);
    anew().await;
    let ceiling = cost(copy(&client, &whole[0])).await;
    ceiling.print("PostgreSQL, all by one COPY, bare", ROWS as u64);
    let bare = cost(copy_out(&client)).await;
    let ours = source(&source_config(url.clone(), "POSTGRES")).await;
    beside("PostgreSQL, read by COPY", bare, ours);
    // These rows are there now: upserts change them.
    for at_once in [500, 3000] {
        let bare = cost(unnest(&client, at_once)).await;
        let ours = sink(&sink_config(url.clone(), "POSTGRES", InsertMode::Upsert), &records, at_once).await;
        beside(&format!("PostgreSQL, upsert, {at_once} at once"), bare, ours);
    }
}

async fn execute(client: &Client, sql: &str) {
    client.batch_execute(sql).await.expect("done");
}

/// Rows as `COPY` takes them.
fn copies(at_once: usize) -> Vec<Bytes> {
    let all: Vec<usize> = (0..ROWS).collect();
    let one = |rows: &[usize]| {
        let mut out = BytesMut::new();
        out.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
        for n in rows {
            out.put_i16(8);
            out.put_i32(8);
            out.put_i64(*n as i64);
            out.put_i32(4);
            out.put_i32(7);
            out.put_i32(8);
            out.put_f64(1.5);
            // n tenths and a ten thousandth: groups of four digits.
            let (whole, rest) = (n / 10, (n % 10 * 1000 + 1) as i16);
            let groups = [(whole / 10_000) as i16, (whole % 10_000) as i16, rest];
            out.put_i32(14);
            [3, 1, 0, 4].into_iter().chain(groups).for_each(|part| out.put_i16(part));
            for _ in 0..2 {
                out.put_i32(TEXT.len() as i32);
                out.put_slice(TEXT.as_bytes());
            }
            out.put_i32(8);
            out.put_i64((MILLIS + *n as i64) * 1000 - 946_684_800_000_000);
            out.put_i32(1);
            out.put_u8(1);
        }
        out.put_i16(-1);
        out.freeze()
    };
    all.chunks(at_once).map(one).collect()
}

async fn copy(client: &Client, rows: &Bytes) {
    let sql = format!("COPY bench ({COLUMNS}) FROM STDIN (FORMAT binary)");
    let into = client.copy_in(sql.as_str()).await.expect("a copy");
    tokio::pin!(into);
    let mut rest = rows.clone();
    while !rest.is_empty() {
        let chunk = rest.split_to(rest.len().min(256 * 1024));
        into.send(chunk).await.expect("sent");
    }
    into.finish().await.expect("copied");
}

/// Upserts over arrays of columns, prepared once, each in a transaction.
async fn unnest(client: &Client, at_once: usize) {
    let set: Vec<_> = COLUMNS.split(", ").skip(1).map(|column| format!("{column}=EXCLUDED.{column}")).collect();
    let sql = format!(
        "INSERT INTO bench ({COLUMNS}) SELECT a, b, c, (d / 10000.0)::numeric, e, f, g::timestamp, h
         FROM UNNEST($1::int8[],$2::int4[],$3::float8[],$4::int8[],$5::text[],$6::text[],$7::text[],$8::bool[])
         AS u(a,b,c,d,e,f,g,h) ON CONFLICT (id) DO UPDATE SET {}",
        set.join(",")
    );
    let statement = client.prepare(&sql).await.expect("a statement");
    let ids: Vec<i64> = (0..ROWS as i64).collect();
    for ids in ids.chunks(at_once) {
        let count = ids.len();
        let (qty, weight) = (vec![7_i32; count], vec![1.5_f64; count]);
        let prices: Vec<i64> = ids.iter().map(|n| n * 1000 + 1).collect();
        let (text, paid) = (vec![TEXT; count], vec![true; count]);
        let changed = vec!["2024-02-29 13:14:15.123"; count];
        client
            .execute(&statement, &[&ids, &qty, &weight, &prices, &text, &text, &changed, &paid])
            .await
            .expect("written");
    }
}

/// All rows as the server sends them.
async fn copy_out(client: &Client) {
    let sql = format!("COPY (SELECT {COLUMNS} FROM bench ORDER BY id) TO STDOUT (FORMAT binary)");
    let rows = client.copy_out(sql.as_str()).await.expect("a copy");
    tokio::pin!(rows);
    while rows.try_next().await.expect("rows").is_some() {}
}
