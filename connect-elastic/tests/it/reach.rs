//! Ways to a cluster, and what validation says when it cannot be reached or written to.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::host::{AIVEN, CONFLUENT, config, number, record, worker};
use crate::server::{FOR_EVER, Fault, Server};
use crate::tls::{CA, wrapped};

/// Writes ten records, and says how requests were asked for.
async fn written(server: &Server, class: &str, more: &[(&str, &str)]) {
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records((0..10).map(|n| record(format!("k{n}"), number(n)))).await;
    worker.create(config(server, class, more)).await;
    worker.drained().await;
    assert_eq!(worker.committed("es", "t"), [10]);
}

#[tokio::test(start_paused = true)]
async fn through_a_proxy() {
    let server = Server::start().await;
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let more = [
        ("connection.url", "http://search.invalid:9200/base"),
        ("proxy.host", "127.0.0.1"),
        ("proxy.port", &port),
        ("proxy.username", "u"),
        ("proxy.password", "p"),
    ];
    // The server plays the proxy: it is asked for whole URLs.
    server.state().answers.push(("/base/", json!({ "errors": false, "items": [] })));
    written(&server, CONFLUENT, &more).await;
    let state = server.state();
    let bulk = state.asked.iter().find(|asked| asked.path.starts_with("/base/_bulk")).unwrap();
    assert_eq!(bulk.header("proxy-authorization"), Some("Basic dTpw"));
    assert_eq!((bulk.header("host"), bulk.header("authorization")), (Some("search.invalid:9200"), None));
}

/// A proxy that makes tunnels, whatever they are asked to, to `target`. What it was asked comes out of the channel.
async fn tunnels(target: u16, status: &'static str) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, heads) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let asked = asked.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                asked.send(String::from_utf8(head).unwrap()).unwrap();
                client.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await.unwrap();
                let mut server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (port, heads)
}

#[tokio::test]
async fn through_a_tunnel_to_a_server_with_tls() {
    let server = Server::start().await;
    let behind = wrapped(&server).await;
    for (status, reached) in [("200 OK", true), ("407 Proxy Authentication Required", false)] {
        let (port, mut heads) = tunnels(behind, status).await;
        let port = port.to_string();
        let more = [
            ("connection.url", "https://localhost:9243"),
            ("connection.timeout.ms", "30000"),
            ("proxy.host", "127.0.0.1"),
            ("proxy.port", &port),
            ("proxy.username", "u"),
            ("proxy.password", "p"),
            ("elastic.security.protocol", "SSL"),
            ("elastic.https.ssl.truststore.type", "PEM"),
            ("elastic.https.ssl.truststore.location", CA),
        ];
        if reached {
            written(&server, CONFLUENT, &more).await;
            assert_eq!(server.count("t"), 10);
        } else {
            let errors = worker().await.validate(config(&server, CONFLUENT, &more)).await;
            let said = errors.of("proxy.host").next().unwrap().to_string();
            assert!(said.contains("gave no tunnel") && said.contains("407"), "{said}");
        }
        let head = heads.recv().await.unwrap();
        assert!(head.starts_with("CONNECT localhost:9243 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("Proxy-Authorization: Basic dTpw\r\n"), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_are_found_by_asking() {
    let (first, second) = (Server::start().await, Server::start().await);
    let node = |server: &Server| json!({ "roles": ["data"], "http": { "publish_address": server.url.replace("http://", "") } });
    let nodes = json!({ "nodes": { "a": node(&first), "b": node(&second) } });
    for server in [&first, &second] {
        server.state().answers.push(("/_nodes/http", nodes.clone()));
    }
    let more = [("connection.sniff", "true"), ("batch.size", "2"), ("max.in.flight.requests", "1")];
    written(&first, CONFLUENT, &more).await;
    assert!(first.count("t") > 0 && second.count("t") > 0);
    assert_eq!(first.count("t") + second.count("t"), 10);
}

#[tokio::test(start_paused = true)]
async fn every_way_to_say_who_asks() {
    let rows: [Row<'_>; 5] = [
        (CONFLUENT, &[("connection.username", "u"), ("connection.password", "p")], "Basic dTpw"),
        (CONFLUENT, &[("connection.api.key", "id:key")], "ApiKey aWQ6a2V5"),
        (AIVEN, &[("connection.api.key", "aWQ6a2V5")], "ApiKey aWQ6a2V5"),
        (CONFLUENT, &[("connection.bearer.token", "abc")], "Bearer abc"),
        (CONFLUENT, &AWS, "AWS4-HMAC-SHA256 Credential=AKID/"),
    ];
    for (class, keys, expect) in rows {
        let server = Server::start().await;
        written(&server, class, keys).await;
        let state = server.state();
        for asked in &state.asked {
            let said = asked.header("authorization").unwrap_or_default();
            assert!(said.starts_with(expect) && !said.contains("hunter2"), "{} {said}", asked.path);
        }
    }
}

/// A class, keys, and how the header begins then.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

const AWS: [(&str, &str); 4] = [
    ("aws.region", "eu-west-1"),
    ("aws.service.signing.name", "es"),
    ("aws.access_key_id", "AKID"),
    ("aws.secret_access_key", "hunter2"),
];

#[tokio::test(start_paused = true)]
async fn a_user_without_privileges_is_told_before_anything_starts() {
    let server = Server::start().await;
    let lacking = json!({ "has_all_requested": false, "index": {
        "t": { "write": false, "view_index_metadata": true, "create_index": false },
        "u": { "write": true, "view_index_metadata": true, "create_index": true } } });
    server.state().answers.push(("/_security/user/_has_privileges", lacking));
    let worker = worker().await;
    let keys = [("topics", "t,u"), ("connection.api.key", "k")];
    let errors = worker.validate(config(&server, CONFLUENT, &keys)).await;
    let told: Vec<_> = errors.iter().map(|error| (error.key.as_str(), error.message.as_str())).collect();
    let expect = "this user may not write to \"t\": it lacks write, create_index; grant it a role that has them";
    assert_eq!(told, [("connection.api.key", expect)]);
    // Who may not look cannot know whether it is there.
    server.state().other_faults.extend([Fault::None, Fault::None, Fault::None, Fault::Status(403, String::new())]);
    let errors = worker.validate(config(&server, CONFLUENT, &keys)).await;
    assert!(errors.to_string().contains("it lacks write, create_index;"), "{errors}");
    // An index that is there need not be made.
    server.state().store.indices.entry("t".into()).or_default();
    let errors = worker.validate(config(&server, CONFLUENT, &keys)).await;
    assert!(errors.to_string().contains("it lacks write;"), "{errors}");
    // Nobody knows where transforms send records, and without a user there is nobody to be allowed anything.
    let renamed = [
        ("transforms", "r"),
        ("transforms.r.type", "org.apache.kafka.connect.transforms.RegexRouter"),
        ("transforms.r.regex", "t"),
        ("transforms.r.replacement", "x"),
    ];
    for keys in [[&keys[..], &renamed].concat(), Vec::new()] {
        assert!(worker.validate(config(&server, CONFLUENT, &keys)).await.is_empty());
    }
    server.state().other_faults.push_back(Fault::Status(401, String::new()));
    let errors = worker.validate(config(&server, CONFLUENT, &keys)).await;
    assert!(
        errors.of("connection.api.key").next().unwrap().to_string().contains("check connection.api.key"),
        "{errors}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_not_waited_for() {
    let server = Server::start().await;
    let worker = worker().await;
    // To the first question, and to that for its version, without which it is taken as it comes.
    for (faults, expect) in
        [(vec![Fault::Delay(FOR_EVER)], "no answer within"), (vec![Fault::None, Fault::Delay(FOR_EVER)], "")]
    {
        server.state().other_faults.extend(faults);
        let began = Instant::now();
        let errors = worker.validate(config(&server, CONFLUENT, &[])).await;
        let said = errors.of("connection.url").next().map(ToString::to_string).unwrap_or_default();
        assert!(said.contains(expect) && errors.is_empty() == expect.is_empty(), "{errors}");
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    }
}

/// Keys, what happens to the questions that are asked, and whether what is said of it may be over later.
type Doubt<'a> = (&'a [(&'a str, &'a str)], Vec<Fault>, bool);

/// What does not answer may answer later; what is wrong stays wrong.
#[tokio::test(start_paused = true)]
async fn only_what_may_be_over_is_called_passing() {
    let server = Server::start().await;
    let worker = worker().await;
    // It is bound, and nobody listens.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = format!("http://{}", socket.local_addr().unwrap());
    let mapped = [
        ("external.resource.usage", "INDEX"),
        ("topic.to.external.resource.mapping", "t:made"),
        ("connection.timeout.ms", "1000"),
    ];
    let status = |status| Fault::Status(status, String::new());
    let rows: [Doubt<'_>; 8] = [
        (&[("connection.url", &nobody)], vec![], true),
        (&[], vec![Fault::Delay(FOR_EVER)], true),
        (&[], vec![Fault::Reset], true),
        (&[], vec![status(503)], true),
        (&mapped, vec![Fault::None, Fault::None, status(429)], true),
        (&mapped, vec![], false),
        (&[], vec![status(401)], false),
        (&[("connection.url", "ftp://search")], vec![], false),
    ];
    for (keys, faults, passing) in rows {
        server.state().other_faults = faults.clone().into();
        let errors = worker.validate(config(&server, CONFLUENT, keys)).await;
        assert!(!errors.is_empty(), "{keys:?} {faults:?}");
        assert_eq!(errors.are_passing(), passing, "{keys:?} {faults:?} {errors}");
    }
}

/// A server that comes up later than the worker is waited for, as often as it takes.
#[tokio::test(start_paused = true)]
async fn a_task_that_starts_waits_for_its_server() {
    let server = Server::start().await;
    let checked = [Fault::None, Fault::None];
    let away = [Fault::Reset, Fault::Status(503, String::new()), Fault::Delay(FOR_EVER)];
    server.state().other_faults = checked.into_iter().chain(away.iter().cycle().take(12).cloned()).collect();
    written(&server, CONFLUENT, &[("max.retries", "0")]).await;
    assert!(server.state().other_faults.is_empty());
    assert_eq!(server.count("t"), 10);
}

#[tokio::test(start_paused = true)]
async fn validation_has_one_row_for_each_key() {
    let server = Server::start().await;
    let worker = worker().await;
    for class in [CONFLUENT, AIVEN] {
        let more =
            [("aws.sts.role.session.duration", "1"), ("transforms", ""), ("errors.deadletterqueue.topic.name", "dlq")];
        let given: BTreeMap<String, Option<String>> =
            config(&server, class, &more).into_iter().map(|(key, value)| (key, Some(value))).collect();
        let infos = worker.worker().config_infos(class, &given).await.unwrap();
        let names: Vec<_> = infos.configs.iter().map(|row| row.value.name.clone()).collect();
        let once: BTreeSet<_> = names.iter().collect();
        assert_eq!(once.len(), names.len(), "{class}: {names:?}");
        let errors: Vec<_> = infos.errors().collect();
        assert!(matches!(errors[..], [("aws.sts.role.session.duration", _)]), "{errors:?}");
    }
}
