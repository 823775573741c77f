//! One transaction: rows in few statements, or one by one where some are bad.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Error, ErrorKind, SinkRecord};

use super::arrange::{Group, Row, arrange};
use super::config::{InsertMode, JdbcSinkConfig};
use super::once::Once;
use super::plan::Plan;
use super::sql::Op;
use super::target::{Layout, Targets, Trouble};
use super::task::told;
use super::write::{Work, Writer};
use crate::dialect::{Class, Connection, Fault, Quoting, TableName};

/// How much trouble is taken to find rows that are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// None: the first fault ends the transaction.
    None,
    /// Each statement has a savepoint, and one that fails is halved until the bad rows stand alone.
    Savepoints,
}

/// What a transaction is made with.
pub(super) struct Transaction<'t> {
    pub(super) connection: &'t mut Connection,
    pub(super) config: &'t JdbcSinkConfig,
    pub(super) quoting: Quoting,
    pub(super) targets: &'t mut Targets,
    pub(super) writer: &'t mut Writer,
    pub(super) once: Option<&'t mut Once>,
    pub(super) care: Care,
    /// Records that will never pass, by their place in what was put.
    pub(super) refused: &'t mut Vec<(usize, Error)>,
}

/// The layouts of plans, by the plans' addresses.
type Layouts = BTreeMap<usize, Arc<Layout>>;

fn address(plan: &Arc<Plan>) -> usize {
    Arc::as_ptr(plan) as usize
}

impl Transaction<'_> {
    /// Makes what tables lack, then writes all rows and commits them.
    pub(super) async fn write(&mut self, rows: &[Row], records: &[SinkRecord]) -> Result<(), Trouble> {
        let layouts = self.layouts(rows).await?;
        let mut tables: BTreeMap<&TableName, Vec<&Row>> = BTreeMap::new();
        for row in rows.iter().filter(|row| layouts.contains_key(&address(&row.plan))) {
            tables.entry(&row.plan.table).or_default().push(row);
        }
        if tables.is_empty() && self.once.is_none() {
            return Ok(());
        }
        if let Some(once) = &mut self.once {
            self.connection.begin().await?;
            let written = once.written(self.connection, records).await?;
            for rows in tables.values_mut() {
                rows.retain(|row| !written.contains(&row.index));
            }
        }
        let (mode, reduce) = (self.config.writes.insert_mode, self.care == Care::None);
        let groups: Vec<_> = tables.into_values().flat_map(|rows| arrange(rows, mode, reduce)).collect();
        let is_alone = self.once.is_none() && self.care == Care::None && self.is_one_statement(&groups, &layouts);
        if self.once.is_none() && !is_alone {
            self.connection.begin().await?;
        }
        for group in &groups {
            self.group(group, &layouts).await?;
        }
        if let Some(once) = &mut self.once {
            once.advance(self.connection, records).await?;
        }
        if !is_alone {
            self.connection.execute("COMMIT").await?;
        }
        Ok(())
    }

    /// Whether all of it is one statement, which is a transaction without being told so: two answers less are waited for.
    fn is_one_statement(&self, groups: &[Group<'_>], layouts: &Layouts) -> bool {
        let [group] = groups else { return false };
        let (Some(op), Some(layout)) = (self.op(&group.plan), layouts.get(&address(&group.plan))) else { return false };
        let work = Work { op, plan: &group.plan, layout, rows: &group.rows, quoting: self.quoting };
        group.rows.len() <= self.most() && Writer::is_one_statement(self.connection, work)
    }

    /// The layouts of all plans; what has none is refused.
    async fn layouts(&mut self, rows: &[Row]) -> Result<Layouts, Trouble> {
        let mut plans: Vec<&Arc<Plan>> = Vec::new();
        for row in rows {
            // Rows of one plan mostly stand together.
            if !plans.last().is_some_and(|last| Arc::ptr_eq(last, &row.plan))
                && !plans.iter().any(|known| Arc::ptr_eq(known, &row.plan))
            {
                plans.push(&row.plan);
            }
        }
        // A table is made for rows before it is looked for by deletes.
        plans.sort_by_key(|plan| plan.delete || plan.truncate);
        let mut layouts = Layouts::new();
        for plan in plans {
            let found = self.targets.layout(self.connection, plan).await;
            match found.and_then(|layout| self.writable(plan).map(|()| layout)) {
                Ok(Some(layout)) => drop(layouts.insert(address(plan), layout)),
                Ok(None) => {}
                Err(Trouble::Refused(error)) => {
                    let mine = rows.iter().filter(|row| Arc::ptr_eq(&row.plan, plan));
                    self.refused.extend(mine.map(|row| (row.index, copy(&error))));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(layouts)
    }

    fn writable(&self, plan: &Plan) -> Result<(), Trouble> {
        let mode = self.config.writes.insert_mode;
        if plan.keys == 0 && !plan.truncate && matches!(mode, InsertMode::Upsert | InsertMode::Update) {
            let (mode, table) = (mode.text(), &plan.table);
            let message = format!("insert.mode={mode} of table {table} requires key field names; set pk.mode");
            return Err(Trouble::Refused(Error::fatal(message)));
        }
        Ok(())
    }

    async fn group(&mut self, group: &Group<'_>, layouts: &Layouts) -> Result<(), Fault> {
        let Some(layout) = layouts.get(&address(&group.plan)) else { return Ok(()) };
        let Some(op) = self.op(&group.plan) else { return Ok(()) };
        for rows in group.rows.chunks(self.most()) {
            let work = Work { op, plan: &group.plan, layout, rows, quoting: self.quoting };
            match self.care {
                Care::None => self.writer.write(self.connection, work).await?,
                Care::Savepoints => self.search(work).await?,
            }
        }
        Ok(())
    }

    /// What becomes of the rows of a plan; `None` when nothing does.
    fn op(&self, plan: &Plan) -> Option<Op> {
        match self.config.writes.insert_mode {
            _ if plan.delete || plan.truncate => Some(Op::Delete),
            InsertMode::Insert | InsertMode::Multi => Some(Op::Insert),
            InsertMode::Upsert => Some(Op::Upsert),
            // The row may exist or not: there is nothing to change.
            InsertMode::Update if plan.keys == plan.fields.len() => None,
            InsertMode::Update => Some(Op::Update),
        }
    }

    /// Most rows of a statement.
    fn most(&self) -> usize {
        usize::try_from(self.config.writes.batch_size).unwrap_or(1).max(1)
    }

    /// Writes what can be written, and halves what cannot until the bad rows stand alone.
    async fn search(&mut self, work: Work<'_>) -> Result<(), Fault> {
        let mut parts = vec![work.rows];
        while let Some(rows) = parts.pop() {
            self.connection.execute("SAVEPOINT search").await?;
            let mut written = self.writer.write(self.connection, Work { rows, ..work }).await;
            if written.is_ok() {
                written = self.connection.check_constraints().await;
            }
            let fault = match written {
                Ok(()) => {
                    self.connection.execute("RELEASE SAVEPOINT search").await?;
                    continue;
                }
                Err(fault) => fault,
            };
            if !matches!(fault.class(), Class::Data | Class::Schema) {
                return Err(fault);
            }
            self.connection.execute("ROLLBACK TO SAVEPOINT search").await?;
            self.connection.execute("RELEASE SAVEPOINT search").await?;
            match rows {
                [row] => {
                    let error = Error::data(told(self.config, &fault)).with_class("java.sql.SQLException");
                    self.refused.push((row.index, error));
                }
                _ => {
                    let (left, right) = rows.split_at(rows.len() / 2);
                    parts.push(right);
                    parts.push(left);
                }
            }
        }
        Ok(())
    }
}

/// The same error for another record.
fn copy(error: &Error) -> Error {
    match error.kind() {
        // The class that the kind stands for.
        kind @ (ErrorKind::Fatal | ErrorKind::Config) => Error::new(kind, error.to_string()),
        kind => Error::new(kind, error.to_string()).with_class(error.class_name()),
    }
}
