//! Heartbeats in the background, so that a long piece of the caller's work does not end the membership.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::{Broker, BrokerError, Code, Member};

use crate::task::Task;

/// What the heartbeats found out.
#[derive(Debug, Clone)]
pub(crate) enum Signal {
    Fine,
    /// The group rebalances; the member still has its partitions.
    Rebalance,
    /// The group went on without this member.
    Lost,
    /// Another one has this static member's name.
    Fenced(BrokerError),
}

/// Beats until dropped or out of the group.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    signal: watch::Receiver<Signal>,
    _task: Task<()>,
}

impl Heartbeat {
    pub(crate) fn start(broker: Arc<dyn Broker>, member: Member, every: Duration, within: Duration) -> Self {
        let (sender, signal) = watch::channel(Signal::Fine);
        Self { signal, _task: Task::spawn(beat(broker, member, every, within, sender)) }
    }

    /// Waits for anything but `Fine`. Cancel-safe.
    pub(crate) async fn signal(&mut self) -> Signal {
        match self.signal.wait_for(|signal| !matches!(signal, Signal::Fine)).await {
            Ok(signal) => signal.clone(),
            // The task panicked or the runtime shuts down: nobody keeps the membership alive.
            Err(_) => Signal::Lost,
        }
    }
}

async fn beat(
    broker: Arc<dyn Broker>,
    member: Member,
    every: Duration,
    within: Duration,
    signal: watch::Sender<Signal>,
) {
    loop {
        sleep(every).await;
        let Ok(Err(error)) = timeout(within, broker.heartbeat(&member)).await else { continue };
        let found = match error.code {
            // Goes on: the caller may take its time to hand its partitions back.
            Code::RebalanceInProgress => Signal::Rebalance,
            Code::UnknownMemberId | Code::IllegalGeneration => Signal::Lost,
            Code::FencedInstanceId => Signal::Fenced(error),
            // The session timeout decides how long this may go on.
            _ => continue,
        };
        let last = !matches!(found, Signal::Rebalance);
        signal.send_replace(found);
        if last {
            // The receiver still has to see it; the owner ends this task.
            return std::future::pending().await;
        }
    }
}
