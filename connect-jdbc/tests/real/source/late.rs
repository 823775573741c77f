//! Rows that are committed later than others behind them.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::super::databases::{Db, Server};
use super::{payloads, source, worker};

/// Who writes at the same time.
const WRITERS: u64 = 8;

/// A small generator of numbers, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn rows() -> u64 {
    std::env::var("LATE_ROWS").map_or(4000, |rows| rows.parse().expect("LATE_ROWS is a number"))
}

/// Transactions of random length and outcome, some parts of them in savepoints, until enough rows were committed.
async fn write(mut db: Db, seed: u64, rows: u64) {
    let mut random = Random(seed);
    let mut written = 0;
    while written < rows {
        db.run("BEGIN").await;
        let pause = async |random: &mut Random| {
            if random.below(4) == 0 {
                sleep(Duration::from_millis(random.below(8))).await;
            }
        };
        pause(&mut random).await;
        let mut kept = 0;
        for _ in 0..=random.below(4) {
            let count = 1 + random.below(20);
            kept += count;
            let values = vec!["(1)"; usize::try_from(count).expect("a small number")].join(",");
            match random.below(3) {
                0 => {
                    db.run("SAVEPOINT a").await;
                    db.run(&format!("INSERT INTO t (w) VALUES {values}")).await;
                    pause(&mut random).await;
                    if random.below(3) == 0 {
                        db.run("ROLLBACK TO SAVEPOINT a").await;
                        kept -= count;
                    } else {
                        db.run("RELEASE SAVEPOINT a").await;
                    }
                }
                _ => db.run(&format!("INSERT INTO t (w) VALUES {values}")).await,
            }
            pause(&mut random).await;
        }
        if random.below(10) == 0 {
            db.run("ROLLBACK").await;
        } else {
            db.run("COMMIT").await;
            written += kept;
        }
    }
}

/// All rows arrive, each once, whatever the order in which they are committed.
async fn none_is_missed(db: &str, mode: &str, create: &str) {
    let server = Server::of(db);
    let database = format!("late_{db}_{}", mode.replace('+', "_"));
    let mut session = server.fresh(&database).await;
    session.run(create).await;
    let worker = worker().await;
    let mut own = vec![("mode", mode), ("table.whitelist", "t"), ("poll.interval.ms", "1")];
    if mode != "timestamp" {
        own.push(("incrementing.column.name", "id"));
    }
    if mode != "incrementing" {
        own.push(("timestamp.column.name", "ts"));
    }
    let config = source(&server, &database, &own);
    worker.create(config).await;
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let session = server.session(&database).await;
        writers.push(tokio::spawn(write(session, 7 + writer, rows() / WRITERS)));
    }
    for writer in writers {
        writer.await.expect("the writer wrote");
    }
    // A row behind all others: when it is there, nothing that was held back is still to come.
    session.run("INSERT INTO t (w) VALUES (2)").await;
    worker.drained().await;
    worker.until(|| payloads(&worker, "t-t").last().is_some_and(|last| last["w"] == 2)).await;
    let mut count: BTreeMap<i64, i64> = BTreeMap::new();
    for row in session.rows("SELECT id FROM t").await {
        let id = row[0].as_deref().expect("an id").parse().expect("a number");
        count.insert(id, 0);
    }
    assert!(count.len() as u64 >= rows(), "only {} rows", count.len());
    for payload in payloads(&worker, "t-t") {
        *count.entry(payload["id"].as_i64().expect("an id")).or_default() += 1;
    }
    let missing: Vec<_> = count.iter().filter(|(_, times)| **times == 0).map(|(id, _)| *id).collect();
    let repeated: Vec<_> = count.iter().filter(|(_, times)| **times > 1).map(|(id, _)| *id).collect();
    println!("{db} {mode}: {} rows, {} missing, {} repeated", count.len(), missing.len(), repeated.len());
    assert!(missing.is_empty() && repeated.is_empty(), "missing {missing:?}, repeated {repeated:?}");
}

const POSTGRES: &str = "CREATE TABLE t (id bigserial PRIMARY KEY, ts timestamptz NOT NULL DEFAULT now(), w int); CREATE INDEX ON t (ts, id)";
const MARIADB: &str = "CREATE TABLE t (id bigint AUTO_INCREMENT PRIMARY KEY,
     ts timestamp(6) NOT NULL DEFAULT current_timestamp(6), w int, KEY (ts, id))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_by_numbers() {
    none_is_missed("pg", "incrementing", POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_by_timestamps() {
    none_is_missed("pg", "timestamp", POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_by_both() {
    none_is_missed("pg", "timestamp+incrementing", POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_by_numbers() {
    none_is_missed("maria", "incrementing", MARIADB).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_by_both() {
    none_is_missed("maria", "timestamp+incrementing", MARIADB).await;
}

const BY_NUMBERS: [(&str, &str); 3] =
    [("mode", "incrementing"), ("incrementing.column.name", "id"), ("table.whitelist", "t")];

/// The database of the smallest case.
const LATE_ONE: &str = "late_one";

/// Statements that a task runs before it looks who is writing are fewer; each look is one or two.
const LOOKED: u32 = 30;

/// Waits until a session of the source has run so many statements that it has looked several times who is writing.
async fn looked(db: &str, session: &mut Db) {
    let last = match db {
        "pg" => {
            "SELECT pid::text, query_start::text FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()"
        }
        _ => {
            "SELECT id, query_id FROM information_schema.processlist
             WHERE db = database() AND id <> connection_id()"
        }
    };
    let mut seen: BTreeMap<Vec<Option<String>>, u32> = BTreeMap::new();
    session
        .until(last, |now| {
            now.iter().any(|row| {
                let (session, last) = (vec![row[0].clone()], row.clone());
                if seen.insert(last, 0).is_some() {
                    return false;
                }
                let statements = seen.entry(session).or_default();
                *statements += 1;
                *statements > LOOKED
            })
        })
        .await;
}

/// The smallest case: a row waits for an earlier one. Without protection, or when it has waited for long enough, it does
/// not, and the earlier one is missed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_waits_for_an_earlier_one() {
    for (db, create) in [("pg", POSTGRES), ("maria", MARIADB)] {
        for (key, value, expected) in [
            ("late.commit.protection", "true", "[1,2,3]"),
            ("late.commit.protection", "false", "[2,3]"),
            ("late.commit.max.wait.ms", "50", "[2,3]"),
        ] {
            let server = Server::of(db);
            let mut session = server.fresh(LATE_ONE).await;
            session.run(create).await;
            let mut slow = server.session(LATE_ONE).await;
            slow.run("BEGIN").await;
            slow.run("INSERT INTO t (w) VALUES (1)").await;
            session.run("INSERT INTO t (w) VALUES (2)").await;
            let worker = worker().await;
            // Where it waits, it waits for as long as this machine takes.
            let own = [("late.commit.max.wait.ms", "3600000"), (key, value)];
            worker.create(source(&server, LATE_ONE, &[&BY_NUMBERS[..], &own].concat())).await;
            let waits = expected.starts_with("[1");
            if waits {
                looked(db, &mut session).await;
                assert_eq!(payloads(&worker, "t-t").len(), 0, "{db}, {key}={value}");
            } else {
                worker.until(|| payloads(&worker, "t-t").len() == 1).await;
            }
            slow.run("COMMIT").await;
            session.run("INSERT INTO t (w) VALUES (3)").await;
            worker.until(|| payloads(&worker, "t-t").len() == expected.split(',').count()).await;
            let found: Vec<_> = payloads(&worker, "t-t").iter().map(|payload| payload["w"].to_string()).collect();
            assert_eq!(format!("[{}]", found.join(",")), expected, "{db}, {key}={value}");
        }
    }
}

/// Another table may take the name of the one that is read, as when a table is copied into a new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_waits_also_in_a_table_that_took_the_place_of_another() {
    let database = "late_replaced";
    let server = Server::of("pg");
    let mut session = server.fresh(database).await;
    session.run(POSTGRES).await;
    session.run("INSERT INTO t (w) VALUES (1)").await;
    let worker = worker().await;
    let own = [("late.commit.max.wait.ms", "3600000")];
    worker.create(source(&server, database, &[&BY_NUMBERS[..], &own].concat())).await;
    worker.until(|| payloads(&worker, "t-t").len() == 1).await;
    session.run("ALTER TABLE t RENAME TO before").await;
    session.run(POSTGRES).await;
    session.run("INSERT INTO t SELECT * FROM before; SELECT setval(pg_get_serial_sequence('t', 'id'), 1)").await;
    let mut slow = server.session(database).await;
    slow.run("BEGIN").await;
    slow.run("INSERT INTO t (w) VALUES (2)").await;
    session.run("INSERT INTO t (w) VALUES (3)").await;
    looked("pg", &mut session).await;
    assert_eq!(payloads(&worker, "t-t").len(), 1);
    slow.run("COMMIT").await;
    worker.until(|| payloads(&worker, "t-t").len() == 3).await;
    let found: Vec<_> = payloads(&worker, "t-t").iter().map(|payload| payload["w"].to_string()).collect();
    assert_eq!(found, ["1", "2", "3"]);
}

/// One of the server's lists of transactions is made anew only when nobody has read it for a tenth of a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_waits_also_where_others_look_who_is_writing() {
    let database = "late_watched";
    let server = Server::of("maria");
    let mut session = server.fresh(database).await;
    session.run(MARIADB).await;
    let mut watcher = server.fresh("late_watcher").await;
    let (watching, mut watched) = watch::channel(0);
    let watcher = tokio::spawn(async move {
        while !watching.is_closed() {
            watcher.rows("SELECT trx_id FROM information_schema.innodb_trx").await;
            watching.send_modify(|times| *times += 1);
            sleep(Duration::from_millis(10)).await;
        }
    });
    watched.wait_for(|times| *times > 1).await.expect("the watcher watches");
    let mut slow = server.session(database).await;
    slow.run("BEGIN").await;
    slow.run("INSERT INTO t (w) VALUES (1)").await;
    session.run("INSERT INTO t (w) VALUES (2)").await;
    let worker = worker().await;
    let own = [("late.commit.max.wait.ms", "3600000")];
    worker.create(source(&server, database, &[&BY_NUMBERS[..], &own].concat())).await;
    looked("maria", &mut session).await;
    assert_eq!(payloads(&worker, "t-t").len(), 0);
    slow.run("COMMIT").await;
    worker.until(|| payloads(&worker, "t-t").len() == 2).await;
    drop(watched);
    watcher.await.expect("the watcher watched");
}
