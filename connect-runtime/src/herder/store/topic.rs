//! A compacted topic that is read once and written from then on.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect_api::{Error, Result};
use connect_kafka::consumer::{ConsumerError, LogReader};
use connect_kafka::producer::{ProduceError, Producer};
use connect_kafka::{Broker, Clock};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::offsets::TopicOffsetSettings;
use crate::offsets::topic::prepare::{self, Keeps};
use crate::worker::Linked;

/// A key and its value; without one it is deleted.
pub(crate) type Write = (String, Option<String>);

/// How long reading the topic at the start may take.
const READ_WITHIN: Duration = Duration::from_mins(5);

/// Writes to the topic, in the order in which it was asked. The work is done by a task of its own, so that what was asked
/// for is done though nobody waits for it; it ends with the store.
#[derive(Debug)]
pub(crate) struct StateTopic {
    topic: Arc<str>,
    asks: mpsc::UnboundedSender<Ask>,
    _writer: Linked<()>,
}

struct Ask {
    writes: Vec<Write>,
    done: oneshot::Sender<Result<()>>,
}

impl StateTopic {
    /// Creates the topic if it is not there, and hands every record that it has to `each`: offset, key, value.
    ///
    /// # Errors
    /// A config error when the topic is not compacted, or has more than one partition and should not. Otherwise what the
    /// broker answers.
    pub(crate) async fn open(
        broker: Arc<dyn Broker>,
        settings: TopicOffsetSettings,
        keeps: Keeps,
        mut each: impl FnMut(i64, Option<&[u8]>, Option<&[u8]>) + Send,
    ) -> Result<Self> {
        prepare::create(&*broker, &settings, keeps).await?;
        prepare::check(&*broker, &settings, keeps).await?;
        let TopicOffsetSettings { topic, partitions, isolation, producer, .. } = settings;
        let mut reader = LogReader::new(Arc::clone(&broker), Arc::clone(&topic), isolation);
        let read = reader.read_to_end(|record, _| each(record.offset, record.key.as_deref(), record.value.as_deref()));
        let read = timeout(READ_WITHIN, read).await;
        let read = read.map_err(|_| {
            Error::fatal(format!("{} topic {topic:?} could not be read within {READ_WITHIN:?}", keeps.what))
        })?;
        read.map_err(|error| match error {
            ConsumerError::Broker(error) => keeps.refused("read", &topic, error),
            error => {
                Error::fatal(format!("{} topic {topic:?} could not be read: {error}", keeps.what)).with_source(error)
            }
        })?;
        let found = reader.positions().len();
        if partitions == 1 && found > 1 {
            return Err(Error::config(format!(
                "topic {topic:?}, which {} names, must have exactly 1 partition so that its records are in one order, \
                 but it has {found}",
                keeps.key
            )));
        }
        let (asks, asked) = mpsc::unbounded_channel();
        let (clock, what) = (producer.clock, keeps.what);
        let writer = Writer { topic: Arc::clone(&topic), clock, what, producer: Producer::new(broker, producer) };
        Ok(Self { topic, asks, _writer: Linked::spawn(writer.run(asked)) })
    }

    /// Writes, and waits until all of it is acknowledged.
    ///
    /// # Errors
    /// What the producer says. Some of it may have been written.
    ///
    /// # Cancellation
    /// It is written all the same.
    pub(crate) async fn write(&self, writes: Vec<Write>) -> Result<()> {
        if writes.is_empty() {
            return Ok(());
        }
        let (done, is_done) = oneshot::channel();
        let ended = || Error::fatal(format!("the task that writes topic {:?} has ended", self.topic));
        self.asks.send(Ask { writes, done }).map_err(|_| ended())?;
        is_done.await.map_err(|_| ended())?
    }
}

struct Writer {
    topic: Arc<str>,
    clock: Clock,
    what: &'static str,
    producer: Producer,
}

impl Writer {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Ask>) {
        while let Some(Ask { writes, done }) = asked.recv().await {
            // Whoever asked may have gone away.
            let _ = done.send(self.write(writes).await);
        }
    }

    async fn write(&mut self, writes: Vec<Write>) -> Result<()> {
        let mut written = Ok(());
        for (key, value) in writes {
            let none = iter::empty::<(&[u8], Option<&[u8]>)>();
            let (key, value) = (Bytes::from(key), value.map(Bytes::from));
            let timestamp = Some(self.clock.now_ms());
            let appended = self.producer.append(&self.topic, None, timestamp, Some(&key), value.as_deref(), none).await;
            if let Err(error) = appended {
                written = Err(self.failed(&error));
                break;
            }
        }
        self.producer.flush_batches();
        loop {
            let ack = match self.producer.try_ack() {
                Some(ack) => ack,
                None if self.producer.unacked().0 > 0 => self.producer.next_ack().await,
                None => return written,
            };
            if let Err(error) = ack.result {
                written = Err(self.failed(&error));
            }
        }
    }

    fn failed(&self, error: &ProduceError) -> Error {
        let message = format!("{} topic {:?} could not be written: {error}", self.what, self.topic);
        let failed = if error.is_retriable() { Error::retriable(message) } else { Error::fatal(message) };
        failed.with_source(error.clone())
    }
}
