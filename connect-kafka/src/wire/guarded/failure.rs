//! What rskafka's errors mean.

use std::time::Duration;

use rskafka::client::error::{Error, ProtocolError, RequestError};
use rskafka::{BackoffError, ConnectionError, SaslError};
use tokio::task::JoinError;

use super::Again;
use crate::wire::answer::refusal;
use crate::{BrokerError, Code};

/// Why a call failed.
#[derive(Debug)]
pub(in crate::wire) enum Failure {
    /// The cluster said no, or cannot be reached by the client beside this one either.
    Told(BrokerError),
    /// No connection came about: nothing was asked.
    NotAsked(BrokerError),
    /// It was asked, and nobody knows whether it was carried out.
    Unknown(BrokerError),
}

impl Failure {
    pub(super) fn of(error: Error, what: &str) -> Self {
        let network = |error: &dyn std::fmt::Display| {
            BrokerError::new(Code::NetworkException, format!("{what}: there is no answer: {error}"))
        };
        match error {
            Error::ServerError { protocol_error, error_message, .. } => {
                Self::Told(answer(protocol_error, error_message.as_deref(), what))
            }
            // It would go on; the cause of this first failure counts.
            Error::RetryFailed(BackoffError::DeadlineExceded { source, .. }) => match source.downcast::<Error>() {
                Ok(error) => Self::of(*error, what),
                Err(other) => Self::Unknown(network(&other)),
            },
            Error::Connection(ConnectionError::SaslFailed(SaslError::ApiError(error))) => {
                Self::Told(answer(error, None, what))
            }
            Error::Connection(error) => Self::NotAsked(network(&error)),
            Error::Request(RequestError::NoVersionMatch { api_key }) => {
                let message = format!("{what}: the broker has no version of {api_key:?} that is spoken here");
                Self::Told(BrokerError::new(Code::UnsupportedVersion, message))
            }
            other => Self::Unknown(network(&other)),
        }
    }

    pub(super) fn silence(what: &str, time: Duration) -> Self {
        let message = format!("{what} was not answered within {} ms", time.as_millis());
        Self::Unknown(BrokerError::new(Code::NetworkException, message))
    }

    pub(in crate::wire) fn panicked(what: &str, error: &JoinError) -> Self {
        let message = format!("{what}: the answer cannot be read: {error}");
        Self::Unknown(BrokerError::new(Code::NetworkException, message))
    }

    /// The same failure of something that comes before the question.
    pub(super) fn before_asking(self) -> Self {
        match self {
            Self::Unknown(error) => Self::NotAsked(error),
            known => known,
        }
    }

    /// Whether the client is of no further use.
    pub(super) fn is_about_client(&self) -> bool {
        !matches!(self, Self::Told(_))
    }

    pub(super) fn may_be_repeated(&self, again: Again) -> bool {
        match self {
            Self::Told(error) => matches!(error.code, Code::NotController | Code::ThrottlingQuotaExceeded),
            Self::NotAsked(_) => true,
            Self::Unknown(_) => again == Again::Harmless,
        }
    }

    pub(in crate::wire) fn into_error(self) -> BrokerError {
        match self {
            Self::Told(error) | Self::NotAsked(error) | Self::Unknown(error) => error,
        }
    }
}

fn answer(error: ProtocolError, told: Option<&str>, what: &str) -> BrokerError {
    match code(error) {
        Some(code) => refusal(code as i16, told, what),
        None => {
            let told = told.map(|told| format!(": {told}")).unwrap_or_default();
            BrokerError::new(Code::Unknown, format!("{what} was refused with error {error}{told}"))
        }
    }
}

/// The code of an error that these calls are answered with.
fn code(error: ProtocolError) -> Option<Code> {
    Some(match error {
        ProtocolError::UnknownTopicOrPartition => Code::UnknownTopicOrPartition,
        ProtocolError::RequestTimedOut => Code::RequestTimedOut,
        ProtocolError::BrokerNotAvailable => Code::BrokerNotAvailable,
        ProtocolError::NetworkException => Code::NetworkException,
        ProtocolError::InvalidTopicException => Code::InvalidTopic,
        ProtocolError::TopicAuthorizationFailed => Code::TopicAuthorizationFailed,
        ProtocolError::ClusterAuthorizationFailed => Code::ClusterAuthorizationFailed,
        ProtocolError::UnsupportedSaslMechanism => Code::UnsupportedSaslMechanism,
        ProtocolError::IllegalSaslState => Code::IllegalSaslState,
        ProtocolError::UnsupportedVersion => Code::UnsupportedVersion,
        ProtocolError::TopicAlreadyExists => Code::TopicAlreadyExists,
        ProtocolError::InvalidPartitions => Code::InvalidPartitions,
        ProtocolError::InvalidReplicationFactor => Code::InvalidReplicationFactor,
        ProtocolError::InvalidReplicaAssignment => Code::InvalidReplicaAssignment,
        ProtocolError::InvalidConfig => Code::InvalidConfig,
        ProtocolError::NotController => Code::NotController,
        ProtocolError::InvalidRequest => Code::InvalidRequest,
        ProtocolError::PolicyViolation => Code::PolicyViolation,
        ProtocolError::SecurityDisabled => Code::SecurityDisabled,
        ProtocolError::KafkaStorageError => Code::StorageError,
        ProtocolError::SaslAuthenticationFailed => Code::SaslAuthenticationFailed,
        ProtocolError::TopicDeletionDisabled => Code::TopicDeletionDisabled,
        ProtocolError::ThrottlingQuotaExceeded => Code::ThrottlingQuotaExceeded,
        ProtocolError::UnknownTopicId => Code::UnknownTopicId,
        _ => return None,
    })
}
