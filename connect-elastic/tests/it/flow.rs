//! How much is under way at a time, in which pieces, and for how long it is waited for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_api::config::parse;
use connect_api::{Offsets, SinkConnector as _, SinkRecord, SinkTask as _, TimestampType, TopicPartition};
use connect_elastic::{ElasticsearchSink, ElasticsearchSinkConfig};
use connect_runtime::herder::{Herder as _, StandaloneHerder};
use connect_runtime::testing::{TestWorker, sink_context};
use connect_runtime::{RestartOptions, State};

use crate::capture::Capture;
use crate::host::{AIVEN, CONFLUENT, config, number, record, worker};
use crate::server::{Fault, Server};

async fn filled(records: i64) -> (Server, TestWorker) {
    let (server, worker) = (Server::start().await, worker().await);
    worker.topic("t", 1).await;
    worker.send_records((0..records).map(|n| record(format!("k{n}"), number(n)))).await;
    (server, worker)
}

/// A task takes no more than it may hold, and goes on when some of it is written.
#[tokio::test(start_paused = true)]
async fn a_task_holds_no_more_than_it_may() {
    for (more, most) in [
        (&[("max.buffered.records", "10"), ("batch.size", "5"), ("max.in.flight.requests", "2")][..], 10),
        // A document is 80 bytes or so, and as many are known of it; the one with which the limit is reached is taken.
        (&[("max.in.flight.bytes", "1500")], 15),
        (&[], 200_usize),
    ] {
        let (server, worker) = filled(200).await;
        server.state().always = Some(Fault::Delay(Duration::from_secs(2)));
        worker.create(config(&server, CONFLUENT, more)).await;
        worker.drained().await;
        let under_way = server.state().most_documents;
        assert!(under_way <= most && under_way >= most / 4, "{more:?}: {under_way}");
        assert_eq!((server.count("t"), worker.committed("es", "t")), (200, vec![200]), "{more:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_have_no_more_bytes_than_they_may() {
    for class in [CONFLUENT, AIVEN] {
        let (server, worker) = filled(100).await;
        // Nothing leaves for any other reason.
        let more = [("bulk.size.bytes", "1000"), ("linger.ms", "10000"), ("max.in.flight.requests", "1")];
        worker.create(config(&server, class, &more)).await;
        worker.drained().await;
        let state = server.state();
        let sizes: Vec<_> = state.asked.iter().filter(|a| a.path.starts_with("/_bulk")).map(|a| a.body.len()).collect();
        let (last, full) = sizes.split_last().unwrap();
        // Each ends with the document that fills it.
        assert!(full.iter().all(|size| (1000..1100).contains(size)) && *last < 1100, "{class}: {sizes:?}");
        assert_eq!(state.store.count("t"), 100);
    }
}

/// Servers that find a body too large may break off while it is sent; smaller ones arrive.
#[tokio::test(start_paused = true)]
async fn large_requests_that_break_off_are_halved() {
    let (server, worker) = (Server::start().await, worker().await);
    server.faults(vec![Fault::ResetInBody(1 << 20); 4]);
    worker.topic("t", 1).await;
    let text = "x".repeat(64 << 10);
    let value = || connect_api::Value::from(vec![("text".into(), text.as_str().into())]);
    worker.send_records((0..32).map(|n| record(format!("k{n}"), value()))).await;
    let more = [("max.in.flight.requests", "1"), ("linger.ms", "60000"), ("max.retries", "2")];
    worker.create(config(&server, CONFLUENT, &more)).await;
    worker.settled().await;
    assert_eq!(worker.trace("es"), "");
    assert_eq!((server.count("t"), worker.committed("es", "t")), (32, vec![32]));
    assert!(server.bulks() >= 4, "{}", server.bulks());
}

#[tokio::test(start_paused = true)]
async fn connections_without_work_are_kept_as_long_as_the_key_says() {
    for (idle, again) in [("1000", 1), ("60000", 0), ("-1", 0)] {
        let (server, worker) = filled(5).await;
        worker.create(config(&server, CONFLUENT, &[("max.connection.idle.time.ms", idle)])).await;
        worker.drained().await;
        let before = server.state().connections;
        worker.advance(Duration::from_secs(30)).await;
        worker.send_records([record("later", number(1))]).await;
        worker.drained().await;
        assert_eq!(server.state().connections - before, again, "{idle}");
    }
}

/// What comes within the time goes with what came first.
#[tokio::test(start_paused = true)]
async fn the_first_document_waits_for_others() {
    for (linger, requests) in [("500", 1), ("1", 2)] {
        let (server, worker) = filled(1).await;
        worker.create(config(&server, CONFLUENT, &[("linger.ms", linger), ("max.in.flight.requests", "1")])).await;
        worker.until(|| worker.state("es") == State::Running).await;
        worker.advance(Duration::from_millis(100)).await;
        worker.send_records([record("later", number(1))]).await;
        worker.advance(Duration::from_secs(10)).await;
        assert_eq!((server.bulks(), server.count("t")), (requests, 2), "{linger}");
    }
}

/// A commit waits no longer than it may, and what is under way then is committed by another one.
#[tokio::test(start_paused = true)]
async fn commits_do_not_wait_for_ever() {
    for class in [CONFLUENT, AIVEN] {
        let (server, worker) = filled(20).await;
        server.state().always = Some(Fault::Delay(Duration::from_secs(60)));
        let more = [("flush.timeout.ms", "1000"), ("read.timeout.ms", "200000"), ("flush.synchronously", "true")];
        worker.create(config(&server, class, &more)).await;
        worker.until(|| server.bulks() > 0).await;
        worker.worker().request_commit();
        worker.advance(Duration::from_secs(20)).await;
        assert_eq!((worker.state("es"), worker.committed("es", "t")[0].max(0)), (State::Running, 0), "{class}");
        worker.drained().await;
        assert_eq!(worker.committed("es", "t"), [20], "{class}");
    }
}

/// Of a partition that went away and came back only what was read since then counts.
#[tokio::test(start_paused = true)]
async fn a_partition_that_comes_back_begins_anew() {
    let server = Server::start().await;
    let props = BTreeMap::from([("connection.url".to_owned(), server.url.clone())]);
    let config = parse::<ElasticsearchSinkConfig>(&props).unwrap().config;
    let config = ElasticsearchSinkConfig { schema_ignore: true, ..config };
    let mut task = ElasticsearchSink::new().task(&config, sink_context("es")).await.unwrap();
    let at = TopicPartition::new("t", 0);
    let origin = Arc::new(at.clone());
    let records = |range: std::ops::Range<i64>| -> Vec<SinkRecord> {
        let of =
            |n| SinkRecord::new(record(format!("k{n}"), number(n)), Arc::clone(&origin), n, TimestampType::CreateTime);
        range.map(of).collect()
    };
    let seen = |next| Offsets::from_iter([(at.clone(), next)]);
    server.faults([Fault::Delay(Duration::from_secs(2))]);
    let _ = task.put(&records(0..5)).await.unwrap();
    task.close(std::slice::from_ref(&at)).await.unwrap();
    task.open(std::slice::from_ref(&at)).await.unwrap();
    let _ = task.put(&records(0..2)).await.unwrap();
    assert_eq!(task.pre_commit(seen(2)).await.unwrap(), seen(2));
    let _ = task.put(&records(2..5)).await.unwrap();
    assert_eq!(task.pre_commit(seen(5)).await.unwrap(), seen(5));
    assert_eq!(server.count("t"), 5);
}

/// A topic that was made anew begins with small versions, and everything of it is older than what is there.
#[tokio::test(start_paused = true)]
async fn a_topic_that_was_made_anew_is_suspected() {
    let (server, first) = filled(1200).await;
    // Some of the topic before, so that its offsets are larger.
    first.send_records((0..1200).map(|n| record(format!("k{n}"), number(n)))).await;
    first.create(config(&server, CONFLUENT, &[])).await;
    first.drained().await;
    let logged = Capture::begin();
    let again = worker().await;
    again.topic("t", 1).await;
    again.send_records((0..1200).map(|n| record(format!("k{n}"), number(-n)))).await;
    again.create(config(&server, CONFLUENT, &[("name", "again")])).await;
    again.drained().await;
    assert_eq!(server.doc("t", "k7"), Some(serde_json::json!({ "n": 7 })));
    let text = logged.text();
    assert_eq!(text.matches("was the topic made anew?").count(), 1, "{text}");
}

/// Another configuration, or another start, goes on where the offsets are.
#[tokio::test(start_paused = true)]
async fn a_changed_configuration_goes_on() {
    let (server, worker) = filled(10).await;
    let herder = StandaloneHerder::open(worker.worker().clone()).await.unwrap();
    let put = async |more: &[(&str, &str)]| {
        let config = config(&server, CONFLUENT, more).into_iter().map(|(key, value)| (key, Some(value))).collect();
        herder.put_config("es", config).await.unwrap();
    };
    put(&[]).await;
    worker.drained().await;
    put(&[("topic.index.map", "t:other"), ("batch.size", "3")]).await;
    worker.send_records((10..20).map(|n| record(format!("k{n}"), number(n)))).await;
    worker.drained().await;
    assert_eq!((server.count("t"), server.count("other"), worker.committed("es", "t")), (10, 10, vec![20]));
    worker.worker().restart("es", RestartOptions { include_tasks: true, only_failed: false }).await.unwrap();
    worker.send_records([record("k20", number(20))]).await;
    worker.drained().await;
    assert_eq!((server.count("other"), worker.committed("es", "t")), (11, vec![21]));
}
