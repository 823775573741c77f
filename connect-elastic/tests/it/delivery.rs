//! What arrives.

use serde_json::json;

use crate::host::{CONFLUENT, config, number, record, worker};
use crate::server::Server;

#[tokio::test(start_paused = true)]
async fn records_become_documents() {
    let server = Server::start().await;
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records([record("a", number(1)), record("b", number(2)), record("a", number(3))]).await;
    worker.create(config(&server, CONFLUENT, &[])).await;
    worker.drained().await;
    assert_eq!(server.doc("t", "a"), Some(json!({ "n": 3 })));
    assert_eq!(server.doc("t", "b"), Some(json!({ "n": 2 })));
    assert_eq!(worker.committed("es", "t"), [3]);
    let lines = server.lines();
    let at = lines.iter().position(|line| line.contains(r#""_id":"b""#)).unwrap();
    assert_eq!(lines[at], r#"{"index":{"_index":"t","_id":"b","version":1,"version_type":"external"}}"#);
    assert_eq!(lines[at + 1], r#"{"n":2}"#);
}
