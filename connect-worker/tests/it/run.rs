//! Whole runs.

use crate::support::Place;

const ALL: &str = "standalone worker.properties source.properties sink.json";

fn lines(count: usize) -> String {
    (0..count).map(|number| format!("line {number}\n")).collect()
}

#[test]
fn until_drained() {
    let place = Place::with_copy();
    place.write("in.txt", lines(5000));
    let said = ["connector=from", "records=5000", "lag=0", "errors=0", "stopped in order"];
    place.run(&format!("{ALL} --until-drained")).expect(0, &said);
    place.expect_copied(&lines(5000));
    assert!(place.path("data/connect.offsets").exists());
    // Again: only what is new.
    place.write("in.txt", lines(6000));
    place.run(&format!("{ALL} --until-drained")).expect(0, &["records=1000"]);
    place.expect_copied(&lines(6000));
}

#[test]
fn standard_output_belongs_to_the_sink() {
    let place = Place::with_copy();
    place.write("in.txt", lines(10));
    place.write("sink.json", r#"{"name":"to","connector.class":"FileStreamSink","topics":"lines"}"#);
    assert_eq!(place.run(&format!("{ALL} --until-drained")).expect(0, &[]).stdout, lines(10));
}

#[test]
fn not_every_record_arrived() {
    let place = Place::with_copy();
    place.write("in.txt", lines(10));
    // One line is no number: the sink cannot read it back.
    place.write("sink.json", r#"{"name":"to","connector.class":"FileStreamSink","file":"out.txt","topics":"lines","value.converter":"org.apache.kafka.connect.converters.IntegerConverter"}"#);
    let said = ["error: not every record arrived", "to-0 is FAILED: "];
    place.run(&format!("{ALL} --until-drained")).expect(4, &said);
}

#[test]
fn told_to_end() {
    for signal in ["TERM", "INT"] {
        let place = Place::with_copy();
        place.write("in.txt", lines(200_000));
        let mut running = place.spawn(ALL);
        running.wait_for("worker ready");
        running.signal(signal);
        running.end().expect(0, &["stopping in order", "stopped in order"]);
        // It may have ended before the sink began.
        let copied = std::fs::read_to_string(place.path("out.txt")).unwrap_or_default();
        assert!(lines(200_000).starts_with(&copied), "{} bytes", copied.len());
        // An orderly stop repeats nothing.
        place.run(&format!("{ALL} --until-drained")).expect(0, &[]);
        place.expect_copied(&lines(200_000));
    }
}

#[test]
fn told_to_end_before_drained() {
    let place = Place::with_copy();
    // The last line is still to be read as long as it may go on.
    place.write("in.txt", lines(10) + "line");
    let waits = "emit.unterminated.line=true\nunterminated.line.wait.ms=3600000\n";
    place.write("source.properties", place.read("source.properties") + waits);
    let mut running = place.spawn(&format!("{ALL} --until-drained"));
    running.wait_for("worker ready");
    running.signal("TERM");
    running.end().expect(4, &["not every record arrived: stopped by SIGTERM before", "stopped in order"]);
}

#[test]
fn initial_states() {
    let place = Place::with_copy();
    place.write("in.txt", lines(10));
    for state in ["PAUSED", "STOPPED"] {
        let config = r#""config":{"connector.class":"FileStreamSink","file":"out.txt","topics":"lines"}"#;
        place.write("sink.json", format!(r#"{{"name":"to","initial_state":"{state}",{config}}}"#));
        let said = [format!("connector started connector=to state=\"{state}\"")];
        let said: Vec<_> = said.iter().map(String::as_str).collect();
        place.run(&format!("{ALL} --until-drained")).expect(4, &said);
    }
}

/// Connectors may come by REST alone.
#[test]
fn a_worker_without_connectors_waits() {
    let place = Place::with_copy();
    let mut running = place.spawn("standalone worker.properties");
    running.wait_for("worker ready");
    running.signal("TERM");
    running.end().expect(0, &["stopped in order"]);
}
