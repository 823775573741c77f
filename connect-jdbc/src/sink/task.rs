//! The sink's task: from what is put to a transaction, and what follows when that fails.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connect_api::{
    Delivery, Error, ErrorKind, Result, SinkRecord, SinkTask, SinkTaskContext, Task, TopicPartition, async_trait,
};
use tokio::time::sleep;

use super::arrange::Row;
use super::cell::{Cell, Clocks};
use super::config::JdbcSinkConfig;
use super::debezium::{Envelopes, Opened};
use super::once::Once;
use super::plan::Plan;
use super::plans::Plans;
use super::route::Routes;
use super::target::{Targets, Trouble};
use super::transaction::{Care, Transaction};
use super::write::Writer;
use crate::dialect::{Class, Fault, Quoting, Session};

/// How often a transaction that lost against another one is tried again at once.
const QUICK: u32 = 5;

/// The wait before the first of these attempts; it doubles each time.
const QUICK_WAIT: Duration = Duration::from_millis(5);

/// Writes records into tables, each put in one transaction.
pub struct JdbcSinkTask {
    config: Arc<JdbcSinkConfig>,
    context: SinkTaskContext,
    session: Session,
    quoting: Quoting,
    /// For records that are Debezium's.
    envelopes: Option<Envelopes>,
    routes: Routes,
    clocks: Clocks,
    plans: Plans,
    targets: Targets,
    writer: Writer,
    once: Option<Once>,
    /// Puts in a row that the database was away or too busy for.
    failures: i32,
}

impl JdbcSinkTask {
    pub(super) async fn connected(
        config: Arc<JdbcSinkConfig>,
        envelopes: Option<Envelopes>,
        context: SinkTaskContext,
    ) -> Result<Self> {
        let stop = context.stop_signal().clone();
        let mut session = config.connection.session(&config.url, context.id(), stop)?;
        let dialect = session.dialect();
        session.connection().await?;
        let quoting = config.connection.quoting(dialect);
        let once = match config.writes.exactly_once {
            true => Some(Once::new(&config.writes.offsets_table, &context.id().connector, quoting)?),
            false => None,
        };
        Ok(Self {
            session,
            quoting,
            envelopes,
            routes: Routes::new(&config, dialect)?,
            clocks: Clocks::new(&config.mapping),
            plans: Plans::new(),
            targets: Targets::new(Arc::clone(&config), quoting),
            writer: Writer::default(),
            once,
            failures: 0,
            config,
            context,
        })
    }

    /// What can be written; what cannot goes to `failed`.
    fn rows(&mut self, records: &[SinkRecord], failed: &mut Vec<(usize, Error)>) -> Vec<Row> {
        let mut rows = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            match self.row(record) {
                Ok(Some((plan, cells))) => rows.push(Row { index, plan, cells }),
                Ok(None) => {}
                Err(error) => failed.push((index, error)),
            }
        }
        rows
    }

    /// What a record becomes; `None` when that is nothing.
    fn row(&mut self, record: &SinkRecord) -> Result<Option<(Arc<Plan>, Vec<Cell>)>> {
        let opened = match &mut self.envelopes {
            None => None,
            Some(envelopes) => match envelopes.open(record)? {
                Opened::Nothing => return Ok(None),
                Opened::Truncate(table) => {
                    return Ok(Some((self.plans.truncate(&mut self.routes, &table)?, Vec::new())));
                }
                Opened::Row(record, table) => Some((record, table)),
            },
        };
        let (record, target) = opened.as_ref().map_or((record, &record.topic), |(record, table)| (record, table));
        let plan = self.plans.of(&self.config, &mut self.routes, target, record)?;
        let cells = plan.row(record, &self.clocks)?;
        Ok(Some((plan, cells)))
    }

    /// Whether the tables of these topics are there, where that is asked for.
    async fn check_tables(&mut self, partitions: &[TopicPartition]) -> Result<(), Trouble> {
        let Some(envelopes) = self.envelopes.as_ref().filter(|envelopes| envelopes.validates) else { return Ok(()) };
        let topics: BTreeSet<&Arc<str>> = partitions.iter().map(|partition| &partition.topic).collect();
        for table in topics.into_iter().filter_map(|topic| envelopes.table_of(topic)) {
            let name = self.routes.table(&table.into()).map_err(Trouble::Refused)?;
            if self.session.connection().await?.describe(&name).await?.is_none() {
                let message = format!("table {name} is missing, and schema.evolution=validate-only creates none");
                return Err(Trouble::Refused(Error::config(message)));
            }
        }
        Ok(())
    }

    /// Writes rows until they are in the database, or it is clear that they will not be.
    async fn write(&mut self, rows: &[Row], records: &[SinkRecord], failed: &mut Vec<(usize, Error)>) -> Result<()> {
        let (mut care, mut looked_again, mut quick) = (Care::None, false, 0);
        loop {
            let mut refused = Vec::new();
            let fault = match self.attempt(rows, records, care, &mut refused).await {
                Ok(()) => {
                    failed.append(&mut refused);
                    return Ok(());
                }
                Err(Trouble::Refused(error)) => return Err(error),
                Err(Trouble::Fault(fault)) => fault,
            };
            self.undo(&fault).await;
            match fault.class() {
                Class::Schema if !looked_again => {
                    looked_again = true;
                    self.targets.forget();
                    self.writer.reset();
                }
                Class::Data | Class::Schema if care == Care::None => care = Care::Savepoints,
                // Refused at the commit: the search is the runtime's then.
                Class::Data | Class::Schema => return Err(self.error(ErrorKind::Data, None, fault)),
                Class::Transient if quick < QUICK && is_conflict(&fault) => {
                    sleep(QUICK_WAIT * 2_u32.pow(quick)).await;
                    quick += 1;
                }
                Class::Transient | Class::Connection => return Err(self.later(fault)),
                Class::Config => return Err(self.error(ErrorKind::Config, None, fault)),
                Class::Fatal => return Err(self.error(ErrorKind::Fatal, None, fault)),
            }
        }
    }

    async fn attempt(
        &mut self,
        rows: &[Row],
        records: &[SinkRecord],
        care: Care,
        refused: &mut Vec<(usize, Error)>,
    ) -> Result<(), Trouble> {
        if self.session.needs_opening() {
            self.writer.reset();
        }
        let connection = self.session.connection().await?;
        let mut transaction = Transaction {
            connection,
            config: &self.config,
            quoting: self.quoting,
            targets: &mut self.targets,
            writer: &mut self.writer,
            once: self.once.as_mut(),
            care,
            refused,
        };
        transaction.write(rows, records).await
    }

    /// Leaves the transaction that failed, and the connection with it if that is of no use.
    async fn undo(&mut self, fault: &Fault) {
        let mut alive = fault.class() != Class::Connection && !self.session.needs_opening();
        if alive && let Ok(connection) = self.session.connection().await {
            // There may be none, which SQLite takes for an error.
            let rolled_back = connection.execute("ROLLBACK").await;
            alive = rolled_back.as_ref().err().is_none_or(|fault| fault.class() == Class::Fatal);
        }
        if !alive {
            self.session.close();
            self.writer.reset();
        }
        self.writer.learn(fault);
    }

    /// The error for a database that is away, or too busy: the same records again, later, but not for ever.
    fn later(&mut self, fault: Fault) -> Error {
        self.failures = self.failures.saturating_add(1);
        let most = self.config.retries.max_retries;
        if self.failures > most {
            let attempts = format!("the database did not take the records in {} attempts", self.failures);
            return self.error(ErrorKind::Fatal, Some(attempts), fault);
        }
        self.error(ErrorKind::Retriable, None, fault).retry_after(self.backoff())
    }

    fn backoff(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.config.retries.retry_backoff_ms).unwrap_or_default())
    }

    /// The error of a fault, without the database's words where these are not to be repeated.
    fn error(&self, kind: ErrorKind, context: Option<String>, fault: Fault) -> Error {
        let mut error = Error::new(kind, told(&self.config, &fault));
        if let Some(context) = context {
            error = error.context(context);
        }
        if self.config.retries.trim_sensitive_log { error } else { error.with_source(fault) }
    }

    /// Where to go on in partitions, if that is known here.
    async fn places(&mut self, partitions: &[TopicPartition]) -> Result<Vec<(TopicPartition, i64)>, Trouble> {
        self.check_tables(partitions).await?;
        match &mut self.once {
            Some(once) => Ok(once.open(self.session.connection().await?, partitions).await?),
            None => Ok(Vec::new()),
        }
    }

    /// Takes partitions over, while that is worth trying: the runtime does not ask again.
    async fn take_over(&mut self, partitions: &[TopicPartition]) -> Result<Vec<(TopicPartition, i64)>> {
        loop {
            let fault = match self.places(partitions).await {
                Ok(places) => return Ok(places),
                Err(Trouble::Refused(error)) => return Err(error),
                Err(Trouble::Fault(fault)) => fault,
            };
            self.undo(&fault).await;
            let error = match fault.class() {
                Class::Connection | Class::Transient => self.later(fault),
                Class::Config => self.error(ErrorKind::Config, None, fault),
                _ => self.error(ErrorKind::Fatal, None, fault),
            };
            if !error.is_retriable() || self.context.stop_signal().is_stopped() {
                return Err(error);
            }
            sleep(self.backoff()).await;
        }
    }
}

/// What is said of a fault: not the database's words where these may repeat values.
pub(super) fn told(config: &JdbcSinkConfig, fault: &Fault) -> String {
    match config.retries.trim_sensitive_log {
        true => format!("the database refused the row [{}]", fault.code()),
        false => fault.to_string(),
    }
}

/// Whether another transaction was in the way, so that the next attempt may well pass.
fn is_conflict(fault: &Fault) -> bool {
    ["40001", "40P01", "1213", "1020"].iter().any(|code| fault.code().contains(code))
}

impl Task for JdbcSinkTask {}

#[async_trait]
impl SinkTask for JdbcSinkTask {
    async fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        for (partition, offset) in self.take_over(partitions).await? {
            self.context.seek(&partition, offset)?;
        }
        self.failures = 0;
        Ok(())
    }

    async fn close(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        if let Some(once) = &mut self.once {
            once.close(partitions);
        }
        Ok(())
    }

    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        let mut failed = Vec::new();
        let rows = self.rows(records, &mut failed);
        if !rows.is_empty() || self.once.is_some() {
            self.write(&rows, records, &mut failed).await?;
        }
        self.failures = 0;
        match failed.is_empty() {
            true => Ok(Delivery::Durable),
            false => Err(Error::records(failed)),
        }
    }
}
