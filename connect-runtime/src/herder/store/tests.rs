//! The rules of readers, by cases and by a law.

use proptest::prelude::*;

use super::configs::{ConfigState, News};
use super::records;
use super::statuses::{StatusState, owner};
use crate::worker::Target;

type Log = Vec<(String, Option<String>)>;
type Texts<'a> = &'a [(&'a str, &'a str)];

fn read(log: &[(String, Option<String>)]) -> ConfigState {
    let mut state = ConfigState::default();
    for (offset, (key, value)) in (0..).zip(log) {
        state.apply(offset, Some(key.as_bytes()), value.as_deref().map(str::as_bytes));
    }
    state
}

fn log(records: &[(&str, &str)]) -> Log {
    let value = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    records.iter().map(|(key, text)| ((*key).to_owned(), value(text))).collect()
}

const CONFIG: &str = r#"{"properties":{"name":"c","n":null}}"#;
const TASK: &str = r#"{"properties":{"task.class":"T"}}"#;

/// `target tasks` of connector `c`, or `-` where there is none.
fn seen(records: &[(&str, &str)]) -> String {
    let state = read(&log(records));
    let Some(config) = state.connectors().get("c") else { return "-".into() };
    assert_eq!(config["n"], None);
    format!("{:?} {}", state.targets()["c"], state.tasks("c").len())
}

#[test]
fn records_count_as_readers_say() {
    let connector = ("connector-c", CONFIG);
    let (task, other) = (("task-c-0", TASK), ("task-c-1", TASK));
    let rows: [(Texts<'_>, &str); 17] = [
        (&[connector], "Started 0"),
        (&[connector, task, other, ("commit-c", r#"{"tasks":2}"#)], "Started 2"),
        (&[connector, task, other], "Started 0"),
        // A commit of fewer: the others do no harm.
        (&[connector, task, other, ("commit-c", r#"{"tasks":1}"#)], "Started 1"),
        // A commit of more: they are not known for sure, until they are written again.
        (&[connector, task, ("commit-c", r#"{"tasks":2}"#)], "Started 0"),
        (&[connector, task, ("commit-c", r#"{"tasks":2}"#), task, ("commit-c", r#"{"tasks":1}"#)], "Started 1"),
        // Tasks have to be written for each commit.
        (&[connector, task, ("commit-c", r#"{"tasks":1}"#), ("commit-c", r#"{"tasks":1}"#)], "Started 0"),
        (&[connector, task, ("commit-c", r#"{"tasks":1}"#), ("commit-c", r#"{"tasks":0}"#)], "Started 0"),
        // Tasks of a connector that is not there are dropped.
        (&[task, ("commit-c", r#"{"tasks":1}"#), connector], "Started 0"),
        (&[connector, task, ("commit-c", r#"{"tasks":1}"#), ("connector-c", "")], "-"),
        (&[connector, task, ("commit-c", r#"{"tasks":1}"#), ("connector-c", ""), connector], "Started 0"),
        (&[("target-state-c", r#"{"state":"PAUSED","state.v2":"STOPPED"}"#), connector], "Stopped 0"),
        (&[connector, ("target-state-c", r#"{"state":"PAUSED"}"#)], "Paused 0"),
        (&[connector, ("target-state-c", r#"{"state":"PAUSED","state.v2":7}"#)], "Paused 0"),
        (&[connector, ("target-state-c", r#"{"state":"PAUSED"}"#), ("target-state-c", "")], "Started 0"),
        (&[connector, ("target-state-c", r#"{"state":"ASLEEP"}"#)], "Started 0"),
        (&[connector, ("connector-c", r#"{"properties":{"name":3}}"#), ("connector-c", "[")], "Started 0"),
    ];
    for (records, expect) in rows {
        assert_eq!(seen(records), expect, "{records:?}");
    }
}

#[test]
fn what_is_read_moves_the_offset_unless_it_is_no_json() {
    let mut state = ConfigState::default();
    assert_eq!(state.offset, -1);
    assert_eq!(state.apply(4, Some(b"what-is-this"), Some(b"1")), None);
    assert_eq!(state.offset, 5);
    assert_eq!(state.apply(5, Some(b"connector-c"), Some(b"{")), None);
    assert_eq!(state.offset, 5);
    assert_eq!(state.apply(6, None, None), None);
    assert_eq!(state.offset, 7);
    let rows: [(&str, &str, News); 4] = [
        (
            "restart-connector-a-b",
            r#"{"include-tasks":true,"only-failed":false}"#,
            News::Restart { connector: "a-b".into(), include_tasks: true, only_failed: false },
        ),
        ("session-key", r#"{"key":"a2V5","algorithm":"HmacSHA256","creation-timestamp":17}"#, News::SessionKey),
        ("logger-cluster-x", r#"{"level":"DEBUG"}"#, News::Logger { logger: "x".into(), level: "DEBUG".into() }),
        ("tasks-fencing-c", r#"{"task-count":2}"#, News::Fenced("c".into())),
    ];
    for (key, value, news) in rows {
        assert_eq!(state.apply(7, Some(key.as_bytes()), Some(value.as_bytes())), Some(news));
    }
    assert_eq!(state.session_key().unwrap().created, 17);
}

#[test]
fn keys_of_states_are_told_apart() {
    let rows = [
        ("status-connector-a-0", Some("a-0")),
        ("status-task-a-0-1", Some("a-0")),
        ("status-task-a", None),
        ("status-topic-t:connector-a:connector-b", Some("a:connector-b")),
        ("status-topic-t", None),
        ("else", None),
    ];
    for (key, expect) in rows {
        assert_eq!(owner(key), expect, "{key}");
    }
    let mut state = StatusState::default();
    let topic = r#"{"topic":{"name":"t","connector":"c","task":1,"discoverTimestamp":9}}"#;
    state.apply(Some(b"status-topic-t:connector-c"), Some(topic.as_bytes()));
    state.apply(Some(b"status-topic-u:connector-c"), Some(b"junk"));
    let used = state.topics();
    assert_eq!((used.len(), used[0].topic.as_str(), used[0].task, used[0].timestamp), (1, "t", 1, 9));
    state.apply(Some(b"status-topic-t:connector-c"), None);
    assert!(state.topics().is_empty());
}

/// What the rules say of connector `c`, told from the end of the log rather than from its start.
fn by_the_rules(log: &[(String, Option<String>)]) -> Option<(Target, Vec<String>)> {
    let text = |value: &str, field: &str| {
        let value: serde_json::Value = serde_json::from_str(value).ok()?;
        Some(value.get(field)?.to_string())
    };
    let properties = |value: &Option<String>| {
        let found = value.as_deref().and_then(|value| text(value, "properties"));
        found.filter(|found| found.starts_with('{'))
    };
    // Records of a key that readers understand.
    let of = |key: &str, until: usize| {
        let records = log[..until].iter().enumerate().rev().filter(|(_, (known, _))| *known == key);
        records.map(|(at, (_, value))| (at, value)).collect::<Vec<_>>()
    };
    let mut configs = of("connector-c", log.len()).into_iter();
    let (_, last) = configs.find(|(_, value)| value.is_none() || properties(value).is_some())?;
    last.as_ref()?;
    let state = of("target-state-c", log.len()).into_iter().find_map(|(_, value)| match value {
        None => Some(Target::Started),
        Some(value) => match text(value, "state.v2").or_else(|| text(value, "state"))?.as_str() {
            "\"STARTED\"" => Some(Target::Started),
            "\"PAUSED\"" => Some(Target::Paused),
            "\"STOPPED\"" => Some(Target::Stopped),
            _ => None,
        },
    });
    // The last time that there was none before.
    let born = of("connector-c", log.len()).into_iter().find(|(_, value)| value.is_none()).map_or(0, |(at, _)| at + 1);
    let first = of("connector-c", log.len()).into_iter().rfind(|(at, v)| *at >= born && properties(v).is_some());
    let first = first.map_or(born, |(at, _)| at);
    let commits: Vec<_> = of("commit-c", log.len())
        .into_iter()
        .filter_map(|(at, value)| Some((at, text(value.as_deref()?, "tasks")?.parse::<usize>().ok()?)))
        .collect();
    let tasks = commits.iter().find(|(at, _)| *at > first).map_or_else(Vec::new, |(at, count)| {
        let before = commits.iter().find(|(other, _)| other < at).map_or(0, |(other, _)| other + 1);
        let from = before.max(born);
        let tasks = (0..*count).map(|task| {
            let written = of(&format!("task-c-{task}"), *at);
            written.into_iter().filter(|(at, _)| *at >= from).find_map(|(_, value)| properties(value))
        });
        tasks.collect::<Option<Vec<_>>>().unwrap_or_default()
    });
    Some((state.unwrap_or(Target::Started), tasks))
}

fn record() -> impl Strategy<Value = (String, Option<String>)> {
    let task = (0..3usize, 0..3u8)
        .prop_map(|(task, mark)| (format!("task-c-{task}"), Some(format!("{{\"properties\":{{\"m\":\"{mark}\"}}}}"))));
    let commit = (0..4usize).prop_map(|tasks| ("commit-c".to_owned(), Some(format!("{{\"tasks\":{tasks}}}"))));
    let state = prop_oneof![
        Just(Some(r#"{"state":"STARTED","state.v2":"STARTED"}"#.to_owned())),
        Just(Some(r#"{"state":"PAUSED","state.v2":"STOPPED"}"#.to_owned())),
        Just(Some(r#"{"state":"PAUSED"}"#.to_owned())),
        Just(Some(r#"{"state":"NAPPING"}"#.to_owned())),
        Just(None),
    ];
    let junk = prop_oneof![
        Just(("connector-c".to_owned(), Some("no json".to_owned()))),
        Just(("connector-c".to_owned(), Some(r#"{"properties":[]}"#.to_owned()))),
        Just(("commit-c".to_owned(), Some(r#"{"tasks":-1}"#.to_owned()))),
        Just(("commit-c".to_owned(), None)),
        Just(("task-c-x".to_owned(), Some(TASK.to_owned()))),
        Just(("task-c-1".to_owned(), None)),
        Just(("task-d-0".to_owned(), Some(TASK.to_owned()))),
        Just(("tasks-fencing-c".to_owned(), Some(r#"{"task-count":1}"#.to_owned()))),
        Just((String::new(), None)),
        ".{0,12}".prop_map(|key| (key, Some("{}".to_owned()))),
    ];
    prop_oneof![
        3 => Just(("connector-c".to_owned(), Some(CONFIG.to_owned()))),
        1 => Just(("connector-c".to_owned(), None)),
        6 => task,
        4 => commit,
        2 => state.prop_map(|value| ("target-state-c".to_owned(), value)),
        3 => junk,
    ]
}

/// What a worker writes at once: a configuration, all tasks and their commit, a target state, the end.
fn write() -> impl Strategy<Value = Log> {
    let name = prop_oneof![Just("c"), Just("c-0")];
    let config =
        |name: &str, mark: u8| (format!("connector-{name}"), Some(format!("{{\"properties\":{{\"m\":\"{mark}\"}}}}")));
    let tasks = |name: &str, count: usize, mark: u8| -> Log {
        let of = |task| (format!("task-{name}-{task}"), Some(format!("{{\"properties\":{{\"m\":\"{mark}\"}}}}")));
        let commit = (format!("commit-{name}"), Some(format!("{{\"tasks\":{count}}}")));
        (0..count).map(of).chain([commit]).collect()
    };
    (name, 0..5u8, 0..4usize, any::<u8>()).prop_map(move |(name, what, count, mark)| match what {
        0 => vec![config(name, mark)],
        1 | 2 => tasks(name, count, mark),
        3 => vec![records::target(name, [Target::Started, Target::Paused, Target::Stopped][count % 3])],
        // Java's workers leave the rest behind.
        _ if mark % 2 == 0 => records::gone(name, count)[..2].to_vec(),
        _ => records::gone(name, count),
    })
}

/// What compaction may leave: of the records before `cut` the last of each key, tombstones perhaps gone.
fn compacted(log: &[(String, Option<String>)], cut: usize, tombstones: bool) -> Log {
    let (old, new) = log.split_at(cut.min(log.len()));
    let last = |at: usize, key: &str| old[at + 1..].iter().all(|(other, _)| other != key);
    let kept = old.iter().enumerate().filter(|(at, (key, value))| last(*at, key) && (tombstones || value.is_some()));
    kept.map(|(_, record)| record).chain(new).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_log_says_what_the_rules_say(log in prop::collection::vec(record(), 0..25)) {
        let state = read(&log);
        let seen = state.connectors().get("c").map(|_| {
            let tasks = state.tasks("c").into_iter();
            let tasks = tasks.map(|task| serde_json::to_string(task).unwrap()).collect::<Vec<_>>();
            (state.targets()["c"], tasks)
        });
        prop_assert_eq!(seen, by_the_rules(&log));
    }

    /// Compaction changes neither what there is nor what it is to do; tasks are the same or, when a part of what was
    /// written of them is gone, none.
    #[test]
    fn compaction_changes_nothing_or_takes_all_tasks(
        writes in prop::collection::vec(write(), 0..12),
        cut in 0..60usize,
        tombstones in any::<bool>(),
    ) {
        let log: Log = writes.into_iter().flatten().collect();
        let (whole, part) = (read(&log), read(&compacted(&log, cut, tombstones)));
        prop_assert_eq!(whole.connectors(), part.connectors());
        for name in whole.connectors().keys() {
            prop_assert_eq!(whole.targets().get(name), part.targets().get(name));
            prop_assert!(part.tasks(name).is_empty() || part.tasks(name) == whole.tasks(name));
        }
    }
}
