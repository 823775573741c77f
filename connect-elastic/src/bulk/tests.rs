use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect_api::{Offsets, TopicPartition};
use proptest::prelude::*;
use serde::Deserialize;

use super::backoff::Backoff;
use super::batch::{Entry, Request, Span};
use super::classify::{Action, CallClass, Class, classify, classify_call};
use super::entries::Entries;
use super::field::field;
use super::reply::{BulkReply, CallError, ItemError};
use super::tracker::Tracker;
use crate::body::Pool;
use crate::config::Retries;
use crate::document::Kind;

#[derive(Deserialize)]
struct Recorded {
    node: String,
    case: String,
    op: String,
    status: u16,
    error: ItemError,
    class: String,
}

fn kind(op: &str) -> Kind {
    match op {
        "index" => Kind::Index,
        "create" => Kind::Create,
        "update" => Kind::Update,
        _ => Kind::Delete,
    }
}

/// What Elasticsearch 8.19.0 and OpenSearch 2.19.1 answered.
#[test]
fn errors_of_real_nodes_are_what_the_table_says() {
    let rows = include_str!("testdata/items.jsonl").lines();
    for row in rows.map(|line| serde_json::from_str::<Recorded>(line).unwrap()) {
        let plain = Action { kind: kind(&row.op), versioned: false, own: false };
        let class = classify(plain, row.status, Some(&row.error));
        assert_eq!(format!("{class:?}"), row.class, "{}: {}", row.node, row.case);
        if row.error.kind == "version_conflict_engine_exception" {
            let versioned = Action { versioned: true, ..plain };
            assert_eq!(classify(versioned, row.status, Some(&row.error)), Class::Stale);
            let own = classify(Action { kind: Kind::Create, own: true, ..plain }, row.status, Some(&row.error));
            assert_eq!(own, Class::Repeated);
            let update = classify(Action { kind: Kind::Update, ..plain }, row.status, Some(&row.error));
            assert_eq!(update, Class::Busy);
        }
    }
}

#[test]
fn what_is_no_error_is_done() {
    let of = |kind, status| classify(Action { kind, versioned: true, own: false }, status, None);
    assert_eq!([of(Kind::Index, 200), of(Kind::Create, 201), of(Kind::Delete, 404)], [Class::Done; 3]);
    assert_eq!(of(Kind::Index, 404), Class::Fatal);
}

/// A value that names an error changes nothing: types decide, not texts.
#[test]
fn a_reason_that_quotes_another_error_is_not_that_error() {
    let error = ItemError {
        kind: "document_parsing_exception".into(),
        reason: "Preview of field's value: 'version_conflict_engine_exception'".into(),
        caused_by: Some(Box::new(ItemError { kind: "index_not_found_exception".into(), ..ItemError::default() })),
    };
    let action = Action { kind: Kind::Index, versioned: true, own: false };
    assert_eq!(classify(action, 400, Some(&error)), Class::Malformed);
}

#[test]
fn calls_are_classed_by_status() {
    let pressure = r#"{"error":{"root_cause":[],"type":"es_rejected_execution_exception","reason":"r"},"status":429}"#;
    let rows = [
        (429, pressure, CallClass::Busy),
        (503, "<html>", CallClass::Busy),
        (500, "", CallClass::Busy),
        (408, "", CallClass::Busy),
        (413, "", CallClass::TooLarge),
        (
            400,
            r#"{"error":{"type":"illegal_argument_exception","reason":"Malformed action"},"status":400}"#,
            CallClass::Poisoned,
        ),
        (401, r#"{"error":{"type":"security_exception","reason":"who?"},"status":401}"#, CallClass::Unauthorized),
        (403, "", CallClass::Unauthorized),
        (403, r#"{"error":{"type":"cluster_block_exception","reason":"full"},"status":403}"#, CallClass::Busy),
        (405, r#"{"error":"Incorrect HTTP method for uri [/_bulk]","status":405}"#, CallClass::Fatal),
        (406, r#"{"error":"Content-Type header [] is not supported","status":406}"#, CallClass::Fatal),
        (404, "default backend - 404", CallClass::Busy),
    ];
    for (status, body, class) in rows {
        assert_eq!(classify_call(&CallError::read(status, body.as_bytes())), class, "{status} {body}");
    }
    assert_eq!(CallError::read(406, br#"{"error":"no type","status":406}"#).reason, "no type");
}

#[test]
fn replies_are_read_in_both_servers_forms() {
    for fine in [r#"{"took":3,"errors":false,"items":[{"index":{"status":201}}]}"#, r#"{"errors":false,"took":200}"#] {
        assert!(BulkReply::is_all_well(fine.as_bytes()), "{fine}");
    }
    for not in [
        r#"{"errors":true,"items":[]}"#,
        r#"{"errors":false,"items":[{"create":{"status":201,"failure_store":"used"}}]}"#,
        r#"{"errors":false,"items":[{"index""#,
        "",
    ] {
        assert!(!BulkReply::is_all_well(not.as_bytes()), "{not}");
    }
    let read = BulkReply::read(br#"{"errors":true,"items":[{"index":{"status":201}},{"delete":{"status":400,"error":{"type":"t","reason":"r"}}},{"create":{"status":201,"failure_store":"used"}}]}"#).unwrap();
    let seen: Vec<_> = read.items.iter().map(|item| (item.status, item.error.is_some(), item.diverted)).collect();
    assert_eq!(seen, [(201, false, false), (400, true, false), (201, false, true)]);
}

#[test]
fn fields_are_told_and_values_are_not() {
    let rows = [
        (
            "[1:6] failed to parse field [n.m] of type [long] in document with id '1'. Preview of field's value: 'abc'",
            Some("n.m"),
        ),
        ("[1:6] object mapping for [o] tried to parse field [o] as object, but found a concrete value", Some("o")),
        ("mapping set to strict, dynamic introduction of [zzz] within [_doc] is not allowed", Some("zzz")),
        ("Document contains at least one immense term in field=\"k\" (whose UTF8", Some("k")),
        ("[1:9] failed to parse: data stream timestamp field [@timestamp] is missing", Some("@timestamp")),
        ("failed to parse", None),
        ("failed to parse field [never closed", None),
    ];
    for (reason, expect) in rows {
        assert_eq!(field(reason), expect, "{reason}");
    }
}

#[test]
fn waits_double_and_end() {
    let retries = Retries { max: 3, backoff: Duration::from_millis(100) };
    let waits = |seed| {
        let mut backoff = Backoff::new(retries, seed);
        [1, 2, 3, 4].map(|number| backoff.before(number, None))
    };
    assert_eq!(waits(1), waits(1), "one seed, one sequence");
    assert_ne!(waits(1), waits(2));
    for (number, wait) in waits(1).into_iter().enumerate().take(3) {
        assert!(wait.unwrap() < Duration::from_millis(100 << (number + 1)));
    }
    assert_eq!(waits(1)[3], None);
    let mut none = Backoff::new(Retries { backoff: Duration::ZERO, ..retries }, 0);
    assert_eq!(none.before(1, None), Some(Duration::ZERO));
    assert_eq!(none.before(1, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
}

fn request(sizes: &[usize]) -> Request {
    let mut tracker = Tracker::default();
    let origin = Arc::new(TopicPartition::new("t", 0));
    let mut body = Vec::new();
    let mut entries = Entries::default();
    for (offset, size) in (0..).zip(sizes) {
        let start = body.len();
        body.extend(std::iter::repeat_n(b'a' + u8::try_from(offset % 26).unwrap(), *size));
        entries.push(Entry {
            span: Span::new(start, body.len()),
            kind: Kind::Index,
            versioned: false,
            own: false,
            lane: 0,
            place: tracker.add(&origin, offset),
            index: Arc::new("i".into()),
        });
    }
    Request { body: Bytes::from(body).into(), entries }
}

fn bytes(request: &Request, start: usize, end: usize) -> Vec<u8> {
    request.body.slices(start, end).collect::<Vec<_>>().concat()
}

proptest! {
    /// Whatever a request is taken apart into, each entry keeps its bytes.
    #[test]
    fn parts_of_a_request_have_the_bytes_of_the_whole(sizes in prop_oneof![prop::collection::vec(1_usize..9, 2..20), prop::collection::vec(1_usize..9, 250..800)], seed in any::<u32>()) {
        let texts = |request: &Request| -> Vec<Vec<u8>> {
            request.entries.iter().map(|entry| bytes(request, entry.span.start(), entry.span.end())).collect()
        };
        let whole = request(&sizes);
        let all = texts(&whole);
        let [first, second] = whole.clone().halves();
        prop_assert!(!first.entries.is_empty() && !second.entries.is_empty());
        prop_assert_eq!([first.entries.len(), second.entries.len()], [sizes.len() / 2, sizes.len().div_ceil(2)]);
        prop_assert_eq!([texts(&first), texts(&second)].concat(), all.clone());
        let body = |request: &Request| bytes(request, 0, request.body.len());
        prop_assert_eq!([body(&first), body(&second)].concat(), body(&whole));
        let chosen = |at: usize| seed >> (at % 32) & 1 == 1;
        let some = whole.entries.iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, entry)| entry.clone());
        let only = whole.only(some, &Pool::default());
        let expect: Vec<_> = all.into_iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, text)| text).collect();
        prop_assert_eq!(texts(&only), expect);
    }

    /// An offset never moves past a record that is not done with, and reaches the end when all are.
    #[test]
    fn offsets_follow_what_is_done(
        partitions in prop::collection::vec(0_i32..3, 1..60),
        order in prop::collection::vec(any::<prop::sample::Index>(), 60),
        looks in 1_usize..10,
    ) {
        let origins: Vec<_> = (0..3).map(|number| Arc::new(TopicPartition::new("t", number))).collect();
        let mut tracker = Tracker::default();
        let mut pending = Vec::new();
        let mut seen = Offsets::new();
        let mut next: BTreeMap<i32, i64> = BTreeMap::new();
        for partition in partitions {
            let offset = next.entry(partition).or_default();
            // Some offsets are never put: transforms dropped their records.
            *offset += 2;
            let origin = &origins[usize::try_from(partition).unwrap()];
            pending.push((partition, *offset, tracker.add(origin, *offset)));
            seen.set(TopicPartition::clone(origin), *offset + 1);
        }
        for (step, index) in order.iter().enumerate() {
            if pending.is_empty() {
                break;
            }
            let (.., place) = pending.swap_remove(index.index(pending.len()));
            tracker.done(place);
            if step % looks == 0 {
                let done = tracker.done_of(&seen);
                for (partition, next) in &done {
                    let first = pending.iter().filter(|(of, ..)| *of == partition.partition).map(|(_, offset, _)| *offset).min();
                    prop_assert_eq!(*next, first.unwrap_or_else(|| seen.get(partition).unwrap()));
                }
            }
        }
        if pending.is_empty() {
            prop_assert_eq!(tracker.done_of(&seen), seen);
        }
    }
}

#[test]
fn what_comes_again_and_what_is_gone_moves_nothing() {
    let origin = Arc::new(TopicPartition::new("t", 0));
    let seen = Offsets::from_iter([(TopicPartition::clone(&origin), 10)]);
    let mut tracker = Tracker::default();
    let first = tracker.add(&origin, 3);
    let again = tracker.add(&origin, 3);
    tracker.done(again);
    assert_eq!(tracker.done_of(&seen).get(&origin), Some(3));
    tracker.forget(&origin);
    let new = tracker.add(&origin, 5);
    tracker.done(first);
    assert_eq!(tracker.done_of(&seen).get(&origin), Some(5));
    tracker.done(new);
    assert_eq!(tracker.done_of(&seen).get(&origin), Some(10));
}
