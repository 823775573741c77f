//! What is wrong is said with file and key, all at once, and by the exit status.

use crate::support::{CONVERTERS, Place};

#[test]
fn usage() {
    let place = Place::new();
    place.run("").expect(1, &["Usage:"]);
    place.run("standalone").expect(1, &["WORKER.properties", "--help"]);
    place.run("standalon").expect(1, &["standalone"]);
    place.run("--log nonsense=x plugins").expect(1, &["log levels \"nonsense=x\""]);
}

#[test]
fn files_that_are_not_there() {
    let place = Place::with_copy();
    place
        .run("standalone none.properties source.properties")
        .expect(2, &["none.properties: cannot be read: No such file"]);
    place.run("standalone worker.properties none.json").expect(3, &["none.json: cannot be read: No such file"]);
    assert!(!place.path("data").exists(), "nothing was started");
}

#[test]
fn files_of_the_wrong_form() {
    let place = Place::with_copy();
    place.write("bad.json", "{\"name\": \"a\",\n  \"x\": }");
    place.write("bad.properties", "name=a\nx=\\u12\n");
    place.write("latin.properties", b"name=a\n\nx=gr\xfcn\n");
    let said = [
        "error: 3 mistakes",
        "bad.json: is no JSON: expected value at line 2 column 8",
        "bad.properties: line 2: \\u12 is incomplete",
        "latin.properties: line 3 is not UTF-8",
    ];
    place.run("standalone worker.properties bad.json bad.properties latin.properties").expect(3, &said);
}

#[test]
fn every_mistake_of_all_files_at_once() {
    let place = Place::with_copy();
    place.write("worker.properties", "offset.flush.interval.ms=soon\nkey.converter=NoSuch\nbootstrap.servers=h:9092\n");
    place.write("source.properties", "name=from\nconnector.class=FileStreamSource\nbatch.size=0\n");
    place.write("sink.json", r#"{"name":"to","config":{"connector.class":"FileStreamSink","file":"out.txt"}}"#);
    let said = [
        "worker.properties: offset.storage.file.filename: is required with bootstrap.servers",
        "worker.properties: offset.flush.interval.ms: invalid value \"soon\"",
        "source.properties: topic: ",
        "source.properties: batch.size: invalid value \"0\"",
        "sink.json: topics: one of topics and topics.regex is required",
        "sink.json: topics.regex: one of topics and topics.regex is required",
    ];
    place.run("standalone worker.properties source.properties sink.json").expect(2, &said);
    place.run("validate worker.properties source.properties sink.json").expect(1, &said);
}

#[test]
fn unknown_classes() {
    let place = Place::with_copy();
    place.write("source.properties", "name=from\nconnector.class=FileSteamSource\nfile=in.txt\ntopic=lines\n");
    let said = [
        "source.properties: connector.class: ",
        "no connector named \"FileSteamSource\"; registered: ",
        "org.apache.kafka.connect.file.FileStreamSourceConnector",
    ];
    place.run("standalone worker.properties source.properties").expect(3, &said);
    place.write("worker.properties", "key.converter=NoSuch\nvalue.converter=StringConverter\n");
    let said = ["worker.properties: key.converter: ", "no converter named \"NoSuch\"; registered: "];
    place.run("validate worker.properties").expect(1, &said);
}

#[test]
fn converters_are_named() {
    let place = Place::with_copy();
    let worker = place.read("worker.properties");
    for key in ["key.converter", "value.converter"] {
        let without: Vec<_> = worker.lines().filter(|line| !line.starts_with(key)).collect();
        for blank in [String::new(), format!("\n{key}= ")] {
            place.write("worker.properties", without.join("\n") + &blank);
            let said = format!("worker.properties: {key}: is required, as in Kafka Connect");
            place.run("standalone worker.properties source.properties").expect(2, &[&said]);
            place.run("validate worker.properties").expect(1, &[&said]);
        }
    }
    // Connectors that name their own change nothing about that: another may come that does not.
    assert!(!place.path("data").exists(), "nothing was started");
}

#[test]
fn one_name_in_two_files() {
    let place = Place::with_copy();
    place.write("sink.json", r#"{"name":"from","connector.class":"FileStreamSink","topics":"lines"}"#);
    let said = ["sink.json: name: invalid value \"from\": source.properties has a connector of this name too"];
    place.run("standalone worker.properties source.properties sink.json").expect(3, &said);
}

#[test]
fn misspelt_keys_are_warned_of() {
    let place = Place::with_copy();
    place.write(
        "worker.properties",
        format!("{CONVERTERS}offset.flush.intervall.ms=1\nproducer.acks=all\nplugin.path=/plugins\nbroker.dri=x\n"),
    );
    place.write(
        "source.properties",
        "name=from\nconnector.class=FileStreamSource\nfile=in.txt\ntopic=lines\nbatch.siz=1\n",
    );
    let said = [
        "worker.properties: unknown key \"offset.flush.intervall.ms\" (did you mean \"offset.flush.interval.ms\"?)",
        "worker.properties: unknown key \"broker.dri\" (did you mean \"broker.dir\"?)",
        "source.properties: unknown key \"batch.siz\" (did you mean \"batch.size\"?)",
        "2 files are valid",
    ];
    let ended = place.run("validate worker.properties source.properties").expect(0, &said);
    assert!(!ended.stderr.contains("producer.acks") && !ended.stderr.contains("plugin.path"), "{}", ended.stderr);
}

#[test]
fn one_process_at_a_time() {
    let place = Place::with_copy();
    place.write("in.txt", "a\n");
    let mut first = place.spawn("standalone worker.properties source.properties");
    first.wait_for("worker ready");
    let said = ["error: broker.dir: broker directory data/log: another broker has it open"];
    place.run("standalone worker.properties sink.json").expect(2, &said);
    first.signal("TERM");
    first.end().expect(0, &["stopped in order"]);
}
