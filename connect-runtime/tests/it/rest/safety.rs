//! Who may ask what, how much, and how long.

use std::time::Duration;

use connect_api::config::Millis;
use connect_runtime::rest::Rest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Place;
use super::client::{raw, request};

/// The token `sesame` of `viewer`.
const TOKENS: &str = "viewer:d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272\n";

fn basic(text: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
}

async fn with_authentication() -> (Place, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("users"), format!("alice:{}", bcrypt::hash("wonder", 4).unwrap())).unwrap();
    std::fs::write(directory.path().join("tokens"), TOKENS).unwrap();
    let place = Place::with(|config| {
        config.auth = vec!["basic".into(), "bearer".into()];
        config.basic_file = Some(directory.path().join("users"));
        config.bearer_file = Some(directory.path().join("tokens"));
        config.read_only = vec!["viewer".into()];
    })
    .await;
    (place, directory)
}

#[tokio::test]
async fn nobody_gets_in_without_a_name_and_readers_change_nothing() {
    let (place, _directory) = with_authentication().await;
    let (alice, wrong, viewer) = (basic("alice:wonder"), basic("alice:w"), "Bearer sesame".to_owned());
    let config = Some(r#"{"connector.class":"ListSource","items":"a"}"#);
    for (method, path, shown, body, status) in [
        ("GET", "/", None, None, 401),
        ("GET", "/nope", None, None, 401),
        ("OPTIONS", "/", None, None, 401),
        ("GET", "/", Some(&wrong), None, 401),
        ("GET", "/", Some(&alice), None, 200),
        ("GET", "/", Some(&viewer), None, 200),
        ("PUT", "/connectors/one/config", Some(&alice), config, 201),
        ("GET", "/connectors/one/config", Some(&viewer), None, 200),
        ("PUT", "/connectors/one/config", Some(&viewer), config, 403),
        ("POST", "/connectors/one/config/plan", Some(&viewer), config, 403),
        ("DELETE", "/connectors/one", Some(&viewer), None, 403),
        ("PUT", "/admin/loggers/root", Some(&viewer), Some("{}"), 403),
        ("DELETE", "/connectors/one", Some(&alice), None, 204),
    ] {
        let shown: Vec<_> = shown.iter().map(|shown| ("Authorization", shown.as_str())).collect();
        let answer = place.ask_with(method, path, &shown, body).await;
        assert_eq!(answer.status, status, "{method} {path} {shown:?}: {answer:?}");
        let challenge = "Basic realm=\"connect\", charset=\"UTF-8\", Bearer realm=\"connect\"";
        assert_eq!(answer.header("www-authenticate").as_deref(), (status == 401).then_some(challenge));
        if status == 403 {
            assert!(answer.message().contains("rest.auth.read.only"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn passwords_cannot_be_tried_without_end() {
    let (place, _directory) = with_authentication().await;
    let (wrong, right) = (("Authorization", "Bearer guess"), ("Authorization", "Bearer sesame"));
    let ask = async |shown| place.ask_with("GET", "/", &[shown], None).await;
    assert_eq!(ask(wrong).await.status, 401);
    let mut answer = ask(right).await;
    assert_eq!(answer.status, 200);
    // The longer this takes, the more are let through.
    for _ in 0..1000 {
        if answer.status != 200 {
            break;
        }
        ask(wrong).await;
        answer = ask(right).await;
    }
    assert_eq!(answer.status, 429, "{answer:?}");
    assert!(answer.header("retry-after").is_some() && answer.message().contains("wrong passwords"), "{answer:?}");
}

#[tokio::test]
async fn requests_are_limited_in_number_and_size() {
    let place = Place::with(|config| {
        config.requests_per_second = 4;
        config.request_max_bytes = 1024;
    })
    .await;
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(2000));
    let answer = place.ask("POST", "/connectors", Some(&large)).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert!(answer.message().contains("rest.request.max.bytes"), "{answer:?}");
    let chunked = format!(
        "POST /connectors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let stream = TcpStream::connect(place.address()).await.unwrap();
    assert_eq!(raw(stream, chunked.as_bytes()).await.status, 413);
    // Side by side: one after the other they might take as long as the limit asks for.
    let answers = futures::future::join_all((0..100).map(|_| place.ask("GET", "/", None))).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(!refused.is_empty(), "{answers:?}");
    for answer in refused {
        assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
        assert!(answer.message().contains("rest.requests.per.second"), "{answer:?}");
    }
}

#[tokio::test]
async fn slow_clients_are_not_waited_for() {
    let place = Place::with(|config| config.connection_timeout = Millis::new(50)).await;
    let slow_body = "PUT /connectors/a/config HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                     Content-Length: 9\r\nConnection: close\r\n\r\n{";
    let stream = TcpStream::connect(place.address()).await.unwrap();
    let answer = raw(stream, slow_body.as_bytes()).await;
    assert_eq!(answer.status, 408, "{answer:?}");
    assert!(answer.message().contains("rest.connection.timeout.ms"), "{answer:?}");
    let mut stream = TcpStream::connect(place.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").await.unwrap();
    let mut rest = Vec::new();
    // It ends, whatever it says.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(!String::from_utf8_lossy(&rest).contains(" 200 "));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let place = Place::with(|config| config.connections_max = 1).await;
    let mut held = TcpStream::connect(place.address()).await.unwrap();
    held.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    held.read_exact(&mut some).await.unwrap();
    assert_eq!(&some, b"HTTP/1.1 200");
    let next = place.ask("GET", "/", None);
    tokio::pin!(next);
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut next).await.is_err());
    drop(held);
    assert_eq!(next.await.status, 200);
}

#[tokio::test]
async fn pages_of_other_origins_cannot_drive_a_worker() {
    let place = Place::start().await;
    let own = format!("localhost:{}", place.address().port());
    for (method, headers, status) in [
        ("GET", &[("Host", "evil.example")][..], 403),
        ("GET", &[("Host", "evil.example:8083")], 403),
        ("GET", &[("Host", "localhost:1")], 200),
        ("GET", &[("Host", "LOCALHOST")], 200),
        ("GET", &[("Host", "192.0.2.7:8083")], 200),
        ("GET", &[("Host", "[::1]:8083")], 200),
        ("GET", &[("Origin", "http://evil.example")], 200),
        ("PUT", &[("Origin", "http://evil.example")], 403),
        ("PUT", &[("Origin", "null")], 403),
        ("PUT", &[("Host", &own), ("Origin", &format!("http://{own}"))], 404),
        ("PUT", &[], 404),
    ] {
        let path = if method == "GET" { "/" } else { "/connectors/no/pause" };
        let answer = place.ask_with(method, path, headers, None).await;
        assert_eq!(answer.status, status, "{method} {headers:?}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn origins_that_are_allowed_hear_so_and_answers_have_their_headers() {
    let place = Place::with(|config| {
        config.allow_origin = "http://ui.example, http://other.example".into();
        config.allow_methods = "get,PUT".into();
        config.response_headers = "set X-Frame-Options: DENY, add Cache-Control: no-store".into();
    })
    .await;
    let asks = [("Origin", "http://ui.example"), ("Access-Control-Request-Method", "PUT")];
    let preflight = place.ask_with("OPTIONS", "/connectors", &asks, None).await;
    assert_eq!((preflight.status, preflight.body.as_str()), (200, ""));
    for (name, value) in [
        ("access-control-allow-origin", "http://ui.example"),
        ("access-control-allow-methods", "GET,PUT"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "1800"),
        ("vary", "Origin"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(preflight.header(name).as_deref(), Some(value), "{name}");
    }
    let simple = place.ask_with("GET", "/", &asks[..1], None).await;
    assert_eq!(simple.header("access-control-allow-origin").as_deref(), Some("http://ui.example"));
    assert_eq!(place.ask_with("PUT", "/connectors/no/pause", &asks[..1], None).await.status, 404);
    let evil = place.ask_with("OPTIONS", "/", &[("Origin", "http://evil.example"), asks[1]], None).await;
    assert_eq!(evil.header("access-control-allow-origin"), None);
    assert_eq!(evil.header("x-frame-options").as_deref(), Some("DENY"));
    assert_eq!(place.ask("GET", "/nope", None).await.header("x-frame-options").as_deref(), Some("DENY"));
}

#[tokio::test]
async fn what_does_not_end_is_answered_all_the_same() {
    let place = Place::with(|config| config.request_timeout = Millis::new(50)).await;
    place.rig.lists.hang("validate");
    let body = r#"{"connector.class":"ListSource","items":"a"}"#;
    let answer = place.ask("PUT", "/connectors/one/config", Some(body)).await;
    assert_eq!(answer.status, 500, "{answer:?}");
    let message = answer.message();
    assert!(message.contains("within 50ms") && message.contains("PUT /connectors/{connector}/config"), "{message}");
    assert_eq!(place.ask("GET", "/connectors", None).await.status, 200);
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_a_server_ends_in_order() {
    let place = Place::start().await;
    let address = place.address();
    let config = connect_runtime::rest::RestConfig {
        listeners: vec![format!("http://{address}")],
        ..connect_runtime::rest::RestConfig::default()
    };
    let again = Rest::new(std::sync::Arc::new(place.rig.herder.clone()), config).unwrap();
    let error = again.serve().await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("listeners: cannot listen at http://{address}")), "{error}");
    assert_eq!(place.server.url(), format!("http://{address}/"));
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(request("GET", "/", &[("Connection", "keep-alive")], None).as_bytes()).await.unwrap();
    let mut some = [0; 12];
    idle.read_exact(&mut some).await.unwrap();
    place.server.shutdown().await;
    let mut rest = Vec::new();
    let _ = idle.read_to_end(&mut rest).await;
    assert!(TcpStream::connect(address).await.is_err());
}
