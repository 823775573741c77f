//! Values that change.

use std::fs;
use std::time::Duration;

use connect_runtime::testing::TestWorker;
use connect_runtime::{RestartOptions, State};

use super::leaky::{Leaky, plugins};
use super::{Place, SECRET, properties};
use crate::capture::Capture;

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
