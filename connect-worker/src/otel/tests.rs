use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::thread;

use tracing_subscriber::prelude::*;

use super::*;

/// First line, headers and body of a request.
type Taken = (String, Vec<String>, Vec<u8>);

/// Takes one request.
fn collector() -> (String, thread::JoinHandle<Taken>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let taken = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let length = lines.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        (lines.remove(0), lines, body)
    });
    (url, taken)
}

#[test]
fn spans_arrive_at_a_collector_with_their_fields() {
    let (url, taken) = collector();
    let exporter = Exporter::start(Some(&url)).unwrap();
    let subscriber = tracing_subscriber::registry().with(exporter.layer());
    tracing::subscriber::with_default(subscriber, || {
        let task = tracing::info_span!("task", connector = "orders", task = 3);
        task.in_scope(|| tracing::info_span!("stage", stage = "put", records = 500).in_scope(|| {}));
    });
    drop(exporter);
    let (line, headers, body) = taken.join().unwrap();
    assert_eq!(line, "POST /v1/traces HTTP/1.1");
    assert!(headers.contains(&"content-type: application/x-protobuf".to_owned()), "{headers:?}");
    let body = String::from_utf8_lossy(&body);
    for text in ["service.name", "connect", "task", "connector", "orders", "stage", "put", "records"] {
        assert!(body.contains(text), "no {text:?} in {body:?}");
    }
}

#[test]
fn what_cannot_be_sent_is_an_error_and_no_hang() {
    let request = |url: &str| Request::post(url).body(Bytes::new()).unwrap();
    let error = send(&request("https://collector:4318/v1/traces")).unwrap_err().to_string();
    assert!(error.contains("only http://"), "{error}");
    // Bound, so that nobody else listens there.
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = nobody.local_addr().unwrap();
    assert!(send(&request(&format!("http://{gone}/"))).is_err());
}
