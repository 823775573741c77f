//! What figures depend on.

use std::process::Command;

use crate::cluster::service;
use crate::options::Options;

/// One line: how much was measured, on what.
pub(crate) fn facts(options: &Options) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (Options { records, rounds, runs, .. }, java) = (options, java().unwrap_or_else(|| "unknown".into()));
    let kafka = kafka().unwrap_or_else(|| "unknown".into());
    format!(
        "{records} records a run, {runs} runs in a process, {rounds} rounds; {cores} cores, Kafka {kafka}, Java {java}."
    )
}

fn java() -> Option<String> {
    let output = Command::new("java").arg("-version").output().ok()?;
    let said = String::from_utf8(output.stderr).ok()?;
    said.split('"').nth(1).map(str::to_owned)
}

/// The version that `dev/services` fetches.
fn kafka() -> Option<String> {
    let pom = std::fs::read_to_string(service("parts/pom.xml")).ok()?;
    let (_, rest) = pom.split_once("<kafka.version>")?;
    rest.split('<').next().map(str::to_owned)
}
