//! What `connect standalone` does on a cluster, whichever it is.

use std::sync::Arc;
use std::time::Duration;

use connect_kafka::consumer::LogReader;
use connect_kafka::{Isolation, WireBroker, WireConfig};

use crate::support::{CONVERTERS, Place, until};

const ALL: &str = "standalone worker.properties source.properties sink.json";

fn lines(from: usize, to: usize) -> String {
    (from..to).map(|number| format!("line {number}\n")).collect()
}

/// With a worker on the cluster, and a source and a sink that copy `in.txt` to `out.txt`. Topics and groups that the
/// cluster has had before are not met again.
fn place(bootstrap: &str, what: &str) -> (Place, String) {
    let place = Place::new();
    let topic = format!("{what}-{}", place.path("").file_name().expect("a name").to_string_lossy().replace('.', ""));
    place.write(
        "worker.properties",
        format!("{CONVERTERS}bootstrap.servers={bootstrap}\noffset.storage.file.filename=offsets\noffset.flush.interval.ms=50\n"),
    );
    let source = format!("name=from-{topic}\nconnector.class=FileStreamSource\nfile=in.txt\ntopic={topic}\n");
    let created = "topic.creation.default.partitions=1\ntopic.creation.default.replication.factor=-1\n";
    place.write("source.properties", source + created + "producer.override.compression.type=lz4\n");
    let sink = r#""connector.class":"FileStreamSink","file":"out.txt""#;
    place.write("sink.json", format!(r#"{{"name":"to-{topic}",{sink},"topics":"{topic}"}}"#));
    (place, topic)
}

pub(crate) fn copies_and_goes_on_where_it_was(bootstrap: &str) {
    let (place, _) = place(bootstrap, "copy");
    place.write("in.txt", lines(0, 20_000));
    place.run(&format!("{ALL} --until-drained")).expect(0, &["worker started on a Kafka cluster"]);
    place.expect_copied(&lines(0, 20_000));
    place.write("in.txt", lines(0, 20_100));
    place.run(&format!("{ALL} --until-drained")).expect(0, &[]);
    place.expect_copied(&lines(0, 20_100));
    // Told to end in the middle of it: nothing is lost and nothing repeated.
    place.write("in.txt", lines(0, 200_000));
    let mut running = place.spawn(ALL);
    running.wait_for("worker ready");
    running.go_on_for(Duration::from_millis(300));
    running.signal("TERM");
    running.end().expect(0, &["stopped in order"]);
    place.run(&format!("{ALL} --until-drained")).expect(0, &[]);
    place.expect_copied(&lines(0, 200_000));
}

/// Before anything runs: what the cluster has, and what it lacks.
pub(crate) fn doctor_looks_at_it(bootstrap: &str) {
    let (place, topic) = place(bootstrap, "doctor");
    place.write("in.txt", "a\n");
    let internal = format!("config.storage.topic=configs-{topic}\noffset.storage.topic={topic}\n");
    let settings = place.read("worker.properties") + &internal;
    place.write("worker.properties", settings.clone());
    let doctor = "doctor --config worker.properties source.properties sink.json";
    let expect = |told: &[&str]| {
        let ended = place.run(doctor);
        for part in told {
            assert!(ended.stdout.contains(part), "{part:?} is not in\n{}", ended.stdout);
        }
        ended.stdout
    };
    let gone = format!("problem  connector to-{topic}, topic {topic}: is not there");
    let text = expect(&[
        &format!("ok       Kafka at {bootstrap}: answers, cluster "),
        &format!("ok       config.storage.topic configs-{topic}: is not there yet"),
        "ok       producing: is allowed",
        &gone,
        "-> make it, or let the source make it first",
        &format!("ok       connector to-{topic}, group connect-to-{topic}: is allowed"),
    ]);
    assert!(text.contains("problem"), "{text}");
    // The source makes the topic; as the topic of offsets it would lose what it must keep.
    place.write("worker.properties", settings.replace(&internal, ""));
    place.run(&format!("{ALL} --until-drained")).expect(0, &[]);
    place.write("worker.properties", settings);
    let text = expect(&[
        &format!("ok       connector to-{topic}, topic {topic}: is there"),
        &format!("problem  offset.storage.topic {topic}: has cleanup.policy=delete and would lose what it must keep"),
        "-> set cleanup.policy=compact on the topic",
    ]);
    assert!(!text.contains(&gone), "{text}");
}

pub(crate) fn finds_topics_that_come_later(bootstrap: &str) {
    let (place, topic) = place(bootstrap, "later");
    place.write("in.txt", lines(0, 10));
    let sink = r#""connector.class":"FileStreamSink","file":"out.txt","consumer.override.metadata.max.age.ms":"200""#;
    place.write("sink.json", format!(r#"{{"name":"to-{topic}",{sink},"topics.regex":"{topic}.*"}}"#));
    let mut sink = place.spawn("standalone worker.properties sink.json");
    sink.wait_for("worker ready");
    let source = place.read("source.properties");
    place.write("source.properties", source.replace(&format!("topic={topic}\n"), &format!("topic={topic}-b\n")));
    place.run("standalone worker.properties source.properties --until-drained").expect(0, &[]);
    until(|| {
        sink.go_on_for(Duration::ZERO);
        let copied = std::fs::read_to_string(place.path("out.txt")).unwrap_or_default();
        (copied == lines(0, 10)).then_some(()).ok_or(copied)
    });
    sink.signal("TERM");
    sink.end().expect(0, &[]);
}

/// Through the listener of `properties`, which are those of every client of the worker. `direct` is a listener without
/// TLS and SASL of the same cluster.
pub(crate) fn bad_records_become_dead_letters(direct: &str, properties: &[(&str, String)]) {
    let (place, topic) = place(direct, "dead");
    let mut worker = place.read("worker.properties");
    for (key, value) in properties {
        for prefix in ["", "producer.", "consumer."] {
            worker += &format!("{prefix}{key}={value}\n");
        }
    }
    place.write("worker.properties", worker);
    place.write("in.txt", "{\"good\":1}\nno JSON\n\"good\"\n{\"cut off\n");
    let sink = r#""connector.class":"FileStreamSink","file":"out.txt""#;
    let converter = r#""value.converter":"JsonConverter","value.converter.schemas.enable":"false""#;
    let tolerance = r#""errors.tolerance":"all","errors.deadletterqueue.context.headers.enable":"true""#;
    let letters = format!(
        r#""errors.deadletterqueue.topic.name":"{topic}-letters","errors.deadletterqueue.topic.replication.factor":"1""#
    );
    place.write(
        "sink.json",
        format!(r#"{{"name":"to-{topic}",{sink},"topics":"{topic}",{converter},{tolerance},{letters}}}"#),
    );
    place.run(&format!("{ALL} --until-drained")).expect(4, &["gave up 2 records, of which 2 are dead letters"]);
    place.expect_copied("{good=1}\ngood\n");
    let stage = ("__connect.errors.stage", "VALUE_CONVERTER");
    let expected = [1, 3].map(|offset| {
        let (of, at) = (("__connect.errors.topic", topic.clone()), ("__connect.errors.offset", offset.to_string()));
        (["no JSON", "{\"cut off"][offset / 2].to_owned(), [of, at, (stage.0, stage.1.to_owned())])
    });
    let found = letters_in(direct, &format!("{topic}-letters"));
    assert_eq!(found.len(), expected.len());
    for ((value, headers), (expected, wanted)) in found.into_iter().zip(expected) {
        assert_eq!(value, expected);
        for (name, text) in wanted {
            assert!(headers.contains(&(name.to_owned(), text.clone())), "{name}: {text} in {headers:?}");
        }
    }
}

/// Value and headers of each record.
fn letters_in(bootstrap: &str, topic: &str) -> Vec<(String, Vec<(String, String)>)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let broker =
            WireBroker::connect(WireConfig::plaintext(bootstrap).expect("an address")).await.expect("a broker");
        let mut all = Vec::new();
        let mut reader = LogReader::new(Arc::new(broker), topic, Isolation::ReadCommitted);
        let each = |record: connect_kafka::batch::FetchedRecord, _| {
            let headers = record.headers.iter();
            let headers = headers.map(|(name, value)| (text(name), text(value.as_deref().unwrap_or_default())));
            all.push((text(&record.value.unwrap_or_default()), headers.collect()));
        };
        reader.read_to_end(each).await.expect("the topic");
        all
    })
}
