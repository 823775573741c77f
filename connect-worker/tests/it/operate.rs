//! `connect status`, `connect logs` and `connect doctor`.

use crate::rest::{address, ask};
use crate::support::{Ended, PATIENCE, Place, Running, nobody, until};

const ALL: &str = "standalone worker.properties source.properties sink.json";
/// A sink that cannot read what the source has written.
const FAILING: &str = r#"{"name":"to","connector.class":"FileStreamSink","file":"out.txt","topics":"lines","value.converter":"org.apache.kafka.connect.converters.IntegerConverter"}"#;

/// Whether something ended so, and said all of this on standard output.
#[track_caller]
fn expect(ended: Ended, status: i32, told: &[&str]) -> String {
    let ended = ended.expect(status, &[]);
    for part in told {
        assert!(ended.stdout.contains(part), "{part:?} is not in\n{}", ended.stdout);
    }
    ended.stdout
}

/// Asks for the status until something has FAILED.
fn until_failed(place: &Place, url: &str) -> Ended {
    let begun = tokio::time::Instant::now();
    loop {
        let ended = place.run(&format!("status --url {url}"));
        if ended.status == Some(4) {
            return ended;
        }
        assert!(begun.elapsed() < PATIENCE, "{ended:?}");
    }
}

fn started(place: &Place, arguments: &str) -> (Running, String) {
    let mut worker = place.spawn(arguments);
    let url = format!("http://{}", address(&mut worker));
    worker.wait_for("worker ready");
    (worker, url)
}

#[test]
fn of_a_worker_that_is_well() {
    let place = Place::with_copy();
    place.write("in.txt", "a\nb\n");
    let (worker, url) = started(&place, ALL);
    // Tasks begin as UNASSIGNED.
    until(|| {
        let json = place.run(&format!("status --url {url} --format json")).stdout;
        (json.matches(r#""worst_state":"RUNNING""#).count() == 2).then_some(()).ok_or(json)
    });
    let status = place.run(&format!("status --url {url}"));
    let table = expect(status, 0, &["CONNECTOR", "from", "to", "  task 0", "RUNNING"]);
    assert!(!table.contains("FAILED") && !table.contains("STALLED"), "{table}");
    let json = expect(place.run(&format!("status to --url {url} --format json")), 0, &[]);
    let row: serde_json::Value = serde_json::from_str(json.trim()).expect("one object");
    assert_eq!((&row["name"], &row["worst_state"]), (&"to".into(), &"RUNNING".into()));
    place.run(&format!("status nobody --url {url}")).expect(1, &["/connectors/nobody/status: 404"]);
    let told = ["worker: ", "worker's clock: ", "connector from: RUNNING", "system: valid", "nothing is wrong"];
    expect(place.run(&format!("doctor --url {url}")), 0, &told);
    worker.signal("TERM");
    worker.end().expect(0, &["stopped in order"]);
}

#[test]
fn of_a_worker_with_a_task_that_failed() {
    let place = Place::with_copy();
    place.write("in.txt", "a\nb\n");
    place.write("sink.json", FAILING);
    let mut worker = place.spawn(&format!("--log info {ALL}"));
    let url = format!("http://{}", address(&mut worker));
    // Whatever is logged of a task says which one it is.
    let line = worker.wait_for("task failed");
    assert!(line.contains("task{connector=to task=0}"), "{line}");
    worker.wait_for("worker ready");
    let table = expect(until_failed(&place, &url), 4, &["FAILED"]);
    assert!(table.contains("Exception: "), "a failure says why: {table}");
    let told =
        ["1 of 1 tasks FAILED", "-> remove the cause, then POST /connectors/to/restart?includeTasks=true", "1 problem"];
    expect(place.run(&format!("doctor --url {url}")), 4, &told);
    worker.signal("TERM");
    worker.end();
}

#[test]
fn levels_change_while_it_runs() {
    let place = Place::with_copy();
    place.write("in.txt", "a\n");
    let (mut worker, url) = started(&place, &format!("--log warn,connect=info {ALL}"));
    expect(place.run(&format!("logs --url {url}")), 0, &["root ", "WARN"]);
    expect(place.run(&format!("logs connect_runtime debug --url {url}")), 0, &["connect_runtime DEBUG"]);
    expect(place.run(&format!("logs connect_runtime --url {url}")), 0, &["connect_runtime DEBUG"]);
    expect(place.run(&format!("logs connect_runtime DEBUG --url {url}")), 0, &["nothing changed"]);
    // Requests are logged now, which they were not before.
    let address = url.trim_start_matches("http://");
    assert_eq!(ask(address, "POST", "/connectors/to/tasks/0/restart", "").0, 204);
    worker.wait_for("request method=POST path=\"/connectors/to/tasks/0/restart\" status=204");
    place.run(&format!("logs connect_runtime loud --url {url}")).expect(1, &["/admin/loggers/connect_runtime: "]);
    place.run(&format!("logs nobody --url {url}")).expect(1, &["/admin/loggers/nobody: 404"]);
    worker.signal("TERM");
    worker.end();
}

#[test]
fn of_nobody() {
    let (_socket, gone) = nobody();
    let place = Place::with_copy();
    let said = format!("the worker at {gone} did not answer");
    place.run(&format!("status --url http://{gone}")).expect(2, &[&said]);
    place.run(&format!("logs --url http://{gone}")).expect(2, &[&said]);
    expect(place.run(&format!("doctor --url http://{gone}")), 4, &[&said, "-> is it running", "1 problem"]);
    for command in ["status", "logs", "doctor"] {
        place.run(&format!("{command} --url https://{gone}")).expect(1, &["https is not spoken here"]);
        let help = expect(place.run(&format!("{command} --help")), 0, &["Usage: connect", "--url <URL>"]);
        let words: Vec<_> = help.split_whitespace().collect();
        assert!(words.join(" ").contains("Exit status: 0"), "{help}");
    }
    place.run("doctor sink.json").expect(1, &["--config"]);
}

#[test]
fn names_and_errors_of_others_do_nothing_to_a_terminal() {
    let place = Place::with_copy();
    place.write("in.txt", "a\nb\n");
    let (worker, url) = started(&place, "standalone worker.properties source.properties");
    let address = url.trim_start_matches("http://");
    let config = FAILING.replace("\"to\"", "\"\\u202Eto\"");
    let (status, body) = ask(address, "POST", "/connectors", &format!(r#"{{"name":"\u202Eto","config":{config}}}"#));
    assert_eq!(status, 201, "{body}");
    for ended in [until_failed(&place, &url), place.run(&format!("doctor --url {url}"))] {
        let told = expect(ended, 4, &["\u{fffd}to", "FAILED"]);
        assert!(!told.contains('\u{202e}'), "{told:?}");
    }
    let refused = place.run(&format!("logs connect loud\u{1b}[2J --url {url}")).expect(1, &[]);
    assert!(!refused.stderr.contains('\x1b'), "{refused:?}");
    worker.signal("TERM");
    worker.end();
}

#[test]
fn doctor_looks_at_files_and_directories() {
    let place = Place::with_copy();
    place.write("in.txt", "a\n");
    let doctor = "doctor --config worker.properties source.properties sink.json";
    let told = [
        "worker file worker.properties: is valid",
        "embedded broker: data will be made",
        "disk of embedded broker: ",
        "source offsets: ",
    ];
    // Small machines may have little room, and few open files; then it says so.
    let ended = place.run(doctor);
    let problems = ["make room", "allow at least"].iter().filter(|part| ended.stdout.contains(*part)).count();
    expect(ended, if problems == 0 { 0 } else { 4 }, &told);
    assert!(!place.path("data").exists(), "it changes nothing");
    // A file where a directory has to be, and a directory in which nobody can write.
    place.write("file", "");
    for (directory, told) in [("file/data", "file cannot be written: "), ("/proc/data", "/proc cannot be written: ")] {
        place.write("worker.properties", crate::support::CONVERTERS.to_owned() + &format!("broker.dir={directory}\n"));
        expect(place.run(doctor), 4, &[told, "-> let the user that runs the worker write there"]);
    }
    place.write("worker.properties", crate::support::CONVERTERS.to_owned() + "broker.dir=data\nlisteners=nonsense\n");
    place.write("sink.json", r#"{"name":"to","connector.class":"FileStreamSink"}"#);
    let told = [
        "problem  worker file worker.properties: ",
        "listeners",
        "problem  connector sink.json: ",
        "topics",
        "-> change the file",
    ];
    expect(place.run(doctor), 4, &told);
    expect(place.run("doctor --config gone.properties"), 4, &["problem  worker file gone.properties: ", "-> "]);
}
