//! Reading: from each leader what it has, all at the same time.
//!
//! A call ends when the first broker has something. What others answer later is not thrown away: their fetches
//! go on, and the next call that wants the same takes them over.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use kafka_protocol::messages::FetchResponse;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::cluster::Cluster;
use super::fetch_message::{self, Question};
use crate::{BrokerError, Code, FetchRequest, Fetched, Result, TopicPartition};

/// How long an answer is kept for a call that wants it.
const KEEP: Duration = Duration::from_secs(10);
/// What a broker may take longer than it was told to wait, before others' empty answers are enough.
const SLACK: Duration = Duration::from_millis(250);

/// Fetches that nobody waits for at the moment.
#[derive(Debug, Default)]
pub(super) struct Unclaimed(Mutex<Vec<Pending>>);

/// What a broker was asked, and its answer to come.
#[derive(Debug)]
struct Pending {
    question: Arc<Question>,
    /// When it is thrown away.
    until: Instant,
    answer: JoinHandle<Result<FetchResponse>>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.answer.abort();
    }
}

impl Unclaimed {
    fn lock(&self) -> MutexGuard<'_, Vec<Pending>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fetch that answers the same question, if there is one.
    fn claim(&self, question: &Question) -> Option<Pending> {
        let mut all = self.lock();
        let at = all.iter().position(|pending| *pending.question == *question)?;
        Some(all.remove(at))
    }

    fn leave(self: &Arc<Self>, mut pending: Vec<Pending>) {
        if pending.is_empty() {
            return;
        }
        let until = Instant::now() + pending.iter().map(|one| one.question.max_wait).max().unwrap_or_default() + KEEP;
        for one in &mut pending {
            one.until = until;
        }
        self.lock().append(&mut pending);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let unclaimed = Arc::downgrade(self);
        runtime.spawn(async move {
            sleep_until(until).await;
            if let Some(unclaimed) = unclaimed.upgrade() {
                unclaimed.lock().retain(|pending| pending.until > until);
            }
        });
    }
}

/// Fetches of one call; those without an answer are left for the next one, also when the call is dropped.
struct Round {
    unclaimed: Arc<Unclaimed>,
    pending: Vec<Pending>,
}

impl Drop for Round {
    fn drop(&mut self) {
        self.unclaimed.leave(std::mem::take(&mut self.pending));
    }
}

type Answer = (Arc<Question>, Result<FetchResponse>);

impl Round {
    /// Answers that are there.
    fn poll(&mut self, context: &mut Context<'_>) -> Vec<Answer> {
        let mut answers = Vec::new();
        let mut open = Vec::new();
        for mut pending in std::mem::take(&mut self.pending) {
            match Pin::new(&mut pending.answer).poll(context) {
                Poll::Pending => open.push(pending),
                Poll::Ready(answer) => {
                    let gone = |error| BrokerError::new(Code::NetworkException, format!("fetching broke off: {error}"));
                    answers.push((pending.question.clone(), answer.map_err(gone).and_then(|answer| answer)));
                }
            }
        }
        self.pending = open;
        answers
    }

    async fn ready(&mut self) -> Vec<Answer> {
        poll_fn(|context| Poll::Ready(self.poll(context))).await
    }

    async fn next(&mut self) -> Vec<Answer> {
        poll_fn(|context| match self.poll(context) {
            none if none.is_empty() => Poll::Pending,
            some => Poll::Ready(some),
        })
        .await
    }
}

pub(super) async fn fetch(
    cluster: &Arc<Cluster>,
    unclaimed: &Arc<Unclaimed>,
    request: FetchRequest,
) -> Result<Vec<Fetched>> {
    let order: BTreeMap<TopicPartition, usize> =
        request.partitions.iter().enumerate().map(|(at, wanted)| (wanted.partition.clone(), at)).collect();
    let spread = cluster.spread(request.partitions.clone(), |wanted| &wanted.partition).await?;
    let failed =
        |(wanted, error): (crate::FetchPartition, _)| Fetched { partition: wanted.partition, result: Err(error) };
    let mut fetched: Vec<Fetched> = spread.failed.into_iter().map(failed).collect();
    let nodes = spread.by_node.len().max(1);
    let mut round = Round { unclaimed: unclaimed.clone(), pending: Vec::new() };
    for (node, wanted) in spread.by_node {
        let question = fetch_message::question(node, wanted, &request, nodes);
        let pending = unclaimed.claim(&question).unwrap_or_else(|| {
            let question = Arc::new(question);
            let answer = tokio::spawn(fetch_message::ask(cluster.clone(), question.clone()));
            Pending { question, until: Instant::now(), answer }
        });
        round.pending.push(pending);
    }
    collect(&mut round, request.max_wait, &mut fetched).await;
    for one in &fetched {
        if let Err(error) = &one.result {
            cluster.learn(&one.partition, error);
        }
    }
    fetched.sort_by_key(|one| order.get(&one.partition).copied());
    Ok(fetched)
}

/// Waits for what is worth an answer, and takes what else is there by then.
async fn collect(round: &mut Round, max_wait: Duration, fetched: &mut Vec<Fetched>) {
    let patience = Instant::now() + max_wait + SLACK;
    let mut answers = round.ready().await;
    loop {
        for (question, answer) in answers.drain(..) {
            fetched.extend(fetch_message::read(&question, answer));
        }
        let worth = |one: &Fetched| one.result.as_ref().map_or(true, |data| !data.batches.is_empty());
        if round.pending.is_empty() || fetched.iter().any(worth) {
            return;
        }
        answers = tokio::select! {
            biased;
            answers = round.next() => answers,
            // Somebody said that there is nothing; who is slower keeps for the next call.
            () = sleep_until(patience), if !fetched.is_empty() => return,
        };
    }
}
