//! The one that reads the tables of a task, one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect_api::{Error, Result};
use tokio::time::{Instant, sleep_until};

use super::config::{JdbcSourceConfig, Mode};
use super::hold::{Answer, Bound, Guard};
use super::moment::Moment;
use super::read::{self, Bounds, Output};
use super::subject::Subject;
use crate::dialect::{Connection, Session};

/// Between attempts after a failure, twice as long each time up to the second one.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// A table, and when it is its turn.
struct Turn {
    subject: Subject,
    guard: Option<Guard>,
    due: Instant,
    /// When its last reading ended.
    ended: Option<Instant>,
    failures: u32,
}

/// Reads.
pub(super) struct Reader {
    session: Session,
    turns: Vec<Turn>,
    output: Output,
    idle: Arc<AtomicBool>,
    settings: Settings,
}

/// What a configuration says of readings.
struct Settings {
    poll_interval: Duration,
    delay: i64,
    initial: Option<i64>,
    number: i64,
    attempts: i32,
    protect: bool,
    longest_hold: Duration,
}

impl Reader {
    pub(super) fn new(
        config: &JdbcSourceConfig,
        session: Session,
        subjects: Vec<Subject>,
        output: Output,
        idle: Arc<AtomicBool>,
    ) -> Self {
        let now = Instant::now();
        let turn = |subject| Turn { subject, guard: None, due: now, ended: None, failures: 0 };
        let settings = Settings {
            poll_interval: config.poll_interval.duration(),
            delay: config.timestamp_delay_interval,
            initial: config.timestamp_start(),
            number: config.incrementing_initial,
            attempts: config.query_retry_attempts,
            protect: config.late_commit_protection,
            longest_hold: config.late_commit_wait.duration(),
        };
        Self { session, turns: subjects.into_iter().map(turn).collect(), output, idle, settings }
    }

    /// Reads until the task is to fail.
    pub(super) async fn run(mut self) {
        loop {
            // The table that ended first, if it is due; all have been read when each has ended once.
            let Some(next) = self.next() else { return std::future::pending().await };
            let turn = &self.turns[next];
            if turn.due > Instant::now() {
                let idle = self.turns.iter().all(|turn| {
                    turn.ended.is_some() && turn.failures == 0 && !turn.guard.as_ref().is_some_and(Guard::is_holding)
                });
                self.idle.store(idle, Ordering::Release);
                sleep_until(turn.due).await;
            }
            self.idle.store(false, Ordering::Release);
            if let Err(error) = self.read(next).await
                && self.failed(next, error).await
            {
                return;
            }
        }
    }

    /// Whose turn it is.
    fn next(&self) -> Option<usize> {
        let turns = self.turns.iter().enumerate();
        turns.min_by_key(|(_, turn)| (turn.due, turn.ended, Arc::clone(&turn.subject.name))).map(|(at, _)| at)
    }

    /// Reads a table once, unless rows are to be waited for.
    async fn read(&mut self, next: usize) -> Result<()> {
        let Self { session, turns, output, settings, .. } = self;
        let turn = &mut turns[next];
        let connection = session.connection().await?;
        let subject = &mut turn.subject;
        let guard = match &mut turn.guard {
            Some(guard) => guard,
            none => none.insert(Guard::new(connection, subject, settings.protect, settings.longest_hold).await?),
        };
        let after = subject.place.incrementing.unwrap_or(settings.number);
        let bound = match guard.look(connection, subject, after).await? {
            Answer::Wait(pause) => {
                turn.due = Instant::now() + pause;
                return Ok(());
            }
            Answer::Nothing => None,
            Answer::Unprotected => {
                let now = match subject.selection.mode().has_timestamp() {
                    true => read::now(connection, subject).await?,
                    false => Moment::EPOCH,
                };
                Some(Bound { now, greatest: None })
            }
            Answer::Complete(bound) => Some(bound),
        };
        if let Some(bound) = bound {
            let bounds = settings.bounds(connection, subject, bound, after).await?;
            read::read(connection, subject, &bounds, output).await?;
        }
        let now = Instant::now();
        turn.due = now + settings.poll_interval;
        turn.ended = Some(now);
        turn.failures = 0;
        Ok(())
    }

    /// Tells of a failure; true when it is the last.
    async fn failed(&mut self, next: usize, error: Error) -> bool {
        // Whatever is still on its way on the connection is of no use.
        self.session.close();
        let turn = &mut self.turns[next];
        turn.guard = None;
        turn.failures += 1;
        let attempts = u32::try_from(self.settings.attempts).unwrap_or(0);
        let error = if error.is_retriable() && attempts > 0 && turn.failures >= attempts {
            Error::fatal(format!("{} failed {} times in a row, the last time", turn.subject.name, turn.failures))
                .with_source(error)
        } else {
            error.context(format_args!("reading {}", turn.subject.name))
        };
        let last = !error.is_retriable();
        let pause = BACKOFF.0.saturating_mul(1 << (turn.failures - 1).min(10)).min(BACKOFF.1);
        turn.due = Instant::now() + pause;
        self.output.tell(Err(error)).await.is_err() || last
    }
}

impl Settings {
    /// Where a reading begins and ends.
    async fn bounds(
        &self,
        connection: &mut Connection,
        subject: &mut Subject,
        bound: Bound,
        after: i64,
    ) -> Result<Bounds> {
        let mode = subject.selection.mode();
        if mode.has_timestamp() && subject.place.timestamp.is_none() {
            // From now on it is the place, so that rows that come later than the first reading are behind it.
            subject.place.timestamp = match self.initial {
                None => None,
                Some(-1) => Some(read::now(connection, subject).await?),
                Some(millis) => Some(Moment::of_millis(millis)),
            };
        }
        let begin = subject.place.timestamp.unwrap_or(Moment::EPOCH);
        let end = bound.now.truncated_to_millis().plus_millis(self.delay.saturating_neg());
        let up_to = bound.greatest.filter(|_| mode == Mode::Incrementing);
        Ok(Bounds { begin, end, after, up_to })
    }
}
