//! Exactly once: consumer offsets in the database, in the transaction of their rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connect_api::{Error, Result, SinkRecord, TopicPartition};

use super::ddl::Flavor;
use super::target::Trouble;
use crate::dialect::{Connection, Fault, Quoting, TableName};

/// Offsets of one connector's partitions.
///
/// Who opens a partition takes a new generation of it, and whoever has an older one writes nothing any more: each
/// transaction begins by reading, and locking, the generations of its partitions.
pub(super) struct Once {
    table: String,
    connector: Arc<str>,
    quoting: Quoting,
    generations: BTreeMap<TopicPartition, i64>,
}

impl Once {
    /// # Errors
    /// A config error when the name of the table is none.
    pub(super) fn new(table: &str, connector: &Arc<str>, quoting: Quoting) -> Result<Self> {
        let name = TableName::parse(table.trim(), quoting.quote).map_err(|error| Error::config(error.to_string()))?;
        Ok(Self {
            table: quoting.table(&name),
            connector: Arc::clone(connector),
            quoting,
            generations: BTreeMap::new(),
        })
    }

    /// Takes partitions over. Returns where to go on in those whose offsets are stored.
    pub(super) async fn open(
        &mut self,
        connection: &mut Connection,
        partitions: &[TopicPartition],
    ) -> Result<Vec<(TopicPartition, i64)>, Fault> {
        self.create(connection).await?;
        let mut places = Vec::new();
        for partition in partitions {
            let taken = self.take(connection, partition).await;
            if taken.is_err() {
                let _ = connection.execute("ROLLBACK").await;
            }
            let (generation, next) = taken?;
            self.generations.insert(partition.clone(), generation);
            if next >= 0 {
                places.push((partition.clone(), next));
            }
        }
        Ok(places)
    }

    /// Partitions that others may have now.
    pub(super) fn close(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.generations.remove(partition);
        }
    }

    async fn take(&self, connection: &mut Connection, partition: &TopicPartition) -> Result<(i64, i64), Fault> {
        let flavor = Flavor::of(connection);
        let (table, [connector, topic, number, generation, next]) = (&self.table, self.columns());
        let (who, what) = (flavor.text(&self.connector), flavor.text(&partition.topic));
        let count = partition.partition;
        let insert = format!(
            "INSERT INTO {table} ({connector},{topic},{number},{generation},{next}) VALUES ({who},{what},{count},1,-1)"
        );
        let again = match flavor {
            Flavor::MySql | Flavor::MariaDb => format!("ON DUPLICATE KEY UPDATE {generation} = {generation} + 1"),
            _ => format!(
                "ON CONFLICT ({connector},{topic},{number}) DO UPDATE SET {generation} = {table}.{generation} + 1"
            ),
        };
        connection.begin().await?;
        connection.execute(&format!("{insert} {again}")).await?;
        let state = self.state(connection, [partition].into_iter()).await?;
        connection.execute("COMMIT").await?;
        Ok(state.into_values().next().unwrap_or((1, -1)))
    }

    /// The places of records that were written before. Fails when a partition is somebody else's now.
    pub(super) async fn written(
        &self,
        connection: &mut Connection,
        records: &[SinkRecord],
    ) -> Result<BTreeSet<usize>, Trouble> {
        let partitions: BTreeSet<&TopicPartition> = records.iter().map(|record| &**record.origin()).collect();
        let state = self.state(connection, partitions.iter().copied()).await?;
        for partition in partitions {
            let mine = self.generations.get(partition);
            let now = state.get(partition).map(|(generation, _)| generation);
            if mine.is_none() || mine != now {
                let _ = connection.execute("ROLLBACK").await;
                let message =
                    format!("another task has taken {partition} over; nothing of it is written here any more");
                return Err(Trouble::Refused(Error::fatal(message)));
            }
        }
        let is_written =
            |record: &SinkRecord| state.get(&**record.origin()).is_some_and(|(_, next)| record.offset() < *next);
        Ok(records.iter().enumerate().filter(|(_, record)| is_written(record)).map(|(index, _)| index).collect())
    }

    /// Stores the offsets behind these records.
    pub(super) async fn advance(&self, connection: &mut Connection, records: &[SinkRecord]) -> Result<(), Fault> {
        let mut ends: BTreeMap<&TopicPartition, i64> = BTreeMap::new();
        for record in records {
            let end = ends.entry(record.origin()).or_insert(-1);
            *end = (*end).max(record.offset().saturating_add(1));
        }
        let [.., next] = self.columns();
        for (partition, end) in ends {
            let place = self.place(Flavor::of(connection), partition);
            let table = &self.table;
            connection.execute(&format!("UPDATE {table} SET {next} = {end} WHERE {place} AND {next} < {end}")).await?;
        }
        Ok(())
    }

    /// Generation and next offset of partitions, locked until the transaction ends.
    async fn state<'p>(
        &self,
        connection: &mut Connection,
        partitions: impl Iterator<Item = &'p TopicPartition> + Send,
    ) -> Result<BTreeMap<TopicPartition, (i64, i64)>, Fault> {
        let flavor = Flavor::of(connection);
        let places: Vec<_> = partitions.map(|partition| format!("({})", self.place(flavor, partition))).collect();
        let (table, [_, topic, number, generation, next]) = (&self.table, self.columns());
        // SQLite has locked the whole database by then.
        let lock = if flavor == Flavor::Sqlite { "" } else { " FOR UPDATE" };
        let sql = format!(
            "SELECT {topic},{number},{generation},{next} FROM {table} WHERE {} ORDER BY {topic},{number}{lock}",
            places.join(" OR ")
        );
        let rows = connection.rows(&sql).await?;
        let parse = |row: Vec<Option<String>>| {
            let mut texts = row.into_iter().flatten();
            let topic = texts.next()?;
            let mut number = || texts.next()?.parse::<i64>().ok();
            let partition = i32::try_from(number()?).ok()?;
            Some((TopicPartition::new(topic, partition), (number()?, number()?)))
        };
        Ok(rows.into_iter().filter_map(parse).collect())
    }

    async fn create(&self, connection: &mut Connection) -> Result<(), Fault> {
        let flavor = Flavor::of(connection);
        let (table, [connector, topic, number, generation, next]) = (&self.table, self.columns());
        // Topics have at most 249 characters, and case matters.
        let (text, short) = match flavor {
            Flavor::MySql | Flavor::MariaDb => ("VARCHAR(249) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "INT"),
            Flavor::Postgres => ("TEXT", "INT"),
            Flavor::Sqlite => ("TEXT", "INTEGER"),
        };
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {table} ({connector} {text} NOT NULL, {topic} {text} NOT NULL, \
             {number} {short} NOT NULL, {generation} BIGINT NOT NULL, {next} BIGINT NOT NULL, \
             PRIMARY KEY ({connector},{topic},{number}))"
        );
        match connection.execute(&sql).await {
            // Two tasks that create it at the same time may meet in the catalogue.
            Err(fault) => {
                connection.rows(&format!("SELECT {next} FROM {table} WHERE 1 = 0")).await.map(drop).map_err(|_| fault)
            }
            Ok(()) => Ok(()),
        }
    }

    fn place(&self, flavor: Flavor, partition: &TopicPartition) -> String {
        let [connector, topic, number, ..] = self.columns();
        let (who, what) = (flavor.text(&self.connector), flavor.text(&partition.topic));
        format!("{connector} = {who} AND {topic} = {what} AND {number} = {}", partition.partition)
    }

    fn columns(&self) -> [String; 5] {
        ["connector", "topic", "kafka_partition", "generation", "next_offset"]
            .map(|name| self.quoting.ident(name).into_owned())
    }
}
