//! Who runs a connection: the driver's client only asks, and somebody has to write and read meanwhile.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// A connection being run; ends with it.
pub(super) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A borrower's address, and how it gives the connection back.
type Request = (oneshot::Sender<Running>, oneshot::Receiver<Running>);

/// Runs a connection in a task of its own, from which it can be borrowed.
pub(super) struct Driver {
    requests: mpsc::Sender<Request>,
    task: JoinHandle<()>,
}

impl Driver {
    pub(super) fn new(mut running: Running) -> Self {
        let (requests, mut asked) = mpsc::channel::<Request>(1);
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    biased;
                    request = asked.recv() => {
                        let Some((borrower, back)) = request else { return };
                        running = match borrower.send(running) {
                            // A borrower that is dropped whole has closed the connection.
                            Ok(()) => match back.await {
                                Ok(running) => running,
                                Err(_) => return,
                            },
                            Err(running) => running,
                        };
                    }
                    () = &mut running => return,
                }
            }
        });
        Self { requests, task }
    }

    /// Borrows the connection, until what is returned is dropped; `None` when it has ended.
    ///
    /// *Cancellation*: may be dropped.
    pub(super) async fn lend(&self) -> Option<Lent> {
        let (sender, lent) = oneshot::channel();
        let (back, returned) = oneshot::channel();
        self.requests.send((sender, returned)).await.ok()?;
        let running = lent.await.ok()?;
        Some(Lent { running: Some(running), back: Some(back) })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection that is run by whoever waits for its answers: much that comes needs no way between threads then.
pub(crate) struct Lent {
    running: Option<Running>,
    back: Option<oneshot::Sender<Running>>,
}

impl Lent {
    /// One that somebody else runs.
    pub(super) const fn elsewhere() -> Self {
        Self { running: None, back: None }
    }

    /// Waits for an answer, and runs the connection meanwhile.
    ///
    /// *Cancellation*: may be dropped; so much of the answer as has been read is kept for the next call.
    pub(crate) async fn until<T>(&mut self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        poll_fn(|context| {
            if let Poll::Ready(answered) = answer.as_mut().poll(context) {
                return Poll::Ready(answered);
            }
            if let Some(running) = &mut self.running
                && running.as_mut().poll(context).is_ready()
            {
                self.running = None;
            }
            // That may have brought it.
            answer.as_mut().poll(context)
        })
        .await
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(running), Some(back)) = (self.running.take(), self.back.take()) {
            // Nobody takes it when the connection itself is gone.
            let _ = back.send(running);
        }
    }
}
