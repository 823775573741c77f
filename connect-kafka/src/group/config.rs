//! Settings of members.

use std::time::Duration;

/// How to be a member of a group.
#[derive(Debug, Clone)]
pub struct MemberConfig {
    /// Group (`group.id`).
    pub group: String,
    /// Begins the member id that the broker makes up.
    pub client_id: String,
    /// Static membership (`group.instance.id`): a restart within the session timeout keeps the place.
    pub instance_id: Option<String>,
    /// Without heartbeats for this time the member is dropped.
    pub session_timeout: Duration,
    /// How long others wait for this member to join again in a rebalance.
    pub rebalance_timeout: Duration,
    /// Time between heartbeats; at most a third of the session timeout.
    pub heartbeat_interval: Duration,
    /// An attempt that takes longer counts as lost.
    pub request_timeout: Duration,
    /// Wait before the first repetition; doubles with each.
    pub retry_backoff: Duration,
    /// The longest such wait.
    pub retry_backoff_max: Duration,
}

impl MemberConfig {
    /// The defaults of Kafka Connect's workers for this group.
    #[must_use]
    pub fn new(group: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            client_id: "connect".into(),
            instance_id: None,
            session_timeout: Duration::from_secs(10),
            rebalance_timeout: Duration::from_secs(60),
            heartbeat_interval: Duration::from_secs(3),
            request_timeout: Duration::from_secs(40),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
        }
    }
}
