//! Groups: members that agree on who does what, under a leader among them.
//!
//! [`GroupMember`] is a member of a group of any kind; what the members tell each other is a [`GroupProtocol`]'s. The
//! one of Kafka Connect's workers is [`WorkerState`] and [`WorkerAssignment`]. Members of consumer groups, which read
//! what is assigned to them, are [`GroupConsumer`](crate::consumer::GroupConsumer)s.

mod config;
mod enter;
mod heartbeat;
mod input;
mod member;
mod worker;

#[cfg(test)]
mod tests;

pub use config::MemberConfig;
pub(crate) use enter::{Entered, Led, MemberId, enter, joins_again, leave, within};
pub(crate) use heartbeat::{Heartbeat, Signal};
pub(crate) use input::{Input, put_string};
pub use member::{GroupEvent, GroupMember, GroupProtocol};
pub use worker::{WorkerAssignment, WorkerProtocol, WorkerState};
