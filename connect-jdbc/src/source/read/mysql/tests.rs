use std::collections::BTreeSet;

use super::horizon::listed;
use crate::source::writer::{Writer, names, remaining};

fn status(list: &str) -> String {
    format!(
        "INNODB MONITOR OUTPUT\n---TRANSACTION 1, ACTIVE 1 sec\nLIST OF TRANSACTIONS FOR EACH SESSION:\n{list}--------\nFILE I/O\n--------\n"
    )
}

#[test]
fn transactions_that_write() {
    let thread = "1 lock struct(s), heap size 1128\nMySQL thread id 8, OS thread handle 1, query id 65 localhost me\n";
    let rows = [
        ("", ""),
        ("---TRANSACTION 421700413222000, not started\n0 lock struct(s)\n", ""),
        ("---TRANSACTION 421700413222000, ACTIVE 3 sec\n0 lock struct(s)\n", ""),
        ("---TRANSACTION (0x7f81d2c7c280), ACTIVE 3 sec\n0 lock struct(s)\n", ""),
        ("---TRANSACTION (0x7f81d2c7c280), not started\n---TRANSACTION 19, ACTIVE 3 sec\n", "transaction 19"),
        (&format!("---TRANSACTION 19, ACTIVE 3 sec\n{thread}"), "transaction 19 of session 8"),
        (
            &format!("---TRANSACTION 19, ACTIVE 0 sec inserting\n{}", thread.replace("MySQL", "MariaDB")),
            "transaction 19 of session 8",
        ),
        ("---TRANSACTION 20, ACTIVE (PREPARED) 9 sec recovered trx\n1 lock struct(s)\n", "transaction 20"),
        ("---TRANSACTION 20, COMMITTED IN MEMORY\n", "transaction 20"),
        // What a statement contains can only add.
        (
            &format!(
                "---TRANSACTION 19, ACTIVE 3 sec\n{thread}INSERT '\n---TRANSACTION 19, not started\n---TRANSACTION x'\n"
            ),
            "transaction 19 of session 8, transaction x'",
        ),
        (
            &format!("... truncated...\nock struct(s)\n---TRANSACTION 19, ACTIVE 3 sec\n{thread}"),
            "transaction 19 of session 8, transaction unknown, as there are more than the server names",
        ),
    ];
    for (list, expected) in rows {
        assert_eq!(names(&listed(&status(list)).unwrap()), expected, "{list}");
    }
    assert_eq!(listed(""), None);
    let cut = "LIST OF TRANSACTIONS FOR EACH SESSION:\n---TRANSACTION 19, ACTI";
    assert_eq!(listed(cut).unwrap().len(), 2);
}

fn transaction(name: &str, session: u64) -> Writer {
    Writer::Transaction { name: name.into(), session: Some(session) }
}

const fn statement(session: u64, began: u64, until: u64) -> Writer {
    Writer::Statement { session, began: [began, until] }
}

#[test]
fn who_is_still_waited_for() {
    let rows: [(Writer, &[Writer], &[Writer]); 8] = [
        (transaction("19", 8), &[transaction("19", 8)], &[transaction("19", 8)]),
        (transaction("19", 8), &[transaction("20", 8), statement(8, 5, 5)], &[]),
        (statement(8, 5, 5), &[statement(8, 5, 5)], &[statement(8, 5, 5)]),
        (statement(8, 5, 5), &[statement(8, 6, 6), statement(9, 5, 5)], &[]),
        // MySQL's whole seconds.
        (statement(8, 100, 101), &[statement(8, 101, 102)], &[statement(8, 101, 102)]),
        (statement(8, 100, 101), &[statement(8, 102, 103)], &[]),
        // It has ended, and its transaction has not.
        (statement(8, 5, 5), &[transaction("19", 8), transaction("20", 9)], &[transaction("19", 8)]),
        (statement(8, 5, 5), &[statement(8, 5, 5), transaction("19", 8)], &[statement(8, 5, 5), transaction("19", 8)]),
    ];
    for (waited, open, expected) in rows {
        let set = |writers: &[Writer]| writers.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(remaining(&set(std::slice::from_ref(&waited)), &set(open)), set(expected), "{waited:?}");
    }
}
