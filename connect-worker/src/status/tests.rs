use serde_json::json;

use super::{Row, table};
use crate::remote::Metrics;

#[test]
fn the_table_shows_what_is_worst_and_why() {
    let status = json!({
        "name": "to", "type": "sink", "connector": {"state": "RUNNING", "worker_id": "w"},
        "tasks": [
            {"id": 0, "state": "RUNNING", "worker_id": "w"},
            {"id": 1, "state": "FAILED", "worker_id": "w", "trace": "Error: no disk\n\tat put\n\tat more"},
        ],
    });
    let metrics = Metrics::read(
        "connect_sink_lag_records{connector=\"to\",task=\"0\",topic=\"t\",partition=\"0\"} 40\n\
         connect_sink_lag_records{connector=\"to\",task=\"0\",topic=\"t\",partition=\"1\"} 2\n\
         connect_sink_lag_seconds{connector=\"to\",task=\"0\",topic=\"t\",partition=\"1\"} 3\n\
         connect_task_stalled{connector=\"to\",task=\"0\"} 1\n\
         connect_task_stage_age_seconds{connector=\"to\",task=\"0\",stage=\"put\"} 130\n",
    );
    let row = Row::of(&status, Some(&metrics));
    assert_eq!(row.worst(), "FAILED");
    let expected = "\
CONNECTOR  TYPE  STATE    WORST   LAG  BEHIND  STAGE
to         sink  RUNNING  FAILED  42   3.0 s
  task 0         STALLED          42   3.0 s   put since 2 min
  task 1         FAILED           -    -
      Error: no disk
      at put
";
    assert_eq!(table(&[row]), expected);
    assert!(table(&[]).contains("no connectors"));
}

#[test]
fn a_worker_without_metrics_has_a_status_all_the_same() {
    let status = json!({"name": "c", "type": "source", "connector": {"state": "PAUSED"}, "tasks": []});
    let row = Row::of(&status, None);
    assert_eq!((row.worst(), row.json()["lag_records"].is_null()), ("PAUSED", true));
}
