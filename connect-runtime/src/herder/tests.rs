//! The shapes of Kafka Connect's REST API.

use serde_json::{json, to_string};

use super::*;
use crate::worker::State;

fn state(id: usize, state: State, trace: Option<&str>) -> TaskState {
    TaskState { id, state, worker_id: "h:8083".into(), version: Some("4.1.2".into()), trace: trace.map(Into::into) }
}

#[test]
fn fields_stand_in_connects_order() {
    let info = ConnectorInfo {
        name: "c".into(),
        config: [("name".to_owned(), "c".to_owned())].into(),
        tasks: vec![ConnectorTaskId { connector: "c".into(), task: 0 }],
        kind: ConnectorType::Sink,
    };
    let text = r#"{"name":"c","config":{"name":"c"},"tasks":[{"connector":"c","task":0}],"type":"sink"}"#;
    assert_eq!(to_string(&info).unwrap(), text);
    let task = TaskInfo { id: info.tasks[0].clone(), config: info.config.clone() };
    assert_eq!(to_string(&task).unwrap(), r#"{"id":{"connector":"c","task":0},"config":{"name":"c"}}"#);
    let connector = ConnectorState { state: State::Running, worker_id: "h:8083".into(), version: None, trace: None };
    let status = ConnectorStateInfo {
        name: "c".into(),
        connector,
        tasks: vec![state(0, State::Failed, Some("org.apache.x"))],
        kind: ConnectorType::Sink,
    };
    let text = concat!(
        r#"{"name":"c","connector":{"state":"RUNNING","worker_id":"h:8083","version":null},"#,
        r#""tasks":[{"id":0,"state":"FAILED","worker_id":"h:8083","version":"4.1.2","trace":"org.apache.x"}],"#,
        r#""type":"sink"}"#
    );
    assert_eq!(to_string(&status).unwrap(), text);
    assert_eq!(serde_json::from_str::<ConnectorStateInfo>(text).unwrap(), status);
    let topics = ActiveTopics { connector: "c".into(), topics: vec!["t1".into()] };
    assert_eq!(to_string(&topics).unwrap(), r#"{"c":{"topics":["t1"]}}"#);
}

#[test]
fn offsets_are_read_as_they_are_written() {
    let text = r#"{"offsets":[{"partition":{"kafka_partition":0,"kafka_topic":"t"},"offset":{"kafka_offset":100}}]}"#;
    let offsets: ConnectorOffsets = serde_json::from_str(text).unwrap();
    assert_eq!(to_string(&offsets).unwrap(), text);
    let reset: ConnectorOffsets = serde_json::from_value(json!({"offsets": [{"partition": {"f": 1}}]})).unwrap();
    assert_eq!(reset.offsets[0].offset, None);
    assert!(serde_json::from_str::<ConnectorOffsets>(r#"{"offsets":[],"more":1}"#).is_err());
}

#[test]
fn errors_have_connects_statuses() {
    use std::time::Duration;
    let mut errors = connect_api::config::ConfigErrors::new();
    errors.add("tasks.max", Some("0".into()), "expected at least 1");
    let wrong = HerderError::config(errors);
    assert_eq!((wrong.status(), wrong.config_errors().unwrap().len()), (400, 1));
    let late = HerderError::timeout("creating \"c\"", "splits", Duration::from_micros(1_500));
    assert_eq!((late.status(), late.stage()), (500, Some(("splits", Duration::from_millis(1)))));
    assert!(late.to_string().contains("\"splits\""), "{late}");
    assert_eq!(HerderError::not_found("x").status(), 404);
}
