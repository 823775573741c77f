//! Transactions that may still commit rows before those that are visible already; see the same of PostgreSQL.
//!
//! InnoDB shows open transactions in `information_schema.innodb_trx` to those who have PROCESS. A statement may have drawn
//! a number before its transaction shows there, so statements that run count too.

use std::collections::BTreeSet;
use std::time::Duration;

use connect_api::Result;
use mysql_async::Value;
use mysql_async::prelude::Queryable as _;
use tokio::time::sleep;

use crate::dialect::Fault;
use crate::dialect::mysql::{MySqlConnection, answer};
use crate::source::moment::Moment;
use crate::source::subject::Subject;

/// The server keeps what it shows of transactions for a tenth of a second.
const CACHE: Duration = Duration::from_millis(110);

/// Whether this account may see who is writing.
///
/// # Errors
/// The server's word.
pub(crate) async fn may_look(connection: &mut MySqlConnection) -> Result<bool> {
    let patience = connection.patience;
    let looked: Result<Option<i64>, Fault> =
        answer(patience, connection.conn.query_first("SELECT count(*) FROM information_schema.innodb_trx")).await;
    match looked {
        Ok(_) => Ok(true),
        // ER_SPECIFIC_ACCESS_DENIED_ERROR and its like.
        Err(fault) if ["1227", "1142", "1044"].iter().any(|code| fault.code().ends_with(code)) => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

/// The present time, the greatest number behind `after` (in the mode that has numbers alone), and then who is open.
///
/// # Errors
/// The server's word.
pub(crate) async fn look(
    connection: &mut MySqlConnection,
    subject: &Subject,
    after: i64,
) -> Result<(Moment, Option<i64>, BTreeSet<String>)> {
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
pub(crate) async fn open(connection: &mut MySqlConnection) -> Result<BTreeSet<String>> {
    // What is shown may be as old as the cache; after that time it is made anew.
    sleep(CACHE).await;
    let query = if connection.is_mariadb { "query_id" } else { "time" };
    let sql = format!(
        "SELECT concat('transaction ', trx_id, ' of ', trx_mysql_thread_id) FROM information_schema.innodb_trx
         WHERE trx_mysql_thread_id <> connection_id() AND trx_mysql_thread_id <> 0
         UNION SELECT concat('statement ', {query}, ' of ', id) FROM information_schema.processlist
         WHERE id <> connection_id() AND command IN ('Query', 'Execute')"
    );
    let patience = connection.patience;
    let rows: Vec<String> = answer(patience, connection.conn.query(sql)).await?;
    Ok(rows.into_iter().collect())
}
