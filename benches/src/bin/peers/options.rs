//! The command line.

use crate::job::JOBS;

/// What to measure.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) records: u64,
    pub(crate) rounds: usize,
    /// Runs in one process; the last of them is the hot one.
    pub(crate) runs: usize,
    only: Vec<String>,
}

impl Options {
    /// Reads the arguments; `None` when they ask for help, which was given.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self { records: 1_000_000, rounds: 3, runs: 3, only: Vec::new() };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--records" => options.records = number(&argument, &value()?)?,
                "--rounds" => options.rounds = number(&argument, &value()?)? as usize,
                "--runs" => options.runs = number(&argument, &value()?)? as usize,
                "--only" => options.only.push(known(value()?)?),
                "--help" | "-h" => {
                    println!("{}", help());
                    return Ok(None);
                }
                _ => return Err(format!("{argument} is no option\n{}", help())),
            }
        }
        Ok(Some(options))
    }

    /// Whether a job is to be run.
    pub(crate) fn wants(&self, job: &str) -> bool {
        self.only.is_empty() || self.names(job)
    }

    /// Whether a job was asked for by its name.
    pub(crate) fn names(&self, job: &str) -> bool {
        self.only.iter().any(|only| only == job)
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    JOBS.iter().map(|job| job.name).chain(["clients", "latency"])
}

fn known(job: String) -> Result<String, String> {
    match names().any(|name| name == job) {
        true => Ok(job),
        false => Err(format!("no job named {job:?}; there are: {}", names().collect::<Vec<_>>().join(", "))),
    }
}

fn number(option: &str, text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err(format!("{option} {text}: expected a number from 1")),
    }
}

fn help() -> String {
    format!(
        "Runs the same jobs on a Java Connect worker and on ours, in turns, and prints a table in Markdown.
usage: peers [--records N] [--rounds R] [--runs K] [--only JOB]...
  --records  how many each run moves (1000000)
  --rounds   how often each worker is started anew (3)
  --runs     how often it does the job before it ends; the first is cold, the last hot (3)
  --only     one of {}; may be repeated
KAFKA_BOOTSTRAP names a cluster to use; without it dev/services/kafka is started, and stopped in the end. `clients` needs a
Python with confluent-kafka, python3 or the one that PYTHON names.",
        names().collect::<Vec<_>>().join(", ")
    )
}
