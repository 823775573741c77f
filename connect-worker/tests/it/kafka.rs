//! `connect standalone` on a cluster: here one that `connect broker` makes, for `tests/real` a real one.

use std::net::TcpListener;

use crate::broker::{start, stop};
use crate::on_cluster;
use crate::support::{CONVERTERS, Place, nobody};

fn with_broker(test: impl FnOnce(&str)) {
    let place = Place::new();
    let (broker, address) = start(&place, "");
    test(&address);
    stop(broker, "TERM");
}

#[test]
fn copies_and_goes_on_where_it_was() {
    with_broker(on_cluster::copies_and_goes_on_where_it_was);
}

#[test]
fn doctor_looks_at_it() {
    with_broker(on_cluster::doctor_looks_at_it);
}

#[test]
fn doctor_says_that_nobody_listens() {
    let (_socket, address) = nobody();
    let place = on(&format!("bootstrap.servers={address}\n"));
    let ended = place.run("doctor --config worker.properties source.properties").expect(4, &[]);
    for part in [&format!("problem  Kafka at {address}: nobody listens there"), "-> is it running"] {
        assert!(ended.stdout.contains(part), "{}", ended.stdout);
    }
}

#[test]
fn finds_topics_that_come_later() {
    with_broker(on_cluster::finds_topics_that_come_later);
}

#[test]
fn bad_records_become_dead_letters() {
    with_broker(|address| on_cluster::bad_records_become_dead_letters(address, &[]));
}

/// The worker file with these lines.
fn on(lines: &str) -> Place {
    let place = Place::with_copy();
    place.write("in.txt", "a\n");
    place.write("worker.properties", format!("{CONVERTERS}offset.storage.file.filename=offsets\n{lines}"));
    place
}

#[test]
fn nobody_listens() {
    let (_socket, address) = nobody();
    // Long enough for one attempt on any machine.
    let place = on(&format!("bootstrap.servers={address}\ndefault.api.timeout.ms=5000\n"));
    let said = ["no Kafka broker answered within 5s", &format!("nobody listens on {address}")];
    place.run("standalone worker.properties source.properties").expect(2, &said);
}

#[test]
fn somebody_listens_who_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let place = on(&format!("bootstrap.servers={address}\ndefault.api.timeout.ms=700\n"));
    let said = ["no Kafka broker answered within 700ms"];
    place.run("standalone worker.properties source.properties").expect(2, &said);
}

#[test]
fn mistakes() {
    let place = on("bootstrap.servers=h:9092\nbroker.dir=x\nsecurity.protocol=TLS\nproducer.batch.size=big\n");
    let said = [
        "worker.properties: broker.dir: invalid value \"x\": is a broker of this process, and bootstrap.servers a Kafka cluster",
        "worker.properties: security.protocol: \"TLS\" is not possible; possible: PLAINTEXT, SSL",
    ];
    place.run("standalone worker.properties source.properties").expect(2, &said);
    place.write("worker.properties", "bootstrap.servers=h:9092\nproducer.batch.size=big\n");
    let said = ["worker.properties: offset.storage.file.filename: is required with bootstrap.servers"];
    place.run("validate worker.properties").expect(1, &said);
    let place = on(
        "bootstrap.servers=h:9092\nproducer.batch.size=big\nconsumer.acks=all\nconnector.client.config.override.policy=None\n",
    );
    place
        .run("validate worker.properties")
        .expect(1, &["worker.properties: producer.batch.size: invalid value \"big\""]);
    place.write(
        "worker.properties",
        place.read("worker.properties").replace("=big", "=1").replace("consumer.acks", "consumer.fetch.min.bites"),
    );
    let source = place.read("source.properties") + "producer.override.linger.ms=5\n";
    place.write("source.properties", source);
    let said = [
        "worker.properties: key \"consumer.fetch.min.bites\" is not known (did you mean \"fetch.min.bytes\"?)",
        "source.properties: producer.override.linger.ms: the worker's connector.client.config.override.policy None does not allow it; allowed: nothing",
    ];
    place.run("validate worker.properties source.properties").expect(1, &said);
}
