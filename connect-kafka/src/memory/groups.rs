//! Joins and syncs, which wait for other members.

use bytes::Bytes;
use tokio::sync::oneshot;

use super::EmbeddedBroker;
use super::state::Completion;
use super::state::group::{Joining, Syncing};
use crate::{BrokerError, Code, JoinGroup, Joined, Member, Result};

impl EmbeddedBroker {
    pub(super) async fn join(&self, request: &JoinGroup) -> Result<Joined> {
        let joining = self.inner.call(|shared, now| {
            Ok(match shared.state.join_group(request, now)? {
                Joining::Now(joined) => Err(joined),
                Joining::Wait(id) => Ok(shared.waiter(id)),
            })
        })?;
        match joining {
            Err(joined) => Ok(joined),
            Ok(completed) => match self.wait_for_group(&request.group, completed).await? {
                Completion::Join(joined) => joined,
                other => Err(mixed_up(&other)),
            },
        }
    }

    pub(super) async fn sync(&self, member: &Member, assignments: Vec<(String, Bytes)>) -> Result<Bytes> {
        let syncing = self.inner.call(|shared, now| {
            Ok(match shared.state.sync_group(member, assignments, now)? {
                Syncing::Now(assignment) => Err(assignment),
                Syncing::Wait(id) => Ok(shared.waiter(id)),
            })
        })?;
        match syncing {
            Err(assignment) => Ok(assignment),
            Ok(completed) => match self.wait_for_group(&member.group, completed).await? {
                Completion::Sync(assignment) => assignment,
                other => Err(mixed_up(&other)),
            },
        }
    }

    /// Waits for the completion, and evaluates the group's deadlines meanwhile: whoever waits is the group's
    /// clock. A call dropped here leaves its member in the group until its session ends, as a client that
    /// disconnected does.
    async fn wait_for_group(&self, group: &str, mut completed: oneshot::Receiver<Completion>) -> Result<Completion> {
        loop {
            let deadline = self.inner.lock().state.group_deadline(group);
            tokio::select! {
                biased;
                completion = &mut completed => {
                    return completion.map_err(|_| BrokerError::new(Code::NetworkException, "the embedded broker is gone"));
                }
                () = self.inner.sleep_until(deadline) => {
                    self.inner.with(|shared, now| shared.state.group_tick(group, now));
                }
            }
        }
    }
}

/// Park ids are never used twice, so this cannot be; an error serves better than a panic.
fn mixed_up(completion: &Completion) -> BrokerError {
    BrokerError::new(Code::Unknown, format!("a waiting call got the answer of another one: {completion:?}"))
}
