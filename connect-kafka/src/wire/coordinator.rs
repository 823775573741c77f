//! Who coordinates a group or a transactional id, and asking it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kafka_protocol::messages::FindCoordinatorRequest;
use kafka_protocol::protocol::StrBytes;
use tokio::time::{Instant, sleep};

use super::answer::check;
use super::api::Api;
use super::cluster::Cluster;
use super::node::Lane;
use crate::{Code, Result};

/// What has a coordinator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Group(String),
    Transaction(String),
}

impl Key {
    fn name(&self) -> &str {
        match self {
            Self::Group(name) | Self::Transaction(name) => name,
        }
    }

    fn kind(&self) -> i8 {
        match self {
            Self::Group(_) => 0,
            Self::Transaction(_) => 1,
        }
    }
}

/// Coordinators found so far, by broker id.
#[derive(Debug, Default)]
pub(super) struct Coordinators(Mutex<BTreeMap<Key, i32>>);

impl Coordinators {
    fn known(&self, key: &Key) -> Option<i32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    fn set(&self, key: &Key, node: Option<i32>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match node {
            Some(node) => known.insert(key.clone(), node),
            None => known.remove(key),
        };
    }
}

/// How a coordinator is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) lane: Lane,
    /// For one answer.
    pub(super) within: Duration,
}

impl Cluster {
    /// Asks the coordinator of `key`, and the next one when it has moved or is not ready, for the request timeout.
    /// `code` finds the number of an answer that is about the coordinator.
    pub(super) async fn ask_coordinator<R: Api>(
        &self,
        key: &Key,
        manner: Manner,
        build: impl Fn(i16) -> R + Send + Sync,
        code: impl Fn(&R::Response) -> i16 + Send + Sync,
    ) -> Result<R::Response> {
        let deadline = Instant::now() + self.config().request_timeout;
        let mut backoff = self.retry_backoff();
        loop {
            let answer = match self.find_coordinator(key).await {
                Ok(node) => {
                    let answer = match self.node(node) {
                        Ok(node) => self.ask(&node, manner.lane, manner.within, &build).await,
                        Err(error) => Err(error),
                    };
                    if answer.as_ref().is_err_and(|error| error.is_retriable()) {
                        self.coordinators.set(key, None);
                    }
                    // Whether it was carried out is not known: the caller decides.
                    let response = answer?;
                    match Code::from_number(code(&response)) {
                        Some(Code::NotCoordinator | Code::CoordinatorNotAvailable) => {
                            self.coordinators.set(key, None);
                            Ok(response)
                        }
                        // The last transaction is still being ended, which is a matter of moments.
                        Some(Code::CoordinatorLoadInProgress | Code::ConcurrentTransactions) => Ok(response),
                        _ => return Ok(response),
                    }
                }
                Err(error) if !error.is_retriable() => return Err(error),
                Err(error) => Err(error),
            };
            let wait = backoff.next();
            if Instant::now() + wait >= deadline {
                return answer;
            }
            sleep(wait).await;
        }
    }

    async fn find_coordinator(&self, key: &Key) -> Result<i32> {
        if let Some(node) = self.coordinators.known(key) {
            return Ok(node);
        }
        let request = FindCoordinatorRequest::default()
            .with_key(StrBytes::from_string(key.name().to_owned()))
            .with_key_type(key.kind());
        let found = self.ask_any(|_| request.clone()).await?;
        check(found.error_code, found.error_message.as_deref(), format_args!("the coordinator of {key:?}"))?;
        let node = found.node_id.0;
        self.introduce(node, &found.host, found.port);
        self.coordinators.set(key, Some(node));
        Ok(node)
    }
}
