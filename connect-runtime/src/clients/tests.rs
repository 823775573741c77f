use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_api::TaskId;
use connect_kafka::batch::{Compression, Compressor};
use connect_kafka::consumer::{Assignor, OffsetReset};
use connect_kafka::producer::ProducerConfig;
use connect_kafka::{Acks, EmbeddedBroker};

use super::{ClientProperties, ClientSettings, Clients};
use crate::config::WorkerConfig;
use crate::plugins::PluginKind;

type Properties = BTreeMap<String, String>;

fn map(entries: &[(&str, &str)]) -> Properties {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn settings(change: impl FnOnce(&mut WorkerConfig)) -> ClientSettings {
    let mut config = WorkerConfig::default();
    change(&mut config);
    ClientSettings::new(Clients::shared(Arc::new(EmbeddedBroker::new())), &config).unwrap().0
}

/// What is wrong with a connector on this worker, and what it is warned of, one a line.
fn check(settings: &ClientSettings, connector: &[(&str, &str)], expect: &[&str]) {
    let (errors, warnings) = settings.check(&map(connector), PluginKind::Sink);
    let said: Vec<_> = errors.iter().map(ToString::to_string).chain(warnings).collect();
    assert_eq!(said, expect, "{connector:?}");
}

fn producer(connector: &[(&str, &str)]) -> ProducerConfig {
    let settings = settings(|_| {});
    settings.producer(&map(connector), "p", ProducerConfig::default()).unwrap().config
}

#[test]
fn later_layers_win_and_the_rest_is_connects() {
    let settings = settings(|config| {
        config.producer = ClientProperties::from([("linger.ms", "5"), ("batch.size", "10"), ("client.id", "w")]);
        config.consumer = ClientProperties::from([("fetch.min.bytes", "7"), ("auto.offset.reset", "latest")]);
    });
    let connector = map(&[
        ("producer.override.batch.size", "20"),
        ("producer.override.compression.type", "zstd"),
        ("producer.override.compression.zstd.level", "1"),
        ("consumer.override.auto.offset.reset", "none"),
        ("consumer.override.metadata.max.age.ms", "2000"),
        ("linger.ms", "99"),
    ]);
    let base = ProducerConfig { buffer_bytes: 1234, ..ProducerConfig::default() };
    let producer = settings.producer(&connector, "own", base).unwrap().config;
    assert_eq!((producer.linger, producer.batch_bytes, producer.buffer_bytes), (Duration::from_millis(5), 20, 1234));
    assert_eq!((producer.client_id.as_str(), producer.idempotence, producer.max_in_flight), ("w", true, 5));
    assert_eq!(producer.compression, Compressor::new("zstd", Some(1)).unwrap());
    assert_eq!(producer.delivery_timeout, Duration::from_millis(2_147_483_647));
    let consumer = settings.consumer(&connector, &TaskId::new("c", 3)).unwrap();
    assert_eq!(
        (consumer.group.group.as_str(), consumer.group.client_id.as_str()),
        ("connect-c", "connector-consumer-c-3")
    );
    assert_eq!((consumer.group.fetch.min_bytes, consumer.group.fetch.offset_reset), (7, OffsetReset::None));
    assert_eq!(consumer.group.metadata_refresh, Duration::from_secs(2));
}

#[test]
fn idempotence_follows_what_it_needs() {
    let idempotent = |connector: &[(&str, &str)]| producer(connector).idempotence;
    assert!(idempotent(&[]));
    assert!(idempotent(&[("producer.override.acks", "-1")]));
    assert!(!idempotent(&[("producer.override.acks", "1")]));
    assert_eq!(producer(&[("producer.override.acks", "1")]).acks, Acks::Leader);
    assert_eq!(producer(&[]).acks, Acks::All);
    assert!(!idempotent(&[("producer.override.max.in.flight.requests.per.connection", "6")]));
    assert!(!idempotent(&[("producer.override.enable.idempotence", "false")]));
    check(
        &settings(|_| {}),
        &[
            ("producer.override.enable.idempotence", "true"),
            ("producer.override.acks", "1"),
            ("producer.override.max.in.flight.requests.per.connection", "6"),
        ],
        &[
            "producer.override.acks: enable.idempotence=true needs acks=all",
            "producer.override.max.in.flight.requests.per.connection: enable.idempotence=true allows at most 5",
        ],
    );
    assert_eq!(producer(&[]).compression.codec(), Compression::None);
}

#[test]
fn mistakes_name_key_value_and_what_is_possible() {
    let all = settings(|_| {});
    let cases: &[(&str, &str, &str)] = &[
        ("producer.override.acks", "0", "invalid value \"0\": expected one of \"all\", \"-1\", \"1\""),
        (
            "producer.override.compression.type",
            "rar",
            "no compression named \"rar\"; there are: none, gzip, snappy, lz4, zstd",
        ),
        (
            "consumer.override.enable.auto.commit",
            "true",
            "invalid value \"true\": offsets are committed when the task has proven its records; possible: false",
        ),
        ("consumer.override.group.protocol", "consumer", "invalid value \"consumer\": expected \"classic\""),
        (
            "consumer.override.heartbeat.interval.ms",
            "45000",
            "invalid value \"45000\": must be less than session.timeout.ms, which is 45000",
        ),
        (
            "consumer.override.partition.assignment.strategy",
            "x.Mine",
            "invalid value \"x.Mine\": no partition assignor named \"x.Mine\"; there are: org.apache.kafka.clients.consumer.RangeAssignor, org.apache.kafka.clients.consumer.RoundRobinAssignor, org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
        ),
    ];
    for (key, value, message) in cases {
        check(&all, &[(key, value)], &[&format!("{key}: {message}")]);
    }
    let (errors, _) = all.check(&map(&[("producer.override.batch.size", "big")]), PluginKind::Source);
    assert!(errors.to_string().contains("producer.override.batch.size: invalid value \"big\": "), "{errors}");
}

#[test]
fn keys_that_nobody_reads_are_warned_of() {
    check(
        &settings(|_| {}),
        &[
            ("producer.override.liner.ms", "5"),
            ("producer.override.partitioner.class", "x"),
            ("producer.override.key.serializer", "x"),
            ("consumer.override.security.protocl", "SSL"),
            ("consumer.override.sasl.mechanism", "PLAIN"),
            ("admin.override.request.timeout.ms", "5"),
        ],
        &[
            "key \"producer.override.liner.ms\" is not known (did you mean \"linger.ms\"?)",
            "key \"producer.override.partitioner.class\" has no effect here",
            "key \"consumer.override.security.protocl\" is not known (did you mean \"security.protocol\"?)",
        ],
    );
}

#[test]
fn policies() {
    let connector = [("consumer.override.sasl.mechanism", "PLAIN"), ("producer.override.linger.ms", "1")];
    let on = |name: &str| settings(|config| config.override_policy = name.into());
    check(&on("All"), &connector, &[]);
    let principal = "org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy";
    let said = "producer.override.linger.ms: the worker's connector.client.config.override.policy Principal does not allow it; allowed: sasl.jaas.config, sasl.mechanism, security.protocol";
    check(&on(principal), &connector, &[said]);
    check(
        &on("None"),
        &connector,
        &[
            "consumer.override.sasl.mechanism: the worker's connector.client.config.override.policy None does not allow it; allowed: nothing",
            "producer.override.linger.ms: the worker's connector.client.config.override.policy None does not allow it; allowed: nothing",
        ],
    );
    let listed = settings(|config| {
        config.override_policy = "Allowlist".into();
        config.override_allowlist = vec!["linger.ms".into(), "sasl.mechanism".into()];
    });
    check(&listed, &connector, &[]);
    let config = WorkerConfig { override_policy: "Some".into(), ..WorkerConfig::default() };
    let wrong = ClientSettings::new(Clients::shared(Arc::new(EmbeddedBroker::new())), &config).err().unwrap();
    assert!(wrong.to_string().contains("invalid value \"Some\": possible: All, None, Principal, Allowlist"), "{wrong}");
}

#[test]
fn assignors() {
    let assignors = |connector: &[(&str, &str)]| {
        let connector = map(connector);
        settings(|_| {}).consumer(&connector, &TaskId::new("c", 0)).map(|consumer| consumer.group.assignors)
    };
    assert_eq!(assignors(&[]).unwrap(), [Assignor::Range, Assignor::CooperativeSticky]);
    let class = Assignor::RoundRobin.class();
    let key = "consumer.override.partition.assignment.strategy";
    assert_eq!(assignors(&[(key, class)]).unwrap(), [Assignor::RoundRobin]);
    assert!(assignors(&[(key, "")]).is_err());
}

#[test]
fn on_kafka_connections_are_checked_and_belong_to_whom_they_are_given() {
    let worker = map(&[("bootstrap.servers", "h:9092"), ("security.protocol", "SSL"), ("client.id", "w")]);
    let clients = Clients::kafka(worker).unwrap();
    let (settings, _) = ClientSettings::new(clients, &WorkerConfig::default()).unwrap();
    let properties = |layers: super::layers::Layers| {
        let pairs = layers.into_properties().into_iter().map(|(key, value)| format!("{key}={value}"));
        pairs.collect::<Vec<_>>().join(" ")
    };
    let connector = map(&[("producer.override.bootstrap.servers", "other:1")]);
    assert_eq!(properties(settings.producer_layers(&connector, "p")), "bootstrap.servers=other:1 client.id=p");
    assert_eq!(properties(settings.consumer_layers(&connector, "c")), "bootstrap.servers=h:9092 client.id=c");
    let admin = "bootstrap.servers=h:9092 client.id=a security.protocol=SSL";
    assert_eq!(properties(settings.admin_layers(&connector, "a")), admin);
    let (errors, _) = settings.check(&map(&[("consumer.override.security.protocol", "TLS")]), PluginKind::Sink);
    let said = "consumer.override.security.protocol: \"TLS\" is not possible; possible: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL";
    assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), [said]);
    let wrong = Clients::kafka(map(&[("bootstrap.servers", "nowhere")])).unwrap_err();
    assert!(wrong.to_string().contains("bootstrap.servers: "), "{wrong}");
}

#[test]
fn nobody_sees_the_values() {
    let shown = format!("{:?}", ClientProperties::from([("sasl.jaas.config", "hunter2")]));
    assert_eq!(shown, r#"{"sasl.jaas.config"}"#);
}
