//! A search server that comes up later than the worker, as after a restart of the machine they share.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use crate::support::{PATIENCE, Place, nobody, until};

#[test]
fn a_worker_starts_without_the_server_that_it_writes_to() {
    let place = Place::with_copy();
    let (socket, address) = nobody();
    place.write("in.txt", "{\"n\":1}\n");
    let sink = format!(
        "name=search\nconnector.class=ElasticsearchSink\ntopics=lines\nkey.ignore=true\nschema.ignore=true\n\
         value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n\
         connection.timeout.ms=300000\nread.timeout.ms=300000\nconnection.url=http://{address}\n"
    );
    place.write("search.properties", &sink);
    // Whoever asks is told.
    place.run("validate worker.properties search.properties").expect(1, &["connection.url: ", "cannot connect to"]);
    let mut worker = place.spawn("standalone worker.properties source.properties sink.json search.properties");
    worker.wait_for("start failed, trying again");
    until(|| match place.read("out.txt").as_str() {
        "{\"n\":1}\n" => Ok(()),
        other => Err(other.to_owned()),
    });

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(async { socket.listen(16)?.into_std() }).expect("it listens");
    listener.set_nonblocking(false).expect("it blocks");
    let bulks = serve(listener);
    let bulk = bulks.recv_timeout(PATIENCE).expect("a bulk request");
    assert!(bulk.contains("\"_id\":\"lines+0+0\"") && bulk.contains("{\"n\":1}\n"), "{bulk}");
    worker.signal("TERM");
    worker.end().expect(0, &["stopped in order"]);
    // A URL that is none is no matter of time.
    place.write("search.properties", sink.replace("http://", "search://"));
    place
        .run("standalone worker.properties source.properties sink.json search.properties")
        .expect(3, &["connection.url: ", "the scheme \"search\" is none of http, https"]);
}

/// A server to which everything is fine; the bodies of its bulk requests.
fn serve(listener: TcpListener) -> mpsc::Receiver<String> {
    let (sender, bodies) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || answer(BufReader::new(stream), &sender));
        }
    });
    bodies
}

/// Answers until the other side goes.
fn answer(mut stream: BufReader<TcpStream>, bodies: &mpsc::Sender<String>) -> Option<()> {
    loop {
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            stream.read_line(&mut head).ok().filter(|read| *read > 0)?;
            if let Some(value) = head[start..].to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        let said = if head.starts_with("HEAD") { "" } else { r#"{"errors":false,"items":[]}"# };
        if head.starts_with("POST /_bulk") {
            bodies.send(String::from_utf8(body).ok()?).ok()?;
        }
        write!(stream.get_mut(), "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}", said.len()).ok()?;
    }
}
