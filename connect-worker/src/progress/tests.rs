use std::sync::Arc;
use std::time::Duration;

use connect_runtime::{ConnectorKind, ConnectorStatus, State, TaskCounts, TaskStatus};

use super::Line;

#[test]
fn bytes() {
    for (count, text) in [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_500_000, "1.5 MB"), (7_u64 << 40, "7.7 TB")]
    {
        assert_eq!(super::bytes(count), text);
    }
}

/// Records, bytes, errors, lag.
type Counted = [u64; 4];

fn counts([written, bytes, errors, lag]: Counted) -> TaskCounts {
    let mut counts = TaskCounts::default();
    (counts.written, counts.bytes, counts.errors, counts.lag) = (written, bytes, errors, lag);
    counts
}

fn connector(kind: ConnectorKind, tasks: &[(State, Counted)]) -> ConnectorStatus {
    let task = |(id, (state, counted)): (usize, &(State, Counted))| TaskStatus {
        id,
        state: *state,
        trace: None,
        health: connect_runtime::TaskHealth::default(),
        doing: ("put", Duration::ZERO),
        trouble: None,
        restarts: 0,
        counts: counts(*counted),
        partitions: Vec::new(),
    };
    ConnectorStatus {
        name: Arc::from("orders"),
        kind,
        state: State::Running,
        trace: None,
        worker_id: "w".into(),
        tasks: tasks.iter().enumerate().map(task).collect(),
    }
}

#[test]
fn lines_show_state_rates_lag_and_errors() {
    use ConnectorKind::{Sink, Source};
    use State::{Failed, Paused, Running};
    const NONE: Counted = [0; 4];
    for (kind, tasks, before, millis, expected) in [
        (Sink, &[][..], NONE, 1000, "orders sink RUNNING 0 records 0/s 0 B/s lag 0 errors 0"),
        (
            Sink,
            &[(Running, [3000, 600_000, 0, 12])],
            [1000, 200_000, 0, 99],
            1000,
            "orders sink RUNNING 3000 records 2000/s 400.0 kB/s lag 12 errors 0",
        ),
        // Half a second, so twice as much in one; nobody knows how far a source is behind.
        (
            Source,
            &[(Running, [3000, 600, 1, 0])],
            [1000, 200, 0, 0],
            500,
            "orders source RUNNING 3000 records 4000/s 800 B/s lag - errors 1",
        ),
        // Tasks are added up, and the worst of them is the connector's state.
        (
            Sink,
            &[(Running, [5, 10, 1, 3]), (Failed, [2, 30, 4, 4]), (Paused, [1, 0, 0, 0])],
            NONE,
            2000,
            "orders sink FAILED 8 records 4/s 20 B/s lag 7 errors 5",
        ),
        // A task that is gone took its counters along.
        (
            Sink,
            &[(Running, [5, 5, 0, 0])],
            [9, 9, 0, 0],
            1000,
            "orders sink RUNNING 5 records 0/s 0 B/s lag 0 errors 0",
        ),
        // No time at all is no division by it.
        (Sink, &[(Running, [1, 1, 0, 0])], NONE, 0, "orders sink RUNNING 1 records 1000/s 1.0 kB/s lag 0 errors 0"),
    ] {
        let line = Line::new(connector(kind, tasks), counts(before), Duration::from_millis(millis));
        let words: Vec<_> = line.drawn().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.join(" "), expected);
    }
}

#[test]
fn columns_stay_where_they_are() {
    let line = |counted| {
        Line::new(connector(ConnectorKind::Sink, &[(State::Running, counted)]), counts([0; 4]), Duration::from_secs(1))
    };
    let (few, many) = (line([1, 1, 0, 1]).drawn(), line([123_456_789, 987_654_321, 0, 1_000_000]).drawn());
    for column in [" records ", "/s ", "lag ", "errors "] {
        assert_eq!(few.find(column), many.find(column), "{column:?} in {few:?} and {many:?}");
    }
}
