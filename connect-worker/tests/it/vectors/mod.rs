//! The vectors: inputs, and what Kafka's classes answered. `CONNECT_VECTORS` names a folder with other ones.
//!
//! `cargo test -p connect-worker vectors -- --nocapture` lists what failed.

mod converters;
mod data;
mod files;
#[path = "../../../../connect-transforms/tests/it/notation.rs"]
mod notation;
mod transforms;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use connect_api::{Datum, Error};
use serde_json::Value as Json;

/// Where we differ from Kafka on purpose: vector, what we answer, why. Vectors that read JSON run twice, the second
/// time with `lenient`.
const DEVIATIONS: &[(&str, &str, &str)] = &[("K13 lenient", "null", "Kafka 4.1 reads an empty message as null")];

/// Where we differ from Kafka whatever the vector: when (vector, expected, actual), why.
const DECISIONS: &[(Applies, &str)] = &[
    (is_refused, "JSON that is not of the schema's type is an error, and taken for something only with `lenient`"),
    (is_special, "a float that is no number reads back as what was written"),
    (data::is_cut_off, "what follows the first token of a text is not dropped: the whole text is a string"),
    (transforms::is_java_failure, "a Java failure such as a NullPointerException is an error of the data"),
    (transforms::is_left_unset, "without replace.null.with.default a field with a default is left unset"),
    (transforms::is_mended, "the name of a logical type goes with it, a masked decimal keeps its scale"),
    (transforms::is_accepted, "metadata can be set on any schema; blacklist and whitelist are still known"),
];

type Applies = fn(&Json, &str, &str) -> bool;

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
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let vector: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let id = vector["id"].as_str().unwrap();
            let operation = vector["op"].as_str().unwrap();
            if let Some((_, what)) = NOT_BUILT.iter().find(|(not_built, _)| *not_built == operation) {
                left_out.entry(what).or_default().push(id.to_owned());
                continue;
            }
            for Check { id, mut expected, actual } in run(id, operation, &vector) {
                let deviation = DEVIATIONS.iter().find(|(deviating, ..)| *deviating == id);
                if let Some((_, ours, _)) = deviation {
                    assert_ne!(expected, *ours, "{id} does not deviate any more");
                    expected = (*ours).into();
                }
                let decided = || DECISIONS.iter().any(|(applies, _)| applies(&vector, &expected, &actual));
                if actual == expected || (deviation.is_none() && decided()) {
                    passed += 1;
                } else {
                    failed += 1;
                    println!("{id} failed\n  expected {expected}\n  actual   {actual}");
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

fn run(id: &str, operation: &str, vector: &Json) -> Vec<Check> {
    let one = |(expected, actual)| vec![Check { id: id.to_owned(), expected, actual }];
    match operation {
        "json.de" => [("", false), (" lenient", true)]
            .into_iter()
            .map(|(suffix, lenient)| {
                let (expected, actual) = converters::read_json(vector, lenient);
                Check { id: format!("{id}{suffix}"), expected, actual }
            })
            .collect(),
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
        _ => one(("an operation that is known".to_owned(), format!("{operation:?}"))),
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

/// A strict reader refuses what a lenient one reads as Kafka does.
fn is_refused(vector: &Json, expected: &str, actual: &str) -> bool {
    vector["op"] == "json.de" && actual == "DataException" && converters::read_json(vector, true).1 == expected
}

/// Kafka writes floats that are no numbers as strings, and reads them as 0.
fn is_special(vector: &Json, expected: &str, actual: &str) -> bool {
    let special = ["\"NaN\" of", "\"Infinity\" of", "\"-Infinity\" of"];
    vector["op"] == "json.de" && expected.starts_with("0.0 of") && special.iter().any(|text| actual.starts_with(text))
}
