//! Waiting until no earlier rows can appear any more, where a database tells.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connect_api::Result;
use tokio::time::Instant;

use super::config::Mode;
use super::moment::Moment;
use super::subject::Subject;
use super::writer::{self, Writer};
use crate::dialect::Connection;

/// Up to where rows will be complete once the transactions that were open have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    /// The database's time.
    pub(super) now: Moment,
    /// The greatest number there was; `None` in a mode with timestamps.
    pub(super) greatest: Option<i64>,
}

/// What a look at the database answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing is protected here: read up to the present.
    Unprotected,
    /// There are no new rows.
    Nothing,
    /// Rows up to here are complete.
    Complete(Bound),
    /// Somebody may still commit rows in front of others: look again after this time.
    Wait(Duration),
}

/// The guard of one table.
#[derive(Debug)]
pub(super) struct Guard {
    name: Arc<str>,
    how: How,
    longest: Duration,
    held: Option<Held>,
    /// Those who were waited for long enough, as long as they are open.
    given_up: BTreeSet<Writer>,
}

#[derive(Debug)]
enum How {
    /// Nothing to do, or nothing that could be done.
    Off,
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "mysql")]
    MySql,
}

/// A bound, and who was open when it was taken.
#[derive(Debug)]
struct Held {
    bound: Bound,
    open: BTreeSet<Writer>,
    since: Instant,
    looks: u32,
}

impl Guard {
    /// Finds out what can be protected, and says where it cannot be.
    ///
    /// # Errors
    /// The database's word.
    pub(super) async fn new(
        connection: &mut Connection,
        subject: &Subject,
        wanted: bool,
        longest: Duration,
    ) -> Result<Self> {
        let incremental = subject.selection.mode() != Mode::Bulk;
        let (how, obstacle): (How, Option<&str>) = match connection {
            _ if !wanted || !incremental => (How::Off, None),
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => {
                use super::read::postgres::horizon;
                match horizon::obstacle(connection).await? {
                    None => {
                        horizon::warn(connection, subject.table.as_ref()).await?;
                        (How::Postgres, None)
                    }
                    obstacle => (How::Off, obstacle),
                }
            }
            #[cfg(feature = "mysql")]
            Connection::MySql(connection) => match super::read::mysql::horizon::obstacle(connection).await? {
                None => (How::MySql, None),
                obstacle => (How::Off, obstacle),
            },
            // One writer at a time: rows are committed in the order of their numbers and timestamps.
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => (How::Off, None),
        };
        if let Some(obstacle) = obstacle {
            tracing::warn!(
                table = %subject.name,
                "rows that are committed later than others behind them may be missed, as {obstacle}; \
                 timestamp.delay.interval.ms is what there is"
            );
        }
        Ok(Self { name: Arc::clone(&subject.name), how, longest, held: None, given_up: BTreeSet::new() })
    }

    /// Whether rows are being waited for.
    pub(super) const fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// Looks who is open.
    ///
    /// # Errors
    /// The database's word.
    pub(super) async fn look(&mut self, connection: &mut Connection, subject: &Subject, after: i64) -> Result<Answer> {
        if matches!(self.how, How::Off) {
            return Ok(Answer::Unprotected);
        }
        let Some(mut held) = self.held.take() else {
            let (now, greatest, mut open) = self.first(connection, subject, after).await?;
            if greatest.is_none() && !subject.selection.mode().has_timestamp() {
                return Ok(Answer::Nothing);
            }
            self.given_up.retain(|one| open.iter().any(|now| one.is(now)));
            open.retain(|now| !self.given_up.iter().any(|one| one.is(now)));
            let bound = Bound { now, greatest };
            if open.is_empty() {
                return Ok(Answer::Complete(bound));
            }
            self.held = Some(Held { bound, open, since: Instant::now(), looks: 0 });
            return Ok(Answer::Wait(pause(0)));
        };
        held.open = writer::remaining(&held.open, &self.open(connection, subject).await?);
        if !held.open.is_empty() && held.since.elapsed() >= self.longest {
            tracing::warn!(
                table = %self.name, transactions = %writer::names(&held.open), waited = ?held.since.elapsed(),
                "transactions have been open for longer than late.commit.max.wait.ms; rows that they commit may be missed"
            );
            self.given_up.append(&mut held.open);
        }
        if held.open.is_empty() {
            return Ok(Answer::Complete(held.bound));
        }
        held.looks += 1;
        let pause = pause(held.looks);
        self.held = Some(held);
        Ok(Answer::Wait(pause))
    }

    #[cfg_attr(not(any(feature = "postgres", feature = "mysql")), expect(clippy::unused_async, unused_variables))]
    async fn first(
        &self,
        connection: &mut Connection,
        subject: &Subject,
        after: i64,
    ) -> Result<(Moment, Option<i64>, BTreeSet<Writer>)> {
        match (&self.how, connection) {
            #[cfg(feature = "postgres")]
            (How::Postgres, Connection::Postgres(connection)) => {
                super::read::postgres::horizon::look(connection, subject, after).await
            }
            #[cfg(feature = "mysql")]
            (How::MySql, Connection::MySql(connection)) => {
                super::read::mysql::horizon::look(connection, subject, after).await
            }
            _ => Ok((Moment::EPOCH, None, BTreeSet::new())),
        }
    }

    #[cfg_attr(not(any(feature = "postgres", feature = "mysql")), expect(clippy::unused_async))]
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables))]
    async fn open(&self, connection: &mut Connection, subject: &Subject) -> Result<BTreeSet<Writer>> {
        match (&self.how, connection) {
            #[cfg(feature = "postgres")]
            (How::Postgres, Connection::Postgres(connection)) => {
                super::read::postgres::horizon::open(connection, subject).await
            }
            #[cfg(feature = "mysql")]
            (How::MySql, Connection::MySql(connection)) => super::read::mysql::horizon::open(connection).await,
            _ => Ok(BTreeSet::new()),
        }
    }
}

/// From 5 ms to 320 ms, twice as long each time.
const fn pause(looks: u32) -> Duration {
    Duration::from_millis(5 << if looks > 6 { 6 } else { looks })
}
