//! Which tables a database has.

use connect_api::Result;

use super::config::JdbcSourceConfig;
use crate::dialect::{Connection, TableName};

/// Kind, schema and name of a table.
type Row = (String, String, String);

/// What a database lists.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// By kind, schema and name, as JDBC sorts them.
    pub(super) tables: Vec<TableName>,
    /// MySQL's database that the connection is in: bare names mean its tables.
    pub(super) home: Option<String>,
}

/// The tables of the kinds, the catalog and the schemas that a configuration asks for.
///
/// # Errors
/// The database's word.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables))]
pub(super) async fn tables(connection: &mut Connection, config: &JdbcSourceConfig) -> Result<Listed> {
    let kinds: Vec<String> = config.table_types.iter().map(|kind| kind.trim().to_ascii_uppercase()).collect();
    let (catalog, schema) = (config.catalog_pattern.as_deref(), config.schema_pattern.as_deref());
    let (mut rows, home) = match connection {
        #[cfg(feature = "postgres")]
        Connection::Postgres(connection) => (postgres(connection, catalog, schema).await?, None),
        #[cfg(feature = "mysql")]
        Connection::MySql(connection) => {
            let (rows, database) = mysql(connection, catalog).await?;
            (rows, database.filter(|_| catalog.is_none()))
        }
        #[cfg(feature = "sqlite")]
        Connection::Sqlite(connection) => (sqlite(connection).await?, None),
    };
    rows.retain(|(kind, _, _)| kinds.contains(kind));
    rows.sort_unstable();
    let named = |(_, schema, table): Row| match schema.is_empty() {
        true => TableName::bare(table),
        false => TableName::of(schema, table),
    };
    Ok(Listed { tables: rows.into_iter().map(named).collect(), home })
}

#[cfg(feature = "postgres")]
async fn postgres(
    connection: &crate::dialect::postgres::PostgresConnection,
    catalog: Option<&str>,
    schema: Option<&str>,
) -> Result<Vec<Row>> {
    // Every table has a catalog, its database, and a schema: an empty pattern, which asks for none, finds none.
    let sql = "SELECT CASE c.relkind WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW'
                 WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
                 ELSE CASE WHEN n.nspname LIKE 'pg\\_temp%' THEN 'LOCAL TEMPORARY'
                           WHEN n.nspname LIKE 'pg\\_%' OR n.nspname = 'information_schema' THEN 'SYSTEM TABLE'
                           ELSE 'TABLE' END END, n.nspname::text, c.relname::text
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND (c.relkind = 'r' OR n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema')
         AND ($1::text IS NULL OR $1 = current_database()) AND ($2::text IS NULL OR n.nspname LIKE $2)";
    let rows = connection.answer(connection.client.query(sql, &[&catalog, &schema])).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect())
}

#[cfg(feature = "mysql")]
async fn mysql(
    connection: &mut crate::dialect::mysql::MySqlConnection,
    catalog: Option<&str>,
) -> Result<(Vec<Row>, Option<String>)> {
    use mysql_async::prelude::Queryable as _;
    // What MySQL calls a schema is JDBC's catalog, but names have it in the place of the schema.
    let sql = "SELECT CASE WHEN table_schema IN ('mysql', 'sys', 'performance_schema', 'information_schema')
                 THEN IF(table_type LIKE '%VIEW', 'SYSTEM VIEW', 'SYSTEM TABLE')
                 WHEN table_type LIKE '%VIEW' THEN 'VIEW' WHEN table_type LIKE '%TEMPORARY' THEN 'LOCAL TEMPORARY'
                 ELSE 'TABLE' END, table_schema, table_name
         FROM information_schema.tables WHERE ? IS NULL OR table_schema = ?";
    let patience = connection.patience;
    let rows = connection.conn.exec(sql, (catalog, catalog));
    let rows = crate::dialect::mysql::answer(patience, rows).await?;
    let home = connection.conn.query_first::<Option<String>, _>("SELECT DATABASE()");
    Ok((rows, crate::dialect::mysql::answer(patience, home).await?.flatten()))
}

#[cfg(feature = "sqlite")]
async fn sqlite(connection: &crate::dialect::sqlite::SqliteConnection) -> Result<Vec<Row>> {
    use crate::dialect::sqlite::fault;
    let sql = "SELECT upper(type), '', name FROM sqlite_schema
         WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let rows = connection.call(move |it| {
        let mut statement = it.prepare(sql).map_err(fault)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(fault)?;
        rows.collect::<rusqlite::Result<Vec<Row>>>().map_err(fault)
    });
    Ok(rows.await?)
}
