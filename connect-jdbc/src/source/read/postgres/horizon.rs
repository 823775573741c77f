//! Transactions that may still commit rows before those that are visible already.
//!
//! Numbers and timestamps are given out when a transaction writes, not when it commits, so a row may appear before others
//! that belong in front of it. Who reads it and goes on behind it loses those. Two facts close the gap:
//!
//! - Whoever is to insert a row locks the table before a number is drawn, or the sequence when the number is drawn by
//!   itself, and holds these locks until its transaction ends. `now()` is the start of a transaction, which is open
//!   until it ends. Anybody may see both in `pg_locks`; no privilege is needed.
//! - A transaction's rows become visible before its locks are given back.
//!
//! So a bound is taken first, then the transactions that are open are looked up, and when the last of these has ended, all
//! rows up to the bound are visible or never will be: who began later got greater numbers and later timestamps. Only then
//! is the table read, up to the bound. Savepoints and prepared transactions hold locks like any other.

use std::collections::BTreeSet;

use connect_api::Result;

use crate::dialect::TableName;
use crate::dialect::postgres::PostgresConnection;
use crate::source::moment::Moment;
use crate::source::subject::Subject;
use crate::source::writer::Writer;

/// The lock modes of those who write.
const WRITING: &str = "('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')";

/// A table's relatives by inheritance, and the sequences that number their rows. Of a view nothing is known.
const RELATIONS: &str = "WITH RECURSIVE up(oid) AS (
     SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')
     UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN up ON i.inhrelid = up.oid
 ), related(oid) AS (
     SELECT oid FROM up UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN related ON i.inhparent = related.oid
 )
 SELECT oid FROM related
 UNION SELECT d.refobjid FROM pg_catalog.pg_attrdef a
     JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
         AND d.refclassid = 'pg_catalog.pg_class'::regclass
     JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
     WHERE a.adrelid IN (SELECT oid FROM related)
 UNION SELECT d.objid FROM pg_catalog.pg_depend d
     JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
     WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
         AND d.refobjid IN (SELECT oid FROM related) AND d.deptype IN ('a', 'i')";

/// Sequences among these that give numbers out in blocks, so that they come out of order for reasons no lock tells.
const CACHED: &str = "SELECT s.seqrelid::regclass::text FROM pg_catalog.pg_sequence s
 WHERE s.seqrelid = ANY($1) AND s.seqcache > 1";

/// Warns of what no lock tells.
///
/// # Errors
/// The server's word.
pub(crate) async fn warn(connection: &PostgresConnection, table: Option<&TableName>) -> Result<()> {
    let Some(table) = table else { return Ok(()) };
    let client = &connection.client;
    let rows = connection.answer(client.query(RELATIONS, &[&table.schema, &table.table])).await?;
    let relations: Vec<u32> = rows.iter().map(|row| row.get(0)).collect();
    for row in connection.answer(client.query(CACHED, &[&relations])).await? {
        let sequence: String = row.get(0);
        tracing::warn!(
            table = %table, sequence,
            "the sequence has CACHE above 1: sessions draw numbers ahead, so rows may appear in front of those \
             that were read, and be missed"
        );
    }
    Ok(())
}

/// The present time, the greatest number behind `after` (in the mode that has numbers alone), and then who is open.
///
/// # Errors
/// The server's word.
pub(crate) async fn look(
    connection: &PostgresConnection,
    subject: &Subject,
    after: i64,
) -> Result<(Moment, Option<i64>, BTreeSet<Writer>)> {
    let client = &connection.client;
    // The statement's snapshot is older than what it finds in pg_locks, but only the other order is of use: a number
    // that is visible, and after that who was open. Two statements make sure of it.
    let greatest = match subject.selection.mode().has_timestamp() {
        true => "NULL".to_owned(),
        false => format!("({})", subject.selection.greatest(&after.to_string())),
    };
    let sql = format!("SELECT (extract(epoch FROM CURRENT_TIMESTAMP) * 1000000)::int8, {greatest}::int8");
    let row = connection.answer(client.query_one(&*sql, &[])).await?;
    let open = open(connection, subject).await?;
    Ok((Moment::of_micros(row.get(0)), row.get(1), open))
}

/// The transactions that may still commit rows in front of others.
///
/// # Errors
/// The server's word.
pub(crate) async fn open(connection: &PostgresConnection, subject: &Subject) -> Result<BTreeSet<Writer>> {
    let client = &connection.client;
    let rows = if subject.selection.mode().has_timestamp() {
        // Every client's open transaction in this database, as `now()` is its start; and those that were prepared.
        let sql = "SELECT DISTINCT l.virtualtransaction FROM pg_catalog.pg_locks l
             LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
             WHERE l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
             AND (l.locktype = 'virtualxid' AND l.virtualxid = l.virtualtransaction
                  AND a.datname = current_database() AND a.usesysid IS NOT NULL
                  OR l.pid IS NULL AND l.locktype = 'relation'
                  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))";
        connection.answer(client.query(sql, &[])).await?
    } else {
        // The table may be another one of the same name by now. When none is known any may matter; relations below 16384
        // are the system's own.
        let sql = format!(
            "SELECT DISTINCT l.virtualtransaction
             FROM pg_catalog.pg_locks l, (SELECT ARRAY({RELATIONS}) AS relations) r
             WHERE l.locktype = 'relation' AND l.mode IN {WRITING}
             AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
             AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
             AND (cardinality(r.relations) = 0 AND l.relation >= 16384 OR l.relation = ANY(r.relations))"
        );
        let schema = subject.table.as_ref().and_then(|table| table.schema.as_deref());
        let table = subject.table.as_ref().map(|table| &*table.table);
        connection.answer(client.query(&*sql, &[&schema, &table])).await?
    };
    Ok(rows.iter().map(|row| Writer::transaction(row.get(0))).collect())
}

/// Why it cannot be known who is writing.
///
/// # Errors
/// The server's word.
pub(crate) async fn obstacle(connection: &PostgresConnection) -> Result<Option<&'static str>> {
    let row = connection.answer(connection.client.query_one("SELECT pg_catalog.pg_is_in_recovery()", &[])).await?;
    let standby: bool = row.get(0);
    Ok(standby.then_some("this server is a standby, which does not know the transactions that are open"))
}
