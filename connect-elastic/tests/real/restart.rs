//! A server that dies in the middle.

use std::process::Command;

use connect_api::Record;

use crate::server::{KINDS, Server, TURNS, config, object, record, worker};

const RECORDS: i64 = 40_000;

fn node(server: &Server, command: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../dev/services/elastic");
    assert!(std::env::var("ELASTIC_NODE").is_ok(), "ELASTIC_NODE must name the node that is restarted");
    let done = Command::new(script).args([server.kind, command]).output().expect("the script runs");
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The node is killed and comes back, with few places in its queues; the worker is killed as well.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_everybody_dies() {
    let _turn = TURNS.write().await;
    for server in KINDS.map(Server::of) {
        let mut worker = worker().await;
        server.ask("DELETE", "/mortal", "");
        worker.topic("mortal", 4).await;
        let records = |range: std::ops::Range<i64>| -> Vec<Record> {
            range
                .map(|n| record("mortal", n % 10_000, object([("n", n)])).with_partition(i32::try_from(n % 4).unwrap()))
                .collect()
        };
        worker.send_records(records(0..RECORDS / 2)).await;
        let more = [
            ("batch.size", "200"),
            ("max.retries", "200"),
            ("retry.backoff.ms", "20"),
            ("read.timeout.ms", "5000"),
            ("tasks.max", "2"),
        ];
        worker.create(config(&server, "mortal", &more)).await;
        let killed = server.clone();
        let killing = tokio::task::spawn_blocking(move || {
            node(&killed, "kill");
            node(&killed, "start");
        });
        worker.send_records(records(RECORDS / 2..RECORDS)).await;
        worker.crash().await;
        worker.restart().await;
        killing.await.expect("the node is back");
        worker.crash().await;
        worker.restart().await;
        worker.drained().await;
        assert_eq!(server.count("mortal"), 10_000, "{}", server.kind);
        assert_eq!(worker.committed("es", "mortal").iter().sum::<i64>(), RECORDS);
        for key in (0..10_000).step_by(997) {
            let last = server.doc("mortal", &key.to_string());
            assert_eq!(last["n"], RECORDS - 10_000 + key, "{}: the last of {key}", server.kind);
        }
    }
}
