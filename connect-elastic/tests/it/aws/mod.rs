//! Requests that are signed with keys of a role.

mod fake;

use std::time::Duration;

use connect_api::config::{ConfigErrors, Secret};
use connect_elastic::{AwsEnvironment, ElasticsearchSink, OpenSearchSink};
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, State};
use tokio::net::TcpSocket;

use crate::capture::Capture;
use crate::host::{AIVEN, CONFLUENT, config, number, record};
use crate::server::{Fault, Server};
use fake::{Answer, Sts};

const ROLE: [(&str, &str); 4] = [
    ("aws.region", "eu-west-1"),
    ("aws.service.signing.name", "es"),
    ("aws.sts.role.arn", "arn:aws:iam::123456789012:role/sink"),
    ("aws.sts.role.session.name", "orders sink"),
];
const KEYS: [(&str, &str); 2] = [("aws.access_key_id", "AKID"), ("aws.secret_access_key", "hunter2")];

fn keys() -> Vec<(&'static str, &'static str)> {
    [&ROLE[..], &KEYS].concat()
}

/// A worker whose connectors ask this service, and nothing of the process's environment.
async fn worker(environment: AwsEnvironment) -> TestWorker {
    let plugins = Plugins::new()
        .sink(ElasticsearchSink::new().aws_environment(environment.clone()))
        .sink(OpenSearchSink::new().aws_environment(environment));
    let worker = TestWorker::builder().plugins(plugins).json().start().await;
    worker.topic("t", 1).await;
    worker
}

fn of(sts: &Sts) -> AwsEnvironment {
    AwsEnvironment { sts_endpoint: Some(sts.url.clone()), ..AwsEnvironment::default() }
}

/// Sends a record, and says with which token its request was signed.
async fn token_of_next(worker: &TestWorker, server: &Server, n: i64) -> String {
    worker.send_records([record(format!("k{n}"), number(n))]).await;
    worker.drained().await;
    let state = server.state();
    let last = state.asked.last().unwrap();
    let token = last.header("x-amz-security-token").unwrap_or_default().to_owned();
    let by = last.header("authorization").unwrap();
    assert!(by.contains(&token.replace("token-", "Credential=ASIA")) && by.contains("x-amz-security-token"), "{by}");
    token
}

#[tokio::test(start_paused = true)]
async fn a_role_is_taken_on_and_its_keys_sign() {
    for class in [CONFLUENT, AIVEN] {
        let (server, sts) = (Server::start().await, Sts::start().await);
        let worker = worker(of(&sts)).await;
        let more =
            [&keys()[..], &[("aws.sts.role.external.id", "a&b"), ("aws.sts.role.session.duration", "7200")]].concat();
        assert!(worker.validate(config(&server, class, &more)).await.is_empty());
        worker.create(config(&server, class, &more)).await;
        assert!(token_of_next(&worker, &server, 1).await.starts_with("token-"));
        assert_eq!((server.count("t"), worker.committed("es", "t")), (1, vec![1]), "{class}");
        for asked in &server.state().asked {
            assert!(asked.header("x-amz-security-token").is_some(), "{} is not signed", asked.path);
        }
        let state = sts.state();
        for question in &state.asked {
            let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fsink\
                        &RoleSessionName=orders%20sink&DurationSeconds=7200&ExternalId=a%26b";
            assert_eq!(question.form, form);
            let head = question.head.to_ascii_lowercase();
            for part in
                ["post / http/1.1\r\n", "credential=akid/", "/eu-west-1/sts/aws4_request", "x-amz-date: ", "urlencoded"]
            {
                assert!(head.contains(part), "{part}: {head}");
            }
            assert!(
                !head.contains("x-amz-security-token") && !head.contains("hunter2") && !head.contains("json"),
                "{head}"
            );
        }
        // One for each check of the configuration, and one for the task.
        assert!(state.asked.len() <= 3, "{}", state.asked.len());
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_renewed_before_they_end() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let worker = worker(of(&sts)).await;
    let more = [&keys()[..], &[("aws.sts.role.session.duration", "900")]].concat();
    worker.create(config(&server, CONFLUENT, &more)).await;
    let first = token_of_next(&worker, &server, 1).await;
    let asked = sts.asked();
    worker.advance(Duration::from_secs(590)).await;
    assert_eq!(token_of_next(&worker, &server, 2).await, first);
    assert_eq!(sts.asked(), asked);
    // They live yet, and are used while others are asked for.
    sts.answers([Answer::Late(Duration::from_secs(2))]);
    worker.advance(Duration::from_secs(20)).await;
    assert_eq!(token_of_next(&worker, &server, 3).await, first);
    worker.until(|| sts.asked() == asked + 1).await;
    worker.advance(Duration::from_secs(5)).await;
    assert_eq!(token_of_next(&worker, &server, 4).await, format!("token-{}", asked + 1));
    assert_eq!((sts.asked(), server.count("t")), (asked + 1, 4));
}

#[tokio::test(start_paused = true)]
async fn old_keys_are_used_while_new_ones_cannot_be_had() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let worker = worker(of(&sts)).await;
    let more = [&keys()[..], &[("aws.sts.role.session.duration", "900"), ("max.retries", "1000")]].concat();
    worker.create(config(&server, CONFLUENT, &more)).await;
    let first = token_of_next(&worker, &server, 1).await;
    let logged = Capture::begin();
    let asked = sts.asked();
    // Whatever is wrong, also what would be final without others.
    let wrong = [
        Answer::Broken,
        Answer::error(403, "AccessDenied", "not now"),
        Answer::Other(200, "<html>".to_owned()),
        Answer::error(500, "InternalFailure", ""),
        Answer::error(400, "Throttling", "Rate exceeded"),
    ];
    sts.answers(wrong.into_iter().cycle().take(1000));
    for n in 0..20 {
        worker.advance(Duration::from_secs(if n == 0 { 605 } else { 13 })).await;
        assert_eq!(token_of_next(&worker, &server, n).await, first, "{n}");
    }
    let tried = sts.asked() - asked;
    assert!((4..=12).contains(&tried), "{tried} attempts in 250 seconds");
    let text = logged.text();
    assert!(text.contains("could not be renewed") && !text.contains("hunter2") && !text.contains("secret-"), "{text}");
    // Now they have ended: documents wait for others.
    worker.advance(Duration::from_secs(60)).await;
    worker.send_records([record("late", number(1))]).await;
    let without = sts.asked();
    worker.until(|| sts.asked() > without + 3).await;
    assert_eq!((worker.state("es"), server.doc("t", "late")), (State::Running, None));
    sts.answers([]);
    worker.drained().await;
    assert!(server.doc("t", "late").is_some());
}

/// However many requests need keys, one of them asks.
#[tokio::test(start_paused = true)]
async fn keys_are_asked_for_once_at_a_time() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let worker = worker(of(&sts)).await;
    let more = [&keys()[..], &[("batch.size", "10"), ("aws.sts.role.session.duration", "900")]].concat();
    worker.create(config(&server, CONFLUENT, &more)).await;
    token_of_next(&worker, &server, 0).await;
    server.state().always = Some(Fault::Delay(Duration::from_secs(1)));
    for (after, n) in [(901, 1), (605, 2)] {
        let asked = sts.asked();
        sts.answers([Answer::Late(Duration::from_secs(8))]);
        worker.advance(Duration::from_secs(after)).await;
        worker.send_records((0..200).map(|k| record(format!("k{k}"), number(n)))).await;
        worker.drained().await;
        worker.advance(Duration::from_secs(10)).await;
        assert_eq!(sts.asked(), asked + 1, "after {after} s");
    }
    assert!(server.state().most_under_way > 1);
}

/// Keys that the cluster refuses may have ended earlier than they said: others are tried once, and then it is no matter
/// of keys.
#[tokio::test(start_paused = true)]
async fn keys_that_are_refused_are_asked_for_anew() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let worker = worker(of(&sts)).await;
    worker.create(config(&server, AIVEN, &keys())).await;
    token_of_next(&worker, &server, 1).await;
    worker.advance(Duration::from_secs(100)).await;
    let asked = sts.asked();
    server
        .faults([Fault::Status(403, r#"{"message":"The security token included in the request is expired"}"#.into())]);
    assert_eq!(token_of_next(&worker, &server, 2).await, format!("token-{}", asked + 1));
    assert_eq!((server.count("t"), sts.asked()), (2, asked + 1));
    server.state().always = Some(Fault::Status(403, String::new()));
    worker.advance(Duration::from_secs(100)).await;
    worker.send_records([record("k3", number(3))]).await;
    worker.settled().await;
    assert_eq!((worker.state("es"), sts.asked()), (State::Failed, asked + 2));
}

/// What is asked, what comes, what is said of the role, and whether it may be over later.
type Refusal<'a> = (Answer, &'a [&'a str], bool);

#[tokio::test(start_paused = true)]
async fn roles_that_cannot_be_taken_on_are_told_before_anything_starts() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let worker = worker(of(&sts)).await;
    let denied = "User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on resource: &quot;r&quot;";
    let rows: [Refusal<'_>; 10] = [
        (
            Answer::error(403, "AccessDenied", denied),
            &["AccessDenied: User: arn:aws:iam::1:user/u", "\"r\"", "trust policy"],
            false,
        ),
        (
            Answer::error(403, "InvalidClientTokenId", "no"),
            &["InvalidClientTokenId: no", "check aws.access_key_id"],
            false,
        ),
        (Answer::error(400, "ValidationError", "long"), &["ValidationError: long", "aws.sts.role.*"], false),
        (Answer::error(400, "Throttling", "Rate exceeded"), &["Throttling"], true),
        (Answer::error(503, "ServiceUnavailable", ""), &["ServiceUnavailable"], true),
        (Answer::Other(502, "<html>".into()), &["status 502", "is this its address?"], true),
        (Answer::Other(404, "not here".into()), &["status 404", "is this its address?"], false),
        (Answer::Other(200, "{}".into()), &["no AccessKeyId", "is this the address"], false),
        (Answer::Broken, &["the connection broke"], true),
        (Answer::Never, &["no answer within 10000 ms"], true),
    ];
    for class in [CONFLUENT, AIVEN] {
        for (answer, expect, passing) in &rows {
            sts.answers([answer.clone()]);
            let errors = worker.validate(config(&server, class, &keys())).await;
            said_of_role(&errors, &sts.url, expect, *passing);
        }
    }
    // It is bound, and nobody listens.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = format!("http://{}", socket.local_addr().unwrap());
    let alone = self::worker(AwsEnvironment { sts_endpoint: Some(nobody.clone()), ..AwsEnvironment::default() }).await;
    let errors = alone.validate(config(&server, CONFLUENT, &keys())).await;
    said_of_role(&errors, &nobody, &["cannot connect to 127.0.0.1"], true);
}

#[track_caller]
fn said_of_role(errors: &ConfigErrors, url: &str, expect: &[&str], passing: bool) {
    let told: Vec<_> = errors.iter().collect();
    assert!(told.len() == 1 && told[0].key == "aws.sts.role.arn", "{errors}");
    let message = told[0].to_string();
    let all = [expect, &["arn:aws:iam::123456789012:role/sink", url]].concat();
    all.iter().for_each(|part| assert!(message.contains(part), "{part}: {message}"));
    assert!(!message.contains("hunter2") && errors.are_passing() == passing, "{message}");
}

/// A domain of AWS refuses who signs wrongly with the status of one who may not look, which is no mistake.
#[tokio::test(start_paused = true)]
async fn signatures_that_are_refused_are_told_before_anything_starts() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let worker = worker(of(&sts)).await;
    let refused = |text: &str| [Fault::Status(403, String::new()), Fault::Status(403, text.to_owned())];
    let invalid = r#"{"message":"The security token included in the request is invalid."}"#;
    let differs = r#"{"message":"The request signature we calculated does not match the signature you provided."}"#;
    let may_not = r#"{"Message":"User: arn:aws:iam::1:user/u is not authorized to perform: es:ESHttpGet"}"#;
    let given = [&ROLE[..2], &KEYS].concat();
    for (keys, text, blamed) in [
        (&given, invalid, "aws.access_key_id"),
        (&given, differs, "aws.access_key_id"),
        (&keys(), invalid, "aws.sts.role.arn"),
        (&given, may_not, ""),
    ] {
        server.state().other_faults.extend(refused(text));
        let errors = worker.validate(config(&server, AIVEN, keys)).await;
        assert_eq!(errors.is_empty(), blamed.is_empty(), "{errors}");
        let said = errors.of(blamed).next().map(ToString::to_string).unwrap_or_default();
        assert!(blamed.is_empty() || said.contains(text.split('"').nth(3).unwrap()), "{blamed}: {errors}");
        server.state().other_faults.clear();
    }
}

/// A role that is refused when the task starts fails it; a service that is away is waited for.
#[tokio::test(start_paused = true)]
async fn a_task_starts_when_it_has_keys() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let worker = worker(of(&sts)).await;
    worker.send_records([record("k", number(1))]).await;
    sts.answers([Answer::Keys, Answer::Broken, Answer::Never, Answer::error(503, "ServiceUnavailable", "")]);
    worker.create(config(&server, CONFLUENT, &keys())).await;
    worker.drained().await;
    assert_eq!(server.count("t"), 1);
    sts.answers([Answer::Keys, Answer::error(403, "AccessDenied", "no")]);
    worker.create(config(&server, CONFLUENT, &[&keys()[..], &[("name", "refused")]].concat())).await;
    worker.settled().await;
    let trace = worker.trace("refused");
    assert_eq!(worker.state("refused"), State::Failed);
    assert!(trace.contains("role/sink") && trace.contains("AccessDenied: no"), "{trace}");
}

/// As in a pod of Kubernetes: a token in a file gives the keys of one role, and these those of another.
#[tokio::test(start_paused = true)]
async fn roles_are_taken_on_with_a_token() {
    let (server, sts) = (Server::start().await, Sts::start().await);
    let file = std::env::temp_dir().join(format!("connect-token-{}", std::process::id()));
    std::fs::write(&file, "a.b/c\n").unwrap();
    let environment = AwsEnvironment {
        role_arn: Some("arn:aws:iam::1:role/pod".into()),
        role_session_name: Some("pod-1".into()),
        web_identity_token_file: Some(file.clone()),
        // A key alone is no pair of keys.
        secret_access_key: Some(Secret::new("unused".into())),
        ..of(&sts)
    };
    let worker = worker(environment).await;
    let pod = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpod\
               &RoleSessionName=pod-1&DurationSeconds=3600&WebIdentityToken=a.b%2Fc";
    for (keys, forms) in [(&ROLE[..2], 1), (&ROLE[..], 2)] {
        sts.state().asked.clear();
        let errors = worker.validate(config(&server, AIVEN, keys)).await;
        assert!(errors.is_empty(), "{errors}");
        let state = sts.state();
        assert_eq!(state.asked.len(), forms);
        assert_eq!(state.asked[0].form, pod);
        assert!(!state.asked[0].head.to_ascii_lowercase().contains("authorization"), "{}", state.asked[0].head);
        if forms == 2 {
            assert!(state.asked[1].head.contains("ASIA1/") && state.asked[1].head.contains("token-1"));
            assert!(state.asked[1].form.starts_with("Action=AssumeRole&"));
        }
    }
    std::fs::remove_file(&file).unwrap();
    let errors = worker.validate(config(&server, AIVEN, &ROLE[..2])).await;
    let said = errors.of("aws.region").next().unwrap().to_string();
    assert!(said.contains("AWS_WEB_IDENTITY_TOKEN_FILE") && said.contains("role/pod"), "{said}");
}
