//! Transactions: everything appended between two calls counts together, or not at all.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::backoff::Backoff;
use crate::{BrokerError, Code, Member, ProducerId, TopicPartition, Transactional, Txn};

use super::sender::Message;
use super::{ProduceError, Producer, ProducerConfig};

/// Why a step of a transaction failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// Another producer took over, or the broker aborted the transaction because it was open for too long. For good:
    /// this producer writes nothing any more.
    #[error("producer of transactional id {id:?} was fenced: {error}")]
    Fenced {
        /// Transactional id.
        id: String,
        /// The broker's answer.
        error: BrokerError,
    },
    /// Something in the transaction failed, so that it can only be aborted.
    #[error("transaction of transactional id {id:?} has to be aborted: {cause}")]
    Failed {
        /// Transactional id.
        id: String,
        /// What failed first.
        cause: String,
    },
    /// The broker refused, or did not answer for the delivery timeout. The same call may be repeated.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// The call is not possible now.
    #[error("cannot {wanted}: {why}")]
    Misplaced {
        /// What was called.
        wanted: &'static str,
        /// What stands against it.
        why: &'static str,
    },
}

#[derive(Debug, Clone)]
enum Phase {
    /// The broker was not asked for an epoch yet.
    New,
    Ready,
    Open,
    /// The broker was asked to commit, with an unknown outcome so far.
    Committing,
    Aborting,
    Fenced(BrokerError),
}

/// What a producer knows of its transactions.
#[derive(Debug)]
pub(super) struct Transaction {
    id: String,
    producer: ProducerId,
    phase: Phase,
    /// What failed first in this transaction.
    failed: Option<String>,
    /// The first ticket of this transaction.
    first_ticket: u64,
    has_offsets: bool,
}

impl Transaction {
    pub(super) fn of(config: &ProducerConfig) -> Option<Self> {
        let id = config.transactional_id.clone()?;
        let producer = ProducerId::NONE;
        Some(Self { id, producer, phase: Phase::New, failed: None, first_ticket: 0, has_offsets: false })
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// A record was not written.
    pub(super) fn lost(&mut self, error: &ProduceError) {
        self.failed.get_or_insert_with(|| error.to_string());
        if let ProduceError::Refused { error, .. } = error {
            self.refused(error);
        }
    }

    fn refused(&mut self, error: &BrokerError) {
        if is_fenced(error.code) {
            self.phase = Phase::Fenced(error.clone());
        }
    }

    fn fenced(&self) -> Option<TransactionError> {
        match &self.phase {
            Phase::Fenced(error) => Some(TransactionError::Fenced { id: self.id.clone(), error: error.clone() }),
            _ => None,
        }
    }

    /// An answer that ends the step: fenced for good, or the broker's word.
    fn error(&mut self, error: BrokerError) -> TransactionError {
        self.refused(&error);
        self.fenced().unwrap_or(TransactionError::Broker(error))
    }

    fn txn(&self) -> Txn {
        Txn { id: self.id.clone(), producer: self.producer }
    }
}

fn is_fenced(code: Code) -> bool {
    matches!(code, Code::ProducerFenced | Code::InvalidProducerEpoch | Code::InvalidProducerIdMapping)
}

const NOT_TRANSACTIONAL: &str = "the producer has no transactional id";
const NOT_OPEN: &str = "no transaction is open";

impl Producer {
    /// Takes the transactional id over: producers that had it before are fenced, and what they left open is aborted.
    /// Once, before the first [`begin`](Self::begin); repeating it after an error is fine.
    ///
    /// # Errors
    /// See [`TransactionError`]. Passing trouble is retried for the delivery timeout.
    pub async fn init_transactions(&mut self) -> Result<(), TransactionError> {
        match self.transaction("take the transactional id over")?.phase {
            Phase::New => self.next_epoch(None).await,
            _ => Err(misplaced("take the transactional id over", "that was done already")),
        }
    }

    /// Begins a transaction. Everything appended from here on is part of it. Nothing is asked of the broker yet.
    ///
    /// # Errors
    /// One is open already, or the transactional id was not taken over; the producer was fenced.
    pub fn begin(&mut self) -> Result<(), TransactionError> {
        let first_ticket = self.next_ticket();
        let transaction = self.transaction("begin a transaction")?;
        match transaction.phase {
            Phase::Ready => {}
            Phase::New => return Err(misplaced("begin a transaction", "the transactional id was not taken over")),
            _ => return Err(misplaced("begin a transaction", "one is open")),
        }
        transaction.phase = Phase::Open;
        transaction.first_ticket = first_ticket;
        transaction.has_offsets = false;
        transaction.failed = None;
        self.sender().tell(Message::Begin);
        Ok(())
    }

    /// Makes offsets of a group part of the transaction: they are committed with it. `member` may be one that says
    /// no generation, if the group has no members that need to be told apart.
    ///
    /// # Errors
    /// The transaction has to be aborted then, unless the producer was fenced.
    pub async fn send_offsets(
        &mut self,
        member: &Member,
        offsets: &[(TopicPartition, i64)],
    ) -> Result<(), TransactionError> {
        let transaction = self.transaction("send offsets")?;
        if !transaction.is_open() {
            return Err(misplaced("send offsets", NOT_OPEN));
        }
        transaction.has_offsets = true;
        let txn = transaction.txn();
        let (broker, config) = (self.broker().clone(), self.config().clone());
        let added = persist(&config, || broker.add_offsets(&txn, &member.group)).await;
        let sent = match added {
            Ok(()) => {
                persist(&config, || async {
                    let results = broker.commit_txn_offsets(&txn, member, offsets.to_vec()).await?;
                    results.into_iter().try_for_each(|(_, result)| result)
                })
                .await
            }
            Err(error) => Err(error),
        };
        let transaction = self.transaction("send offsets")?;
        sent.map_err(|error| {
            transaction.failed.get_or_insert_with(|| error.to_string());
            transaction.error(error)
        })
    }

    /// Sends what is left, waits until all of it is answered, and commits. The answers remain to be taken.
    ///
    /// # Errors
    /// [`TransactionError::Failed`] when a record or an offset was refused: nothing is committed, abort. After
    /// [`TransactionError::Broker`] the outcome is open; call it again.
    ///
    /// # Cancellation
    /// Call it again.
    pub async fn commit(&mut self) -> Result<(), TransactionError> {
        if !matches!(self.transaction("commit")?.phase, Phase::Open | Phase::Committing) {
            return Err(misplaced("commit", NOT_OPEN));
        }
        self.flush_batches();
        self.wait_for_answers().await;
        let transaction = self.transaction("commit")?;
        if let Some(cause) = transaction.failed.clone() {
            return Err(TransactionError::Failed { id: transaction.id.clone(), cause });
        }
        transaction.phase = Phase::Committing;
        let producer = transaction.producer;
        if !self.has_content() {
            return self.go_on_as(producer);
        }
        match self.end(true).await {
            Err(TransactionError::Broker(error)) if error.code == Code::TransactionAbortable => {
                let transaction = self.transaction("commit")?;
                transaction.phase = Phase::Open;
                let cause = transaction.failed.insert(error.to_string()).clone();
                Err(TransactionError::Failed { id: transaction.id.clone(), cause })
            }
            // What it had to commit is not open any more: its time was over, and the broker has aborted it.
            Err(TransactionError::Broker(error)) if error.code == Code::InvalidTxnState => {
                let transaction = self.transaction("commit")?;
                transaction.phase = Phase::Fenced(error);
                transaction.fenced().map_or(Ok(()), Err)
            }
            ended => self.go_on_as(ended?),
        }
    }

    /// Gives up what is not sent, waits for the rest and aborts. Records that were not sent are answered with
    /// [`ProduceError::Aborted`]. Unless there was nothing in it, the next transaction is under another epoch.
    ///
    /// # Errors
    /// See [`TransactionError`]; after [`TransactionError::Broker`] call it again.
    ///
    /// # Cancellation
    /// Call it again.
    pub async fn abort(&mut self) -> Result<(), TransactionError> {
        match self.transaction("abort")?.phase {
            Phase::Open | Phase::Aborting => {}
            Phase::Committing => return Err(misplaced("abort", "the broker was asked to commit")),
            _ => return Err(misplaced("abort", NOT_OPEN)),
        }
        self.flush_batches();
        self.sender().tell(Message::GiveUp);
        self.wait_for_answers().await;
        let transaction = self.transaction("abort")?;
        transaction.phase = Phase::Aborting;
        let producer = transaction.producer;
        if !self.has_content() {
            return self.go_on_as(producer);
        }
        let next = match self.end(false).await {
            // No partition was added, or an attempt before this one has done it.
            Err(TransactionError::Broker(error)) if error.code == Code::InvalidTxnState => producer,
            ended => ended?,
        };
        // Whatever of it is still on its way is refused from here on, and sequences begin anew.
        if next == producer { self.next_epoch(Some(producer)).await } else { self.go_on_as(next) }
    }

    /// Asks the broker to end the transaction, and for the producer of the next one.
    async fn end(&mut self, commit: bool) -> Result<ProducerId, TransactionError> {
        let txn = self.transaction("end the transaction")?.txn();
        let (broker, config) = (self.broker().clone(), self.config().clone());
        let ended = persist(&config, || broker.end_txn(&txn, commit)).await;
        let transaction = self.transaction("end the transaction")?;
        ended.map_err(|error| transaction.error(error))
    }

    async fn next_epoch(&mut self, current: Option<ProducerId>) -> Result<(), TransactionError> {
        let (broker, config) = (self.broker().clone(), self.config().clone());
        let id = self.transaction("get an epoch")?.id.clone();
        let asked = Transactional { id, timeout: config.transaction_timeout, current };
        let given = persist(&config, || broker.init_producer(Some(&asked))).await;
        let transaction = self.transaction("get an epoch")?;
        let producer = given.map_err(|error| transaction.error(error))?;
        self.go_on_as(producer)
    }

    /// The next transaction is this producer's.
    fn go_on_as(&mut self, producer: ProducerId) -> Result<(), TransactionError> {
        let transaction = self.transaction("go on")?;
        let changed = transaction.producer != producer;
        transaction.producer = producer;
        transaction.phase = Phase::Ready;
        if changed {
            self.sender().tell(Message::Id(producer));
        }
        Ok(())
    }

    /// The transaction's state, unless the producer was fenced.
    fn transaction(&mut self, wanted: &'static str) -> Result<&mut Transaction, TransactionError> {
        let transaction = self.transaction_mut().ok_or_else(|| misplaced(wanted, NOT_TRANSACTIONAL))?;
        transaction.fenced().map_or(Ok(transaction), Err)
    }

    /// Whether the broker may know of the transaction.
    fn has_content(&mut self) -> bool {
        let next = self.next_ticket();
        self.transaction_mut().is_some_and(|transaction| transaction.has_offsets || transaction.first_ticket < next)
    }
}

fn misplaced(wanted: &'static str, why: &'static str) -> TransactionError {
    TransactionError::Misplaced { wanted, why }
}

/// Repeats a call through passing trouble, for the delivery timeout.
async fn persist<T, F: Future<Output = crate::Result<T>>>(
    config: &ProducerConfig,
    mut call: impl FnMut() -> F,
) -> crate::Result<T> {
    let deadline = Instant::now() + config.delivery_timeout;
    let mut backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
    loop {
        let within: Duration = config.request_timeout.min(deadline.saturating_duration_since(Instant::now()));
        let error = match timeout(within, call()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => BrokerError::new(Code::RequestTimedOut, format!("no answer within {within:?}")),
        };
        let wait = backoff.next();
        if !error.is_retriable() || Instant::now() + wait >= deadline {
            return Err(error);
        }
        sleep(wait).await;
    }
}
