//! Transactions that may still commit rows before those that are visible already; see the same of PostgreSQL.
//!
//! InnoDB lists its transactions in `SHOW ENGINE INNODB STATUS` for those who have `PROCESS`. Its other list,
//! `information_schema.innodb_trx`, is not made anew while anybody reads it more often than ten times a second, and
//! would leave out those that began meanwhile. A statement may have drawn a number before its transaction shows as one
//! that writes, so statements that run count too.

use std::collections::BTreeSet;

use connect_api::Result;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Row, Value};

use crate::dialect::Fault;
use crate::dialect::mysql::{MySqlConnection, answer};
use crate::source::moment::Moment;
use crate::source::subject::Subject;
use crate::source::writer::Writer;

/// What the server's text has before its transactions.
const LIST: &str = "LIST OF TRANSACTIONS FOR EACH SESSION:";

/// What the server puts where it leaves transactions out, as its text would be longer than a megabyte.
const TRUNCATED: &str = "... truncated...";

/// What the server's text has behind its transactions, if it is not cut off there.
const BEHIND: &str = "\nFILE I/O\n";

/// Transactions that write have smaller numbers; others are named by their place in memory.
const READ_ONLY: u64 = 1 << 48;

/// Why it cannot be known who is writing.
///
/// # Errors
/// The server's word.
pub(crate) async fn obstacle(connection: &mut MySqlConnection) -> Result<Option<&'static str>> {
    match transactions(connection).await {
        Ok(Some(_)) => {}
        Ok(None) => return Ok(Some("this server does not tell who is writing")),
        // ER_SPECIFIC_ACCESS_DENIED_ERROR and its like.
        Err(fault) if ["1227", "1142", "1044"].iter().any(|code| fault.code().ends_with(code)) => {
            return Ok(Some("this account may not see who is writing; GRANT PROCESS to it"));
        }
        Err(fault) => return Err(fault.into()),
    }
    let elsewhere = "SHOW GLOBAL VARIABLES WHERE variable_name IN ('read_only', 'wsrep_on') AND value = 'ON'";
    let patience = connection.patience;
    let elsewhere: Option<Row> = answer(patience, connection.conn.query_first(elsewhere)).await?;
    Ok(elsewhere.map(|_| "rows are written on other servers, which do not show their transactions here"))
}

/// The present time, the greatest number behind `after` (in the mode that has numbers alone), and then who is open.
///
/// # Errors
/// The server's word.
pub(crate) async fn look(
    connection: &mut MySqlConnection,
    subject: &Subject,
    after: i64,
) -> Result<(Moment, Option<i64>, BTreeSet<Writer>)> {
    let now = super::now(connection, &subject.style).await?;
    let greatest = match subject.selection.mode().has_timestamp() {
        true => None,
        false => {
            let sql = subject.selection.greatest(&after.to_string());
            let patience = connection.patience;
            let found: Option<Value> = answer(patience, connection.conn.query_first(sql)).await?;
            found.and_then(|value| mysql_async::from_value_opt::<i64>(value).ok())
        }
    };
    if greatest.is_none() && !subject.selection.mode().has_timestamp() {
        return Ok((now, None, BTreeSet::new()));
    }
    Ok((now, greatest, open(connection).await?))
}

/// The transactions and statements of others.
///
/// # Errors
/// The server's word.
pub(crate) async fn open(connection: &mut MySqlConnection) -> Result<BTreeSet<Writer>> {
    // Statements come first: the transaction of one that has ended when they are looked at is found after that.
    let mut open = statements(connection).await?;
    match transactions(connection).await? {
        Some(transactions) => open.extend(transactions),
        None => {
            let name = format!("unknown, as {LIST:?} is not in the answer to SHOW ENGINE INNODB STATUS");
            open.insert(Writer::Transaction { name, session: None });
        }
    }
    Ok(open)
}

async fn statements(connection: &mut MySqlConnection) -> Result<BTreeSet<Writer>, Fault> {
    let began = match connection.is_mariadb {
        true => "query_id, query_id",
        // MySQL tells for how many whole seconds a statement has run.
        false => "unix_timestamp() - time, unix_timestamp() - time + 1",
    };
    let sql = format!(
        "SELECT id, {began} FROM information_schema.processlist WHERE info IS NOT NULL AND id <> connection_id()"
    );
    let patience = connection.patience;
    let rows: Vec<Row> = answer(patience, connection.conn.query(sql)).await?;
    let number =
        |row: &Row, at| row.as_ref(at).cloned().and_then(|value| mysql_async::from_value_opt::<u64>(value).ok());
    let statement =
        |row: &Row| Some(Writer::Statement { session: number(row, 0)?, began: [number(row, 1)?, number(row, 2)?] });
    Ok(rows.iter().filter_map(statement).collect())
}

async fn transactions(connection: &mut MySqlConnection) -> Result<Option<BTreeSet<Writer>>, Fault> {
    let patience = connection.patience;
    let row: Option<Row> = answer(patience, connection.conn.query_first("SHOW ENGINE INNODB STATUS")).await?;
    Ok(match row.as_ref().and_then(|row| row.as_ref(2)) {
        Some(Value::Bytes(status)) => listed(&String::from_utf8_lossy(status)),
        _ => None,
    })
}

/// The transactions in the server's text that write; `None` when it has no list of them.
///
/// What statements contain is part of the text too, so a line that looks like a transaction may be none. It is waited
/// for in vain then; none that is there can be hidden by it.
pub(super) fn listed(status: &str) -> Option<BTreeSet<Writer>> {
    let (_, list) = status.split_once(LIST)?;
    let mut open = BTreeSet::new();
    let mut blocks = list.split("\n---TRANSACTION ");
    let before = blocks.next().unwrap_or_default();
    if before.contains(TRUNCATED) || !list.contains(BEHIND) {
        let name = "unknown, as there are more than the server names".to_owned();
        open.insert(Writer::Transaction { name, session: None });
    }
    for block in blocks {
        let (head, rest) = block.split_once('\n').unwrap_or((block, ""));
        let (name, state) = head.split_once(',').unwrap_or((head, ""));
        let reads = name.starts_with("(0x") || name.parse().is_ok_and(|number: u64| number >= READ_ONLY);
        if !reads && !state.starts_with(" not started") {
            open.insert(Writer::Transaction { name: name.to_owned(), session: session(rest) });
        }
    }
    Some(open)
}

/// The session of a transaction: `MySQL thread id 8, ...`, or `MariaDB thread id 8, ...`.
fn session(block: &str) -> Option<u64> {
    let line =
        block.lines().find(|line| line.starts_with("MySQL thread id ") || line.starts_with("MariaDB thread id "))?;
    line.split([' ', ',']).nth(3)?.parse().ok()
}
