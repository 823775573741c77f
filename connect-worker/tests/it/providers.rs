//! Config providers of the worker file.

use crate::support::{CONVERTERS, Place};

/// A place whose worker knows `file` and `env`, and whose source's file is a variable.
fn place() -> Place {
    let place = Place::with_copy();
    let here = place.path("").canonicalize().expect("a directory").display().to_string();
    place.write("secrets.properties", "dir=data\nfile=in.txt\nnumber=no-number\n");
    place.write(
        "worker.properties",
        format!(
            "{CONVERTERS}broker.dir=${{file:{here}/secrets.properties:dir}}\noffset.flush.interval.ms=50\n\
             config.providers=file,env\nconfig.providers.file.class=FileConfigProvider\n\
             config.providers.file.param.allowed.paths={here}\n\
             config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider\n\
             config.providers.env.param.allowlist.pattern=APP_.*\n"
        ),
    );
    let source =
        format!("name=from\nconnector.class=FileStreamSource\nfile=${{file:{here}/secrets.properties:file}}\n");
    place.write("source.properties", source + "topic=${env:APP_TOPIC}\n");
    place.write("in.txt", "a\nb\n");
    place
}

#[test]
fn values_reach_worker_and_connectors() {
    let place = place();
    let mut command = place.command("standalone worker.properties source.properties sink.json --until-drained");
    let output = command.env("APP_TOPIC", "lines").output().expect("the binary runs");
    let log = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(0), "{log}");
    place.expect_copied("a\nb\n");
    assert!(place.path("data").is_dir() && !log.contains("stays as it is"), "{log}");
}

#[test]
fn what_has_no_value_is_warned_of_once() {
    let place = place();
    let ended = place.run("standalone worker.properties source.properties --until-drained");
    let warnings = ended.stderr.matches("topic: ${env:APP_TOPIC} stays as it is: the provider has no such key").count();
    assert_eq!(warnings, 1, "{}", ended.stderr);
}

#[test]
fn mistakes_show_variables() {
    let place = place();
    let worker = place.read("worker.properties");
    let number = worker
        .lines()
        .find(|line| line.starts_with("broker.dir="))
        .expect("a line")
        .replace("broker.dir=", "")
        .replace(":dir}", ":number}");
    place.write("worker.properties", format!("{worker}offset.flush.timeout.ms={number}\nkey.converter={number}\n"));
    place.write(
        "source.properties",
        place.read("source.properties") + &format!("tasks.max={number}\nbatch.size=${{file:/etc/passwd:x}}\n"),
    );
    let said = [
        &format!("worker.properties: offset.flush.timeout.ms: invalid value \"{number}\""),
        "source.properties: batch.size: ${file:/etc/passwd:x}: /etc/passwd",
        " is outside of allowed.paths; allowed: ",
    ];
    let ended = place.run("validate worker.properties source.properties").expect(1, &said);
    assert!(!ended.stderr.contains("no-number"), "{}", ended.stderr);
    place.write("worker.properties", "config.providers=vault\nconfig.providers.vault.class=com.example.Vault\n");
    let said = [
        "worker.properties: config.providers.vault.class: invalid value \"com.example.Vault\": no config provider of this class; known: ",
    ];
    place.run("standalone worker.properties source.properties").expect(2, &said);
}
