//! The jobs: what is configured, where records come from and where they go.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use crate::Result;
use crate::cluster::Cluster;
use crate::count::Destination;
use crate::rival::{Ours, Place};

/// The topic that sinks read.
const FULL: &str = "peers-input";

/// The chain of three.
const TRANSFORMS: &[(&str, &str)] = &[
    ("transforms", "hoist,insert,replace"),
    ("transforms.hoist.type", "org.apache.kafka.connect.transforms.HoistField$Value"),
    ("transforms.hoist.field", "payload"),
    ("transforms.insert.type", "org.apache.kafka.connect.transforms.InsertField$Value"),
    ("transforms.insert.static.field", "source"),
    ("transforms.insert.static.value", "peers"),
    ("transforms.replace.type", "org.apache.kafka.connect.transforms.ReplaceField$Value"),
    ("transforms.replace.renames", "source:origin"),
];

const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const BYTES: &str = "org.apache.kafka.connect.converters.ByteArrayConverter";

/// What a worker is given to do.
pub(crate) struct Job {
    /// For `--only`.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) ours: Ours,
    pub(crate) input: Input,
    class: &'static str,
    converter: &'static str,
    transforms: bool,
}

pub(crate) const JOBS: &[Job] = &[
    Job {
        name: "file-source",
        title: "file → String → topic",
        ours: Ours::Connect,
        input: Input::File,
        class: "FileStreamSource",
        converter: STRING,
        transforms: false,
    },
    Job {
        name: "generated",
        title: "generated structs → 3 SMTs → JSON → topic",
        ours: Ours::Peer,
        input: Input::Nothing,
        class: "dev.connect.GeneratedSource",
        converter: JSON,
        transforms: true,
    },
    Job {
        name: "file-sink",
        title: "topic → String → file",
        ours: Ours::Connect,
        input: Input::Lines,
        class: "FileStreamSink",
        converter: STRING,
        transforms: false,
    },
    Job {
        name: "discarded",
        title: "topic → JSON → 3 SMTs → discarding sink",
        ours: Ours::Peer,
        input: Input::Objects,
        class: "dev.connect.DiscardingSink",
        converter: JSON,
        transforms: true,
    },
    Job {
        name: "discarded-bytes",
        title: "topic → ByteArray → discarding sink",
        ours: Ours::Peer,
        input: Input::Lines,
        class: "dev.connect.DiscardingSink",
        converter: BYTES,
        transforms: false,
    },
];

impl Job {
    /// The configuration of one run, and where its records go.
    pub(crate) fn configure(&self, place: &Place, name: &str, records: u64) -> (BTreeMap<String, String>, Destination) {
        let mut config = BTreeMap::new();
        let mut set = |key: &str, value: &str| config.insert(key.to_owned(), value.to_owned());
        set("connector.class", self.class);
        set("tasks.max", "1");
        set("value.converter", self.converter);
        if self.converter == JSON {
            set("value.converter.schemas.enable", "false");
        }
        for (key, value) in TRANSFORMS.iter().filter(|_| self.transforms) {
            set(key, value);
        }
        if self.class.starts_with("dev.") {
            set("records", &records.to_string());
        }
        let destination = match self.input {
            Input::File | Input::Nothing => {
                set("topic", name);
                if let Input::File = self.input {
                    set("file", &lines(place).display().to_string());
                }
                Destination::Topic(name.to_owned())
            }
            Input::Lines | Input::Objects => {
                let file = place.path(name);
                set("topics", FULL);
                set(if self.class == "FileStreamSink" { "file" } else { "report.file" }, &file.display().to_string());
                if self.class == "FileStreamSink" {
                    Destination::File(file)
                } else {
                    Destination::Report(file.with_extension("0"))
                }
            }
        };
        (config, destination)
    }
}

/// Where a job's records come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Input {
    /// The source makes them.
    Nothing,
    /// A file of lines of 200 bytes.
    File,
    /// A topic of the same lines.
    Lines,
    /// A topic of JSON objects.
    Objects,
}

impl Input {
    /// Makes it, for all runs of a job.
    pub(crate) async fn prepare(self, cluster: &Cluster, place: &Place, records: u64) -> Result<Self> {
        match self {
            Self::Nothing => {}
            Self::File => {
                let mut file = BufWriter::new(File::create(lines(place))?);
                (0..records).try_for_each(|number| writeln!(file, "{}", text(number)))?;
                file.flush()?;
            }
            Self::Lines => cluster.fill(FULL, records, text).await?,
            Self::Objects => cluster.fill(FULL, records, object).await?,
        }
        Ok(self)
    }

    pub(crate) async fn remove(self, cluster: &Cluster) -> Result<()> {
        match self {
            Self::Nothing | Self::File => Ok(()),
            Self::Lines | Self::Objects => cluster.delete(FULL).await,
        }
    }
}

fn lines(place: &Place) -> PathBuf {
    place.path("lines.txt")
}

fn text(number: u64) -> String {
    format!("{number:010} {:.<189}", "what a line of text may look like when it is neither short nor long")
}

/// As the generated struct is as JSON.
fn object(number: u64) -> String {
    format!(
        r#"{{"id":{},"at":{},"name":"customer-{:03}","place":"harbour","price":{}.125,"open":{},"note":"The quick brown fox jumps over the lazy dog, 0123456789 times a day."}}"#,
        1_000_000_000 + number,
        1_750_000_000_000 + number,
        number % 1000,
        number % 1000,
        number.is_multiple_of(2)
    )
}
