//! The tables that are written to, as the database has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Error, Result};

use super::cell::Clocks;
use super::config::JdbcSinkConfig;
use super::ddl::{Flavor, missing, names};
use super::plan::{Field, Plan};
use crate::dialect::{Class, Column, Connection, Fault, Quoting, Table, TableName};

/// How rows of a plan stand in statements: the columns of its fields, as the table has them.
#[derive(Debug)]
pub(super) struct Layout {
    /// The table's name in statements.
    pub(super) table: String,
    /// In the order of the plan's fields.
    pub(super) columns: Vec<Column>,
}

/// Why rows of a plan cannot be written.
pub(super) enum Trouble {
    /// The records are to blame, or the configuration is.
    Refused(Error),
    /// The database is.
    Fault(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What is known of tables.
pub(super) struct Targets {
    config: Arc<JdbcSinkConfig>,
    quoting: Quoting,
    clocks: Clocks,
    tables: BTreeMap<Arc<TableName>, Table>,
    layouts: Vec<(Arc<Plan>, Arc<Layout>)>,
}

/// Plans whose layouts are kept; records with ever new schemas must not fill the memory.
const LAYOUTS: usize = 256;

impl Targets {
    pub(super) fn new(config: Arc<JdbcSinkConfig>, quoting: Quoting) -> Self {
        let clocks = Clocks::new(&config.mapping);
        Self { config, quoting, clocks, tables: BTreeMap::new(), layouts: Vec::new() }
    }

    /// Forgets everything: somebody may have changed it.
    pub(super) fn forget(&mut self) {
        self.tables.clear();
        self.layouts.clear();
    }

    /// The layout of a plan. Its table and columns are made when they are missing and may be made; but there is no layout,
    /// and no table is made, for deletes in a table that is not there.
    pub(super) async fn layout(
        &mut self,
        connection: &mut Connection,
        plan: &Arc<Plan>,
    ) -> Result<Option<Arc<Layout>>, Trouble> {
        if let Some((_, layout)) = self.layouts.iter().find(|(known, _)| Arc::ptr_eq(known, plan)) {
            return Ok(Some(Arc::clone(layout)));
        }
        if !self.tables.contains_key(&plan.table) {
            let table = match connection.describe(&plan.table).await? {
                Some(table) => table,
                // There is nothing to delete, and a key alone does not tell what the table will look like.
                None if (plan.delete || plan.truncate) && self.config.ddl.auto_create => return Ok(None),
                None => self.create(connection, plan).await?,
            };
            let included = self.config.writes.table_types.iter().any(|ty| ty.includes(table.kind));
            if !included {
                let kind = table.kind.name();
                let message = format!("{} is a {kind}, which table.types does not include", table.name);
                return Err(Trouble::Refused(missing(message)));
            }
            self.tables.insert(Arc::clone(&plan.table), table);
        }
        let absent = self.absent(plan);
        if !absent.is_empty() {
            self.evolve(connection, plan, &absent).await?;
        }
        let layout = Arc::new(self.known(plan).ok_or_else(|| {
            let table = &plan.table;
            Trouble::Refused(missing(format!("columns of {table} are missing although they were added just now")))
        })?);
        if self.layouts.len() >= LAYOUTS {
            self.layouts.clear();
        }
        self.layouts.push((Arc::clone(plan), Arc::clone(&layout)));
        Ok(Some(layout))
    }

    /// The fields of a plan that its table lacks.
    fn absent<'p>(&self, plan: &'p Plan) -> Vec<&'p Field> {
        let table = self.tables.get(&plan.table);
        plan.fields.iter().filter(|field| table.is_none_or(|table| table.column(&field.name).is_none())).collect()
    }

    fn known(&self, plan: &Plan) -> Option<Layout> {
        let table = self.tables.get(&plan.table)?;
        let columns = plan.fields.iter().map(|field| table.column(&field.name).cloned());
        Some(Layout { table: self.quoting.table(&table.name), columns: columns.collect::<Option<_>>()? })
    }

    async fn create(&self, connection: &mut Connection, plan: &Plan) -> Result<Table, Trouble> {
        let name = &plan.table;
        if !self.config.ddl.auto_create {
            let message = format!("table {name} is missing, and auto.create=false does not let it be created");
            return Err(Trouble::Refused(missing(message)));
        }
        let flavor = Flavor::of(connection);
        let sql = flavor.create(plan, name, self.quoting, &self.clocks).map_err(Trouble::Refused)?;
        let created = connection.execute(&sql).await;
        match (connection.describe(name).await?, created) {
            // Another task may have made it meanwhile.
            (Some(table), _) => {
                tracing::info!(table = %table.name, "created table");
                Ok(table)
            }
            (None, Err(fault)) => Err(refused(fault.context(format_args!("cannot create table {name}")))),
            (None, Ok(())) => {
                Err(Trouble::Refused(missing(format!("table {name} was created, and yet cannot be found"))))
            }
        }
    }

    async fn evolve(
        &mut self,
        connection: &mut Connection,
        plan: &Arc<Plan>,
        absent: &[&Field],
    ) -> Result<(), Trouble> {
        // It may have been changed since it was looked at.
        self.look_again(connection, plan).await?;
        let still: Vec<&Field> = self.absent(plan);
        if still.is_empty() {
            return Ok(());
        }
        let name = &plan.table;
        if !self.config.ddl.auto_evolve {
            let columns = names(absent);
            let message =
                format!("table {name} lacks columns ({columns}), and auto.evolve=false does not let them be added");
            return Err(Trouble::Refused(missing(message)));
        }
        let required: Vec<&Field> =
            still.iter().filter(|field| !field.optional && field.default.is_none()).copied().collect();
        if !required.is_empty() {
            let columns = names(&required);
            let message =
                format!("table {name} lacks columns ({columns}) that are neither optional nor have a default");
            return Err(Trouble::Refused(missing(message)));
        }
        let statements = Flavor::of(connection).alter(&still, name, self.quoting, &self.clocks);
        for sql in statements.map_err(Trouble::Refused)? {
            let altered = connection.execute(&sql).await;
            self.look_again(connection, plan).await?;
            match altered {
                Ok(()) => tracing::info!(table = %name, columns = names(&still), "added columns"),
                // Another task may have added them meanwhile.
                Err(_) if self.absent(plan).is_empty() => break,
                Err(fault) => return Err(refused(fault.context(format_args!("cannot add columns to {name}")))),
            }
        }
        Ok(())
    }

    async fn look_again(&mut self, connection: &mut Connection, plan: &Plan) -> Result<(), Trouble> {
        if let Some(table) = connection.describe(&plan.table).await? {
            self.tables.insert(Arc::clone(&plan.table), table);
        }
        Ok(())
    }
}

/// A database that is there and refuses DDL refuses these records.
fn refused(fault: Fault) -> Trouble {
    match fault.class() {
        Class::Connection | Class::Transient => Trouble::Fault(fault),
        _ => Trouble::Refused(missing(fault.to_string()).with_source(fault)),
    }
}
