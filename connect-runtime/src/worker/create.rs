//! How connectors come to be: from Connect configurations, or from code.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Error, Result, SinkConnector, SourceConnector};
use tokio::sync::{mpsc, oneshot};

use super::actor::Actor;
use super::connector::Job;
use super::handle::{Connector, Worker};
use super::linked::Linked;
use super::made::{Doubts, Made, check};
use super::running::Target;
use crate::config::{SinkOptions, SourceOptions, wrong_name};
use crate::plugins::Typed;
use crate::progress::lock;

/// How a connector begins (KIP-980).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InitialState {
    /// It runs at once.
    #[default]
    Running,
    /// It waits to be resumed.
    Paused,
    /// It is stopped.
    Stopped,
}

impl std::str::FromStr for InitialState {
    type Err = Error;

    /// Connect's names, in any case.
    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_uppercase().as_str() {
            "RUNNING" => Ok(Self::Running),
            "PAUSED" => Ok(Self::Paused),
            "STOPPED" => Ok(Self::Stopped),
            _ => Err(Error::config(format!("no initial state {text:?}; possible: RUNNING, PAUSED, STOPPED"))),
        }
    }
}

impl From<InitialState> for Target {
    fn from(state: InitialState) -> Self {
        match state {
            InitialState::Running => Self::Started,
            InitialState::Paused => Self::Paused,
            InitialState::Stopped => Self::Stopped,
        }
    }
}

impl Worker {
    /// Starts a connector from a Connect configuration. When this returns, its tasks have been started, or it
    /// has FAILED; see [`status`](Self::status).
    ///
    /// # Errors
    /// A config error with everything that is wrong, or that there is a connector of this name.
    pub async fn create(&self, properties: BTreeMap<String, String>) -> Result<Arc<str>> {
        self.create_as(properties, InitialState::Running).await
    }

    /// The same, but the connector may begin paused or stopped: then it has no tasks until it is resumed.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_as(&self, properties: BTreeMap<String, String>, state: InitialState) -> Result<Arc<str>> {
        let (made, warnings) = self.inner.environment.make(properties, Doubts::Tell).await?;
        let name = Arc::clone(made.job.name());
        for warning in &warnings {
            tracing::warn!(connector = %name, "{warning}");
        }
        self.start(made, state.into()).await?;
        Ok(name)
    }

    /// Starts a source from code.
    ///
    /// # Errors
    /// A config error when the connector's own check finds something, or there is a connector of this name.
    pub async fn start_source<C: SourceConnector>(
        &self,
        options: SourceOptions,
        connector: C,
        config: C::Config,
    ) -> Result<()> {
        let connector = Arc::new(Typed { connector: Arc::new(connector), config });
        let job = Job::Source { options, connector };
        check(&job.instance()).await?;
        self.start(Made::of(job), Target::Started).await
    }

    /// Starts a sink from code.
    ///
    /// # Errors
    /// A config error when the connector's own check finds something, or there is a connector of this name.
    pub async fn start_sink<C: SinkConnector>(
        &self,
        options: SinkOptions,
        connector: C,
        config: C::Config,
    ) -> Result<()> {
        let connector = Arc::new(Typed { connector: Arc::new(connector), config });
        let job = Job::Sink { options, connector };
        check(&job.instance()).await?;
        self.start(Made::of(job), Target::Started).await
    }

    pub(crate) async fn start(&self, made: Made, target: Target) -> Result<()> {
        let name = Arc::clone(made.job.name());
        if let Some(wrong) = wrong_name(&name) {
            return Err(Error::config(format!("a connector cannot be named {name:?}: {wrong}")));
        }
        let (commands, queue) = mpsc::channel(16);
        let (ready, is_ready) = oneshot::channel();
        {
            let mut connectors = lock(&self.inner.connectors);
            if connectors.contains_key(&name) {
                return Err(Error::config(format!("there is a connector named {name:?} already")));
            }
            let (actor, view) = Actor::new(Arc::clone(&self.inner.environment), made, target, queue, ready);
            let actor = Arc::new(Linked::spawn(actor.run()));
            connectors.insert(name, Connector { commands, view, _actor: actor });
        }
        // It ends without being ready only when it is deleted meanwhile.
        let _ = is_ready.await;
        Ok(())
    }
}
