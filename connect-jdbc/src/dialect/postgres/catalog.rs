//! PostgreSQL's catalogue.

use super::PostgresConnection;
use crate::dialect::{Column, Fault, Table, TableKind, TableName};

const TABLE: &str = "SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text
 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
 AND (n.nspname = $2 OR $2 IS NULL AND pg_catalog.pg_table_is_visible(c.oid))";

const COLUMNS: &str = "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypid,
 a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), a.atthasdef OR a.attidentity <> '',
 a.attidentity <> '' OR COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false),
 (SELECT k.place FROM pg_catalog.pg_index i,
  LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
  WHERE i.indrelid = a.attrelid AND i.indisprimary AND k.number = a.attnum)
 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
 LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// Looks a table up, in its schema or along the search path.
pub(super) async fn describe(connection: &PostgresConnection, name: &TableName) -> Result<Option<Table>, Fault> {
    let client = &connection.client;
    let found = connection.answer(client.query_opt(TABLE, &[&name.table, &name.schema])).await?;
    let Some(found) = found else { return Ok(None) };
    let oid: u32 = found.get(0);
    let kind = match (found.get::<_, &str>(3), found.get::<_, &str>(4)) {
        (_, "t") => TableKind::Temporary,
        ("p", _) => TableKind::Partitioned,
        ("v", _) => TableKind::View,
        ("m", _) => TableKind::MaterializedView,
        ("f", _) => TableKind::Foreign,
        _ => TableKind::Table,
    };
    let rows = connection.answer(client.query(COLUMNS, &[&oid])).await?;
    let column = |row: &tokio_postgres::Row| Column {
        name: row.get(0),
        type_name: row.get(1),
        type_oid: row.get(2),
        not_null: row.get(3),
        has_default: row.get(4),
        auto_increment: row.get(5),
        key: row.get::<_, Option<i64>>(6).and_then(|place| u16::try_from(place).ok()),
    };
    let name = TableName::of(found.get::<_, String>(1), found.get::<_, String>(2));
    Ok(Some(Table { name, kind, columns: rows.iter().map(column).collect() }))
}
