//! Spans of a whole run, at a collector.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use crate::support::{Place, nobody};

const RUN: &str = "standalone worker.properties source.properties sink.json --until-drained";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// A collector that takes whatever is sent: where it listens, and the paths and bodies.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, taken) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = sender.send(take(&mut stream));
            // Only now, so that nothing that was answered is still to come.
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("it reads");
        }
    });
    (url, taken)
}

fn take(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    reader.read_exact(&mut body).expect("the body");
    (lines.swap_remove(0), body)
}

#[test]
fn tasks_and_their_stages_arrive() {
    let (url, taken) = collector();
    let place = Place::with_copy();
    place.write("in.txt", "a\nb\n");
    let output = place.command(RUN).env(ENDPOINT, url).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0));
    place.expect_copied("a\nb\n");
    // It ended after the last answer.
    let taken: Vec<_> = taken.try_iter().collect();
    assert!(taken.iter().all(|(line, _)| line == "POST /v1/traces HTTP/1.1"), "{:?}", taken[0].0);
    let bodies: Vec<u8> = taken.into_iter().flat_map(|(_, body)| body).collect();
    let bodies = String::from_utf8_lossy(&bodies);
    for text in ["service.name", "connector", "from", "to", "poll", "put", "pre_commit", "records"] {
        assert!(bodies.contains(text), "no {text:?} in {bodies:?}");
    }
}

#[test]
fn a_collector_that_is_not_there_stops_nothing() {
    let (_socket, gone) = nobody();
    let place = Place::with_copy();
    place.write("in.txt", "a\nb\n");
    for endpoint in [format!("http://{gone}"), "https://127.0.0.1:1".to_owned()] {
        let output = place.command(RUN).env(ENDPOINT, endpoint).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(0));
    }
    place.expect_copied("a\nb\n");
}

#[test]
fn an_endpoint_that_is_none_is_said() {
    let place = Place::with_copy();
    let output = place.command(RUN).env(ENDPOINT, "not a URL").output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error: the OpenTelemetry exporter: "), "{said}");
}
