//! SQLite.

use benches::cost;
use connect_jdbc::InsertMode;

use super::{COLUMNS, MILLIS, ROWS, TEXT, beside, records, sink, sink_config, source, source_config};

#[expect(clippy::future_not_send, reason = "it is waited for where it is made")]
pub(crate) async fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = records();
    let types =
        "(id integer primary key, qty integer, weight real, price decimal(18,4), name text, note text, changed numeric,
                  paid integer)";
    let path = folder.path().join("bench.db");
    let mut bare = rusqlite::Connection::open(&path).expect("a database");
    bare.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL").expect("settings");
    for mode in [InsertMode::Insert, InsertMode::Upsert] {
        let mut costs = Vec::new();
        for ours in [false, true] {
            if mode == InsertMode::Insert {
                bare.execute_batch(&format!("DROP TABLE IF EXISTS bench; CREATE TABLE bench {types}"))
                    .expect("a table");
            }
            let url = format!("jdbc:sqlite:{}?journal_mode=wal&synchronous=normal", path.display());
            costs.push(match ours {
                true => sink(&sink_config(url, "SQLITE", mode), &records, 3000).await,
                false => cost(async { rows_of_sqlite(&mut bare, mode) }).await,
            });
        }
        if mode == InsertMode::Insert {
            let bare_read = cost(async { read(&bare) }).await;
            let ours = source(&source_config(format!("jdbc:sqlite:{}", path.display()), "SQLITE")).await;
            beside("SQLite, read", bare_read, ours);
        }
        beside(&format!("SQLite, {}, 3000 at once", mode.text()), costs[0], costs[1]);
    }
}

/// One prepared statement, row by row.
fn rows_of_sqlite(connection: &mut rusqlite::Connection, mode: InsertMode) {
    let set: Vec<_> = COLUMNS.split(", ").skip(1).map(|column| format!("{column}=EXCLUDED.{column}")).collect();
    let conflict = match mode {
        InsertMode::Upsert => format!(" ON CONFLICT (id) DO UPDATE SET {}", set.join(",")),
        _ => String::new(),
    };
    let sql = format!("INSERT INTO bench ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?){conflict}");
    let ids: Vec<i64> = (0..ROWS as i64).collect();
    for ids in ids.chunks(3000) {
        let transaction = connection.transaction().expect("begun");
        {
            let mut statement = transaction.prepare_cached(&sql).expect("a statement");
            for n in ids {
                let price = format!("{}.{}001", n / 10, n % 10);
                statement.execute(rusqlite::params![n, 7, 1.5, price, TEXT, TEXT, MILLIS + n, true]).expect("written");
            }
        }
        transaction.commit().expect("committed");
    }
}

/// All rows, with their values.
fn read(connection: &rusqlite::Connection) {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM bench ORDER BY id")).expect("a statement");
    let mut rows = statement.query([]).expect("a result");
    while let Some(row) = rows.next().expect("rows") {
        for column in 0..8 {
            let _: rusqlite::types::Value = row.get(column).expect("a value");
        }
    }
}
