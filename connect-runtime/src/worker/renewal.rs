//! Values of config providers that change while a connector is there.

use connect_api::Result;
use tokio::time::Instant;

use super::actor::Actor;
use super::made::Renewed;
use super::running::Target;
use crate::progress::lock;

impl Actor {
    /// Plans the next look, if there is to be one.
    pub(super) fn plan_look(&mut self) {
        let after = self.made.values.as_ref().and_then(|values| values.look_after);
        self.look_at = after.map(|after| Instant::now() + after);
    }

    /// When to look again; not while the connector is stopped, nor while it looks.
    pub(super) fn look_due(&self) -> Option<Instant> {
        let waits = self.looking.is_some() || *self.target.borrow() == Target::Stopped;
        self.look_at.filter(|_| !waits)
    }

    /// Begins to look whether values are others now.
    pub(super) fn look(&mut self) {
        let (environment, made) = (self.environment.clone(), self.made.clone());
        self.looking = Some(Box::pin(async move { environment.make_again(&made).await }));
    }

    /// Takes the answer: restarts everything when values are others, and what failed and is due in any case.
    pub(super) async fn looked(&mut self, made: Result<Renewed>) {
        match made {
            Ok(made) => {
                if self.renew(made) {
                    tracing::info!(connector = %self.made.job.name(), "values of config providers have changed");
                    if let Err(error) = self.start_again().await {
                        tracing::warn!(connector = %self.made.job.name(), %error, "tasks were ended the hard way");
                    }
                }
            }
            Err(error) => {
                tracing::warn!(
                    connector = %self.made.job.name(),
                    ?error,
                    "values of config providers could not be taken over; the connector goes on with those it has"
                );
                self.plan_look();
            }
        }
        self.restart_due();
    }

    /// Takes what the connector was made into by other values, and says whether there were any.
    pub(super) fn renew(&mut self, made: Renewed) -> bool {
        let differs = made.is_some();
        if let Some(made) = made {
            lock(&self.view).made = (*made).clone();
            self.made = *made;
        }
        self.plan_look();
        differs
    }

    /// Ends all tasks and starts the connector from its splits on, unless it has none to be started.
    ///
    /// # Errors
    /// Which tasks had to be ended the hard way.
    pub(super) async fn start_again(&mut self) -> Result<()> {
        if *self.target.borrow() == Target::Stopped {
            return Ok(());
        }
        let begun = !self.tasks.is_empty() || self.splitting.is_some();
        let stopped = self.stop_tasks(|_| true).await;
        for slot in &mut self.tasks {
            slot.attempts = None;
        }
        if begun || *self.target.borrow() == Target::Started {
            self.split();
        }
        stopped
    }
}
