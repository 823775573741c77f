//! SQLite's catalogue.

use rusqlite::{Connection, OptionalExtension as _, Result};

use crate::dialect::{Column, Table, TableKind, TableName};

/// Looks a table or view up. A schema is an attached database.
pub(super) fn describe(connection: &Connection, name: &TableName) -> Result<Option<Table>> {
    let schema = name.schema.as_deref().unwrap_or("main");
    let list = "SELECT name, type FROM pragma_table_list WHERE schema = ?1 AND name = ?2 COLLATE NOCASE \
                ORDER BY name = ?2 DESC LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let Some((table, kind)) = connection.prepare_cached(list)?.query_row((schema, &name.table), row).optional()? else {
        return Ok(None);
    };
    let kind = if kind == "view" { TableKind::View } else { TableKind::Table };
    let mut columns = columns(connection, schema, &table)?;
    // An INTEGER PRIMARY KEY is the row's own number: null asks for the next one.
    let mut key: Vec<_> = columns.iter_mut().filter(|column| column.key.is_some()).collect();
    if let [column] = key.as_mut_slice()
        && column.type_name.eq_ignore_ascii_case("INTEGER")
    {
        column.auto_increment = true;
        column.has_default = true;
    }
    let name = TableName { catalog: None, schema: name.schema.clone(), table };
    Ok(Some(Table { name, kind, columns }))
}

fn columns(connection: &Connection, schema: &str, table: &str) -> Result<Vec<Column>> {
    // Hidden columns of virtual tables (1) are no columns to SELECT; generated ones (2, 3) are.
    let sql = "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?2, ?1) \
               WHERE hidden <> 1 ORDER BY cid";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((schema, table), |row| {
        let (key, hidden): (u16, i64) = (row.get(4)?, row.get(5)?);
        Ok(Column {
            name: row.get(0)?,
            type_name: row.get(1)?,
            type_oid: 0,
            not_null: row.get(2)?,
            has_default: row.get::<_, bool>(3)? || hidden > 1,
            auto_increment: false,
            key: (key > 0).then_some(key),
        })
    })?;
    rows.collect()
}
