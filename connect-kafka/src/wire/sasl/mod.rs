//! Proving who the client is, over Kafka's SaslHandshake and SaslAuthenticate.

mod oauth;
mod scram;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslHandshakeRequest};
use kafka_protocol::protocol::StrBytes;

use super::config::{Credentials, Sasl};
use super::connection::Connection;
use crate::{BrokerError, Code, Result};

pub(super) use oauth::token;

/// Authenticates a fresh connection. The answer is how long the broker lets it live, if it says so.
pub(super) async fn authenticate(connection: &Connection, sasl: &Sasl, within: Duration) -> Result<Option<Duration>> {
    let mechanism = sasl.mechanism();
    let request = SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(mechanism));
    let answer = connection.call(&request, within).await?;
    match Code::from_number(answer.error_code) {
        _ if answer.error_code == 0 => {}
        Some(Code::UnsupportedSaslMechanism) => {
            let enabled: Vec<&str> = answer.mechanisms.iter().map(|one| &**one).collect();
            let text = format!("the broker does not have {mechanism}; enabled there: {}", enabled.join(", "));
            return Err(BrokerError::new(Code::UnsupportedSaslMechanism, text));
        }
        Some(Code::IllegalSaslState) => {
            let text = "the listener does not expect SASL; security.protocol may have to be PLAINTEXT or SSL";
            return Err(BrokerError::new(Code::IllegalSaslState, text));
        }
        code => {
            let text = format!("the broker refused the handshake for {mechanism} (error {})", answer.error_code);
            return Err(BrokerError::new(code.unwrap_or(Code::Unknown), text));
        }
    }
    let talk = Talk { connection, mechanism, within };
    match sasl {
        Sasl::Plain(who) => talk.send(plain(who)).await.map(|reply| reply.lifetime),
        Sasl::Scram(hash, who) => scram::authenticate(&talk, *hash, who).await,
        Sasl::Oauth(oauth) => oauth::authenticate(&talk, oauth).await,
    }
}

fn plain(who: &Credentials) -> Bytes {
    Bytes::from(["", &who.username, who.password.reveal()].join("\0"))
}

/// The exchange of a mechanism's messages.
struct Talk<'a> {
    connection: &'a Connection,
    mechanism: &'static str,
    within: Duration,
}

struct Reply {
    bytes: Bytes,
    lifetime: Option<Duration>,
}

impl Talk<'_> {
    async fn send(&self, bytes: Bytes) -> Result<Reply> {
        let request = SaslAuthenticateRequest::default().with_auth_bytes(bytes);
        let answer = self.connection.call(&request, self.within).await?;
        if answer.error_code != 0 {
            let told = answer.error_message.as_deref().unwrap_or("no reason given");
            let code = Code::from_number(answer.error_code).unwrap_or(Code::SaslAuthenticationFailed);
            return Err(BrokerError::new(code, format!("{} authentication failed: {told}", self.mechanism)));
        }
        let lifetime = u64::try_from(answer.session_lifetime_ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis);
        Ok(Reply { bytes: answer.auth_bytes, lifetime })
    }

    fn failed(&self, why: &str) -> BrokerError {
        BrokerError::new(Code::SaslAuthenticationFailed, format!("{} authentication failed: {why}", self.mechanism))
    }
}
