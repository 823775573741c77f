//! Tables that change under a running source.

use serde_json::json;

use super::super::databases::Server;
use super::{payloads, source, worker};

/// Columns that are added, dropped or changed are so in the next rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn columns_change_while_it_runs() {
    for db in ["pg", "maria"] {
        let server = Server::of(db);
        let mut session = server.fresh("changing").await;
        session.run("CREATE TABLE t (id int PRIMARY KEY, a int)").await;
        session.run("INSERT INTO t VALUES (1, 10)").await;
        let worker = worker().await;
        let own = [("mode", "incrementing"), ("incrementing.column.name", "id"), ("table.whitelist", "t")];
        worker.create(source(&server, "changing", &own)).await;
        let widen = if db == "pg" { "ALTER COLUMN b TYPE bigint" } else { "MODIFY b bigint" };
        let steps = [
            ("ADD COLUMN b int", "(2, 20, 200)", json!({ "id": 2, "a": 20, "b": 200 })),
            ("DROP COLUMN a", "(3, 300)", json!({ "id": 3, "b": 300 })),
            (widen, "(4, 5000000000)", json!({ "id": 4, "b": 5_000_000_000_i64 })),
        ];
        worker.until(|| payloads(&worker, "t-t").len() == 1).await;
        for (at, (change, row, expected)) in steps.into_iter().enumerate() {
            session.run(&format!("ALTER TABLE t {change}")).await;
            session.run(&format!("INSERT INTO t VALUES {row}")).await;
            worker.until(|| payloads(&worker, "t-t").len() == at + 2).await;
            assert_eq!(payloads(&worker, "t-t").last(), Some(&expected), "{db}: {change}");
        }
    }
}
