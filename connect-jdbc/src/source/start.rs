//! What happens before the first row is read.

use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{Error, OffsetMap, Result, SourceTaskContext};

use super::config::{JdbcSourceConfig, Mode, no_such_column};
use super::offset::{self, Place};
use super::read;
use super::sql::Selection;
use super::style::Style;
use super::subject::Subject;
use super::task::JdbcSourceTask;
use crate::dialect::{Connection, Quoting, Session, Table, TableName};

/// What a query is called in messages.
const QUERY: &str = "the query";

/// Makes a task that is connected and knows where to go on.
pub(super) async fn task(
    config: &JdbcSourceConfig,
    tables: Vec<TableName>,
    context: &SourceTaskContext,
) -> Result<JdbcSourceTask> {
    let mut session = config.connection.session(&config.connection_url, context.id(), context.stop_signal().clone())?;
    let quoting = config.connection.quoting(session.dialect());
    let connection = session.connection().await?;
    let style = Arc::new(Style::of(config));
    let mut subjects = Vec::with_capacity(tables.len().max(1));
    match config.query() {
        Some(query) => subjects.push(of_query(config, query, quoting, &style)?),
        None => {
            for table in &tables {
                subjects.push(of_table(config, table, connection, quoting, &style).await?);
            }
        }
    }
    if config.mode() != Mode::Bulk {
        places(&mut subjects, context).await?;
    }
    Ok(JdbcSourceTask::new(config, session, subjects))
}

fn of_query(config: &JdbcSourceConfig, query: &str, quoting: Quoting, style: &Arc<Style>) -> Result<Subject> {
    let (timestamps, incrementing) = config.columns_of(None)?;
    let number = incrementing.as_deref();
    Ok(Subject {
        name: QUERY.into(),
        table: None,
        selection: Selection::of_query(config.mode(), query, quoting, &timestamps, number, &config.query_suffix),
        timestamps,
        incrementing,
        topic: config.topic_prefix.trim().into(),
        partition: Arc::new(offset::of_query()),
        style: Arc::clone(style),
        place: Place::default(),
        layout: None,
    })
}

async fn of_table(
    config: &JdbcSourceConfig,
    name: &TableName,
    connection: &mut Connection,
    quoting: Quoting,
    style: &Arc<Style>,
) -> Result<Subject> {
    let full = name.to_string();
    let (timestamps, incrementing) = config.columns_of(Some(&full))?;
    let (mut timestamps, mut incrementing) = (timestamps, incrementing);
    if config.mode() != Mode::Bulk {
        let described = connection.describe(name).await?;
        let table = described.ok_or_else(|| Error::config(format!("there is no table {full} any more")))?;
        for column in &mut timestamps {
            *column = existing(&table, "timestamp.column.name", column)?;
        }
        if let Some(column) = &mut incrementing {
            *column = match column.is_empty() {
                true => numbered(&table)?,
                false => existing(&table, "incrementing.column.name", column)?,
            };
        }
        if config.validate_non_null {
            check_non_null(&table, &timestamps, incrementing.as_deref())?;
        }
    }
    let said = if config.table_names_qualify { name.clone() } else { TableName::bare(&*name.table) };
    let number = incrementing.as_deref();
    Ok(Subject {
        selection: Selection::of_table(config.mode(), &said, quoting, &timestamps, number, &config.query_suffix),
        timestamps,
        incrementing,
        topic: format!("{}{}", config.topic_prefix.trim(), name.table).into(),
        partition: Arc::new(match config.mode() {
            Mode::Bulk => offset::of_bare_table(&name.table),
            _ => offset::of_table(&full),
        }),
        name: full.into(),
        table: Some(name.clone()),
        style: Arc::clone(style),
        place: Place::default(),
        layout: None,
    })
}

/// The column of this name, as the table writes it.
fn existing(table: &Table, key: &str, column: &str) -> Result<String> {
    table.column(column).map(|found| found.name.clone()).ok_or_else(|| {
        let known: Vec<_> = table.columns.iter().map(|column| &*column.name).collect();
        no_such_column(key, column, &table.name.to_string(), &known)
    })
}

/// The column that the database numbers itself.
fn numbered(table: &Table) -> Result<String> {
    let found = table.columns.iter().find(|column| column.auto_increment);
    found.map(|column| column.name.clone()).ok_or_else(|| {
        let name = &table.name;
        Error::config(format!("{name} has no column that the database numbers itself; set incrementing.column.name"))
    })
}

/// Refuses columns that may be null, as rows with a null there would never be read.
fn check_non_null(table: &Table, timestamps: &[String], incrementing: Option<&str>) -> Result<()> {
    let required = |name: &str| table.column(name).is_some_and(|column| column.not_null || column.key.is_some());
    if let Some(column) = incrementing.filter(|column| !required(column)) {
        return Err(Error::fatal(format!(
            "the incrementing column {column} of {} may be null; make it NOT NULL, or set validate.non.null=false",
            table.name
        )));
    }
    if !timestamps.is_empty() && !timestamps.iter().any(|column| required(column)) {
        return Err(Error::fatal(format!(
            "the timestamp columns ({}) of {} may all be null; make one NOT NULL, or set validate.non.null=false",
            timestamps.join(", "),
            table.name
        )));
    }
    Ok(())
}

/// Where each table was read to, by the newest form of its partition that has an offset.
async fn places(subjects: &mut [Subject], context: &SourceTaskContext) -> Result<()> {
    let mut partitions = Vec::with_capacity(subjects.len() * 2);
    for subject in &*subjects {
        partitions.push(OffsetMap::clone(&subject.partition));
        let old = subject.table.as_ref().map_or_else(offset::of_query, |table| offset::of_bare_table(&table.table));
        partitions.push(old);
    }
    let stored = context.offsets(&partitions).await?;
    for (subject, stored) in subjects.iter_mut().zip(stored.chunks(2)) {
        if let Some(offset) = stored.iter().flatten().next() {
            let mode = subject.selection.mode();
            let place = Place::read(offset)?;
            subject.place = Place {
                timestamp: place.timestamp.filter(|_| mode.has_timestamp()),
                incrementing: place.incrementing.filter(|_| mode.has_incrementing()),
            };
        }
    }
    Ok(())
}

/// Checks what only the database can tell.
pub(super) async fn check(config: &JdbcSourceConfig, errors: &mut ConfigErrors) {
    let opened = async {
        let mut session: Session = super::session(config, "validate")?;
        session.connection().await?;
        Ok::<_, Error>(session)
    };
    let mut session = match opened.await {
        Ok(session) => session,
        Err(error) => {
            errors.add("connection.url", None, error.to_string());
            return;
        }
    };
    let Some(query) = config.query() else { return };
    if let Ok(connection) = session.connection().await
        && let Err(fault) = read::prepare(connection, query).await
    {
        // The database's own words may repeat parts of the query, which may be a secret.
        let code = fault.code();
        let message = if code.is_empty() {
            "the database refuses it".into()
        } else {
            format!("the database refuses it [{code}]")
        };
        errors.add(config.query_key(), None, message);
    }
}
