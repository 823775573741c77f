//! `connect transform`.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{CONVERTERS, Place};

const HOIST: &str = "org.apache.kafka.connect.transforms.HoistField";

fn place() -> Place {
    let place = Place::new();
    let config = format!(
        "name=to\nconnector.class=FileStreamSink\ntopics=t\ntransforms=line,key\ntransforms.line.type={HOIST}$Value\n\
         transforms.line.field=line\ntransforms.key.type={HOIST}$Key\ntransforms.key.field=${{env:APP_FIELD}}\n"
    );
    place.write("sink.properties", config);
    place.write("worker.properties", format!("{CONVERTERS}config.providers=env\nconfig.providers.env.class=EnvVar\n"));
    place.write("records.json", "{\"topic\":\"t\",\"offset\":3,\"key\":1,\"value\":{\"a\":1}}\n{\"rawValue\":\"b\"}\n");
    place
}

const ALL: &str = "transform --config sink.properties --worker worker.properties --input";

#[test]
fn each_step_of_each_record() {
    let place = place();
    let output = place.command(&format!("{ALL} records.json")).env("APP_FIELD", "secret-name").output();
    let output = output.expect("the binary runs");
    let (stdout, stderr) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    assert_eq!((output.status.code(), stderr.as_deref()), (Some(0), Ok("")));
    let expect = format!(
        "record 1: topic \"t\", offset 3\n  key: 1\n  value: {{\"a\":1}}\n\
         \x20 step 1: line ({HOIST}$Value): changed\n    value: {{\"line\":{{\"a\":1}}}}\n\
         \x20 step 2: key ({HOIST}$Key): changed\n    key: {{\"${{env:APP_FIELD}}\":1}}\n  kept\n\
         record 2: topic \"records\"\n  value: \"b\"\n  value schema: string?\n\
         \x20 step 1: line ({HOIST}$Value): changed\n    value: {{\"line\":\"b\"}}\n    value schema: struct {{line: \
         string?}}\n\
         \x20 step 2: key ({HOIST}$Key): changed\n    key: {{\"${{env:APP_FIELD}}\":null}}\n  kept\n"
    );
    assert_eq!(stdout.as_deref(), Ok(expect.as_str()));
}

#[test]
fn standard_input_to_json() {
    let place = place();
    let mut command = place.command(&format!("{ALL} - --format json"));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    stdin.write_all(b"[{\"value\":1},{\"valueSchema\":{\"type\":\"int8\"},\"value\":1000}]").expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let stdout = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "a record failed: {stdout}");
    let outcomes: Vec<_> = stdout.lines().map(|line| line.split(',').nth(1).expect("an outcome")).collect();
    assert_eq!(outcomes, ["\"outcome\":\"kept\"", "\"outcome\":\"failed\""], "{stdout}");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(stderr.matches("warning: ").count(), 1, "{stderr}");
    assert!(stderr.contains("sink.properties: transforms.key.field: ${env:APP_FIELD} stays as it is"), "{stderr}");
}

#[test]
fn mistakes() {
    let place = place();
    place.run("transform").expect(1, &["--config <CONNECTOR>", "--input <RECORDS>"]);
    place.run(&format!("{ALL} none.json")).expect(1, &["error: none.json: cannot be read: No such file"]);
    place.write("bad.json", "{}\n{\"vale\":1}");
    place.run(&format!("{ALL} bad.json")).expect(1, &["error: bad.json: ", "record 2: unknown field `vale`"]);
    place.write("bad.properties", "transforms=a,b\ntransforms.a.type=Nope\ntransforms.b.type=HoistField$Value\n");
    let said = [
        "error: 2 mistakes",
        "bad.properties: transforms.a.type: invalid value \"Nope\": no transform named \"Nope\"; registered: ",
        "bad.properties: transforms.b.field: missing",
    ];
    place.run("transform --config bad.properties --input records.json").expect(1, &said);
    place.write("worker.properties", "key.converter=NoSuch\nvalue.converter=StringConverter\n");
    place
        .run(&format!("{ALL} records.json"))
        .expect(1, &["worker.properties: key.converter: ", "no converter named \"NoSuch\""]);
}

#[test]
fn filters_routes_and_headers() {
    let place = place();
    let package = "org.apache.kafka.connect.transforms";
    place.write(
        "sink.properties",
        "transforms=drop,route,mark\ntransforms.drop.type=Filter\ntransforms.drop.predicate=dead\n\
         transforms.route.type=RegexRouter\ntransforms.route.regex=(.*)\ntransforms.route.replacement=all-$1\n\
         transforms.mark.type=InsertHeader\ntransforms.mark.header=by\n\
         transforms.mark.value.literal=token ${env:APP_FIELD}!\n\
         transforms.mark.predicate=mine\ntransforms.mark.negate=true\npredicates=dead,mine\n\
         predicates.dead.type=RecordIsTombstone\npredicates.mine.type=TopicNameMatches\npredicates.mine.pattern=all-me\n",
    );
    place.write(
        "records.json",
        "{\"topic\":\"a\",\"value\":1} {\"topic\":\"me\",\"value\":1} {\"topic\":\"b\",\"key\":1}",
    );
    let output = place.command(&format!("{ALL} records.json")).env("APP_FIELD", "hunter2").output();
    let output = output.expect("the binary runs");
    let (stdout, stderr) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    assert_eq!((output.status.code(), stderr.as_deref()), (Some(0), Ok("")));
    let drop = format!("step 1: drop ({package}.Filter): ");
    let route = format!("step 2: route ({package}.RegexRouter): changed\n    topic: ");
    let mark = format!("step 3: mark ({package}.InsertHeader): ");
    let expect = format!(
        "record 1: topic \"a\"\n  value: 1\n  {drop}skipped, predicate dead is false\n  {route}\"all-a\"\n  {mark}changed\n    \
         headers:\n      \"by\": \"token ${{env:APP_FIELD}}!\" (string)\n  kept\n\
         record 2: topic \"me\"\n  value: 1\n  {drop}skipped, predicate dead is false\n  {route}\"all-me\"\n  {mark}skipped, \
         predicate mine is true, and negated\n  kept\n\
         record 3: topic \"b\"\n  key: 1\n  value: null\n  {drop}dropped\n  dropped\n"
    );
    assert_eq!(stdout.as_deref(), Ok(expect.as_str()));
}
