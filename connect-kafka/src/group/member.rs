//! A member of a group of any kind.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use tokio::time::sleep;

use crate::backoff::Backoff;
use crate::task::Task;
use crate::{Broker, Member, Result};

use super::enter::{Led, joins_again, leave};
use super::{Entered, Heartbeat, MemberConfig, MemberId, Signal, enter};

/// What the members of a group tell each other, and how its leader divides the work.
pub trait GroupProtocol: fmt::Debug + Send + Sync + 'static {
    /// The kind of group: the broker keeps members of different kinds apart (`connect`, for example).
    fn protocol_type(&self) -> &str;

    /// Name and metadata of each protocol that this member speaks, best first. Asked whenever the member joins.
    fn protocols(&self) -> Vec<(String, Bytes)>;

    /// The leader's part: what each member is told, by member id. `members` are all, with their metadata in the
    /// protocol that the group agreed on.
    ///
    /// # Errors
    /// Metadata that cannot be read, for example. If it [may pass](crate::BrokerError::is_retriable), the member
    /// joins again.
    fn assign(&self, protocol: &str, members: Vec<(String, Bytes)>) -> Result<Vec<(String, Bytes)>>;
}

/// What happened to a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupEvent {
    /// The group rebalances. Others wait for the next call of [`GroupMember::next`], which joins again, at most for
    /// the rebalance timeout.
    Rebalancing,
    /// The member is in a new generation, see [`GroupMember::member`].
    Joined {
        /// The protocol that the group agreed on.
        protocol: String,
        /// Whether this member leads the group.
        leads: bool,
        /// What the leader tells this member.
        assignment: Bytes,
    },
    /// The group went on without the member: what it was told holds no longer. The next call joins again.
    Lost,
}

/// A member of a group, of the kind that its [`GroupProtocol`] says.
///
/// Heartbeats run in a task of their own, whatever the owner does between calls of [`next`](Self::next). Dropping the
/// member ends its tasks but not its membership, which the session timeout then does; see [`leave`](Self::leave).
#[derive(Debug)]
pub struct GroupMember {
    broker: Arc<dyn Broker>,
    config: Arc<MemberConfig>,
    protocol: Arc<dyn GroupProtocol>,
    id: MemberId,
    phase: Phase,
    /// The last generation taken part in; none after a loss.
    member: Option<Member>,
}

#[derive(Debug)]
enum Phase {
    Out,
    Joining(Task<Result<Entered>>),
    Stable(Heartbeat),
    /// The owner was told; heartbeats go on while it works on it.
    Rebalancing {
        _heartbeat: Heartbeat,
    },
}

impl GroupMember {
    /// A member-to-be; [`next`](Self::next) joins.
    #[must_use]
    pub fn new(broker: Arc<dyn Broker>, config: MemberConfig, protocol: Arc<dyn GroupProtocol>) -> Self {
        let (config, id) = (Arc::new(config), MemberId::default());
        Self { broker, config, protocol, id, phase: Phase::Out, member: None }
    }

    /// What happens next. Must be called again and again: a rebalance waits for it.
    ///
    /// # Errors
    /// The broker refuses the member for good (`FencedInstanceId`, `InconsistentGroupProtocol`, ...), or the leader
    /// cannot assign. Passing trouble is waited out inside. After an error the next call tries again.
    ///
    /// # Cancellation
    /// Nothing is lost: the next call goes on.
    pub async fn next(&mut self) -> Result<GroupEvent> {
        loop {
            match &mut self.phase {
                Phase::Out | Phase::Rebalancing { .. } => {
                    let (broker, config) = (self.broker.clone(), self.config.clone());
                    let joining = join(broker, config, self.protocol.clone(), self.id.clone());
                    self.phase = Phase::Joining(Task::spawn(joining));
                }
                Phase::Joining(task) => {
                    let joined = task.await;
                    self.phase = Phase::Out;
                    let Entered { member, heartbeat, protocol, leads, assignment } = joined??;
                    self.member = Some(member);
                    self.phase = Phase::Stable(heartbeat);
                    return Ok(GroupEvent::Joined { protocol, leads, assignment });
                }
                Phase::Stable(heartbeat) => match heartbeat.signal().await {
                    Signal::Fine => {}
                    Signal::Rebalance => {
                        self.rejoin();
                        return Ok(GroupEvent::Rebalancing);
                    }
                    Signal::Lost => {
                        self.lose();
                        return Ok(GroupEvent::Lost);
                    }
                    Signal::Fenced(error) => {
                        self.lose();
                        return Err(error);
                    }
                },
            }
        }
    }

    /// Has the group rebalance: the next call of [`next`](Self::next) joins again, with what the protocol then says.
    pub fn rejoin(&mut self) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Out) {
            Phase::Stable(heartbeat) => Phase::Rebalancing { _heartbeat: heartbeat },
            // It may have told the group already what it had to say before.
            Phase::Joining(_) => Phase::Out,
            other => other,
        };
    }

    /// The member in its generation; none before the first and after a loss.
    #[must_use]
    pub fn member(&self) -> Option<&Member> {
        self.member.as_ref()
    }

    /// Leaves the group, so that others need not wait for the session timeout. A static member does not leave, as in
    /// Java: its place waits for it. Calling [`next`](Self::next) afterwards joins again.
    ///
    /// # Errors
    /// What the broker answers; the membership then ends by the session timeout.
    ///
    /// # Cancellation
    /// Heartbeats have ended; the membership then ends by the session timeout at the latest.
    pub async fn leave(&mut self) -> Result<()> {
        let generation = self.member.as_ref().map_or(-1, |member| member.generation);
        // Ends heartbeats and joining first.
        self.lose();
        leave(&*self.broker, &self.config, &self.id, generation).await
    }

    fn lose(&mut self) {
        self.phase = Phase::Out;
        self.member = None;
    }
}

/// Joins until it succeeds, or is refused for good.
async fn join(
    broker: Arc<dyn Broker>,
    config: Arc<MemberConfig>,
    protocol: Arc<dyn GroupProtocol>,
    id: MemberId,
) -> Result<Entered> {
    let mut backoff = Backoff::new(config.retry_backoff, config.retry_backoff_max);
    loop {
        let lead = async |led: Led| {
            let members = led.members.into_iter().map(|(member, _, metadata)| (member, metadata)).collect();
            protocol.assign(&led.protocol, members)
        };
        match enter(&broker, &config, &id, (protocol.protocol_type(), protocol.protocols()), lead).await {
            Err(error) if joins_again(&error, &id) => {
                tracing::debug!(group = config.group, %error, "joining again");
                sleep(backoff.next()).await;
            }
            entered => return entered,
        }
    }
}
