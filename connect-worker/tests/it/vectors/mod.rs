//! The vectors: inputs, and what Kafka's classes answered. `CONNECT_VECTORS` names a folder with other ones.
//!
//! `cargo test -p connect-worker vectors -- --nocapture` lists what failed.

mod converters;
mod data;
mod decisions;
mod files;
#[path = "../../../../connect-transforms/tests/it/notation.rs"]
mod notation;
mod transforms;

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

use connect_api::{Datum, Error};
use serde_json::Value as Json;

/// Where we differ from Kafka on purpose: vector, what we answer, why. Vectors that read JSON run twice, the second
/// time with `lenient`.
const DEVIATIONS: &[(&str, &str, &str)] = &[("K13 lenient", "null", "Kafka 4.1 reads an empty message as null")];

/// Where we differ from Kafka whatever the vector: what we answer to it where Kafka's answer is such, and why. A strict
/// reader of JSON differs too: [`decisions::refused`].
const DECISIONS: &[(Decided, &str)] = &[
    (decisions::special, "a float that is no number reads back as what was written"),
    (decisions::cut_off, "what follows the first value of a text is not dropped: the whole text is a string"),
    (decisions::java_failure, "a Java failure such as a NullPointerException is an error of the data or the settings"),
    (decisions::left_unset, "without replace.null.with.default a field with a default is left unset"),
    (decisions::mended, "the name of a logical type goes with it, a masked decimal keeps its scale"),
    (decisions::accepted, "metadata can be set on any schema; blacklist and whitelist are still known"),
];

type Decided = fn(&Json, &str) -> Option<String>;

/// Operations of which there is no vector for us yet: what they belong to is not built.
const NOT_BUILT: &[(&str, &str)] = &[
    ("avro", "Avro"),
    ("avro.read", "Avro"),
    ("wire", "Avro"),
    ("wire.protobuf.index", "Protobuf"),
    ("subject", "converters with a schema registry"),
    ("filename", "file sinks with partitioned directories"),
    ("partitioner", "file sinks with partitioned directories"),
];

/// One thing to compare: what for, what is expected, what is the case.
struct Check {
    id: String,
    expected: String,
    actual: String,
}

#[test]
#[expect(clippy::print_stdout, reason = "a list of what failed is what this test is for")]
fn vectors() {
    let folder = std::env::var_os("CONNECT_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors")), PathBuf::from);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let (mut passed, mut failed) = (0, 0);
    let mut left_out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let vector: Json = serde_json::from_str(line).unwrap_or_default();
            let place = || format!("{}:{}", file.display(), index + 1);
            let id = vector["id"].as_str().map_or_else(place, str::to_owned);
            if let Some((_, what)) = NOT_BUILT.iter().find(|(not_built, _)| vector["op"] == **not_built) {
                left_out.entry(what).or_default().push(id);
                continue;
            }
            // A vector that is not understood is one that failed, and does not end the run.
            match catch_unwind(|| wrong(&id, &vector)) {
                Ok(wrong) if wrong.is_empty() => passed += 1,
                Ok(wrong) => {
                    failed += 1;
                    for Check { id, expected, actual } in wrong {
                        println!("{id} failed\n  expected {expected}\n  actual   {actual}");
                    }
                }
                Err(_) => {
                    failed += 1;
                    println!("{id} failed\n  it cannot be run; the panic above says why");
                }
            }
        }
    }
    for (what, ids) in left_out {
        println!("not built yet: {what} ({})", ids.join(", "));
    }
    println!("{passed} passed, {failed} failed");
    assert_eq!(failed, 0);
}

/// What was decided holds for these rows, and for those that are called wrong it does not.
#[test]
fn decisions() {
    for line in include_str!("decided.jsonl").lines() {
        let vector: Json = serde_json::from_str(line).unwrap();
        let id = vector["id"].as_str().unwrap();
        assert_eq!(wrong(id, &vector).is_empty(), id.starts_with("right"), "{line}");
    }
}

/// What is neither as Kafka has it nor as it was decided.
fn wrong(id: &str, vector: &Json) -> Vec<Check> {
    let as_decided = |check: &Check| match DEVIATIONS.iter().find(|(deviating, ..)| *deviating == check.id) {
        Some((_, ours, _)) => {
            assert_ne!(check.expected, *ours, "{id} does not deviate any more");
            check.actual == *ours
        }
        None => DECISIONS.iter().any(|(ours, _)| ours(vector, &check.expected).as_ref() == Some(&check.actual)),
    };
    let checks = run(id, vector).into_iter();
    checks.filter(|check| check.actual != check.expected && !as_decided(check)).collect()
}

fn run(id: &str, vector: &Json) -> Vec<Check> {
    let one = |(expected, actual)| vec![Check { id: id.to_owned(), expected, actual }];
    match vector["op"].as_str().unwrap_or_default() {
        "json.de" => {
            let (expected, actual) = converters::read_json(vector, true);
            let lenient = Check { id: format!("{id} lenient"), expected, actual };
            let (expected, actual) = converters::read_json(vector, false);
            let expected = decisions::refused(vector, &expected).unwrap_or(expected);
            vec![Check { id: id.to_owned(), expected, actual }, lenient]
        }
        "json.ser" => one(converters::write_json(vector)),
        "prim" => one(converters::primitive(vector)),
        "parse" => one(data::parse(vector)),
        "tostr" => one(data::print(vector)),
        "project" => one(data::project(vector)),
        "smt" => one(transforms::transform(vector)),
        "path" => one(transforms::path(vector)),
        "sdf" => one(transforms::date_format(vector)),
        "chain" => one(transforms::chain(vector)),
        "filesource" => one(files::source(vector)),
        "offset.roundtrip" => one(files::offset(vector)),
        operation => one(("an operation that is known".to_owned(), format!("{operation:?}"))),
    }
}

/// `{"s": schema, "v": value}`, where `special` is a float that is no number.
fn datum(json: &Json) -> Datum {
    let special = json.get("special").filter(|special| !special.is_null());
    notation::datum(&json["s"], special.unwrap_or(&json["v"]))
}

/// The simple name of the Java class of an error.
fn error_name(error: &Error) -> String {
    error.class_name().rsplit('.').next().unwrap_or_default().into()
}

fn or_error(result: Result<String, Error>) -> String {
    result.unwrap_or_else(|error| error_name(&error))
}
