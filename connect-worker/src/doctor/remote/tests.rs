use std::time::{Duration, SystemTime};

use serde_json::json;

use super::{skew, state};

#[test]
fn failures_are_problems() {
    let task = |id: u64, state: &str| json!({"id": id, "state": state, "trace": "why\nmore"});
    let status = |connector: &str, tasks| json!({"connector": {"state": connector, "trace": "why"}, "tasks": tasks});
    let rows = [
        (status("RUNNING", json!([task(0, "RUNNING")])), false, "RUNNING, tasks: 1"),
        (status("FAILED", json!([])), true, "FAILED: why"),
        (status("RUNNING", json!([task(0, "RUNNING"), task(1, "FAILED")])), true, "1 of 2 tasks FAILED; task 1: why"),
    ];
    for (status, problem, told) in rows {
        let finding = state("a b", &status);
        assert_eq!(finding.is_problem(), problem);
        assert!(finding.to_string().contains(told), "{finding}");
        assert!(!problem || finding.to_string().contains("/connectors/a%20b/restart"), "{finding}");
    }
}

#[test]
fn clocks_apart_are_a_problem() {
    let here = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
    for (there, problem) in [(1003, false), (996, false), (900, true), (1100, true)] {
        let there = SystemTime::UNIX_EPOCH + Duration::from_secs(there);
        assert_eq!(skew(here, there).is_problem(), problem);
    }
}
