use connect_api::{OffsetMap, Value};
use connect_runtime::testing::TestWorker;
use connect_runtime::testing::conformance::{sink, source};
use connect_runtime::{SinkOptions, SourceOptions};
use outside::alarms::{AlarmConfig, AlarmSink};
use outside::stations::{Server, StationConfig, StationSource};

fn config(stations: [&str; 2]) -> StationConfig {
    StationConfig { stations: stations.map(str::to_owned).into(), topic: "readings".into(), batch_size: 3 }
}

#[tokio::test(start_paused = true)]
async fn two_tasks_read_two_stations_and_go_on_after_a_crash() {
    let server = Server::default();
    let mut worker = TestWorker::builder().json().start().await;
    let options = SourceOptions::new("weather").tasks_max(2);
    worker.start_source(options, StationSource(server.clone()), config(["oslo", "rome"])).await;
    server.add("oslo", -3.5);
    server.add("rome", 21.0);
    worker.drained().await;
    assert_eq!(worker.status("weather").tasks.len(), 2);

    worker.crash().await;
    server.add("rome", 22.0);
    worker.restart().await;
    worker.drained().await;
    let rome: Vec<_> =
        worker.records("readings").into_iter().filter(|r| r.key.value.as_str() == Some("rome")).collect();
    let celsius: Vec<_> = rome.iter().map(|record| record.value.value.get("celsius").and_then(Value::as_f64)).collect();
    assert_eq!(celsius, [Some(21.0), Some(22.0)]);
    let stored = worker.stored_offset("weather", &OffsetMap::of("station", "rome")).await.unwrap();
    assert_eq!(stored.get_i64("next"), Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_is_asked_again() {
    let server = Server::default();
    let worker = TestWorker::builder().json().start().await;
    server.set_away(true);
    server.add("oslo", 1.0);
    worker.start_source(SourceOptions::new("weather"), StationSource(server.clone()), config(["oslo", "rome"])).await;
    worker.advance(std::time::Duration::from_secs(60)).await;
    assert!(worker.records("readings").is_empty());
    server.set_away(false);
    worker.drained().await;
    assert_eq!(worker.records("readings").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn impossible_readings_are_refused_and_the_others_raise_alarms() {
    let pager = AlarmSink::default();
    let worker = TestWorker::builder().json().start().await;
    let reading = |celsius: f64| Value::from(vec![(Value::from("celsius"), Value::from(celsius))]);
    for celsius in [10.0, 45.0, 400.0, 41.0] {
        worker.send("readings", "rome", reading(celsius)).await;
    }
    let options = SinkOptions::new("alarms", ["readings"]).dead_letters("refused");
    worker.start_sink(options, pager.clone(), AlarmConfig { alarm_celsius: 40.0 }).await;
    worker.drained().await;
    assert_eq!(*pager.0.lock().unwrap(), ["rome: 45", "rome: 41"]);
    assert_eq!(worker.committed("alarms", "readings"), [4]);
    assert_eq!(worker.dead_letters("refused")[0].reason().unwrap(), "400 degrees cannot be");
}

#[tokio::test(start_paused = true)]
async fn the_source_keeps_the_rules() {
    source::all(|| {
        let server = Server::default();
        let stations = server.clone();
        source::SourceHarness::new(
            StationSource(server),
            [("stations", "oslo,rome"), ("topic", "readings")],
            async move |numbers| {
                for number in numbers {
                    stations.add(["oslo", "rome"][number as usize % 2], f64::from(number));
                }
            },
        )
        .number(|record| record.value.value.get("celsius")?.as_f64().map(|celsius| celsius as u32))
        .ordered_by(|number| number % 2)
        .broken([("stations", ""), ("topic", ""), ("batch.size", "0")], ["stations", "topic", "batch.size"])
        .broken([("stations", "new york")], ["stations"])
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_sink_keeps_the_rules() {
    let reading = |celsius: f64| Value::from(vec![(Value::from("celsius"), Value::from(celsius))]);
    sink::all(|| {
        let pager = AlarmSink::default();
        let alarms = pager.0.clone();
        let arrived = async move || {
            let alarms = alarms.lock().unwrap();
            alarms.iter().map(|alarm| alarm.rsplit(' ').next().unwrap().parse().unwrap()).collect()
        };
        sink::SinkHarness::new(pager, [("alarm.celsius", "-1")], arrived)
            .value(move |number| reading(number.into()))
            .poison(reading(1000.0))
            .broken([("alarm.celsius", "100")], ["alarm.celsius"])
    })
    .await;
}
