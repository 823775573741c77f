//! rskafka's client, from the settings.

use std::sync::Arc;
use std::time::Duration;

use rskafka::BackoffConfig;
use rskafka::client::{ClientBuilder, OauthBearerCredentials, SaslConfig};

use crate::wire::cluster::Cluster;
use crate::wire::config::{Credentials, Sasl, ScramHash, WireConfig};
use crate::wire::connection::REPLY_LIMIT;
use crate::wire::sasl;

/// Whether rskafka can do as the settings say.
pub(super) fn fits(config: &WireConfig) -> bool {
    // It prepares them as RFC 4013 says, which Kafka does not; here there is no difference.
    let plain_text = |who: &Credentials| {
        let plain = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        plain(&who.username) && plain(who.password.reveal())
    };
    let who = match &config.sasl {
        Some(Sasl::Plain(who) | Sasl::Scram(_, who)) => plain_text(who),
        Some(Sasl::Oauth(_)) | None => true,
    };
    // It cuts the name for the certificate off at the first colon.
    let names = config.ssl.is_none() || config.bootstrap.iter().all(|address| !address.host.contains(':'));
    who && names
}

/// A client of the brokers that are known to live, which gives up where it would repeat.
pub(super) fn builder(cluster: &Cluster) -> ClientBuilder {
    let config = cluster.config();
    let mut brokers: Vec<String> = cluster.metadata().brokers.values().map(ToString::to_string).collect();
    if brokers.is_empty() {
        brokers = config.bootstrap.iter().map(ToString::to_string).collect();
    }
    let mut builder = ClientBuilder::new(brokers)
        .client_id(config.client_id.as_str())
        .max_message_size(REPLY_LIMIT)
        .backoff_config(BackoffConfig { deadline: Some(Duration::ZERO), ..BackoffConfig::default() });
    if let Some(tls) = cluster.tls() {
        builder = builder.tls_config(tls);
    }
    if let Some(sasl) = &config.sasl {
        builder = builder.sasl_config(sasl_config(sasl));
    }
    builder
}

fn sasl_config(sasl: &Sasl) -> SaslConfig {
    let credentials =
        |who: &Credentials| rskafka::client::Credentials::new(who.username.clone(), who.password.reveal().to_owned());
    match sasl {
        Sasl::Plain(who) => SaslConfig::Plain(credentials(who)),
        Sasl::Scram(ScramHash::Sha256, who) => SaslConfig::ScramSha256(credentials(who)),
        Sasl::Scram(ScramHash::Sha512, who) => SaslConfig::ScramSha512(credentials(who)),
        Sasl::Oauth(oauth) => {
            let oauth = oauth.clone();
            let token = move || -> futures::future::BoxFuture<'static, _> {
                let oauth = oauth.clone();
                Box::pin(async move { sasl::token(&oauth).await.map_err(Into::into) })
            };
            let callback = Arc::new(token);
            SaslConfig::Oauthbearer(OauthBearerCredentials { callback, authz_id: None, bearer_kvs: Vec::new() })
        }
    }
}
