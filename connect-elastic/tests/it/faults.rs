//! What goes wrong on the way, and what becomes of it.

use std::time::Duration;

use connect_runtime::State;
use connect_runtime::testing::TestWorker;
use serde_json::json;

use crate::host::{CONFLUENT, config, number, record, worker};
use crate::server::{FOR_EVER, Fault, Server};

/// Sends 20 records, with a fault for each of the first requests, and waits until all is done.
async fn run(faults: Vec<Fault>, more: &[(&str, &str)]) -> (Server, TestWorker) {
    let server = Server::start().await;
    server.faults(faults);
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records((0..20).map(|n| record(format!("k{n}"), number(n)))).await;
    let mut keys = vec![("max.in.flight.requests", "1"), ("batch.size", "10"), ("retry.backoff.ms", "10")];
    keys.extend(more);
    worker.create(config(&server, CONFLUENT, &keys)).await;
    worker.settled().await;
    (server, worker)
}

async fn all_arrive(faults: Vec<Fault>) -> Server {
    let (server, worker) = run(faults.clone(), &[]).await;
    assert_eq!(worker.trace("es"), "", "{faults:?}");
    for n in 0..20 {
        assert_eq!(server.doc("t", &format!("k{n}")), Some(json!({ "n": n })), "{faults:?}");
    }
    assert_eq!(worker.committed("es", "t"), [20], "{faults:?}");
    server
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_whatever_happens_to_a_request() {
    let busy = |status| Fault::Status(status, String::new());
    for fault in [
        Fault::Delay(Duration::from_secs(2)),
        Fault::Delay(FOR_EVER),
        Fault::Reset,
        Fault::ResetInReply,
        Fault::Drip,
        busy(429),
        busy(503),
        busy(502),
        busy(408),
        Fault::RetryAfter(429, 7),
        Fault::Nonsense("<html>".into()),
        Fault::Nonsense("{}".into()),
        Fault::Nonsense(r#"{"errors":true,"items":[]}"#.into()),
        Fault::Items(vec![0, 3, 9], 429, "es_rejected_execution_exception"),
        Fault::Items(vec![1], 503, "unavailable_shards_exception"),
        Fault::Items(vec![0], 403, "cluster_block_exception"),
        Fault::Items(vec![2], 500, "timeout_exception"),
        Fault::Limit(200),
        Fault::Status(413, String::new()),
    ] {
        all_arrive(vec![fault.clone(), Fault::None, fault.clone(), fault]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn only_items_that_failed_are_sent_again() {
    let server = all_arrive(vec![Fault::Items(vec![0, 3], 429, "es_rejected_execution_exception")]).await;
    let sent = server.lines().iter().filter(|line| line.starts_with(r#"{"index""#)).count();
    assert_eq!(sent, 22);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_never_answered_is_posted_as_often_as_there_are_retries() {
    for retries in ["0", "2"] {
        let faults = vec![Fault::Delay(FOR_EVER); 10];
        let (server, worker) = run(faults, &[("max.retries", retries)]).await;
        assert_eq!(worker.state("es"), State::Failed);
        assert_eq!(server.bulks(), 1 + retries.parse::<usize>().unwrap());
        let trace = worker.trace("es");
        assert!(trace.contains("max.retries") && trace.contains("no answer within 3000 ms"), "{trace}");
        assert_eq!(worker.committed("es", "t"), [0]);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_there_may_be() {
    for most in ["1", "3"] {
        let server = Server::start().await;
        server.state().always = Some(Fault::Delay(Duration::from_millis(100)));
        let worker = worker().await;
        worker.topic("t", 1).await;
        worker.send_records((0..200).map(|n| record(format!("k{}", n % 50), number(n)))).await;
        let more = [("max.in.flight.requests", most), ("batch.size", "5"), ("write.method", "upsert")];
        worker.create(config(&server, CONFLUENT, &more)).await;
        worker.drained().await;
        let state = server.state();
        assert_eq!(state.most_under_way, most.parse::<usize>().unwrap());
        assert_eq!(state.overlaps, 0, "two requests wrote one document at a time");
        for n in 0..50 {
            assert_eq!(state.store.get("t", &format!("k{n}")), Some(json!({ "n": 150 + n })));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_request_is_searched_for_what_is_wrong() {
    let server = Server::start().await;
    server.state().always = Some(Fault::Poison("\"_id\":\"k7\""));
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records((0..20).map(|n| record(format!("k{n}"), number(n)))).await;
    let more = [
        ("behavior.on.malformed.documents", "warn"),
        ("errors.tolerance", "all"),
        ("errors.deadletterqueue.topic.name", "dlq"),
        ("errors.deadletterqueue.context.headers.enable", "true"),
    ];
    worker.create(config(&server, CONFLUENT, &more)).await;
    worker.drained().await;
    assert_eq!((server.count("t"), worker.committed("es", "t")), (19, vec![20]));
    let letters = worker.dead_letters("dlq");
    assert_eq!(letters.len(), 1);
    let reason = letters[0].reason().unwrap();
    assert!(reason.contains("action_request_validation_exception") && reason.contains("offset 7"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_user_that_is_not_known_fails_the_task_soon() {
    let body = r#"{"error":{"type":"security_exception","reason":"unable to authenticate user [u]"},"status":401}"#;
    let (server, worker) = run(vec![Fault::Status(401, body.into()); 4], &[]).await;
    assert_eq!(worker.state("es"), State::Failed);
    assert_eq!(server.bulks(), 2);
    assert!(worker.trace("es").contains("check connection.username"), "{}", worker.trace("es"));
}

#[tokio::test(start_paused = true)]
async fn an_index_that_is_gone_is_made_again() {
    let server = all_arrive(vec![Fault::Items(vec![1, 4], 404, "index_not_found_exception")]).await;
    assert!(server.bulks() >= 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_comes_later_is_waited_for() {
    let server = Server::start().await;
    server.state().other_faults.extend([Fault::Reset, Fault::Reset, Fault::Reset, Fault::Reset]);
    server.faults([Fault::Reset, Fault::Reset]);
    let worker = worker().await;
    worker.topic("t", 1).await;
    worker.send_records([record("a", number(1))]).await;
    let mut config = config(&server, CONFLUENT, &[]);
    config.insert("max.retries".into(), "8".into());
    // It is checked when it is made, so it is made first and started then.
    server.state().other_faults.clear();
    worker.create(config).await;
    worker.drained().await;
    assert_eq!(server.doc("t", "a"), Some(json!({ "n": 1 })));
}
