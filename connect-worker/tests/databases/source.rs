//! A table is copied to a topic while rows are written, and the worker and the database are killed at random moments.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::batch::FetchedRecord;
use connect_kafka::consumer::LogReader;
use connect_kafka::{EmbeddedBroker, EmbeddedOptions, Isolation};

use crate::node::Node;
use crate::random::{Random, seed, setting};
use crate::support::{CONVERTERS, Place, until};

const ALL: &str = "standalone worker.properties source.properties";
/// Who writes at the same time.
const WRITERS: u64 = 3;

#[test]
fn nothing_is_lost_from_postgres() {
    let create = "DROP TABLE IF EXISTS killed; CREATE TABLE killed (id bigserial PRIMARY KEY, w int)";
    killed_at_random_moments(Node { kind: "postgres" }, create, "killed");
}

#[test]
fn nothing_is_lost_from_mariadb() {
    let create =
        "CREATE OR REPLACE DATABASE killed; CREATE TABLE killed.killed (id bigint AUTO_INCREMENT PRIMARY KEY, w int)";
    killed_at_random_moments(Node { kind: "mariadb" }, create, "killed.killed");
}

/// Some transactions, one in six of them rolled back.
fn transactions(random: &mut Random, table: &str) -> String {
    let mut sql = String::new();
    for _ in 0..40 {
        let rows = vec!["(1)"; usize::try_from(1 + random.below(20)).expect("small")].join(",");
        let end = if random.below(6) == 0 { "ROLLBACK" } else { "COMMIT" };
        sql += &format!("BEGIN;\nINSERT INTO {table} (w) VALUES {rows};\n{end};\n");
    }
    sql
}

#[expect(clippy::print_stdout, reason = "the seed, and what the script is for")]
fn killed_at_random_moments(node: Node, create: &str, table: &'static str) {
    let _alone = node.alone();
    let kills = setting("CONNECT_KILL_KILLS", || 6);
    let seed = seed("CONNECT_KILL_SEED");
    println!("{}: {kills} kills, CONNECT_KILL_SEED={seed}", node.kind);
    let mut random = Random::new(seed);
    node.run(&["start"]);
    node.values(create);
    let place = Place::new();
    place.write(
        "worker.properties",
        format!(
            "{CONVERTERS}broker.dir=data\noffset.flush.interval.ms=50\n\
             value.converter=JsonConverter\nvalue.converter.schemas.enable=false\n"
        ),
    );
    let keys = node.keys();
    let source = "name=from\nconnector.class=JdbcSource\nmode=incrementing\nincrementing.column.name=id\n\
                  table.whitelist=killed\ntopic.prefix=t-\npoll.interval.ms=5\nbatch.max.rows=100\n";
    place.write("source.properties", format!("{source}{keys}"));

    // They write as long as this is there, which it is not when the test fails.
    let writing = Arc::new(());
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (mut random, writing) = (Random::new(random.below(u64::MAX)), Arc::downgrade(&writing));
            std::thread::spawn(move || {
                while writing.upgrade().is_some() {
                    node.attempt(&transactions(&mut random, table));
                }
            })
        })
        .collect();
    let mut running = place.spawn(ALL);
    let (mut of_worker, mut of_database) = (0, 0);
    for _ in 0..kills {
        running.wait_for("connector=from");
        running.go_on_for(Duration::from_millis(random.below(1500)));
        if random.below(2) == 0 {
            node.strike();
            running.go_on_for(Duration::from_millis(random.below(1500)));
            of_database += 1;
        }
        running.kill();
        of_worker += 1;
        running = place.spawn(ALL);
    }
    until(|| {
        let rows = node.values(&format!("SELECT count(*) FROM {table}"));
        (rows[0] > 100 * kills).then_some(()).ok_or_else(|| format!("next to nothing was written: {rows:?}"))
    });
    drop(writing);
    for writer in writers {
        writer.join().expect("the writer wrote");
    }
    running.kill();
    place.run(&format!("{ALL} --until-drained")).expect(0, &["stopped in order"]);

    let (mut arrived, mut repeated) = (BTreeSet::new(), 0u64);
    for id in topic(&place) {
        // In order, but for what a kill repeats.
        let repeats = arrived.last().is_some_and(|last| id <= *last);
        assert!(!repeats || arrived.contains(&id), "{id} came late");
        repeated += u64::from(repeats);
        arrived.insert(id);
    }
    let written: BTreeSet<_> = node.values(&format!("SELECT id FROM {table}")).into_iter().collect();
    let missing: Vec<_> = written.difference(&arrived).take(10).collect();
    let invented: Vec<_> = arrived.difference(&written).take(10).collect();
    println!(
        "{}: worker killed {of_worker} times, database {of_database} times; {} rows, {repeated} repeated",
        node.kind,
        written.len()
    );
    assert!(missing.is_empty() && invented.is_empty(), "missing {missing:?}, invented {invented:?}");
}

/// The numbers of the rows in the topic.
fn topic(place: &Place) -> Vec<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let broker = EmbeddedBroker::open(place.path("data/log"), EmbeddedOptions::default()).expect("the log opens");
        let mut ids = Vec::new();
        let mut reader = LogReader::new(Arc::new(broker.clone()), "t-killed", Isolation::ReadUncommitted);
        let each = |record: FetchedRecord, _| {
            let row: serde_json::Value = serde_json::from_slice(&record.value.unwrap_or_default()).expect("JSON");
            ids.push(row["id"].as_u64().expect("an id"));
        };
        reader.read_to_end(each).await.expect("the topic");
        broker.close().await;
        ids
    })
}
