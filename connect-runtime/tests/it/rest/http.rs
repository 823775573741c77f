//! What HTTP itself asks for.

use super::Place;
use super::client::{raw, request};

const NO_TYPE: Option<&str> = None;
const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn requests_that_no_endpoint_takes() {
    let place = Place::start().await;
    let text = &[("Content-Type", "text/plain")][..];
    let form = &[("Content-Type", "application/x-www-form-urlencoded")][..];
    let no_type = &[("Content-Type", "")][..];
    for (method, path, headers, body, status, typed, message) in [
        ("GET", "/nope", &[][..], None, 404, NO_TYPE, "HTTP 404 Not Found"),
        ("OPTIONS", "/nope", &[], None, 404, NO_TYPE, "HTTP 404 Not Found"),
        ("GET", "/connectors/a/tasks-config", &[], None, 404, NO_TYPE, "HTTP 404 Not Found"),
        ("GET", "/connectors/./a", &[], None, 404, NO_TYPE, "HTTP 404 Not Found"),
        ("DELETE", "/connectors", &[], None, 405, NO_TYPE, "HTTP 405 Method Not Allowed"),
        ("TRACE", "/connectors", &[], None, 405, NO_TYPE, "HTTP 405 Method Not Allowed"),
        ("FOO", "/", &[], None, 405, NO_TYPE, "HTTP 405 Method Not Allowed"),
        ("GET", "/", &[("Accept", "text/plain")], None, 406, NO_TYPE, "HTTP 406 Not Acceptable"),
        ("GET", "/connectors", text, None, 415, NO_TYPE, "HTTP 415 Unsupported Media Type"),
        ("POST", "/connectors", text, Some("{}"), 415, NO_TYPE, "HTTP 415 Unsupported Media Type"),
        ("PUT", "/connectors/a/pause", form, Some(""), 415, NO_TYPE, "HTTP 415 Unsupported Media Type"),
        ("POST", "/connectors", no_type, Some("{}"), 415, NO_TYPE, "HTTP 415 Unsupported Media Type"),
        ("GET", "/connectors/a/tasks/abc/status", &[], None, 404, JSON, "HTTP 404 Not Found"),
        ("GET", "/connectors/a%2Fb", &[], None, 400, JSON, "encoded slash"),
        ("GET", "/connectors/a%25b", &[], None, 400, JSON, "encoded percent"),
        ("GET", "/connectors/a%5cb", &[], None, 400, JSON, "backslash"),
        ("GET", "//connectors", &[], None, 400, JSON, "empty segment"),
        ("POST", "/connectors", &[], None, 400, JSON, "there is no body"),
        ("POST", "/connectors", &[], Some("{"), 400, JSON, "not valid JSON"),
        ("POST", "/connectors", &[], Some("[1]"), 400, JSON, "the body is an array"),
    ] {
        let answer = place.ask_with(method, path, headers, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("content-type").as_deref(), typed, "{method} {path}: {answer:?}");
        assert!(answer.message().contains(message), "{method} {path}: {answer:?}");
        assert!(answer.body.starts_with(&format!("{{\"error_code\":{status},\"message\":\"")), "{answer:?}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{answer:?}");
    }
}

#[tokio::test]
async fn heads_options_and_types() {
    let place = Place::start().await;
    let head = place.ask("HEAD", "/connectors", None).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length").as_deref(), Some("2"));
    let options = place.ask("OPTIONS", "/connectors", None).await;
    assert_eq!((options.status, options.body.as_str()), (200, "HEAD, GET, POST, OPTIONS"));
    assert_eq!(options.header("content-type").as_deref(), Some("text/plain"));
    assert_eq!(options.header("allow").as_deref(), Some("HEAD,GET,POST,OPTIONS"));
    for accept in ["application/json", "*/*", "application/*;q=0.2, text/html", "text/html, application/json"] {
        assert_eq!(place.ask_with("GET", "/", &[("Accept", accept)], None).await.status, 200, "{accept}");
    }
    let restart = place.ask_with("POST", "/connectors/a/restart", &[], Some("whatever")).await;
    assert_eq!(restart.status, 404, "the body of a restart does not count: {restart:?}");
    for path in ["/connectors/", "/?x=y"] {
        assert_eq!(place.ask("GET", path, None).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_connection_may_carry_many_requests_and_broken_ones_end_it() {
    let place = Place::start().await;
    let twice = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned() + &request("GET", "/health", &[], None);
    let stream = tokio::net::TcpStream::connect(place.address()).await.unwrap();
    let answer = raw(stream, twice.as_bytes()).await;
    assert!(answer.body.contains("kafka_cluster_id") && answer.body.contains("healthy"), "{answer:?}");
    for broken in ["GET / HTTP/9.9\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let stream = tokio::net::TcpStream::connect(place.address()).await.unwrap();
        assert_eq!(raw(stream, broken.as_bytes()).await.status, 400, "{broken:?}");
    }
}
