//! MySQL's and MariaDB's catalogue.

use mysql_async::prelude::Queryable as _;

use super::MySqlConnection;
use super::connection::answer;
use crate::dialect::{Column, Fault, Table, TableKind, TableName};

const TABLE: &str = "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?";

const COLUMNS: &str = "SELECT c.COLUMN_NAME, c.COLUMN_TYPE, c.IS_NULLABLE = 'NO',
 COALESCE(c.COLUMN_DEFAULT, 'NULL') <> 'NULL' OR c.EXTRA LIKE '%GENERATED%' OR c.EXTRA LIKE '%auto_increment%',
 c.EXTRA LIKE '%auto_increment%', k.SEQ_IN_INDEX
 FROM information_schema.COLUMNS c LEFT JOIN information_schema.STATISTICS k
 ON k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME AND k.COLUMN_NAME = c.COLUMN_NAME
 AND k.INDEX_NAME = 'PRIMARY'
 WHERE c.TABLE_SCHEMA = ? AND c.TABLE_NAME = ? ORDER BY c.ORDINAL_POSITION";

type Row = (String, String, bool, bool, bool, Option<u16>);

/// Looks a table up, in its database or the connection's.
pub(super) async fn describe(connection: &mut MySqlConnection, name: &TableName) -> Result<Option<Table>, Fault> {
    let patience = connection.patience;
    let conn = &mut connection.conn;
    let found: Option<(String, String, String)> =
        answer(patience, conn.exec_first(TABLE, (&name.schema, &name.table))).await?;
    let Some((schema, table, kind)) = found else { return Ok(None) };
    let rows: Vec<Row> = answer(patience, conn.exec(COLUMNS, (&schema, &table))).await?;
    let column = |(name, type_name, not_null, has_default, auto_increment, key): Row| Column {
        name,
        type_name,
        type_oid: 0,
        not_null,
        has_default,
        auto_increment,
        key,
    };
    let kind = match kind.as_str() {
        "VIEW" => TableKind::View,
        "SYSTEM VIEW" => TableKind::System,
        "TEMPORARY" => TableKind::Temporary,
        _ => TableKind::Table,
    };
    Ok(Some(Table { name: TableName::of(schema, table), kind, columns: rows.into_iter().map(column).collect() }))
}
