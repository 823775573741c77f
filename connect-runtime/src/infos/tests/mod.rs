//! Rows of any configuration. What they are for those of Kafka's own connectors is compared with Java's answers in
//! connect-worker.

mod any;
mod connectors;

use std::collections::BTreeMap;

use connect_kafka::EmbeddedBroker;

use self::connectors::plugins;
use super::ConfigInfos;
use crate::providers::Providers;
use crate::{Worker, WorkerConfig};

async fn worker(config: WorkerConfig) -> Worker {
    let providers = BTreeMap::from([
        ("config.providers".to_owned(), "env".to_owned()),
        ("config.providers.env.class".to_owned(), "EnvVar".to_owned()),
    ]);
    let (providers, _) = Providers::new().configure(&providers).expect("providers");
    let builder = Worker::builder(EmbeddedBroker::new()).plugins(plugins()).providers(providers).config(config);
    builder.build().await.expect("worker")
}

fn given(entries: &[(&str, &str)]) -> BTreeMap<String, Option<String>> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect()
}

/// The answer for a sink of topic t, and these.
async fn sink(config: WorkerConfig, entries: &[(&str, &str)]) -> ConfigInfos {
    let mut all = given(&[("connector.class", "test.Sink"), ("name", "x"), ("topics", "t"), ("url", "u")]);
    all.extend(given(entries));
    worker(config).await.config_infos("Sink", &all).await.expect("an answer")
}

fn wrong(infos: &ConfigInfos) -> Vec<&str> {
    infos.errors().map(|(key, _)| key).collect()
}

#[tokio::test(start_paused = true)]
async fn rules_between_keys() {
    let all = |policy: &str| WorkerConfig { override_policy: policy.into(), ..WorkerConfig::default() };
    // The worker's policy of overrides, what the connector is told besides, and the keys that are wrong then.
    type Row = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
    let rows: [Row; 17] = [
        ("All", &[], &[]),
        ("All", &[("topics.regex", "a.*")], &["topics", "topics.regex"]),
        ("All", &[("topics", "")], &["topics", "topics.regex"]),
        ("All", &[("errors.deadletterqueue.topic.name", "t")], &["topics"]),
        (
            "All",
            &[("topics", ""), ("topics.regex", "d+"), ("errors.deadletterqueue.topic.name", "dd")],
            &["topics.regex"],
        ),
        ("All", &[("topics", ""), ("topics.regex", "(")], &["topics.regex"]),
        (
            "All",
            &[("transforms", "a"), ("transforms.a.type", "Filter"), ("transforms.a.negate", "true")],
            &["transforms.a.type"],
        ),
        (
            "All",
            &[("transforms", "a"), ("transforms.a.type", "Filter"), ("transforms.a.predicate", "p")],
            &["transforms.a.predicate"],
        ),
        ("All", &[("transforms", "a,a"), ("transforms.a.type", "Filter")], &["transforms"]),
        (
            "All",
            &[("transforms", "a"), ("transforms.a.type", "RegexRouter"), ("transforms.a.replacement", "x")],
            &["transforms.a.regex"; 2],
        ),
        ("All", &[("transforms", "a"), ("transforms.a.type", "SetSchemaMetadata$Value")], &["transforms.a.type"]),
        ("All", &[("tasks.max", "many")], &["tasks.max"; 2]),
        ("All", &[("connector.plugin.version", "9")], &["connector.class", "connector.plugin.version"]),
        ("All", &[("consumer.override.max.poll.records", "0")], &["consumer.override.max.poll.records"]),
        ("None", &[("consumer.override.max.poll.records", "5")], &["consumer.override.max.poll.records"]),
        ("Principal", &[("consumer.override.sasl.mechanism", "PLAIN")], &[]),
        (
            "All",
            &[("value.converter", "Json"), ("value.converter.schemas.enable", "2")],
            &["value.converter.schemas.enable"],
        ),
    ];
    for (policy, entries, expected) in rows {
        let infos = sink(all(policy), entries).await;
        assert_eq!(wrong(&infos), expected, "{policy} {entries:?}: {:?}", infos.errors().collect::<Vec<_>>());
        assert_eq!(infos.error_count, expected.len());
    }
}

#[tokio::test(start_paused = true)]
async fn groups_of_topics_have_rows_when_they_are_wrong() {
    let all = given(&[
        ("connector.class", "test.Source"),
        ("name", "x"),
        ("topic.creation.groups", "g"),
        ("topic.creation.default.partitions", "0"),
        ("topic.creation.default.replication.factor", "1"),
        ("topic.creation.g.include", "("),
    ]);
    let infos = worker(WorkerConfig::default()).await.config_infos("test.Source", &all).await.expect("an answer");
    assert_eq!(wrong(&infos), ["topic.creation.default.partitions", "topic.creation.g.include"]);
    assert_eq!(infos.groups[infos.groups.len() - 2..], ["Topic Creation: default", "Topic Creation: g"]);
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_hangs_or_panics_is_told_on_its_class() {
    for (url, expected) in [("hang", "within 30s"), ("panic", "panicked: no such luck"), ("refuse", "url: no")] {
        let infos = sink(WorkerConfig::default(), &[("url", url)]).await;
        let errors: Vec<_> = infos.errors().collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].1.contains(expected), "{errors:?}");
        assert_eq!(errors[0].0, if url == "refuse" { "url" } else { "connector.class" });
        assert!(url == "refuse" || errors[0].1.contains("validate"), "{errors:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn secrets_and_values_of_providers_are_not_shown() {
    let infos = sink(
        WorkerConfig::default(),
        &[
            ("password", "hunter22"),
            ("url", "${env:PATH}"),
            ("consumer.override.sasl.jaas.config", "hunter22"),
            ("consumer.override.my.secret", "hunter22"),
        ],
    )
    .await;
    let json = serde_json::to_string(&infos).expect("JSON");
    assert!(!json.contains("hunter22"), "{json}");
    assert!(json.contains("${env:PATH}") && !json.contains(&std::env::var("PATH").expect("a path")), "{json}");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_fails_leaves_the_rest_checked() {
    let infos = sink(WorkerConfig::default(), &[("url", "${env:/no/such/path:X}"), ("tasks.max", "0")]).await;
    assert_eq!(wrong(&infos), ["tasks.max", "url"], "{:?}", infos.errors().collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn which_plugin_is_meant() {
    let worker = worker(WorkerConfig::default()).await;
    let rows = [
        ("Sink", "test.Sink", None),
        ("test.Sink", "test.Sink", None),
        ("Sink", "test.Source", Some("is not the plugin asked")),
        ("Nope", "Nope", Some("registered: test.Sink, test.Source")),
        ("Sink", "", Some("is not the plugin asked")),
    ];
    for (plugin, class, expected) in rows {
        let answer = worker.config_infos(plugin, &given(&[("connector.class", class)])).await;
        match expected {
            None => assert!(answer.is_ok(), "{class}"),
            Some(expected) => assert!(answer.expect_err(class).to_string().contains(expected)),
        }
    }
    assert!(worker.config_infos("Sink", &BTreeMap::new()).await.is_err());
}

#[test]
fn plugins_are_listed_as_java_lists_them() {
    let list = serde_json::to_value(plugins().list()).expect("JSON");
    assert_eq!(list[0], serde_json::json!({"class": "test.Sink", "type": "sink", "version": "1"}));
    assert_eq!(list[1], serde_json::json!({"class": "test.Source", "type": "source"}));
    let keys: Vec<_> = list[0].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["class", "type", "version"]);
}
