//! The REST interface of `connect standalone`.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::support::{CONVERTERS, Place, Running, until};

const SOURCE: &str = "standalone worker.properties source.properties";

/// Host and port of a worker, from what it says about its interface.
pub(crate) fn address(worker: &mut Running) -> String {
    let line = worker.wait_for("REST is served");
    let (_, url) = line.split_once("http://").expect("a URL");
    url.chars().take_while(|char| *char != '/').collect()
}

/// Asks, and answers the status and the body.
pub(crate) fn ask(address: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head[9..12].parse().expect("a status"), body.to_owned())
}

#[test]
fn connectors_are_made_and_seen_through_it() {
    let place = Place::with_copy();
    place.write("in.txt", "a\nb\n");
    let mut worker = place.spawn(SOURCE);
    let address = address(&mut worker);
    worker.wait_for("worker ready");
    let sink = r#"{"name":"to","config":{"connector.class":"FileStreamSink","file":"out.txt","topics":"lines"}}"#;
    assert_eq!(ask(&address, "POST", "/connectors", sink).0, 201);
    let (status, body) = ask(&address, "GET", "/connectors/to/status", "");
    assert_eq!(status, 200);
    assert!(body.contains(&format!("\"worker_id\":\"{address}\"")), "{body}");
    assert_eq!(ask(&address, "GET", "/connectors", ""), (200, "[\"from\",\"to\"]".to_owned()));
    // Everything that is logged from here on, and nothing any more.
    let (status, body) = ask(&address, "PUT", "/admin/loggers/connect_runtime", r#"{"level":"DEBUG"}"#);
    assert!(status == 200 && body.contains("\"connect_runtime\""), "{body}");
    assert!(
        ask(&address, "GET", "/admin/loggers/connect_runtime", "")
            .1
            .starts_with("{\"level\":\"DEBUG\",\"last_modified\":1")
    );
    assert!(
        ask(&address, "GET", "/admin/loggers", "").1.contains("\"root\":{\"level\":\"INFO\",\"last_modified\":null}")
    );
    assert_eq!(ask(&address, "PUT", "/admin/loggers/root", r#"{"level":"OFF"}"#).0, 200);
    assert_eq!(ask(&address, "DELETE", "/connectors/to", "").0, 204);
    worker.signal("TERM");
    let ended = worker.end().expect(0, &[]);
    assert!(!ended.stderr.contains("stopped in order"), "{}", ended.stderr);
}

#[test]
fn a_port_that_was_asked_for_has_to_be_free() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let place = Place::with_copy();
    let listeners = CONVERTERS.replace("127.0.0.1:0", &address.to_string());
    place.write("worker.properties", format!("{listeners}broker.dir=data\n"));
    place.run(SOURCE).expect(2, &[&format!("error: listeners: cannot listen at http://{address}"), "in use"]);
}

#[test]
fn the_usual_port_need_not_be_free() {
    // Whoever else has it will do.
    let _taken = TcpListener::bind("127.0.0.1:8083");
    let place = Place::with_copy();
    place.write("in.txt", "a\n");
    let unsaid = CONVERTERS.replace("listeners=http://127.0.0.1:0\n", "");
    place.write("worker.properties", format!("{unsaid}broker.dir=data\n"));
    let mut worker = place.spawn(SOURCE);
    worker.wait_for("port 8083 is taken");
    let address = address(&mut worker);
    worker.wait_for("worker ready");
    assert_eq!(ask(&address, "GET", "/health", "").0, 200);
    worker.signal("TERM");
    worker.end().expect(0, &["stopped in order"]);
}

#[test]
fn other_machines_are_let_in_only_when_somebody_decided_so() {
    let place = Place::with_copy();
    let open = CONVERTERS.replace("127.0.0.1", "0.0.0.0");
    place.write("worker.properties", format!("{open}broker.dir=data\nrest.auht=none\n"));
    let said = ["worker.properties: listeners: invalid value \"http://0.0.0.0:0\"", "rest.auth=none"];
    place.run(SOURCE).expect(2, &said);
    place.write("worker.properties", format!("{open}broker.dir=data\nrest.auth=basic\nrest.auth.basic.file=users\n"));
    place.run("validate worker.properties").expect(1, &["rest.auth.basic.file: cannot read users"]);
}

/// What was answered with success has been kept: a kill takes none of it back.
#[test]
fn what_was_told_outlives_a_kill() {
    let place = Place::with_copy();
    place.write("in.txt", "a\nb\n");
    let mut worker = place.spawn("standalone worker.properties");
    let host = address(&mut worker);
    let source = r#"{"connector.class":"FileStreamSource","file":"in.txt","topic":"lines"}"#;
    let sink = |file: &str| format!(r#"{{"connector.class":"FileStreamSink","file":"{file}","topics":"lines"}}"#);
    for (name, config) in [("from", source.to_owned()), ("one", sink("1")), ("two", sink("2")), ("gone", sink("3"))] {
        assert_eq!(ask(&host, "PUT", &format!("/connectors/{name}/config"), &config).0, 201);
    }
    assert_eq!(ask(&host, "DELETE", "/connectors/gone", "").0, 204);
    assert_eq!(ask(&host, "PUT", "/connectors/one/pause", "").0, 202);
    let stopped = ask(&host, "PUT", "/connectors/two/stop", "");
    assert!(stopped.0 == 202 || stopped.0 == 204, "{stopped:?}");
    let changed = ask(&host, "PATCH", "/connectors/one/config", r#"{"file":"changed"}"#);
    assert_eq!(changed.0, 200, "{changed:?}");
    worker.kill();

    let mut worker = place.spawn("standalone worker.properties");
    let host = address(&mut worker);
    assert_eq!(ask(&host, "GET", "/connectors", ""), (200, r#"["from","one","two"]"#.to_owned()));
    assert!(ask(&host, "GET", "/connectors/one/config", "").1.contains(r#""file":"changed""#));
    for (name, state) in [("from", "RUNNING"), ("one", "PAUSED"), ("two", "STOPPED")] {
        let expected = format!(r#""connector":{{"state":"{state}""#);
        until(|| {
            let (_, status) = ask(&host, "GET", &format!("/connectors/{name}/status"), "");
            status.contains(&expected).then_some(()).ok_or(status)
        });
    }
    assert_eq!(ask(&host, "PUT", "/connectors/one/resume", "").0, 202);
    // The first lines may be in the file it had before: it may have had them before it was paused.
    let mut input = std::fs::File::options().append(true).open(place.path("in.txt")).expect("a file is opened");
    input.write_all(b"c\n").expect("a file is written");
    let lines = |file: &str| std::fs::read_to_string(place.path(file)).unwrap_or_default();
    until(|| {
        let text = lines("changed");
        text.ends_with("c\n").then_some(()).ok_or(text)
    });
    let both = lines("1") + &lines("changed");
    assert_eq!(both.lines().collect::<BTreeSet<_>>(), BTreeSet::from(["a", "b", "c"]), "{both}");
    worker.wait_for("worker ready");
    worker.signal("TERM");
    worker.end().expect(0, &[]);
}
