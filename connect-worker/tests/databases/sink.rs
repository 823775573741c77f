//! Topics are written to tables, and the worker and the database are killed at random moments.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_kafka::producer::{Producer, ProducerConfig};
use connect_kafka::{Broker as _, EmbeddedBroker, EmbeddedOptions, NewTopic};
use serde_json::json;

use crate::node::Node;
use crate::random::{Random, seed, setting};
use crate::support::{CONVERTERS, Place, until};

const ALL: &str = "standalone worker.properties plain.properties once.properties last.properties";
/// How many keys the topic `last` has; each comes again and again.
const KEYS: u64 = 97;

#[test]
fn nothing_is_lost_in_postgres() {
    let create = "DROP TABLE IF EXISTS connect_offsets, t_plain, t_once, t_last;
        CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(0.0002); RETURN NEW; END $$";
    killed_at_random_moments(Node { kind: "postgres" }, create, "", "EXECUTE FUNCTION slow()");
}

#[test]
fn nothing_is_lost_in_mariadb() {
    let create = "CREATE OR REPLACE DATABASE killed";
    killed_at_random_moments(Node { kind: "mariadb" }, create, "killed.", "DO SLEEP(0.0002)");
}

/// What the record of this number says of its key; every tenth deletes it.
fn state(number: u64) -> Option<u64> {
    (number % 10 != 9).then_some(number)
}

/// Writes each number to both topics.
#[tokio::main(flavor = "current_thread")]
async fn fill(place: &Place, rows: u64) {
    let broker = EmbeddedBroker::open(place.path("data/log"), EmbeddedOptions::default()).expect("the log opens");
    let topics: [Arc<str>; 2] = ["rows".into(), "last".into()];
    for name in &topics {
        let name = Arc::clone(name);
        let topic = NewTopic { name, partitions: 1, replication_factor: 1, configs: BTreeMap::default() };
        broker.create_topic(topic).await.expect("a topic");
    }
    let number = json!({"type": "int64", "optional": false});
    let row = json!({"type": "struct", "optional": false,
                     "fields": [{"field": "n", "type": "int64", "optional": false}]});
    let mut producer = Producer::new(Arc::new(broker.clone()), ProducerConfig::default());
    for n in 0..rows {
        let value = json!({"schema": row, "payload": {"n": n}}).to_string();
        let key = json!({"schema": number, "payload": n % KEYS}).to_string();
        let last = state(n).map(|_| value.as_bytes());
        for (topic, key, value) in
            [(&topics[0], None, Some(value.as_bytes())), (&topics[1], Some(key.as_bytes()), last)]
        {
            producer.append(topic, Some(0), None, key, value, []).await.expect("appended");
        }
    }
    for ack in producer.close().await {
        ack.result.expect("written");
    }
    broker.close().await;
}

#[expect(clippy::print_stdout, reason = "the seed, and what the script is for")]
fn killed_at_random_moments(node: Node, create: &str, database: &str, slow: &str) {
    let _alone = node.alone();
    let kills = setting("CONNECT_KILL_KILLS", || 6);
    let each = setting("CONNECT_KILL_ROWS", || 2000);
    let rows = each * (kills + 1);
    let seed = seed("CONNECT_KILL_SEED");
    println!("{}: {rows} rows, {kills} kills, CONNECT_KILL_SEED={seed}", node.kind);
    let mut random = Random::new(seed);
    node.run(&["start"]);
    let table = |name: &str| format!("{database}t_{name}");
    node.values(create);
    for name in ["plain", "once"] {
        node.values(&format!("CREATE TABLE {} (n bigint NOT NULL)", table(name)));
    }
    node.values(&format!("CREATE TABLE {} (id bigint PRIMARY KEY, n bigint NOT NULL)", table("last")));
    // A row takes a moment, however fast the machine is, so that there is something left to strike.
    for name in ["plain", "once", "last"] {
        node.values(&format!(
            "CREATE TRIGGER {database}slow_{name} BEFORE INSERT ON {} FOR EACH ROW {slow}",
            table(name)
        ));
    }
    let place = Place::new();
    fill(&place, rows);
    let json = "value.converter=JsonConverter\nkey.converter=JsonConverter\noffset.flush.interval.ms=50\n";
    place.write("worker.properties", format!("{CONVERTERS}broker.dir=data\n{json}"));
    let own = [
        ("plain", "rows", "insert.mode=insert"),
        ("once", "rows", "insert.mode=insert\nexactly.once.enabled=true"),
        ("last", "last", "insert.mode=upsert\npk.mode=record_key\npk.fields=id\ndelete.enabled=true"),
    ];
    for (name, topic, own) in own {
        // Small transactions, so that there are many to strike; and a database that is away is waited for.
        let common = "connector.class=JdbcSink\nconsumer.override.max.poll.records=10\nmax.retries=100000\n\
                      retry.backoff.ms=50\nconnection.attempts=100000\nconnection.backoff.ms=50\n";
        let keys = node.keys();
        let file = format!("name={name}\ntopics={topic}\ntable.name.format=t_{name}\n{common}{own}\n{keys}");
        place.write(&format!("{name}.properties"), file);
    }

    let written = || node.values(&format!("SELECT count(*) FROM {}", table("once")))[0];
    let mut running = place.spawn(ALL);
    let (mut of_worker, mut of_database, mut midway) = (0, 0, 0);
    for kill in 0..kills {
        let goal = kill * each + random.below(each);
        until(|| {
            running.go_on_for(Duration::ZERO);
            let written = written();
            (written >= goal).then_some(()).ok_or_else(|| format!("{written} of {goal} rows"))
        });
        running.go_on_for(Duration::from_micros(random.below(20_000)));
        if random.below(2) == 0 {
            // The worker sees the database go and come back.
            node.strike();
            of_database += 1;
        } else {
            running.kill();
            running = place.spawn(ALL);
            of_worker += 1;
        }
        midway += u64::from(written() < rows);
    }
    running.kill();
    place.run(&format!("{ALL} --until-drained")).expect(0, &["stopped in order"]);

    let plain = node.values(&format!("SELECT n FROM {} ORDER BY n", table("plain")));
    let repeated = plain.len() as u64 - rows.min(plain.len() as u64);
    let mut distinct = plain;
    distinct.dedup();
    let kind = node.kind;
    println!(
        "{kind}: worker killed {of_worker} times, database {of_database} times; {repeated} of {rows} rows repeated"
    );
    assert!(distinct.into_iter().eq(0..rows), "plain: rows are missing or invented");
    let once = node.values(&format!("SELECT n FROM {} ORDER BY n", table("once")));
    assert!(once.into_iter().eq(0..rows), "exactly once: rows are missing, repeated or invented");
    let last = |key: u64| (0..rows).rev().find(|n| n % KEYS == key).and_then(state);
    let expected: Vec<_> = (0..KEYS).filter_map(|key| Some([key, last(key)?])).collect();
    let found = |column: &str| node.values(&format!("SELECT {column} FROM {} ORDER BY id", table("last")));
    let found: Vec<_> = found("id").into_iter().zip(found("n")).map(|(id, n)| [id, n]).collect();
    assert_eq!(found, expected, "the table is not what the topic says last");
    assert!(midway * 2 >= kills, "most kills struck when all was written");
}
