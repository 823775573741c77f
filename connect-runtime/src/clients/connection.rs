//! Keys of clients that are about the way to the cluster, and keys of Kafka's clients that mean nothing here.

use connect_api::config::{self, Config, did_you_mean};

/// What a client of any role may be told about its connections; `connect-kafka` reads these.
const CONNECTION: &[&str] = &[
    "bootstrap.servers",
    "client.dns.lookup",
    "client.id",
    "connections.max.idle.ms",
    "default.api.timeout.ms",
    "metadata.max.age.ms",
    "receive.buffer.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "request.timeout.ms",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "sasl.jaas.config",
    "sasl.mechanism",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "send.buffer.bytes",
    "socket.connection.setup.timeout.max.ms",
    "socket.connection.setup.timeout.ms",
    "ssl.enabled.protocols",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.protocol",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// Keys of Kafka's clients that may well stand in a file, and have no effect here.
const WITHOUT_EFFECT: &[&str] = &[
    "auto.commit.interval.ms",
    "auto.include.jmx.reporter",
    "bootstrap.controllers",
    "client.rack",
    "config.providers",
    "enable.metrics.push",
    "exclude.internal.topics",
    "group.remote.assignor",
    "interceptor.classes",
    "key.deserializer",
    "key.serializer",
    "max.block.ms",
    "metadata.max.idle.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "partitioner.adaptive.partitioning.enable",
    "partitioner.availability.timeout.ms",
    "partitioner.class",
    "partitioner.ignore.keys",
    "retries",
    "sasl.client.callback.handler.class",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.kerberos.kinit.cmd",
    "sasl.kerberos.service.name",
    "security.providers",
    "share.acknowledgement.mode",
    "ssl.cipher.suites",
    "ssl.engine.factory.class",
    "ssl.keymanager.algorithm",
    "ssl.provider",
    "ssl.secure.random.implementation",
    "ssl.trustmanager.algorithm",
    "throw.on.fetch.stable.offset.unsupported",
    "transaction.two.phase.commit.enable",
    "transactional.id",
    "value.deserializer",
    "value.serializer",
];

/// Whether a key is about the way to the cluster.
pub(super) fn is_connection(key: &str) -> bool {
    CONNECTION.contains(&key) || key.starts_with("ssl.") || key.starts_with("sasl.")
}

/// What an operator should hear of a key that `C` does not read; nothing when others read it.
pub(super) fn unread<C: Config>(key: &str) -> Option<String> {
    let read = config::definitions::<C>();
    if CONNECTION.contains(&key) || read.iter().any(|known| known.name == key) {
        return None;
    }
    let serializer = key.ends_with("serializer");
    if WITHOUT_EFFECT.contains(&key) || key.starts_with("sasl.oauthbearer.") || key.starts_with("sasl.login.") {
        // Keys and values are bytes by then, which is what Connect says there.
        return (!serializer).then(|| "has no effect here".to_owned());
    }
    let known = read.iter().map(|known| known.name.as_str()).chain(CONNECTION.iter().copied());
    Some(format!("is not known{}", did_you_mean(key, known)))
}
