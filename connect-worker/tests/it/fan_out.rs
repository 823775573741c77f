//! One topic into a search index, a table and a file: each fails and recovers on its own. The configurations are those
//! of `examples/fan-out`.

use std::collections::BTreeMap;
use std::path::Path;

use connect_api::Datum;
use connect_api::config::Millis;
use connect_elastic::ElasticsearchSink;
use connect_file::FileStreamSink;
use connect_jdbc::JdbcSink;
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, State, WorkerConfig};
use rusqlite::Connection;
use serde_json::{Value, json};

#[expect(dead_code, reason = "the search sink's own tests need more of it")]
#[path = "../../../connect-elastic/tests/it/server/mod.rs"]
mod server;

use server::{Fault, Server};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/fan-out");

/// An example's configuration with another value for one key.
fn example(name: &str, key: &str, value: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(Path::new(EXAMPLES).join(name)).expect("an example");
    let example: Value = serde_json::from_str(&text).expect("JSON");
    let config = example["config"].as_object().expect("a configuration");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut config: BTreeMap<_, _> = config.iter().map(|(key, value)| (key.clone(), text(value))).collect();
    config.insert("name".into(), text(&example["name"]));
    assert!(config.insert(key.into(), value.into()).is_some(), "{key} is not in {name}");
    config
}

/// Orders from the example's, with ids of their own.
fn orders(ids: std::ops::Range<i64>) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(EXAMPLES).join("orders.jsonl")).expect("an example");
    let mut order: Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    ids.map(|id| {
        order["payload"]["id"] = id.into();
        order.to_string()
    })
    .collect()
}

struct FanOut {
    worker: TestWorker,
    search: Server,
    place: tempfile::TempDir,
}

impl FanOut {
    async fn send(&self, ids: std::ops::Range<i64>) {
        for order in orders(ids) {
            self.worker.send("orders", Datum::NULL, order).await;
        }
    }

    fn table(&self) -> Connection {
        Connection::open(self.place.path().join("orders.db")).expect("a database")
    }

    fn rows(&self) -> i64 {
        self.table().query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).unwrap_or(0)
    }

    fn lines(&self) -> i64 {
        let text = std::fs::read_to_string(self.place.path().join("out/orders.jsonl")).unwrap_or_default();
        text.lines().count() as i64
    }

    /// Documents, rows and lines.
    fn arrived(&self) -> [i64; 3] {
        [self.search.count("orders") as i64, self.rows(), self.lines()]
    }

    async fn until(&self, arrived: [i64; 3]) {
        self.worker.until(|| self.arrived() == arrived).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_target_fails_and_recovers_on_its_own() {
    let plugins = Plugins::new().sink(ElasticsearchSink::new()).sink(JdbcSink).sink(FileStreamSink::new());
    let plugins = plugins
        .transform::<connect_transforms::ValueToKey>()
        .transform::<connect_transforms::ExtractField<connect_transforms::Key>>();
    let place = tempfile::tempdir().expect("a directory");
    let path = |name: &str| place.path().join(name).display().to_string();
    let (database, file) = (format!("jdbc:sqlite:{}", path("orders.db")), path("out/orders.jsonl"));
    std::fs::create_dir(place.path().join("out")).expect("a directory");
    // A task that is restarted commits before it ends, however slow the machine is: its lines would come twice.
    let patience = Millis::new(300_000);
    let config = WorkerConfig {
        task_shutdown_graceful_timeout: patience,
        offset_flush_timeout: patience,
        ..WorkerConfig::default()
    };
    let worker = TestWorker::builder().config(config).plugins(plugins).start().await;
    worker.topic("orders", 1).await;
    let all = FanOut { worker, search: Server::start().await, place };
    let worker = &all.worker;
    worker.create(example("to-search.json", "connection.url", &all.search.url)).await;
    worker.create(example("to-table.json", "connection.url", &database)).await;
    worker.create(example("to-file.json", "file", &file)).await;
    all.send(0..10).await;
    all.until([10, 10, 10]).await;
    assert_eq!(
        all.search.doc("orders", "7"),
        Some(json!({ "id": 7, "article": "apples", "pieces": 12, "price": 4.8 }))
    );

    // The search server is too busy for anything: its sink waits, the others go on.
    all.search.state().always = Some(Fault::Status(503, String::new()));
    all.send(10..20).await;
    all.until([10, 20, 20]).await;
    worker.until(|| worker.status("orders-to-search").tasks[0].state == State::Running).await;
    assert!(worker.committed("orders-to-search", "orders")[0] <= 10, "nothing is committed that has not arrived");
    all.search.state().always = None;
    all.until([20, 20, 20]).await;

    // The table refuses rows: its sink fails, and goes on where it was when it is started again.
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'no more orders'); END";
    all.table().execute_batch(refuse).expect("a trigger");
    all.send(20..30).await;
    all.until([30, 20, 30]).await;
    worker.until(|| worker.state("orders-to-table") == State::Failed).await;
    assert!(worker.trace("orders-to-table").contains("no more orders"), "{}", worker.trace("orders-to-table"));
    all.table().execute_batch("DROP TRIGGER refuse").expect("no trigger");
    worker.worker().restart_task("orders-to-table", 0).await.expect("it starts again");
    all.until([30, 30, 30]).await;

    // The file's directory is gone when its sink starts again.
    std::fs::rename(all.place.path().join("out"), all.place.path().join("away")).expect("moved");
    worker.worker().restart_task("orders-to-file", 0).await.expect("it starts again");
    worker.until(|| worker.state("orders-to-file") == State::Failed).await;
    all.send(30..40).await;
    worker.until(|| all.arrived()[..2] == [40, 40]).await;
    std::fs::rename(all.place.path().join("away"), all.place.path().join("out")).expect("moved");
    worker.worker().restart_task("orders-to-file", 0).await.expect("it starts again");
    all.until([40, 40, 40]).await;

    // What one of them cannot take is its own affair.
    let long = json!({ "pieces": { "type": "long" } });
    let bad = orders(40..41)[0].replace("\"int32\"", "\"string\"").replace(":12", ":\"a dozen\"");
    all.search.state().store.indices.get_mut("orders").expect("the index").mapping =
        long.as_object().expect("an object").clone();
    worker.send("orders", Datum::NULL, bad.as_str()).await;
    all.send(41..50).await;
    all.until([49, 50, 50]).await;
    worker.drained().await;
    let letters = worker.dead_letters("orders-not-searchable");
    let letters: Vec<_> =
        letters.iter().map(|letter| (letter.text(), letter.header("__connect.errors.detail.field"))).collect();
    assert_eq!(letters, [(bad, Some("pieces".into()))]);
}
