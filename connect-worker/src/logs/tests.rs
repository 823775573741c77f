use serde_json::json;

use super::list;

#[test]
fn loggers_are_listed() {
    let all = json!({"root": {"level": "INFO"}, "connect_kafka": {"level": "DEBUG", "last_modified": 1}});
    assert_eq!(list(&all).lines().count(), 2);
    assert!(list(&all).contains("connect_kafka  DEBUG"));
}
