//! Nobody sees a value.

use std::time::Duration;

use connect_runtime::RestartOptions;
use connect_runtime::testing::TestWorker;

use super::leaky::{Leaky, plugins};
use super::{Place, SECRET, properties};
use crate::capture::Capture;

/// Everything that anybody can see of the worker.
fn shown(worker: &TestWorker, capture: &Capture) -> String {
    let mut shown = capture.text();
    for name in worker.worker().connectors() {
        shown += &format!("{:?}{:?}", worker.status(&name), worker.worker().config(&name));
    }
    for letter in worker.dead_letters("dlq") {
        shown += &format!("{:?}", letter.headers.iter().map(|(name, _)| letter.header(name)).collect::<Vec<_>>());
    }
    shown + &format!("{worker:?}{:?}", worker.worker())
}

#[track_caller]
fn expect_hidden(shown: &str, variable: &str) {
    // Whole, quoted, or the longest word of it.
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains(variable), "{variable} is not in {shown}");
}

#[tokio::test(start_paused = true)]
async fn no_error_log_or_view_shows_a_value() {
    let sinks = ["validate", "task", "put", "records", "retriable", "flush", "stop", "panic"];
    let sources = ["splits", "task", "poll", "partition", "stop", "panic"];
    let cases = sinks.map(|leak| ("LeakySink", leak)).into_iter().chain(sources.map(|leak| ("LeakySource", leak)));
    for (class, leak) in cases {
        for provider in 0..3 {
            let (place, capture) = (Place::new(), Capture::begin());
            let variable = &place.variables()[provider];
            let leaky = Leaky::default();
            let worker = TestWorker::builder().plugins(plugins(&leaky)).providers(place.providers(&[])).start().await;
            worker.send_all("t", ["a", "b"]).await;
            let mut config = properties(&[
                ("name", "leaky"),
                ("connector.class", class),
                ("password", variable),
                ("leak", leak),
                ("transforms", "x"),
                ("transforms.x.type", "LeakyTransform"),
                ("transforms.x.password", variable),
                ("errors.log.enable", "true"),
                ("errors.log.include.messages", "true"),
                ("errors.deadletterqueue.topic.name", "dlq"),
                ("errors.deadletterqueue.context.headers.enable", "true"),
            ]);
            if class == "LeakySink" {
                config.insert("topics".into(), "t".into());
            }
            let created = worker.worker().create(config).await;
            let mut told = format!("{:?}", created.as_ref().err());
            if created.is_ok() {
                worker.advance(Duration::from_secs(120)).await;
                told += &shown(&worker, &capture);
                told += &format!("{:?}", worker.worker().restart("leaky", RestartOptions::default()).await);
                told += &format!("{:?}", worker.worker().stop("leaky").await);
            }
            told += &shown(&worker, &capture);
            expect_hidden(&told, variable);
            assert!(told.contains("refused") || told.contains("panicked") || leak == "partition", "{leak}: {told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn transforms_predicates_and_converters_get_values_and_show_none() {
    let (place, capture) = (Place::new(), Capture::begin());
    let variable = &place.variables()[0];
    for (leak, keys) in [
        ("", ["transforms.x", "predicates.p"]),
        ("new", ["transforms.x", "predicates.p"]),
        ("", ["value.converter", "predicates.p"]),
        ("new", ["value.converter", "key.converter"]),
    ] {
        let leaky = Leaky::default();
        let worker = TestWorker::builder().plugins(plugins(&leaky)).providers(place.providers(&[])).start().await;
        worker.send_all("t", ["a", "bad", SECRET]).await;
        let mut config = properties(&[
            ("name", "leaky"),
            ("connector.class", "LeakySink"),
            ("topics", "t"),
            ("password", "plain"),
            ("transforms", "x"),
            ("transforms.x.type", "LeakyTransform"),
            ("transforms.x.password", "plain"),
            ("transforms.x.predicate", "p"),
            ("predicates", "p"),
            ("predicates.p.type", "LeakyPredicate"),
            ("predicates.p.password", "plain"),
            ("errors.tolerance", "all"),
            ("errors.log.enable", "true"),
            ("errors.deadletterqueue.topic.name", "dlq"),
            ("errors.deadletterqueue.context.headers.enable", "true"),
        ]);
        for key in keys {
            if key.ends_with("converter") {
                config.insert(key.into(), "LeakyConverter".into());
            }
            config.insert(format!("{key}.password"), variable.clone());
            config.insert(format!("{key}.leak"), leak.into());
        }
        let created = worker.worker().create(config).await;
        assert_eq!(created.is_err(), leak == "new", "{created:?}");
        if let Err(error) = created {
            let told = error.to_string();
            assert!(keys.iter().all(|key| told.contains(&format!("{key}: login with {variable} refused"))), "{told}");
            continue;
        }
        worker.settled().await;
        let letters = worker.dead_letters("dlq");
        assert_eq!(letters.len(), if keys[0] == "transforms.x" { 1 } else { 3 });
        assert!(letters[0].reason().unwrap().contains(&format!("no {variable}")), "{:?}", letters[0].reason());
        expect_hidden(&shown(&worker, &capture), variable);
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_keys_quote_what_was_written() {
    let place = Place::new();
    place.write("99x");
    let leaky = Leaky::default();
    let worker = TestWorker::builder().plugins(plugins(&leaky)).providers(place.providers(&[])).start().await;
    let [variable, ..] = place.variables();
    for (key, extra) in [
        ("port", ""),
        ("tasks.max", ""),
        ("errors.tolerance", ""),
        ("connector.class", ""),
        ("topics.regex", "("),
        ("transforms.x.type", ""),
        ("transforms.x.port", ""),
        ("transforms.x.negate", ""),
        ("transforms.x.predicate", ""),
        ("value.converter", ""),
        ("value.converter.port", ""),
        ("consumer.override.auto.offset.reset", ""),
    ] {
        let written = format!("{extra}{variable}");
        let mut config = properties(&[
            ("name", "leaky"),
            ("connector.class", "LeakySink"),
            ("topics", "t"),
            ("password", "plain"),
            ("transforms", "x"),
            ("transforms.x.type", "LeakyTransform"),
            ("transforms.x.password", "plain"),
            ("value.converter", "LeakyConverter"),
            ("value.converter.password", "plain"),
        ]);
        if key == "topics.regex" {
            config.remove("topics");
        }
        config.insert(key.into(), written.clone());
        let errors = worker.validate(config).await;
        let told = errors.to_string();
        assert!(!told.contains("99x"), "{told}");
        let shown = errors.of(key).next().or(errors.iter().next()).expect("an error");
        assert!(shown.to_string().contains(&variable), "{key}: {told}");
    }
}
