//! The one place that knows `errors.*`: what happens when a record fails at any stage.

mod dead_letters;
mod headers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connect_api::{Error, ErrorKind, Result, TaskId};
use connect_kafka::batch::FetchedRecord;
use tokio::time::sleep;

pub(crate) use dead_letters::DeadLetters;

use crate::config::ErrorOptions;
use crate::progress::TaskProgress;
use crate::providers::Hidden;

/// Where on its way a record failed; Connect's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    KeyConverter,
    ValueConverter,
    HeaderConverter,
    Transformation,
    TaskPut,
    KafkaProduce,
}

impl Stage {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::KeyConverter => "KEY_CONVERTER",
            Self::ValueConverter => "VALUE_CONVERTER",
            Self::HeaderConverter => "HEADER_CONVERTER",
            Self::Transformation => "TRANSFORMATION",
            Self::TaskPut => "TASK_PUT",
            Self::KafkaProduce => "KAFKA_PRODUCE",
        }
    }
}

/// The record that failed, as it came in.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// Read from Kafka: these bytes.
    Sink { topic: Arc<str>, partition: i32, raw: FetchedRecord },
    /// Polled from a source: where it was going, and what can be shown of it.
    Source { topic: Arc<str>, place: String, key: Option<bytes::Bytes>, value: Option<bytes::Bytes> },
}

impl Origin {
    /// The record in a few words, for errors: never its content.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Sink { topic, partition, raw } => {
                format!("record at topic {topic:?}, partition {partition}, offset {}", raw.offset)
            }
            Self::Source { topic, place, .. } => format!("record for topic {topic:?} from {place}"),
        }
    }
}

/// A record failed for good.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    /// The Java class that was at work.
    pub(crate) class: Arc<str>,
    pub(crate) error: Error,
    pub(crate) origin: Origin,
}

impl Failure {
    /// Shows variables for the values of config providers.
    fn hide(&mut self, hidden: &Hidden) {
        if hidden.is_empty() {
            return;
        }
        let error = std::mem::replace(&mut self.error, Error::fatal(""));
        self.error = hidden.error(error);
        if let Origin::Source { place, .. } = &mut self.origin {
            *place = hidden.text(place);
        }
    }
}

/// The connector's tolerance, log and dead letter queue, for one task.
#[derive(Debug)]
pub(crate) struct Failures {
    id: TaskId,
    options: ErrorOptions,
    hidden: Hidden,
    dead_letters: Option<DeadLetters>,
    progress: Arc<TaskProgress>,
    /// Set by the first failure that is not tolerated: the task must end, even if it swallowed the error.
    fatal: AtomicBool,
}

impl Failures {
    pub(crate) fn new(
        id: TaskId,
        options: ErrorOptions,
        hidden: Hidden,
        dead_letters: Option<DeadLetters>,
        progress: Arc<TaskProgress>,
    ) -> Self {
        Self { id, options, hidden, dead_letters, progress, fatal: AtomicBool::new(false) }
    }

    /// Whether a report would be seen by anybody, as Connect's errant record reporter asks.
    pub(crate) fn can_report(&self) -> bool {
        self.dead_letters.is_some() || self.options.log
    }

    pub(crate) fn options(&self) -> &ErrorOptions {
        &self.options
    }

    /// Runs `attempt` until it succeeds, fails for good, or the retry budget of `errors.*` is spent.
    pub(crate) async fn retry<T>(&self, seed: u64, mut attempt: impl FnMut() -> Result<T> + Send) -> Result<T>
    where
        T: Send,
    {
        let mut attempts = None;
        loop {
            match attempt() {
                Ok(value) => return Ok(value),
                Err(error) if error.is_retriable() && !self.options.retry.is_none() => {
                    self.progress.failed(1);
                    let attempts = attempts.get_or_insert_with(|| self.options.retry.begin(seed));
                    match attempts.next_delay(error.retry_delay()) {
                        Some(delay) => {
                            self.progress.retries.add(1);
                            sleep(delay).await;
                        }
                        None => return Err(error),
                    }
                }
                Err(error) => {
                    self.progress.failed(1);
                    return Err(error);
                }
            }
        }
    }

    /// Logs and dead-letters a record that failed for good, and says whether the task may go on without it.
    /// Returns when the dead letter is written: offsets must not pass the record before.
    ///
    /// # Errors
    /// The error the task must end with: the failure itself when it is not tolerated, or that the dead letter
    /// could not be written.
    pub(crate) async fn give_up(&self, mut failure: Failure) -> Result<()> {
        failure.hide(&self.hidden);
        let Failure { stage, class, error, origin } = &failure;
        self.progress.errors.add(1);
        self.progress.metrics.failed();
        if self.options.log {
            self.log(stage, class, error, origin);
        }
        let written = match &self.dead_letters {
            Some(dead_letters) => dead_letters.write(&self.id, &failure, self.options.dead_letter_headers).await,
            None => Ok(()),
        };
        let written = written.map_err(|error| self.hidden.error(error));
        if let Err(error) = &written {
            self.progress.dead_letter_failures.add(1);
            tracing::error!(task = %self.id, %error, "dead letter could not be written");
        }
        if !self.options.tolerate || error.kind() == ErrorKind::Fatal {
            self.fatal.store(true, Ordering::Relaxed);
            let Failure { stage, error, origin, .. } = failure;
            let message = format!("{} at {} failed: {error}", origin.place(), stage.name());
            let kind = if error.kind() == ErrorKind::Retriable { ErrorKind::Data } else { error.kind() };
            return Err(Error::new(kind, message)
                .with_class("org.apache.kafka.connect.errors.ConnectException")
                .with_source(error));
        }
        written.map_err(|error| {
            Error::fatal(format!("{} cannot be dropped: its dead letter could not be written", failure.origin.place()))
                .with_source(error)
        })?;
        self.progress.skipped.add(1);
        Ok(())
    }

    /// Whether a failure was not tolerated, whoever was told.
    pub(crate) fn is_fatal(&self) -> bool {
        self.fatal.load(Ordering::Relaxed)
    }

    fn log(&self, stage: &Stage, class: &str, error: &Error, origin: &Origin) {
        self.progress.logged.add(1);
        let (task, stage) = (&self.id, stage.name());
        let mut record = match origin {
            Origin::Sink { topic, partition, raw } => {
                format!("topic={topic} partition={partition} offset={}", raw.offset)
            }
            Origin::Source { topic, place, .. } => format!("topic={topic} place={place}"),
        };
        if self.options.log_records {
            record.push_str(&match origin {
                Origin::Sink { raw, .. } => format!(" timestamp={}", raw.timestamp),
                Origin::Source { value, .. } => {
                    let value = value.as_ref().map_or_else(|| "null".into(), |value| String::from_utf8_lossy(value));
                    format!(" value={value}")
                }
            });
        }
        let record = self.hidden.text(&record);
        tracing::error!(%task, stage, class, %record, error = %error.trace(), "record failed");
    }
}
