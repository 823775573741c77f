mod aws;
mod keys;

use std::collections::BTreeMap;

use connect_api::config::{ConfigErrors, definitions, parse};

use super::{ElasticsearchSinkConfig, NullBehavior, OpenSearchSinkConfig, Refused, Settings, TargetKind, WriteMethod};
use crate::AwsEnvironment;

fn props(more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut props = BTreeMap::from([("connection.url".to_owned(), "http://localhost:9200".to_owned())]);
    props.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    props.retain(|_, value| value != "absent");
    props
}

fn confluent(more: &[(&str, &str)]) -> Result<Settings, ConfigErrors> {
    parse::<ElasticsearchSinkConfig>(&props(more))?.config.settings(&AwsEnvironment::default())
}

fn aiven(more: &[(&str, &str)]) -> Result<Settings, ConfigErrors> {
    parse::<OpenSearchSinkConfig>(&props(more))?.config.settings(&AwsEnvironment::default())
}

/// What is set, and whom it is blamed on.
type Row<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

#[track_caller]
fn blames(errors: &ConfigErrors, keys: &[&str]) {
    let mut blamed: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    blamed.sort_unstable();
    blamed.dedup();
    let mut expect = keys.to_vec();
    expect.sort_unstable();
    assert_eq!(blamed, expect, "{errors}");
}

#[test]
fn defaults_of_both() {
    let settings = confluent(&[]).unwrap();
    let bulk = &settings.bulk;
    assert_eq!((bulk.max_records, bulk.max_bytes, bulk.in_flight, bulk.max_buffered), (2000, 5 << 20, 5, 20_000));
    assert_eq!((bulk.retries.max, bulk.retries.backoff.as_millis(), bulk.linger.as_millis()), (5, 100, 1));
    let policies = &settings.policies;
    assert_eq!(
        (policies.on_null, policies.on_malformed, policies.on_conflict),
        (NullBehavior::Fail, Refused::Fail, Refused::Ignore)
    );
    assert_eq!(settings.client.nodes[0].to_string(), "http://localhost:9200");
    let policies = aiven(&[]).unwrap().policies;
    assert_eq!(
        (policies.on_null, policies.on_malformed, policies.on_conflict),
        (NullBehavior::Ignore, Refused::Fail, Refused::Fail)
    );
}

#[test]
fn words_are_read_in_any_case() {
    let settings = confluent(&[("write.method", "UPSERT"), ("behavior.on.null.values", "Delete")]).unwrap();
    assert_eq!((settings.documents.method, settings.policies.on_null), (WriteMethod::Upsert, NullBehavior::Delete));
    let errors = confluent(&[("write.method", "guess"), ("batch.size", "0"), ("read.timeout.ms", "-1")]).unwrap_err();
    blames(&errors, &["write.method", "batch.size", "read.timeout.ms"]);
}

#[test]
fn keys_of_old_configurations_are_taken() {
    let old = [("type.name", "_doc"), ("topic.index.map", "a:b"), ("auto.create.indices.at.start", "false")];
    let parsed = parse::<ElasticsearchSinkConfig>(&props(&old)).unwrap();
    assert_eq!(parsed.warnings, Vec::<String>::new());
    assert_eq!(parsed.config.settings(&AwsEnvironment::default()).unwrap().target.indices["a"], "b");
}

/// Each row: what is set, and whom all of it is blamed on.
#[test]
fn rules_between_keys() {
    let rows: &[Row<'_>] = &[
        (&[("connection.url", "absent")], &["connection.url"]),
        (&[("connection.url", "ftp://x")], &["connection.url"]),
        (&[("connection.url", "http://x:port")], &["connection.url"]),
        (&[("connection.username", "u")], &["connection.username", "connection.password"]),
        (
            &[("connection.username", "u"), ("connection.password", "p"), ("connection.api.key", "k")],
            &["connection.username", "connection.api.key"],
        ),
        (&[("connection.cloud.id", "nonsense"), ("connection.url", "absent")], &["connection.cloud.id"]),
        (&[("external.resource.usage", "index")], &["external.resource.usage", "topic.to.external.resource.mapping"]),
        (
            &[
                ("external.resource.usage", "index"),
                ("topic.to.external.resource.mapping", "a:b:c,d:e,d:e"),
                ("topics", "d"),
            ],
            &["topic.to.external.resource.mapping"],
        ),
        (
            &[("external.resource.usage", "index"), ("topic.to.external.resource.mapping", "a:x"), ("topics", "b")],
            &["topic.to.external.resource.mapping"],
        ),
        (&[("data.stream.type", "logs")], &["data.stream.type", "data.stream.dataset"]),
        (&[("data.stream.dataset", "Up"), ("data.stream.type", "logs")], &["data.stream.dataset"]),
        (&[("data.stream.timestamp.field", "at")], &["data.stream.timestamp.field"]),
        (
            &[
                ("data.stream.type", "logs"),
                ("data.stream.dataset", "d"),
                ("write.method", "upsert"),
                ("behavior.on.null.values", "delete"),
            ],
            &["write.method", "behavior.on.null.values"],
        ),
        (&[("key.ignore", "true"), ("topic.key.ignore", "t")], &["key.ignore", "topic.key.ignore"]),
        (&[("schema.ignore", "true"), ("topic.schema.ignore", "t")], &["schema.ignore", "topic.schema.ignore"]),
        (&[("kerberos.user.principal", "p")], &["kerberos.user.principal", "kerberos.keytab.path"]),
        (&[("linger.ms", "5000"), ("flush.timeout.ms", "1000")], &["linger.ms", "flush.timeout.ms"]),
        (&[("max.buffered.records", "9999")], &["max.buffered.records", "batch.size", "max.in.flight.requests"]),
        (&[("proxy.username", "u")], &["proxy.host", "proxy.username", "proxy.password"]),
        (&[("proxy.host", "p"), ("proxy.username", "u")], &["proxy.username", "proxy.password"]),
        (&[("elastic.security.protocol", "SSL")], &["elastic.security.protocol"]),
        (&[("elastic.https.ssl.truststore.type", "PEM")], &["elastic.security.protocol"]),
        (
            &[("elastic.security.protocol", "SSL"), ("elastic.https.ssl.truststore.location", "x.jks")],
            &["elastic.https.ssl.truststore.type"],
        ),
        (&[("write.method", "scripted_upsert")], &["write.method"]),
        (&[("script.id", "s")], &["script.id", "script.source"]),
        // Data streams and what somebody else made have settings of their own.
        (
            &[
                ("external.resource.usage", "index"),
                ("topic.to.external.resource.mapping", "a:x"),
                ("index.template", "base"),
                ("index.settings.number_of_shards", "1"),
            ],
            &["index.template", "index.settings"],
        ),
        (
            &[("data.stream.type", "logs"), ("data.stream.dataset", "d"), ("index.template", "base")],
            &["index.template"],
        ),
        (&[("version.type", "field")], &["version.type"]),
        (&[("routing.type", "value")], &["routing.type.record.value.path"]),
    ];
    for (set, keys) in rows {
        blames(&confluent(set).err().unwrap_or_default(), keys);
    }
}

#[test]
fn many_mistakes_are_told_together() {
    let errors = confluent(&[
        ("connection.username", "u"),
        ("data.stream.type", "logs"),
        ("proxy.username", "p"),
        ("linger.ms", "5000"),
        ("flush.timeout.ms", "1000"),
    ]);
    assert_eq!(errors.unwrap_err().len(), 2 + 2 + 3 + 2);
}

#[test]
fn a_regular_expression_of_topics_may_have_mappings() {
    let settings =
        confluent(&[("external.resource.usage", "ALIAS_INDEX"), ("topic.to.external.resource.mapping", "a:x, b:y")]);
    assert!(matches!(settings.unwrap().target.kind, TargetKind::External { names, alias: true } if names["b"] == "y"));
}

#[test]
fn the_rules_of_opensearch() {
    let rows: &[Row<'_>] = &[
        (&[("behavior.on.malformed.documents", "report")], &["behavior.on.malformed.documents"]),
        (&[("existing.resource.type", "index")], &["existing.resource.type", "topic.to.existing.resource.mapping"]),
        (&[("data.stream.enabled", "true"), ("index.write.method", "upsert")], &["index.write.method"]),
        (
            &[
                ("routing.type", "value"),
                ("routing.type.record.value.path", "/a"),
                ("behavior.on.null.values", "delete"),
            ],
            &["routing.type", "behavior.on.null.values"],
        ),
        (&[("data.stream.enabled", "true"), ("index.template", "base")], &["index.template"]),
        (
            &[
                ("data.stream.enabled", "true"),
                ("data.streams.existing.index.template.name", "mine"),
                ("index.settings.number_of_shards", "1"),
            ],
            &["index.settings"],
        ),
        (&[("aws.region", "eu-west-1")], &["aws.service.signing.name", "aws.access_key_id", "aws.secret_access_key"]),
    ];
    for (set, keys) in rows {
        blames(&aiven(set).err().unwrap_or_default(), keys);
    }
    let aws = aiven(&[
        ("connection.url", "search.example"),
        ("aws.region", "eu-west-1"),
        ("aws.service.signing.name", "es"),
        ("aws.access_key_id", "a"),
        ("aws.secret_access_key", "s"),
    ]);
    assert_eq!(aws.unwrap().client.nodes[0].to_string(), "https://search.example");
}

#[test]
fn the_rows_operators_see() {
    let rows = definitions::<ElasticsearchSinkConfig>();
    let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no {name}"));
    for (name, ty, default, group) in [
        ("connection.url", "LIST", Some(""), "Connector"),
        ("connection.password", "PASSWORD", None, "Connector"),
        ("batch.size", "INT", Some("2000"), "Connector"),
        ("bulk.size.bytes", "LONG", Some("5242880"), "Connector"),
        ("linger.ms", "LONG", Some("1"), "Connector"),
        ("write.method", "STRING", Some("INSERT"), "Data Conversion"),
        ("behavior.on.null.values", "STRING", Some("FAIL"), "Data Conversion"),
        ("proxy.port", "INT", Some("8080"), "Proxy"),
        ("elastic.security.protocol", "STRING", Some("PLAINTEXT"), "Security"),
    ] {
        let row = row(name);
        let found = (row.config_type.to_string(), row.default_value.as_deref(), row.group.as_deref());
        assert_eq!(found, (ty.to_owned(), default, Some(group)), "{name}");
    }
    assert_eq!(row("write.method").recommended, ["insert", "upsert", "scripted_upsert"]);
    let names = rows.iter().map(|row| &row.name).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(names.len(), rows.len(), "a key twice");
}
