//! Values from config providers reach the connector, are shown nowhere, and are read again in time.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_api::bytes::{Bytes, BytesMut};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Datum, Delivery, Error, Flow, OffsetMap, Predicate, PredicatePlugin,
    RawHeaders, Record, Result, SinkConnector, SinkRecord, SinkTask, SinkTaskContext, SourceConnector, SourceRecord,
    SourceTask, SourceTaskContext, Task, Transform, TransformPlugin, Written, async_trait,
};
use connect_runtime::providers::{EnvVarConfigProvider, EnvVarConfigProviderConfig, Providers};
use connect_runtime::testing::TestWorker;
use connect_runtime::{Plugins, RestartOptions, State};

use crate::capture::Capture;

const SECRET: &str = "hunter2 \"is\" a\\secret";

connect_api::config! {
    /// Of everything here that repeats its password where it should not.
    #[derive(Clone)]
    pub struct LeakyConfig {
        pub password: String,
        /// Where it fails.
        #[serde(default)]
        pub leak: String,
        /// There to be no number.
        #[serde(default)]
        #[expect(dead_code, reason = "only read")]
        pub port: u16,
    }
}

impl LeakyConfig {
    fn leak(&self, place: &str) -> Result<()> {
        if self.leak != place {
            return Ok(());
        }
        let cause = std::io::Error::other(format!("the server said: no {:?}", self.password));
        Err(Error::data(format!("login with {} refused", self.password)).with_source(cause))
    }
}

#[derive(Clone, Default)]
struct Leaky {
    /// The passwords of all tasks ever made.
    used: Arc<Mutex<Vec<String>>>,
}

struct LeakyTask(LeakyConfig);

#[async_trait]
impl SinkConnector for Leaky {
    const NAME: &'static str = "LeakySink";
    type Config = LeakyConfig;
    type Task = LeakyTask;

    async fn validate(&self, config: &LeakyConfig) -> Result<(), connect_api::config::ConfigErrors> {
        let mut errors = connect_api::config::ConfigErrors::new();
        if let Err(error) = config.leak("validate") {
            errors.add("password", Some(config.password.clone()), error.trace());
            errors.add("", None, error.to_string());
        }
        errors.into_result()
    }

    async fn task(&self, config: &LeakyConfig, _context: SinkTaskContext) -> Result<LeakyTask> {
        config.leak("task")?;
        self.used.lock().unwrap().push(config.password.clone());
        Ok(LeakyTask(config.clone()))
    }
}

#[async_trait]
impl Task for LeakyTask {
    async fn stop(&mut self) -> Result<()> {
        self.0.leak("stop")
    }
}

#[async_trait]
impl SinkTask for LeakyTask {
    async fn put(&mut self, records: &[SinkRecord]) -> Result<Delivery> {
        assert!(self.0.leak != "panic", "no {}", self.0.password);
        if let Err(error) = self.0.leak("records") {
            return Err(Error::records([(records.len() - 1, error)]));
        }
        self.0.leak("retriable").map_err(|error| Error::retriable(error.to_string()).with_source(error))?;
        self.0.leak("put")?;
        Ok(Delivery::Buffered)
    }

    async fn flush(&mut self) -> Result<()> {
        self.0.leak("flush")
    }
}

#[async_trait]
impl SourceConnector for Leaky {
    const NAME: &'static str = "LeakySource";
    type Config = LeakyConfig;
    type Split = ();
    type Task = LeakyTask;

    async fn splits(&self, config: &LeakyConfig, _max_tasks: usize) -> Result<Vec<()>> {
        config.leak("splits").map(|()| vec![()])
    }

    async fn task(&self, config: &LeakyConfig, _split: (), _context: SourceTaskContext) -> Result<LeakyTask> {
        config.leak("task")?;
        Ok(LeakyTask(config.clone()))
    }
}

#[async_trait]
impl SourceTask for LeakyTask {
    async fn poll(&mut self) -> Result<Vec<SourceRecord>> {
        assert!(self.0.leak != "panic", "no {}", self.0.password);
        self.0.leak("poll")?;
        if self.0.leak != "partition" {
            return std::future::pending().await;
        }
        let partition = Arc::new(OffsetMap::of("login", self.0.password.as_str()));
        Ok(vec![SourceRecord::new(Record::new("out", "bad"), partition, OffsetMap::of("n", 1))])
    }
}

struct LeakyPlugin(LeakyConfig);

impl Transform for LeakyPlugin {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        match record.value.value.as_str() {
            Some("bad") => Err(Error::data(format!("field {:?}: no {}", "f", self.0.password))),
            _ => Ok(Flow::Keep),
        }
    }
}

impl TransformPlugin for LeakyPlugin {
    const NAME: &'static str = "LeakyTransform";
    type Config = LeakyConfig;

    fn new(config: LeakyConfig) -> Result<Self> {
        config.leak("new").map(|()| Self(config))
    }
}

impl Predicate for LeakyPlugin {
    fn test(&self, record: &Record) -> bool {
        record.value.value.as_str() != Some(&self.0.password)
    }
}

impl PredicatePlugin for LeakyPlugin {
    const NAME: &'static str = "LeakyPredicate";
    type Config = LeakyConfig;

    fn new(config: LeakyConfig) -> Result<Self> {
        config.leak("new").map(|()| Self(config))
    }
}

impl Converter for LeakyPlugin {
    fn write(&self, _: &str, _: &mut RawHeaders, _: &Datum, _: &mut BytesMut) -> Result<Written> {
        Err(Error::data(format!("no {}", self.0.password)))
    }

    fn read(&self, _: &str, _: &RawHeaders, _: Option<&Bytes>) -> Result<Datum> {
        Err(Error::data(format!("no {}", self.0.password)))
    }
}

impl ConverterPlugin for LeakyPlugin {
    const NAME: &'static str = "LeakyConverter";
    type Config = LeakyConfig;

    fn new(config: LeakyConfig, _kind: ConverterKind) -> Result<Self> {
        config.leak("new").map(|()| Self(config))
    }
}

fn plugins(leaky: &Leaky) -> Plugins {
    let plugins = Plugins::new().sink(leaky.clone()).source(leaky.clone()).transform::<LeakyPlugin>();
    plugins.predicate::<LeakyPlugin>().converter::<LeakyPlugin>()
}

/// The secret in a file, in a directory, and in the environment.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.write(SECRET);
        place
    }

    fn write(&self, secret: &str) {
        let escaped = secret.replace('\\', "\\\\");
        fs::write(self.0.path().join("s.properties"), format!("password={escaped}\n")).unwrap();
        fs::write(self.0.path().join("token"), format!("{secret}\n")).unwrap();
    }

    fn providers(&self, more: &[(&str, &str)]) -> Providers {
        let worker = [
            ("config.providers", "file,directory"),
            ("config.providers.file.class", "File"),
            ("config.providers.directory.class", "Directory"),
        ];
        let worker: BTreeMap<_, _> = worker.iter().chain(more).map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let environment = [("SECRET".to_owned(), SECRET.to_owned())];
        let env = EnvVarConfigProvider::over(&EnvVarConfigProviderConfig::default(), environment).unwrap();
        Providers::new().provider("env", env).configure(&worker).unwrap().0
    }

    /// The variable of each provider.
    fn variables(&self) -> [String; 3] {
        let path = self.0.path().display();
        [
            format!("${{file:{path}/s.properties:password}}"),
            format!("${{directory:{path}:token}}"),
            "${env:SECRET}".into(),
        ]
    }
}

fn properties(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

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

const RELOAD: [(&str, &str); 2] = [
    ("config.providers.file.param.reload.interval.ms", "60000"),
    ("config.providers.directory.param.reload.interval.ms", "60000"),
];

/// A sink whose password is a variable, and the passwords it was given.
async fn sink(place: &Place, reload: &[(&str, &str)], more: &[(&str, &str)]) -> (TestWorker, Leaky) {
    let leaky = Leaky::default();
    let worker = TestWorker::builder().plugins(plugins(&leaky)).providers(place.providers(reload)).start().await;
    worker.topic("t", 1).await;
    let variable = &place.variables()[0];
    let mut config = properties(&[
        ("name", "leaky"),
        ("connector.class", "LeakySink"),
        ("topics", "t"),
        ("tasks.max", "2"),
        ("password", variable),
    ]);
    config.extend(properties(more));
    worker.create(config).await;
    worker.until(|| leaky.used.lock().unwrap().len() == 2).await;
    (worker, leaky)
}

fn used(leaky: &Leaky) -> Vec<String> {
    leaky.used.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_changed_file_restarts_the_connector_once() {
    let place = Place::new();
    let (worker, leaky) = sink(&place, &RELOAD, &[]).await;
    worker.advance(Duration::from_secs(600)).await;
    assert_eq!(used(&leaky), [SECRET; 2], "nothing has changed");
    place.write("rotated");
    worker.advance(Duration::from_secs(601)).await;
    assert_eq!(used(&leaky), [SECRET, SECRET, "rotated", "rotated"]);
    assert_eq!(worker.status("leaky").worst_state(), State::Running);
    place.write(SECRET);
    worker.advance(Duration::from_secs(61)).await;
    assert_eq!(used(&leaky)[4..], [SECRET; 2]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_taken_over_leaves_the_connector_as_it_is() {
    let place = Place::new();
    let (worker, leaky) = sink(&place, &RELOAD, &[]).await;
    let capture = Capture::begin();
    let file = place.0.path().join("s.properties");
    for text in ["", "password=\\u12", "other=1"] {
        fs::write(&file, text).unwrap();
        worker.advance(Duration::from_secs(61)).await;
        assert_eq!(used(&leaky).len(), 2, "{text:?}");
    }
    fs::remove_file(&file).unwrap();
    worker.advance(Duration::from_secs(61)).await;
    let log = capture.text();
    assert!(log.contains("goes on with those it has") && log.contains("cannot be read"), "{log}");
    let error = worker.worker().restart("leaky", RestartOptions::default()).await.unwrap_err().to_string();
    assert!(error.contains("password: ${file:") && error.contains("cannot be read"), "{error}");
    assert_eq!((used(&leaky).len(), worker.status("leaky").worst_state()), (2, State::Running));
    place.write("rotated");
    worker.advance(Duration::from_secs(61)).await;
    assert_eq!(used(&leaky)[2..], ["rotated"; 2]);
}

#[tokio::test(start_paused = true)]
async fn without_an_interval_or_with_reload_none_only_a_restart_reads_again() {
    for (reload, action) in [(&[][..], "restart"), (&RELOAD[..], "none")] {
        let place = Place::new();
        let (worker, leaky) = sink(&place, reload, &[("config.action.reload", action)]).await;
        place.write("rotated");
        worker.advance(Duration::from_secs(3600)).await;
        assert_eq!(used(&leaky), [SECRET; 2]);
        // The tasks follow the connector because the value is another, as in Kafka.
        worker.worker().restart("leaky", RestartOptions::default()).await.unwrap();
        worker.until(|| used(&leaky).len() == 4).await;
        assert_eq!(used(&leaky)[2..], ["rotated"; 2]);
        worker.worker().restart("leaky", RestartOptions::default()).await.unwrap();
        worker.advance(Duration::from_secs(5)).await;
        assert_eq!(used(&leaky).len(), 4, "nothing has changed");
        place.write("again");
        worker.worker().restart_task("leaky", 1).await.unwrap();
        worker.until(|| used(&leaky).len() == 6).await;
        assert_eq!(used(&leaky)[4..], ["again"; 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_connector_gets_the_values_of_its_resume() {
    let place = Place::new();
    let (worker, leaky) = sink(&place, &RELOAD, &[]).await;
    worker.worker().stop("leaky").await.unwrap();
    place.write("rotated");
    worker.advance(Duration::from_secs(3600)).await;
    assert_eq!(used(&leaky).len(), 2);
    worker.worker().resume("leaky").await.unwrap();
    worker.until(|| used(&leaky).len() == 4).await;
    assert_eq!(used(&leaky)[2..], ["rotated"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_new_worker_reads_again() {
    let place = Place::new();
    let (mut worker, leaky) = sink(&place, &[], &[]).await;
    place.write("rotated");
    worker.restart().await;
    worker.until(|| used(&leaky).len() == 4).await;
    assert_eq!(used(&leaky)[2..], ["rotated"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_task_is_started_again_with_new_values() {
    let place = Place::new();
    let more = [("leak", "put"), ("restart.failed.tasks", "true"), ("tasks.max", "2")];
    let (worker, leaky) = sink(&place, &[], &more).await;
    place.write("rotated");
    worker.send_all("t", ["a"]).await;
    worker.until(|| used(&leaky).len() >= 4).await;
    assert!(used(&leaky)[2..].iter().all(|password| password == "rotated"), "{:?}", used(&leaky));
}
