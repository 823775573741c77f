//! `connect standalone` on a real cluster: `KAFKA_BOOTSTRAP=host:port` says where it is, and other variables where its
//! listeners with TLS and SASL are; `dev/services/kafka env` prints them.
//!
//! `cargo test -p connect-worker --features real-kafka --test real`

#[path = "../it/on_cluster.rs"]
mod on_cluster;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "tests without a cluster need more of it")]
mod support;

/// A variable that `dev/services/kafka env` sets.
fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; dev/services/kafka env prints it"))
}

fn cluster() -> String {
    env("KAFKA_BOOTSTRAP")
}

#[test]
fn copies_and_goes_on_where_it_was() {
    on_cluster::copies_and_goes_on_where_it_was(&cluster());
}

#[test]
fn doctor_looks_at_it() {
    on_cluster::doctor_looks_at_it(&cluster());
}

#[test]
fn finds_topics_that_come_later() {
    on_cluster::finds_topics_that_come_later(&cluster());
}

#[test]
fn bad_records_become_dead_letters() {
    let ca = |protocol: &str, bootstrap: &str| {
        vec![
            ("bootstrap.servers", env(bootstrap)),
            ("security.protocol", protocol.to_owned()),
            ("ssl.truststore.type", "PEM".to_owned()),
            ("ssl.truststore.location", env("KAFKA_TLS_CA")),
        ]
    };
    let jaas = |module: &str| {
        let (user, password) = (env("KAFKA_SASL_USER"), env("KAFKA_SASL_PASSWORD"));
        let jaas = format!("org.apache.kafka.{module} required username=\"{user}\" password=\"{password}\";");
        ("sasl.jaas.config", jaas)
    };
    let mut client = ca("SSL", "KAFKA_BOOTSTRAP_MTLS");
    // Lines of a properties file that go on.
    let pem = |name: &str| std::fs::read_to_string(env(name)).expect("a file").trim().replace('\n', "\\n\\\n");
    client.push(("ssl.keystore.type", "PEM".into()));
    client.push(("ssl.keystore.certificate.chain", pem("KAFKA_TLS_CLIENT_CERT")));
    client.push(("ssl.keystore.key", pem("KAFKA_TLS_CLIENT_KEY")));
    let mut scram = ca("SASL_SSL", "KAFKA_BOOTSTRAP_SASL_SSL");
    scram.extend([("sasl.mechanism", "SCRAM-SHA-512".to_owned()), jaas("ScramLoginModule")]);
    let plain = vec![
        ("bootstrap.servers", env("KAFKA_BOOTSTRAP_SASL_PLAINTEXT")),
        ("security.protocol", "SASL_PLAINTEXT".to_owned()),
        ("sasl.mechanism", "PLAIN".to_owned()),
        jaas("PlainLoginModule"),
    ];
    for properties in [Vec::new(), client, scram, plain] {
        on_cluster::bad_records_become_dead_letters(&cluster(), &properties);
    }
}
