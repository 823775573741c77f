//! Any map of strings has an answer.

use std::collections::BTreeMap;

use connect_api::config::ConfigKey;
use proptest::prelude::*;

use super::worker;
use crate::WorkerConfig;

/// Keys that mean something, and some that do not.
fn key() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "name",
        "tasks.max",
        "topics",
        "topics.regex",
        "url",
        "password",
        "key.converter",
        "value.converter.schemas.enable",
        "header.converter",
        "transforms",
        "transforms.a.type",
        "transforms.a.regex",
        "transforms.a.negate",
        "transforms..type",
        "predicates",
        "predicates.p.type",
        "predicates.p.pattern",
        "errors.tolerance",
        "errors.retry.timeout",
        "errors.deadletterqueue.topic.name",
        "connector.plugin.version",
        "transforms.a.plugin.version",
        "key.converter.plugin.version",
        "topic.creation.groups",
        "topic.creation.default.partitions",
        "topic.creation.a.include",
        "producer.override.acks",
        "consumer.override.fetch.min.bytes",
        "admin.override.",
        "exactly.once.support",
        "transaction.boundary.interval.ms",
        "restart.failed.tasks",
    ];
    prop_oneof![4 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn value() -> impl Strategy<Value = Option<String>> {
    const LIKELY: &[&str] = &[
        "",
        " ",
        "a",
        "a,a",
        "p",
        "a,,p",
        "true",
        "-1",
        "0",
        "99999999999999999999",
        "1e400",
        "(",
        ".*",
        "[1,2",
        "9",
        "Json",
        "String",
        "RegexRouter",
        "TopicNameMatches",
        "Filter",
        "test.Sink",
        "${env:HOME}",
        "${no:a:b}",
        "t",
        "HeaderFrom$Value",
        "panic",
        "refuse",
    ];
    prop_oneof![
        8 => prop::sample::select(LIKELY).prop_map(|text| Some(text.to_owned())),
        2 => ".{0,30}".prop_map(Some),
        1 => "[a-z,]{0,3}".prop_map(|text| Some(text.repeat(2000))),
        1 => Just(None),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_configuration_is_answered(
        entries in prop::collection::btree_map(key(), value(), 0..14),
        source in any::<bool>(),
    ) {
        let class = if source { "test.Source" } else { "test.Sink" };
        let mut given: BTreeMap<String, Option<String>> = entries;
        given.insert("connector.class".into(), Some(class.into()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let (infos, valid) = runtime.block_on(async {
            let worker = worker(WorkerConfig::default()).await;
            let infos = worker.config_infos(class, &given).await.expect("an answer");
            let all_there: Option<BTreeMap<_, _>> =
                given.iter().map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
            let valid = match all_there {
                Some(properties) => Some(worker.validate(&properties).await.is_ok()),
                None => None,
            };
            (infos, valid)
        });
        prop_assert_eq!(infos.error_count, infos.errors().count());
        let names: Vec<_> = infos.configs.iter().map(|row| row.value.name.as_str()).collect();
        for (at, name) in names.iter().enumerate() {
            prop_assert!(!names[..at].contains(name), "{} is there twice", name);
        }
        for row in &infos.configs {
            let defined: Option<&ConfigKey> = row.definition.as_ref();
            prop_assert!(defined.is_none_or(|key| key.name == row.value.name));
            prop_assert!(defined.and_then(|key| key.group.as_ref()).is_none_or(|group| infos.groups.contains(group)));
        }
        // What is answered here is what a connector is created by.
        if let Some(valid) = valid {
            prop_assert_eq!(valid, infos.error_count == 0, "{:?}", infos.errors().collect::<Vec<_>>());
        }
    }
}
