//! Offsets that operators read, set and reset.

use std::time::Duration;

use connect_runtime::herder::{ConnectorOffsets, Herder};
use serde_json::json;

use super::support::{LIST, Rig, SINK};

fn offsets(of: serde_json::Value) -> ConnectorOffsets {
    serde_json::from_value(json!({ "offsets": of })).unwrap()
}

async fn shown(rig: &Rig, name: &str) -> String {
    serde_json::to_string(&rig.herder.offsets(name).await.unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_source_goes_on_where_it_is_told_to() {
    let rig = Rig::start().await;
    rig.create("c", &[LIST, ("items", "a")]).await;
    rig.running("c").await;
    rig.test.until(|| rig.test.values("lists").len() == 3).await;
    let to = |n: i64| offsets(json!([{"partition": {"item": "a"}, "offset": {"n": n}}]));
    let runs = rig.herder.alter_offsets("c", to(100)).await.unwrap_err();
    assert_eq!(runs.status(), 400);
    assert!(runs.to_string().contains("it is RUNNING with 1 tasks"), "{runs}");
    rig.herder.pause("c").await.unwrap();
    assert_eq!(rig.herder.reset_offsets("c").await.unwrap_err().status(), 400);

    rig.herder.stop("c").await.unwrap();
    assert_eq!(shown(&rig, "c").await, r#"{"offsets":[{"partition":{"item":"a"},"offset":{"n":3}}]}"#);
    let rows = [
        (json!([]), "no offsets"),
        (json!([{"offset": {"n": 1}}]), "no partition"),
        (json!([{"partition": {"else": 1}, "offset": {"n": 1}}]), "is no item"),
        (json!([{"partition": {"item": ["a"]}, "offset": {"n": 1}}]), "partition"),
        (json!([{"partition": {"item": "a"}, "offset": {"n": {"m": 1}}}]), "offset"),
    ];
    for (wrong, word) in rows {
        let error = rig.herder.alter_offsets("c", offsets(wrong)).await.unwrap_err();
        assert_eq!(error.status(), 400, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
    rig.herder.alter_offsets("c", to(100)).await.unwrap();
    rig.herder.resume("c").await.unwrap();
    rig.test.until(|| rig.test.values("lists").len() == 4).await;
    assert_eq!(rig.test.values("lists")[3], "a101");

    rig.herder.stop("c").await.unwrap();
    rig.herder.reset_offsets("c").await.unwrap();
    assert_eq!(shown(&rig, "c").await, r#"{"offsets":[]}"#);
    rig.herder.alter_offsets("c", to(7)).await.unwrap();
    rig.herder.alter_offsets("c", offsets(json!([{"partition": {"item": "a"}}]))).await.unwrap();
    rig.herder.resume("c").await.unwrap();
    rig.test.until(|| rig.test.values("lists").last().is_some_and(|last| last == "a1")).await;
    assert_eq!(rig.herder.alter_offsets("x", to(1)).await.unwrap_err().status(), 404);
}

/// A task that had to be ended the hard way stores nothing over what an operator set.
#[tokio::test(start_paused = true)]
async fn offsets_that_were_set_stay_though_a_task_hangs() {
    for call in ["poll", "stop"] {
        let rig = Rig::start().await;
        rig.create("c", &[LIST, ("items", "a")]).await;
        rig.test.until(|| rig.test.values("lists").len() == 3).await;
        rig.lists.hang(call);
        tokio::time::sleep(Duration::from_secs(3)).await;
        rig.herder.stop("c").await.unwrap();
        let set = offsets(json!([{"partition": {"item": "a"}, "offset": {"n": 100}}]));
        rig.herder.alter_offsets("c", set).await.unwrap();
        tokio::time::sleep(Duration::from_secs(300)).await;
        assert_eq!(shown(&rig, "c").await, r#"{"offsets":[{"partition":{"item":"a"},"offset":{"n":100}}]}"#);
        rig.lists.hang("");
        rig.herder.resume("c").await.unwrap();
        rig.test.until(|| rig.test.values("lists").last().is_some_and(|last| last == "a101")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_reads_from_where_it_is_told_to() {
    let rig = Rig::start().await;
    rig.test.topic("t", 1).await;
    rig.test.send_all("t", ["a", "b", "c"]).await;
    rig.create("s", &[SINK, ("topics", "t")]).await;
    rig.test.drained().await;
    let at = |offset: serde_json::Value| {
        offsets(json!([{"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"kafka_offset": offset}}]))
    };
    assert_eq!(rig.herder.alter_offsets("s", at(json!(1))).await.unwrap_err().status(), 400);
    rig.herder.stop("s").await.unwrap();
    let three = r#"{"offsets":[{"partition":{"kafka_partition":0,"kafka_topic":"t"},"offset":{"kafka_offset":3}}]}"#;
    assert_eq!(shown(&rig, "s").await, three);
    let rows = [
        json!([{"partition": {"kafka_topic": "t"}, "offset": {"kafka_offset": 1}}]),
        json!([{"partition": {"kafka_partition": 0}, "offset": {"kafka_offset": 1}}]),
        json!([{"partition": {"kafka_topic": "t", "kafka_partition": -1}, "offset": {"kafka_offset": 1}}]),
        json!([{"partition": {"kafka_topic": "t", "kafka_partition": 9}, "offset": {"kafka_offset": 1}}]),
        json!([{"partition": {"kafka_topic": "nope", "kafka_partition": 0}, "offset": {"kafka_offset": 1}}]),
        json!([{"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"kafka_offset": -1}}]),
        json!([{"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"offset": 1}}]),
        json!([{"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"kafka_offset": 1.5}}]),
    ];
    for wrong in rows {
        let error = rig.herder.alter_offsets("s", offsets(wrong)).await.unwrap_err();
        assert_eq!(error.status(), 400, "{error}");
    }
    assert_eq!(shown(&rig, "s").await, three, "nothing was done");
    // Texts count as numbers, and what is not known is passed over, as by Kafka Connect.
    let more =
        json!([{"partition": {"kafka_topic": "t", "kafka_partition": "0", "x": 1}, "offset": {"kafka_offset": "1"}}]);
    rig.herder.alter_offsets("s", offsets(more)).await.unwrap();
    rig.herder.resume("s").await.unwrap();
    rig.test.until(|| rig.seen.all() == ["a", "b", "c", "b", "c"]).await;
    rig.herder.stop("s").await.unwrap();
    let reset = offsets(json!([{"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": null}]));
    rig.herder.alter_offsets("s", reset).await.unwrap();
    assert_eq!(shown(&rig, "s").await, r#"{"offsets":[]}"#);
    rig.herder.alter_offsets("s", at(json!(2))).await.unwrap();
    rig.herder.reset_offsets("s").await.unwrap();
    rig.herder.reset_offsets("s").await.unwrap();
    assert_eq!(shown(&rig, "s").await, r#"{"offsets":[]}"#);
    rig.herder.resume("s").await.unwrap();
    rig.test.until(|| rig.seen.all().len() == 8).await;
}

#[tokio::test(start_paused = true)]
async fn many_connectors_are_listed_at_once() {
    let rig = Rig::start().await;
    for number in 0..200 {
        rig.create(&format!("c{number:03}"), &[LIST, ("items", "a,b"), ("tasks.max", "2")]).await;
    }
    rig.running("c199").await;
    let names = rig.herder.connectors();
    let tasks = names.iter().map(|name| {
        let (info, status) = (rig.herder.connector(name).unwrap(), rig.herder.status(name).unwrap());
        assert_eq!(info.tasks.len(), status.tasks.len());
        status.tasks.len()
    });
    assert_eq!((names.len(), tasks.sum::<usize>()), (200, 400));
}
