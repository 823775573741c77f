//! What the numbers in answers mean.

use std::fmt::Display;

use crate::{BrokerError, Code, Result};

/// `Ok` for 0; else the error, which says what was asked for.
pub(super) fn check(number: i16, told: Option<&str>, what: impl Display) -> Result<()> {
    if number == 0 { Ok(()) } else { Err(refusal(number, told, what)) }
}

/// The error of a number that is not 0.
pub(super) fn refusal(number: i16, told: Option<&str>, what: impl Display) -> BrokerError {
    let told = told.map(|told| format!(": {told}")).unwrap_or_default();
    match Code::from_number(number) {
        Some(code) => BrokerError::new(code, format!("{what} was refused{told}")),
        None => BrokerError::new(Code::Unknown, format!("{what} was refused with error {number}{told}")),
    }
}

/// An answer that lacks what was asked for.
pub(super) fn missing(what: impl Display) -> BrokerError {
    BrokerError::new(Code::NetworkException, format!("the answer lacks {what}"))
}

/// Whether what is known of the partition's leader may be out of date.
pub(super) fn is_about_leader(code: Code) -> bool {
    matches!(
        code,
        Code::UnknownTopicOrPartition
            | Code::LeaderNotAvailable
            | Code::NotLeaderOrFollower
            | Code::ReplicaNotAvailable
            | Code::BrokerNotAvailable
            | Code::StorageError
            | Code::NetworkException
            | Code::RequestTimedOut
            | Code::ListenerNotFound
            | Code::FencedLeaderEpoch
            | Code::UnknownLeaderEpoch
            | Code::UnknownTopicId
            | Code::InconsistentTopicId
    )
}
